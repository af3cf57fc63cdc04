"""Tokens and sentences with offsets into the text they came from.

A token is a word of any script (with its diacritics), a number, or one mark; the underscore of a hashtag is a mark. A sentence ends at
a line break, or at a full stop, question or exclamation mark (with any closing quote marks after it) that white space follows; the dot
of an abbreviation of one letter («د. فلان») ends none.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from rasd.arabic import DIACRITICS, SENTENCE_END, code_points

_BLANK, _PART, _MARK = range(3)


@lru_cache(1)
def _kinds() -> npt.NDArray[np.uint8]:
    """What each code point of the Basic Multilingual Plane is: white space, part of a word or number, or a mark."""
    points = list(map(chr, range(0x10000)))
    kinds = np.where(list(map(str.isalnum, points)), _PART, _MARK).astype(np.uint8)
    kinds[list(map(str.isspace, points))] = _BLANK
    kinds[list(map(ord, DIACRITICS))] = _PART
    return kinds


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
    codes, _ = code_points([text])
    kinds = _kinds().take(codes, mode="clip")
    for i in np.flatnonzero(codes > 0xFFFF).tolist():
        kinds[i] = _PART if text[i].isalnum() else _MARK
    # A token begins at a mark and behind one, and where parts of words begin; white space is no token.
    begins = kinds == _MARK
    begins[1:] |= kinds[1:] != kinds[:-1]
    begins[:1] = True
    bounds = np.append(np.flatnonzero(begins), len(codes))
    solid = kinds[bounds[:-1]] != _BLANK
    starts, ends = bounds[:-1][solid], bounds[1:][solid]
    sentences = np.searchsorted(sentence_ends(text), starts, side="right").tolist()
    first, last = starts.tolist(), ends.tolist()
    return Tokens([text[start:end] for start, end in zip(first, last, strict=True)], first, last, sentences)
