"""A section of an article (title, subtitle or text) as the finder sees it: folded tokens, quoted stretches, sentences, mentions."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rasd.extraction.entities.words import cached_fold
from rasd.extraction.quotes.cues import FINITE, PARTICIPLE, readings
from rasd.extraction.quotes.marks import Span, pair
from rasd.extraction.tokens import tokenise

WORD, COMMA, STOP, COLON, OTHER = range(5)

_KINDS = {"،": COMMA, ",": COMMA, "؛": COMMA, ";": COMMA, ".": STOP, "!": STOP, "?": STOP, "؟": STOP, "…": STOP, ":": COLON}

_LINE_END = re.compile("\n")
_STOPS = re.compile(bytes([STOP]))
_MOST_UNCLOSED_TOKENS = 80
_MOST_HEADLINE_TOKENS = 40
_TEASERS = frozenset({"هذا", "هذه", "هكذا", "هنا", "لهذا", "لهذه", "لماذا", "كيف", "ما", "ماذا", "هل", "هولاء", "شاهد", "تفاصيل"})


@dataclass(slots=True)
class Mention:
    """A mention of an entity in this section. `first:last` are its tokens, `start:end` its code points."""

    first: int
    last: int
    start: int
    end: int
    entity_id: str
    entity_type: str
    name: str
    surface: str
    proclitic: str
    role: str


def kind_of_token(word: str) -> int:
    """WORD, COMMA, STOP, COLON or OTHER, of a folded token; one of which folding leaves nothing is no word."""
    return _KINDS.get(word, OTHER) if len(word) <= 1 and not word.isalnum() else WORD


class _Kinds(dict[str, int]):
    """What kind of token a folded word is, each found once."""

    def __missing__(self, word: str) -> int:
        if len(self) > 200_000:
            self.clear()
        value = self[word] = kind_of_token(word)
        return value


_kinds = _Kinds()


class Section:
    """The tokens of one section with all that is asked about them; every list has one value a token unless it says otherwise.

    words, starts, ends: the token as written, its code points. folds: the token folded. kinds: WORD, COMMA, STOP, COLON or OTHER.
    span: index into `spans` of the outermost quoted stretch that holds the token, or -1. sentence: index into `sentences`, which are
    (first token, token after the last), where a full stop inside a quoted stretch ends none. mention: index into `mentions`, or -1.
    """

    def __init__(self, name: str, text: str, mentions: Sequence[tuple[int, int, str, str, str, str, str, str]]) -> None:
        self.name = name
        self.text = text
        tokens = tokenise(text)
        self.words, self.starts, self.ends = tokens.words, tokens.starts, tokens.ends
        self.token_sentences = tokens.sentences
        self.folds = list(map(cached_fold, self.words))
        self.kinds = bytes(map(_kinds.__getitem__, self.folds))
        self.size = len(self.words)
        nested, orphans = pair(text)
        self.orphans = [bisect_left(self.starts, start) for start in orphans]
        """Tokens that are closing marks without an opening one."""
        self.spans: list[Span] = [s for s in nested if s.parent < 0]
        self._place_spans()
        self._trim_unclosed()
        self.after_spans = frozenset(after for *_, after in self.span_tokens)
        """Tokens that follow a quoted stretch."""
        self._split_sentences()
        self._place_mentions(mentions)

    def _place_spans(self) -> None:
        self.span = [-1] * self.size
        self.span_tokens: list[tuple[int, int, int, int]] = []
        """For each span: first token of the opening mark, first token inside, token after the last inside, token after the closing mark."""
        starts, size = self.starts, self.size
        i = 0
        for number, span in enumerate(self.spans):
            while i < size and starts[i] < span.outer_start:
                i += 1
            outer = i
            while i < size and starts[i] < span.start:
                i += 1
            first = i
            while i < size and starts[i] < span.end:
                self.span[i] = number
                i += 1
            last = i
            while i < size and starts[i] < span.outer_end:
                i += 1
            self.span_tokens.append((outer, first, last, i))

    def _trim_unclosed(self) -> None:
        """A stretch whose closing mark is missing ends where somebody starts to tell of speech again («…، مضيفا أن»), or with the last
        sentence of a length that people are quoted at."""
        for number, (span, (outer, first, last, after)) in enumerate(zip(self.spans, self.span_tokens, strict=True)):
            if not span.repaired or span.end != span.outer_end or after != last:
                continue
            end = self._end_of_speech(first, last)
            if end < last:
                while end > first + 1 and self.kinds[end - 1] not in (WORD, STOP):
                    end -= 1
                for k in range(end, last):
                    self.span[k] = -1
                self.span_tokens[number] = (outer, first, end, end)
                self.spans[number] = replace(span, end=self.ends[end - 1], outer_end=self.ends[end - 1])

    def _end_of_speech(self, first: int, last: int) -> int:
        """Before which token of first:last the words of an unclosed mark end."""
        stop = last
        for i in range(first + 3, min(last, first + _MOST_UNCLOSED_TOKENS)):
            before = self.kinds[i - 1]
            if before == STOP:
                stop = i
            found = readings(self.folds[i])
            if any(r.strong and (r.kind == PARTICIPLE or (r.kind == FINITE and r.conjunction)) for r in found) and (
                before in (COMMA, STOP) or self.folds[i][:1] == "و"
            ):
                return i
            if before == STOP and any(r.strong and r.kind == FINITE and not r.present for r in found):
                return i
        return last if last - first <= _MOST_UNCLOSED_TOKENS else min(stop, first + _MOST_UNCLOSED_TOKENS)

    def _split_sentences(self) -> None:
        text, starts, ends, kinds, span, last = self.text, self.starts, self.ends, self.kinds, self.span, self.size - 1
        self.sentence: list[int] = []
        self.sentences: list[tuple[int, int]] = []
        self.paragraph_start: list[bool] = []
        """For each sentence: whether it opens a paragraph."""
        closing = {after - 1: last for _, _, last, after in self.span_tokens if after > last}
        breaks = {bisect_left(starts, match.start()) - 1 for match in _LINE_END.finditer(text)}
        places = {match.start() for match in _STOPS.finditer(kinds)}.union(closing, breaks, (last,))
        first, opens = 0, True
        for i in sorted(places):
            if not 0 <= i <= last:
                continue
            new_paragraph = i == last or (i in breaks and not (span[i] >= 0 and span[i] == span[i + 1]))
            end = new_paragraph
            if not end and starts[i + 1] > ends[i] and span[i] < 0:
                if kinds[i] == STOP:
                    # «د. فلان»: the dot of a one-letter abbreviation ends nothing.
                    end = (
                        kinds[i + 1] != COMMA
                        and not (self.words[i] == "." and i and ends[i - 1] - starts[i - 1] == 1 and self.words[i - 1].isalpha())
                        and not (self.name != "text" and self._goes_on(first, i))
                    )
                elif i in closing and kinds[closing[i] - 1] == STOP:
                    end = kinds[i + 1] == WORD
            if end:
                self.sentence += [len(self.sentences)] * (i + 1 - first)
                self.sentences.append((first, i + 1))
                self.paragraph_start.append(opens)
                first, opens = i + 1, new_paragraph

    def _goes_on(self, first: int, i: int) -> bool:
        """«كمال: لن نغادر.. وسنبقى هنا»: the dots at i part the words of one speaker, if what follows names no other and does not lead the
        reader on («.. وهذا هو السبب»)."""
        dots = self.words[i] == "…" or (self.words[i] == "." and i > first and self.words[i - 1] == ".")
        if not dots or COLON not in self.kinds[max(first, i - _MOST_HEADLINE_TOKENS) : i]:
            return False
        rest = range(i + 1, min(self.size, i + 1 + _MOST_HEADLINE_TOKENS))
        return self.folds[i + 1].removeprefix("و") not in _TEASERS and not any(self.kinds[k] == COLON or self.words[k] == "؟" for k in rest)

    def _place_mentions(self, mentions: Sequence[tuple[int, int, str, str, str, str, str, str]]) -> None:
        self.mention = [-1] * self.size
        self.mentions: list[Mention] = []
        i = 0
        for start, end, entity_id, entity_type, name, surface, proclitic, role in sorted(mentions):
            while i < self.size and self.ends[i] <= start:
                i += 1
            last = i
            while last < self.size and self.starts[last] < end:
                last += 1
            if last == i:
                continue
            number = len(self.mentions)
            self.mentions.append(Mention(i, last, start, end, entity_id, entity_type, name, surface, proclitic, role))
            for k in range(i, last):
                self.mention[k] = number
        self.mention_starts = [m.first for m in self.mentions]

    def slice(self, first: int, last: int) -> tuple[int, int]:
        """Code points of the tokens first:last."""
        return self.starts[first], self.ends[last - 1]
