"""When two person names are the same name: spelling variants, surnames and full names."""

from __future__ import annotations

import re
from functools import lru_cache

from rasd.extraction.entities.gazetteer import given_names

_LETTERS = str.maketrans("غقكطصثذضظپڤگچ", "جججتستددزبفجج")
_VOWELS = re.compile("(?<=.)[اويءه]")
_PREFIXED = re.compile("^ا(?=[^اوي][^اوي]|ست)")

_PARTICLE_WORDS = "بن ابن بنت ال ابو ام ولد دي دو دا دل ديل فان فون دير لو لا او مار ماك"
PARTICLES = frozenset(_PARTICLE_WORDS.split())


@lru_cache(100_000)
def sound(word: str) -> str:
    """What the spellings of one foreign name share («سيرغي» and «سيرجي», «ترامب» and «ترمب»); an Arabic given name is its own sound.

    Short names keep their vowels, so that «كيري» and «كور» stay apart.
    """
    if given_names().get(word) == "native" or word.startswith("عبد"):
        return word
    mapped = _PREFIXED.sub("", word).translate(_LETTERS)
    skeleton = _VOWELS.sub("", mapped)
    return skeleton if len(skeleton) >= 3 else mapped


@lru_cache(100_000)
def sounds(name_key: str) -> tuple[str, ...]:
    """The sounds of a name key's words."""
    return tuple(sound(word) for word in name_key.split())


def shortens(short: tuple[str, ...], full: tuple[str, ...]) -> bool:
    """Whether `short` leaves out words of `full` and keeps the order of the others."""
    if len(short) >= len(full):
        return False
    if len(short) == 1:
        word = short[0]
        return word not in PARTICLES and word in full
    rest = iter(full)
    return all(word in rest for word in short)
