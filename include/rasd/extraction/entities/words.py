"""Forms of a word that lexicons, models and links look up: folded, and without proclitics."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from rasd.arabic import fold

_FORMAT = [*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF]
_KEY: dict[int, str] = {c: folded for c in range(0x0600, 0x0700) if (folded := fold(chr(c))) != chr(c)}
_KEY |= dict.fromkeys((*range(48, 58), *range(1632, 1642), *range(1776, 1786)), "0")
_KEY |= dict.fromkeys(_FORMAT, "")
_MOST_WORDS = 500_000


def key(word: str) -> str:
    """The word as vocabularies hold it: folded, lower case, without format characters, every digit as 0."""
    return word.translate(_KEY).lower()


class _Folds(dict[str, str]):
    def __missing__(self, word: str) -> str:
        if len(self) >= _MOST_WORDS:
            self.clear()
        found = self[word] = fold(word)
        return found


class _Keys(dict[str, str]):
    def __missing__(self, word: str) -> str:
        if len(self) >= _MOST_WORDS:
            self.clear()
        folded = cached_fold(word)
        found = self[word] = folded.lower() if folded.isalpha() else key(word)
        return found


cached_fold = _Folds().__getitem__
"""`fold`, remembered per distinct word; in a plain dict: keeping the words in order of their use costs more than looking them up."""

cached_key = _Keys().__getitem__
"""`key`, remembered likewise."""


def splits(word: str) -> list[tuple[str, str]]:
    """Every way to cut proclitics off a folded word, as (proclitics, rest), the uncut word first.

    The rest keeps at least two letters. «لل…» has two readings: with the article («للسعوديه» → «السعوديه») and without («للندن» → «لندن»).
    """
    found = [("", word)]
    conjunction = word[0] if word[:1] in ("و", "ف") and len(word) > 2 else ""
    for start in dict.fromkeys(("", conjunction)):
        rest = word[len(start) :]
        if start:
            found.append((start, rest))
        if rest.startswith("لل") and len(rest) > 4:
            found.append((start + "ل", "ال" + rest[2:]))
        if rest[:1] in ("ب", "ل", "ك") and len(rest) > 2:
            found.append((start + rest[0], rest[1:]))
    return found


@lru_cache(50_000)
def with_proclitics(word: str) -> tuple[str, ...]:
    """The folded word as it stands alone and behind each proclitic: what `splits` takes apart."""
    behind_lam = "ل" + word[1:] if word.startswith("ال") else "ل" + word
    forms = [word, "ب" + word, behind_lam, "ك" + word]
    return (*forms, *("و" + form for form in forms), *("ف" + form for form in forms))


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
