"""Forms of reporting words."""

from __future__ import annotations

import pytest

from rasd.arabic import fold
from rasd.extraction.quotes.cues import FINITE, NOUN, PARTICIPLE, Reading, readings
from rasd.resources import lexicon
from rasd.schema import CUE_CLASSES


def read(word: str) -> Reading:
    return readings(fold(word))[0]


def test_the_lexicon_is_large_and_sound() -> None:
    rows = lexicon("reporting_verbs")
    assert len({row["lemma"] for row in rows}) == len(rows) >= 250
    assert {row["class"] for row in rows} <= set(CUE_CLASSES)
    assert {row["polarity"] for row in rows} <= {"positive", "neutral", "negative"}
    assert {row["frame"] for row in rows} == {"strong", "weak"}


@pytest.mark.parametrize(
    ("word", "lemma", "gender", "number"),
    [
        ("قال", "قال", "m", "s"),
        ("قالت", "قال", "f", "s"),
        ("قالوا", "قال", "m", "p"),
        ("قالتا", "قال", "f", "d"),
        ("تقول", "قال", "f", "s"),
        ("يقولون", "قال", "m", "p"),
        ("نفت", "نفى", "f", "s"),
        ("نفوا", "نفى", "m", "p"),
        ("يدعو", "دعا", "m", "s"),
        ("يشر", "أشار", "m", "s"),
        ("تضيفان", "أضاف", "f", "d"),
    ],
)
def test_finite_forms(word: str, lemma: str, gender: str, number: str) -> None:
    reading = read(word)
    assert (reading.lemma, reading.kind, reading.gender, reading.number) == (lemma, FINITE, gender, number)


@pytest.mark.parametrize(
    ("word", "gender", "number"),
    [
        ("مؤكدا", "m", "s"),
        ("مؤكدًا", "m", "s"),
        ("مؤكدة", "f", "s"),
        ("مؤكدين", "m", "p"),
        ("مشيرة", "f", "s"),
        ("نافيا", "m", "s"),
        ("داعين", "m", "p"),
    ],
)
def test_participles(word: str, gender: str, number: str) -> None:
    reading = read(word)
    assert (reading.kind, reading.gender, reading.number) == (PARTICIPLE, gender, number)


def test_nouns_with_a_pronoun() -> None:
    assert (read("قوله").kind, read("قولها").gender, read("بقولهم").number) == (NOUN, "f", "p")


def test_proclitics_and_object_pronouns() -> None:
    assert read("وأضاف").conjunction and not read("أضاف").conjunction
    assert read("سيقول").future and read("سيقول").present
    assert read("وصفها").object_pronoun
    assert read("نفاه").lemma == "نفى"


def test_passives_name_no_speaker() -> None:
    assert read("قيل").passive and read("يقال").passive and not read("قال").passive


@pytest.mark.parametrize("word", ["", "و", "سوق", "الكتاب", "123", "🙂"])
def test_other_words_are_no_cues(word: str) -> None:
    assert readings(fold(word)) == ()
