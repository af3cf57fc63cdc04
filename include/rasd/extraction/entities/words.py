"""Forms of a word that lexicons, models and links look up: folded, and without proclitics."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from rasd.arabic import fold

_DIGIT = re.compile(r"\d")
_MARKS = re.compile("[\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


def key(word: str) -> str:
    """The word as vocabularies hold it: folded, lower case, without format characters, every digit as 0."""
    return _DIGIT.sub("0", _MARKS.sub("", fold(word)).lower())


def splits(word: str) -> list[tuple[str, str]]:
    """Every way to cut proclitics off a folded word, as (proclitics, rest), the uncut word first.

    The rest of «لل…» is written with its article («للسعوديه» → «ال» + «سعوديه»), and keeps at least two letters.
    """
    found = [("", word)]
    conjunction = word[0] if word[:1] in ("و", "ف") and len(word) > 2 else ""
    for start in dict.fromkeys(("", conjunction)):
        rest = word[len(start) :]
        if start:
            found.append((start, rest))
        if rest.startswith("لل") and len(rest) > 4:
            found.append((start + "ل", "ال" + rest[2:]))
        elif rest[:1] in ("ب", "ل", "ك") and len(rest) > 2:
            found.append((start + rest[0], rest[1:]))
    return found


def stem(word: str, count: Callable[[str], int]) -> str:
    """The folded word without the proclitics and article that word counts speak for.

    `count` gives how often a folded form occurs. A cut needs three letters to be left, and a rest at least a fifth as frequent as the word.
    """
    best, most = word, count(word)
    for proclitics, rest in splits(word)[1:]:
        seen = count(rest)
        if proclitics and len(rest) > 2 and seen * 5 >= most and seen > 0 and (best == word or seen > count(best)):
            best = rest
    return best[2:] if best.startswith("ال") and len(best) > 4 else best


cached_key = lru_cache(500_000)(key)
"""`key`, remembered per distinct word."""
