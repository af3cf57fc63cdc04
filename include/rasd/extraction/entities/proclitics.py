"""Where a name begins inside its first word: the proclitics و ف ب ل ك and «لل» split off, with exact offsets."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from rasd.arabic import DIACRITICS, TATWEEL
from rasd.extraction.entities import gazetteer
from rasd.extraction.entities.words import splits

_SILENT = frozenset(
    DIACRITICS + TATWEEL + "".join(map(chr, [*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF]))
)


@lru_cache(1)
def _known() -> frozenset[str]:
    """First words of the names in all lexicons, and given names."""
    names = [*gazetteer.countries(), *gazetteer.places(), *gazetteer.organisations(), *gazetteer.given_names(), *gazetteer.head_words()]
    firsts = {name.split()[0] for name in names if name}
    return frozenset(firsts | {"ال" + first for first in firsts})


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

    `count(word)` is how often a folded word begins a name in a large text (0: never seen).
    """

    def __init__(self, count: Callable[[str], int]) -> None:
        self._count = count
        self._cuts: dict[str, int] = {}

    def cut(self, word: str, others: frozenset[str] | set[str] = frozenset()) -> int:
        """Letters to cut off the folded word; `others` are folded first words of the article's other names, the best evidence."""
        if word[:1] not in ("و", "ف", "ب", "ل", "ك") or len(word) < 3:
            return 0
        if others:
            for proclitics, rest in splits(word)[1:]:
                if rest in others and word not in _known():
                    return len(proclitics)
        found = self._cuts.get(word)
        if found is None:
            found = self._cuts[word] = self._decide(word)
        return found

    def _decide(self, word: str) -> int:
        known = _known()
        best, most = 0, 3.0 * self._count(word) + (1e6 if word in known else 0.5)
        for proclitics, rest in splits(word)[1:]:
            seen = 1.0 * self._count(rest)
            if rest in known:
                seen += 1e6 - 1
            elif rest.startswith("ال") and len(rest) > 4:
                seen += 2
            if proclitics[0] == "و" and len(rest) > 3:
                seen += 0.6
            if seen > most:
                best, most = len(proclitics), seen
        return best
