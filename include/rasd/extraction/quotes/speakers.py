"""Who said it: the words beside the cue that name the speaker, and whom they mean."""

from __future__ import annotations

from dataclasses import dataclass

from rasd.arabic import fold
from rasd.extraction.quotes.cues import ATTRIBUTIVE, NOUN, PARTICIPLE, word_set
from rasd.extraction.quotes.finder import COMPLEMENTISERS, Report
from rasd.extraction.quotes.sections import COLON, COMMA, STOP, WORD, Mention, Section

_TIME = word_set("phrase_end")
_VENUES = word_set("venue")
_DEMONSTRATIVES = word_set("demonstrative")
_OF = word_set("on_behalf")
_TITLES = word_set("title")
_DOCUMENTS = word_set("document")
_CLASSIFIERS = word_set("classifier")


@dataclass(slots=True)
class Speaker:
    """The speaker of a report, as far as known. `first:last` are the tokens that name him, -1 where none do."""

    first: int = -1
    last: int = -1
    text: str | None = None
    entity_id: str | None = None
    name: str | None = None
    type: str | None = None
    role: str | None = None
    attribution: str = "none"
    rule: str = "none"
    confidence: float = 0.2


def bare(word: str) -> str:
    """A folded word without its article, and without a proclitic before the article."""
    if word.startswith("لل") and len(word) > 4:
        return word[2:]
    if word.startswith(("وال", "بال")) and len(word) > 5:
        return word[3:]
    return word[2:] if word.startswith("ال") and len(word) > 4 else word


def phrase_after(s: Section, first: int, last: int) -> tuple[int, int]:
    """The subject phrase within the tokens first:last that follow a verb: stops where an adverbial or a clause begins."""
    i = first
    begin = -1
    while i < last:
        word, kind = s.folds[i], s.kinds[i]
        mention = s.mention[i]
        if kind in (COLON, STOP):
            break
        if kind == COMMA:
            if begin < 0:
                i += 1
                continue
            follows = s.mention[i + 1] if i + 1 < last else -1
            if (
                follows >= 0
                and s.mentions[follows].entity_type == "PERSON"
                and not any(s.mention[k] >= 0 and s.mentions[s.mention[k]].entity_type == "PERSON" for k in range(begin, i))
            ):
                i += 1
                continue
            break
        if mention < 0 and kind == WORD:
            if word in COMPLEMENTISERS or (word in _TIME):
                if begin < 0:
                    i += 1
                    continue
                break
            if word in ("في", "من", "لدي", "مع", "ب") and (
                begin < 0 or i + 1 >= last or s.folds[i + 1] in _VENUES or s.folds[i + 1] in _TIME
            ):
                if begin < 0:
                    i += 1
                    while i < last and s.kinds[i] == WORD and s.kinds[i] != COMMA and s.mention[i] < 0 and s.folds[i] not in ("ان",):
                        i += 1
                    continue
                break
            if word.startswith("لل") and i + 1 < last and begin >= 0:
                break
        if begin < 0 and kind == WORD:
            begin = i
        i += 1
    while begin >= 0 and i > begin and s.kinds[i - 1] == COMMA:
        i -= 1
    return (begin, i) if begin >= 0 else (-1, -1)


def phrase_before(s: Section, begin: int, cue: int) -> tuple[int, int]:
    """The subject phrase that ends right before a verb («وكان فلان قد قال»)."""
    i = cue
    while i > begin and (
        s.folds[i - 1] in ("قد", "فقد", "وقد", "لم", "لن", "لا", "كان", "كانت", "الذي", "التي", "ايضا") or s.kinds[i - 1] == COMMA
    ):
        i -= 1
    last = i
    while (i > begin and s.kinds[i - 1] == WORD) or (i > begin and s.mention[i - 1] >= 0):
        word = s.folds[i - 1]
        if s.mention[i - 1] < 0 and (
            word in COMPLEMENTISERS or word in ("وكان", "وكانت", "فيما", "بينما", "كان", "لكن", "في", "حين", "الي", "وقد", "حيث")
        ):
            break
        i -= 1
        if last - i > 14:
            break
    return (i, last) if last > i else (-1, -1)


class Resolver:
    """Resolves the speakers of one article, section by section, in reading order."""

    def __init__(self) -> None:
        self.history: list[tuple[Speaker, str, str]] = []
        self.people: list[tuple[Mention, frozenset[str]]] = []
        self.phrases: list[Speaker] = []

    def read(self, s: Section) -> None:
        """Remember how the people of a section are described."""
        for m in s.mentions:
            if m.entity_type in ("PERSON", "ORGANIZATION"):
                near = {bare(w) for w in s.folds[max(0, m.first - 7) : m.first]} | {bare(w) for w in s.folds[m.last : m.last + 6]}
                own = {bare(w) for w in s.folds[m.first : m.last]} | {bare(w) for w in m.name.split()}
                self.people.append((m, frozenset(near | own)))

    def resolve(self, s: Section, report: Report) -> Speaker:
        cue = report.cue
        if cue is None:
            return self._continue(None, "bare")
        speaker: Speaker | None = None
        first, last = self._phrase(s, report)
        if first >= 0:
            speaker = self._named(s, first, last)
        if speaker is None:
            speaker = self._hidden(s, report)
        r = cue.reading
        self.history.append((speaker, r.gender, r.number))
        return speaker

    def _phrase(self, s: Section, report: Report) -> tuple[int, int]:
        cue = report.cue
        assert cue is not None
        begin = s.sentences[s.sentence[cue.first]][0]
        if report.how == "headline":
            return report.phrase
        if cue.reading.kind == ATTRIBUTIVE:
            return phrase_after(s, *report.phrase)
        if cue.reading.kind == PARTICIPLE:
            return -1, -1
        if cue.reading.kind == NOUN:
            for i in range(cue.first - 1, max(begin, cue.first - 15) - 1, -1):
                if s.folds[i] in ("عن", "علي"):
                    return i + 1, cue.first
            return -1, -1
        if report.how in ("after", "middle"):
            return phrase_after(s, *report.phrase)
        first, last = phrase_after(s, cue.last, report.phrase[1])
        if first >= 0:
            return first, last
        if not cue.reading.conjunction and cue.first > begin:
            return phrase_before(s, begin, cue.first)
        return -1, -1

    def _named(self, s: Section, first: int, last: int) -> Speaker | None:
        while first < last and s.kinds[first] != WORD:
            first += 1
        if first >= last:
            return None
        start, end = s.slice(first, last)
        text = s.text[start:end]
        head = self._head(s, first, last)
        if head is not None:
            role = s.text[start : head.start].strip(' ،"“«') if head.start > start else None
            return Speaker(
                first, last, text, head.entity_id, head.name, head.entity_type, head.role or role or None, "explicit", "name", 0.95
            )
        return self._by_role(s, first, last, text)

    def _head(self, s: Section, first: int, last: int) -> Mention | None:
        i = first
        seen = -1
        while i < last:
            number = s.mention[i]
            if number >= 0 and number != seen:
                seen = number
                m = s.mentions[number]
                before = s.folds[m.first - 1] if m.first > first else ""
                if m.entity_type == "PERSON":
                    construct = (
                        before
                        and before not in _TITLES
                        and not before.startswith("ال")
                        and s.kinds[m.first - 1] == WORD
                        and m.first - 1 == first
                    )
                    if m.proclitic.strip("وف") or before in _OF or construct:
                        i = m.last
                        continue
                    return m
                if i - first <= 1 and (
                    i == first or s.kinds[first] != WORD or s.folds[first] in _CLASSIFIERS or s.folds[first] in _DOCUMENTS
                ):
                    following = any(
                        s.mention[k] >= 0 and s.mention[k] != number and s.mentions[s.mention[k]].entity_type == "PERSON"
                        for k in range(m.last, last)
                    )
                    if not following:
                        return m
            i += 1
        return None

    def _by_role(self, s: Section, first: int, last: int, text: str) -> Speaker:
        k = first
        while k < last and s.folds[k] in _DEMONSTRATIVES:
            k += 1
        words = {bare(s.folds[i]) for i in range(k, last) if s.kinds[i] == WORD}
        definite = s.folds[k].startswith("ال") if k < last else False
        if definite:
            for old in reversed(self.phrases):
                if words <= {bare(w) for w in fold(old.text or "").split()}:
                    return Speaker(first, last, text, old.entity_id, old.name, old.type, old.role, "role", "anaphor", 0.7)
            for m, near in reversed(self.people):
                if words and words <= near:
                    return Speaker(first, last, text, m.entity_id, m.name, m.entity_type, text, "role", "role", 0.7)
        speaker = Speaker(first, last, text, None, text, "SOURCE", None, "role", "phrase", 0.6)
        self.phrases.append(speaker)
        return speaker

    def _hidden(self, s: Section, report: Report) -> Speaker:
        cue = report.cue
        assert cue is not None
        return self._continue(cue, "pronoun")

    def _continue(self, cue: object, rule: str) -> Speaker:
        if not self.history:
            return Speaker()
        old = self.history[-1][0]
        return Speaker(-1, -1, None, old.entity_id, old.name, old.type, old.role, "pronoun", rule, 0.6)
