"""Verbs by their company: a word is a verb's form where the other forms of that verb occur in news, and no noun of its letters does.

News sentences open with the verb, so that it, not a speaker mentioned before, tells whose words follow: «رفضت الشركة العرض، قائلة …».
Reporting verbs are known by their lexicon; of the others the counts of the shipped vocabulary tell.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from rasd.extraction.entities.vocabulary import count
from rasd.extraction.quotes.cues import FINITE, readings, word_set

_LEAST_SHARE = 0.08
"""The other form of a verb is at least so frequent, measured by the form at hand."""

_MOST_NOUN_SHARE = 0.4
"""A form that takes the article more often than this is a noun."""


@dataclass(frozen=True, slots=True)
class Verb:
    """The gender that a verb's form gives its subject, and whether it is present."""

    gender: str
    present: bool


@lru_cache(maxsize=100_000)
def verb(word: str) -> Verb | None:
    """The verb that a folded word is, without or with و or ف before it; None for other words."""
    found = _verb(word)
    if found is None and word[:1] in "وف" and len(word) > 3:
        found = _verb(word[1:])
    return found


def _verb(word: str) -> Verb | None:
    if len(word) < (5 if word.startswith("ال") else 3) or word in _no_verbs():
        return None
    for reading in readings(word):
        if reading.kind == FINITE and not reading.object_pronoun and reading.person == 3 and reading.number in ("", "s"):
            return None if reading.passive else Verb(reading.gender, reading.present)
    if word[0] == "س" and word[1] in "يت" and len(word) > 4:
        return _present(word[1:])
    own = count(word)
    if not own:
        return None
    if count("ال" + word) > _MOST_NOUN_SHARE * own:
        return None
    least = max(2.0, _LEAST_SHARE * own)
    if word[0] in "يت" and (found := _present(word)):
        return found
    if word[-1] == "ت":
        if word[-2] == "ا":
            return None
        stem = word[:-1]
        return Verb("f", False) if max(count(stem), count(stem + "ي"), count(stem + "ا")) >= least else None
    if word[-1] == "ا" and len(word) > 3:
        return None  # mostly an accusative («دعما»)
    if word[-1] in "اي":
        return Verb("m", False) if count(word[:-1] + "ت") >= least else None
    return Verb("m", False) if count(word + "ت") + count(word + "وا") >= least else None


def _present(word: str) -> Verb | None:
    own = count(word)
    other = count(("ت" if word[0] == "ي" else "ي") + word[1:])
    if not own or other < max(2.0, _LEAST_SHARE * own) or count("ال" + word) > _MOST_NOUN_SHARE * own:
        return None
    return Verb("m" if word[0] == "ي" else "f", True)


@lru_cache(1)
def _no_verbs() -> frozenset[str]:
    names = ("no_verb", "phrase_end", "source", "person_noun", "office", "kin", "classifier", "document", "venue")
    return frozenset(word for name in names for word in word_set(name))
