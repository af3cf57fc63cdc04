"""Tokens and sentences with offsets into the text they came from.

A token is a word of any script (with its diacritics), a number, or one mark; the underscore of a hashtag is a mark. A sentence ends at
a line break, or at a full stop, question or exclamation mark (with any closing quote marks after it) that white space follows; the dot
of an abbreviation of one letter («د. فلان») ends none.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass

from rasd.arabic import DIACRITICS, SENTENCE_END

_TOKEN = re.compile(f"[^\\W_]+(?:[{DIACRITICS}]+[^\\W_]*)*|[{DIACRITICS}]+(?:[^\\W_]+[{DIACRITICS}]*)*|[^\\w\\s]|_")


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of one text, column by column: word, first code point, code point after the last, sentence from 0."""

    words: list[str]
    starts: list[int]
    ends: list[int]
    sentences: list[int]

    def by_sentence(self) -> list[list[str]]:
        """The words of each sentence that has any."""
        found: list[list[str]] = []
        words, sentences = self.words, self.sentences
        first = 0
        while first < len(words):
            last = bisect_right(sentences, sentences[first], first)
            found.append(words[first:last])
            first = last
        return found


def sentence_ends(text: str) -> list[int]:
    """Code points at which a sentence ends, the end of the text included; sorted."""
    ends = [m.end() for m in SENTENCE_END.finditer(text)]
    if not ends or text[ends[-1] :].strip():
        ends.append(len(text))
    return ends


def tokenise(text: str) -> Tokens:
    """The tokens of `text`, in order; `text[start:end] == word` for each."""
    spans: list[tuple[int, int]] = []
    sentences: list[int] = []
    begin = 0
    for sentence, end in enumerate(sentence_ends(text)):
        found = [match.span() for match in _TOKEN.finditer(text, begin, end)]
        spans += found
        sentences += [sentence] * len(found)
        begin = end
    return Tokens([text[start:end] for start, end in spans], [start for start, _ in spans], [end for _, end in spans], sentences)
