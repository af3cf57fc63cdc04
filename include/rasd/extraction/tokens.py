"""Tokens and sentences with offsets into the text they came from.

A token is a word of any script (with its diacritics), a number, or one mark; the underscore of a hashtag is a mark. A sentence ends at
a line break, or at a full stop, question or exclamation mark (with any closing quote marks after it) that white space follows; the dot
of an abbreviation of one letter («د. فلان») ends none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rasd.arabic import DIACRITICS, TATWEEL

_TOKEN = re.compile(f"(?:[^\\W_]|[{DIACRITICS}{TATWEEL}])+|[^\\w\\s]|_")
_SENTENCE_END = re.compile(r"(?<![\s(«\"“]\w)(?<!^\w)[.!?؟…]+[\"'”“»)\]]*(?=\s)|\n+")


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of one text, column by column: word, first code point, code point after the last, sentence from 0."""

    words: list[str]
    starts: list[int]
    ends: list[int]
    sentences: list[int]


def sentence_ends(text: str) -> list[int]:
    """Code points at which a sentence ends, the end of the text included; sorted."""
    ends = [m.end() for m in _SENTENCE_END.finditer(text)]
    if not ends or text[ends[-1] :].strip():
        ends.append(len(text))
    return ends


def tokenise(text: str) -> Tokens:
    """The tokens of `text`, in order; `text[start:end] == word` for each."""
    words: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    sentences: list[int] = []
    limits = sentence_ends(text)
    sentence = 0
    for match in _TOKEN.finditer(text):
        start, end = match.span()
        while start >= limits[sentence] and sentence < len(limits) - 1:
            sentence += 1
        words.append(match.group())
        starts.append(start)
        ends.append(end)
        sentences.append(sentence)
    return Tokens(words, starts, ends, sentences)
