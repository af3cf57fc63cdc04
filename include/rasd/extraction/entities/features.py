"""What the statistical tagger sees of a single word. Training and tagging share this code, so they can't drift apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from rasd.extraction.entities import gazetteer
from rasd.extraction.entities.gazetteer import Organisation, Place, countries, given_names, head_words, nationalities, places, title_words
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
    out = np.zeros((len(words), CHARACTERS), np.uint8)
    half = CHARACTERS // 2
    for i, word in enumerate(words):
        seen = word if len(word) <= CHARACTERS else word[:half] + word[-half:]
        for j, letter in enumerate(seen):
            out[i, j] = alphabet.get(letter, 1)
    return out


class WordFlags:
    """Shape and lexicon membership of folded words."""

    def __init__(self) -> None:
        single_cities = {name for name, found in cities()[1].items() if " " not in name and found[0].population > 50_000}
        lexicons: list[dict[str, Place] | dict[str, str] | dict[str, Organisation] | set[str]] = [
            countries(), places(), single_cities, gazetteer.organisations(),
        ]  # fmt: skip
        self._by_key = [{name for name in lexicon if " " not in name} - gazetteer.doubtful() for lexicon in lexicons]
        self._given = given_names()
        self._titles = title_words()
        self._heads = head_words()
        self._nationalities = nationalities()

    def __call__(self, words: Sequence[str]) -> npt.NDArray[np.float32]:
        """[words, FLAGS], 0 or 1."""
        out = np.zeros((len(words), FLAGS), np.float32)
        for i, word in enumerate(words):
            out[i, self._of(word)] = 1
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
            after = min(cut, 1)
            for k, names in enumerate(self._by_key):
                if bare in names:
                    found.append(13 + 2 * k + after)
            script = self._given.get(rest)
            if script is not None:
                found.append(21 + after + 2 * (script == "foreign"))
            if rest in self._nationalities:
                found.append(25)
            title = self._titles.get(rest)
            if title is not None:
                found.append(26 if title == "office" else 27)
            head = self._heads.get(bare)
            if head is not None:
                found.append(28 if head == "ORGANIZATION" else 29)
        return found


def stems(words: Sequence[str], count: Callable[[str], int]) -> list[str]:
    """The words without proclitics and article, as the stem vectors were trained."""
    return [stem(word, count) for word in words]
