"""What the statistical tagger sees of a single word. Training and tagging share this code, so they can't drift apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain

import numpy as np
import numpy.typing as npt

from rasd.extraction.entities import gazetteer
from rasd.extraction.entities.gazetteer import countries, given_names, head_words, nationalities, places, title_words
from rasd.extraction.entities.linking import cities
from rasd.extraction.entities.words import splits, stem

LABELS = ("O", *(f"{bio}-{kind}" for kind in ("PERSON", "LOCATION", "ORGANIZATION", "MISC") for bio in "BI"))
SCHEMES = ("news", "anercorp", "aqmar")
"""Annotation schemes the tagger was trained on; each has an output layer of its own."""

CHARACTERS = 16
"""Letters of a word that the character network sees; longer words lose their middle."""

FLAGS = 30


def letters(words: Sequence[str], alphabet: dict[str, int]) -> npt.NDArray[np.uint8]:
    """Ids of each word's letters, [words, CHARACTERS]; 0 fills up, 1 is a letter that the alphabet lacks."""
    half = CHARACTERS // 2
    padded = "".join((word if len(word) <= CHARACTERS else word[:half] + word[-half:]).ljust(CHARACTERS, "\0") for word in words)
    points = np.frombuffer(padded.encode("utf-32-le", "surrogatepass"), np.uint32).reshape(len(words), CHARACTERS)
    ids = np.ones(max((ord(letter) for letter in alphabet), default=0) + 2, np.uint8)
    ids[0] = 0
    for letter, number in alphabet.items():
        ids[ord(letter)] = number
    found: npt.NDArray[np.uint8] = ids[np.minimum(points, len(ids) - 1)]
    return found


class WordFlags:
    """Shape and lexicon membership of folded words."""

    def __init__(self) -> None:
        single_cities = {name for name, found in cities()[1].items() if " " not in name and found[0].population > 50_000}
        lexicons = (countries().keys(), places().keys(), single_cities, gazetteer.organisations().keys())
        # Flags by word without article, and by word as it stands: of a word that is uncut, and of one behind a proclitic.
        self._bare: dict[str, tuple[list[int], list[int]]] = {}
        self._whole: dict[str, tuple[list[int], list[int]]] = {}
        for k, names in enumerate(lexicons):
            for name in names:
                if " " not in name and name not in gazetteer.doubtful():
                    self._add(self._bare, name, 13 + 2 * k, 14 + 2 * k)
        for word, kind in head_words().items():
            self._add(self._bare, word, 28 if kind == "ORGANIZATION" else 29)
        for word, script in given_names().items():
            self._add(self._whole, word, 21 + 2 * (script == "foreign"), 22 + 2 * (script == "foreign"))
        for word in nationalities():
            self._add(self._whole, word, 25)
        for word, kind in title_words().items():
            self._add(self._whole, word, 26 if kind == "office" else 27)

    @staticmethod
    def _add(flags: dict[str, tuple[list[int], list[int]]], word: str, uncut: int, cut: int | None = None) -> None:
        both = flags.setdefault(word, ([], []))
        both[0].append(uncut)
        both[1].append(uncut if cut is None else cut)

    def __call__(self, words: Sequence[str]) -> npt.NDArray[np.float32]:
        """[words, FLAGS], 0 or 1."""
        found = [self._of(word) for word in words]
        out = np.zeros((len(words), FLAGS), np.float32)
        out[np.arange(len(words)).repeat(list(map(len, found))), list(chain.from_iterable(found))] = 1
        return out

    def _of(self, word: str) -> list[int]:
        first = word[:1]
        if not first.isalpha():
            return [1 if first.isdigit() else 0]
        if first < "\u0600":
            return [2]
        found = [3 if len(word) <= 3 else 4 if len(word) >= 7 else 5]
        if word.startswith("ال"):
            found.append(6)
        elif first in "وفبلك":
            found.append(7 + "وفبلك".index(first))
            if word.startswith(("وال", "فال", "بال", "كال", "لل", "ولل")):
                found.append(12)
        for cut, (_, rest) in enumerate(splits(word)):
            bare = rest[2:] if rest.startswith("ال") and len(rest) > 4 else rest
            for flags in (self._bare.get(bare), self._whole.get(rest)):
                if flags is not None:
                    found += flags[cut > 0]
        return found


def stems(words: Sequence[str], count: Callable[[str], int]) -> list[str]:
    """The words without proclitics and article, as the stem vectors were trained."""
    return [stem(word, count) for word in words]
