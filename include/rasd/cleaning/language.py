"""What language an article is written in."""

from __future__ import annotations

import re
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from rasd.arabic import Codes, Offsets, counts
from rasd.resources import lexicon

_OTHER, _LETTER, _ARABIC = 0, 1, 2
_KIND = np.zeros(0x10000, np.uint8)
for _point in range(0x10000):
    _KIND[_point] = _LETTER if chr(_point).isalpha() else _OTHER
_KIND[[p for p in (*range(0x0600, 0x0700), *range(0x0750, 0x0780)) if chr(p).isalpha()]] = _ARABIC


@lru_cache(maxsize=1)
def _hints() -> dict[str, frozenset[str]]:
    """Frequent words of other languages in the Arabic script, by language code."""
    words: dict[str, set[str]] = {}
    for row in lexicon("language_hints"):
        words.setdefault(row["language"], set()).add(row["word"])
    return {language: frozenset(found) for language, found in words.items()}


_FOREIGN = re.compile("[پچژگکیےہںھڑڈٹەێۆڕڵڤټډړږښڼځڅې]")


def arabic_ratios(codes: Codes, offsets: Offsets) -> npt.NDArray[np.float64]:
    """The share of each text's letters that are of the Arabic script; 0 for a text without letters."""
    kinds = _KIND[np.minimum(codes, 0xFFFF)]
    return counts(kinds == _ARABIC, offsets) / np.maximum(counts(kinds > _OTHER, offsets), 1)


def language_of(text: str, arabic_ratio: float) -> str:
    """ISO 639-1 code: `ar`, `fa`, `ur`, `ku` or `ps` for a text in the Arabic script, `und` for one that is mostly not in it."""
    if arabic_ratio < 0.3:
        return "en" if re.search(r"\b(?:the|of|and|to|in)\b", text[:2000], re.I) else "und"
    sample = text[:1000]
    if len(_FOREIGN.findall(sample)) * 50 < len(sample):
        return "ar"
    words = sample.split()
    scores = {code: sum(word in hints for word in words) for code, hints in _hints().items()}
    best = max(scores, key=lambda code: scores[code])
    return best if scores[best] >= 0.04 * len(words) else "ar"
