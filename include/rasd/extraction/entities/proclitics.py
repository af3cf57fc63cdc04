"""Where a name begins inside its first word: the proclitics و ف ب ل ك and «لل» split off, with exact offsets."""

from __future__ import annotations

import math
from collections.abc import Callable, Container, Set

from rasd.arabic import DIACRITICS, TATWEEL
from rasd.extraction.entities.gazetteer import first_words, given_names
from rasd.extraction.entities.words import splits

_SILENT = frozenset(
    DIACRITICS + TATWEEL + "".join(map(chr, [*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF]))
)

_PROCLITICS = "وفبلك"
_KNOWN, _ARTICLE, _CITY, _RARE_ARTICLE, _AND, _IN = 1e6, 60.0, 30.0, 5.0, 2.0, 2.0
"""Weights of the evidence, on the scale of the root of a word's count: a lexicon's word, an article after the proclitic, a city, …"""


def letters_to_offset(word: str, letters: int) -> int:
    """Code points that `letters` letters of the word take, with the signs that follow the last of them."""
    offset = 0
    while letters:
        letters -= word[offset] not in _SILENT
        offset += 1
    while offset < len(word) and word[offset] in _SILENT:
        offset += 1
    return offset


class Splitter:
    """Decides how many letters of a name's first word are proclitics.

    `count(word)` is how often a folded word occurs in a large text (0: rare); `cities` are name keys.
    """

    def __init__(self, count: Callable[[str], int], cities: Container[str] = ()) -> None:
        self._count = count
        self._cities = cities
        self._known = first_words()
        self._cuts: dict[tuple[str, bool], int] = {}

    def cut(self, word: str, kind: str, others: Set[str] = frozenset()) -> int:
        """Letters to cut off the folded first word of a name of type `kind`.

        `others` are folded first words of the article's other names: the best evidence there is.
        """
        if word[:1] not in _PROCLITICS or len(word) < 3:
            return 0
        if others and (word not in self._known or (word[0] == "ل" and word[1:] in given_names())):
            # «لحسن» is a given name, but «ل» and «حسن» in an article about a Hassan.
            for proclitics, rest in splits(word)[1:]:
                if rest in others:
                    return len(proclitics)
        place = kind == "LOCATION"
        found = self._cuts.get((word, place))
        if found is None:
            found = self._cuts[word, place] = self._decide(word, place)
        return found

    def conjunction(self, word: str) -> int:
        """1 where the folded word may be «و» and a name of at least three letters that no text knows better with the «و»."""
        return int(word[:1] == "و" and len(word) > 3 and word not in self._known and self._count(word[1:]) >= self._count(word))

    def hides_article(self, word: str, letters: int) -> bool:
        """Whether the «لل» that the cut goes through stands for ل and an article («للأمم», but not «للندن»)."""
        if not word.startswith("لل", letters - 1):
            return False
        plain, definite = word[letters:], "ال" + word[letters + 1 :]
        return plain not in self._known and self._count(plain) <= self._count(definite)

    def _decide(self, word: str, place: bool) -> int:
        known = word in self._known or (place and word in self._cities)
        best, most = 0, _KNOWN + 1 if known else self._weight(word)
        for proclitics, rest in splits(word)[1:]:
            weight = _KNOWN if rest in self._known else _CITY if place and len(rest) > 2 and rest in self._cities else 0.0
            last = proclitics[-1]
            if rest.startswith("ال") and len(rest) > 4:
                # Few names begin with «وال», «بال» or «لل»; more with «فال» and «كال», which hardly ever stand before a name.
                weight = max(weight, _ARTICLE if last in "وبل" else _RARE_ARTICLE)
            elif last == "و" and len(rest) > 3:
                weight = max(weight, self._weight(rest), _AND)
            elif last in "بل" and place and len(rest) > 2:
                weight = max(weight, self._weight(rest) / 2, _IN if last == "ب" and len(rest) > 3 else 0.0)
            if weight > most:
                best, most = len(proclitics), weight
        return best

    def _weight(self, word: str) -> float:
        return math.sqrt(self._count(word))
