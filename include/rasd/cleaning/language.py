"""What language an article is written in."""

from __future__ import annotations

import re
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from rasd.arabic import Codes, Offsets, counts, entries
from rasd.resources import lexicon

_OTHER, _LETTER, _ARABIC, _FOREIGN = 0, 1, 2, 3
_KIND = np.zeros(0x10000, np.uint8)
for _point in range(0x10000):
    _KIND[_point] = _LETTER if chr(_point).isalpha() else _OTHER
_KIND[[p for p in (*range(0x0600, 0x0700), *range(0x0750, 0x0780)) if chr(p).isalpha()]] = _ARABIC
_KIND[[ord(letter) for letter in "پچژگکیےہںھڑڈٹەێۆڕڵڤټډړږښڼځڅې"]] = _FOREIGN
"""Letters of other languages in the Arabic script; they count as Arabic letters as well."""


@lru_cache(maxsize=1)
def _hints() -> dict[str, frozenset[str]]:
    """Frequent words of other languages in the Arabic script, by language code."""
    words: dict[str, set[str]] = {}
    for row in lexicon("language_hints"):
        words.setdefault(row["language"], set()).add(row["word"])
    return {language: frozenset(found) for language, found in words.items()}


_SAMPLE = 1000
"""Code points at a text's beginning that tell its language."""


def arabic_ratios(codes: Codes, offsets: Offsets) -> npt.NDArray[np.float64]:
    """The share of each text's letters that are of the Arabic script; 0 for a text without letters."""
    kinds = entries(_KIND, codes)
    return counts(kinds >= _ARABIC, offsets) / np.maximum(counts(kinds > _OTHER, offsets), 1)


def foreign_letters(codes: Codes, offsets: Offsets) -> npt.NDArray[np.int64]:
    """How many letters of each text's first 1,000 code points are of the Arabic script, but not of the Arabic language."""
    found = np.flatnonzero(entries(_KIND, codes) == _FOREIGN)
    starts, ends = offsets[:-1], np.minimum(offsets[:-1] + _SAMPLE, offsets[1:])
    return np.searchsorted(found, ends) - np.searchsorted(found, starts)


def language_of(text: str, arabic_ratio: float, foreign: int) -> str:
    """ISO 639-1 code: `ar`, `fa`, `ur`, `ku` or `ps` for a text in the Arabic script, `und` for one that is mostly not in it.

    Args:
        text: the text.
        arabic_ratio: its entry of `arabic_ratios`.
        foreign: its entry of `foreign_letters`.
    """
    if arabic_ratio < 0.3:
        return "en" if re.search(r"\b(?:the|of|and|to|in)\b", text[:2000], re.I) else "und"
    if foreign * 50 < min(len(text), _SAMPLE):
        return "ar"
    words = text[:_SAMPLE].split()
    scores = {code: sum(word in hints for word in words) for code, hints in _hints().items()}
    best = max(scores, key=lambda code: scores[code])
    return best if scores[best] >= 0.04 * len(words) else "ar"
