"""To whom, where, when and through whom something was said, and whether it was said at all."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from rasd.extraction.quotes.circumstances import Circumstances, circumstances_of
from rasd.extraction.quotes.finder import Finder
from rasd.extraction.quotes.sections import Section
from rasd.extraction.quotes.speakers import Speaker
from tests.unit.extraction.quotes.test_extract import HUDA, KAMAL, Names, one, quotes

DAY = date(2024, 5, 9)
"""A Thursday."""

SAID = "إن المصنع سيعود إلى العمل قريبا"


def told(text: str, names: Names = KAMAL) -> dict[str, Any]:
    return one(f"{text} {SAID}.", names, day=DAY)


def every_candidate(text: str) -> Circumstances:
    """Of the first candidate, whether or not the model keeps it."""
    section = Section("text", text, ())
    report = Finder(section, headline=False).candidates()[0]
    return circumstances_of(section, [report], [Speaker()], [], DAY)[0]


# whether it was said


@pytest.mark.parametrize(
    "text",
    ["ولم يقل الوزير إن المصنع سيعود.", "ولا يقول الوزير إن المصنع سيعود.", "ولن يعلن الوزير أن المصنع سيعود.",
     "وخرج الوزير من دون أن يؤكد أن المصنع سيعود."],
)  # fmt: skip
def test_negated(text: str) -> None:
    assert every_candidate(text).is_negated


@pytest.mark.parametrize(
    "text",
    [
        "ولم يقل الوزير سوى إن المصنع سيعود.",
        "ولم يقل الوزير إلا إن المصنع سيعود.",
        "وقد قال الوزير إن المصنع سيعود.",
        "وسيقول الوزير إن المصنع سيعود.",
        "وقد يقول الوزير إن المصنع سيعود.",
        "ونفى الوزير أن المصنع سيعود.",
        "وأكد الوزير أن المصنع لن يعود.",
        "وكرر ما قال الوزير إن المصنع لا ينتجه.",
    ],
)
def test_not_negated(text: str) -> None:
    assert not every_candidate(text).is_negated


@pytest.mark.parametrize(
    ("text", "modality"),
    [
        ("وقال الوزير إن المصنع سيعود.", "said"),
        ("وقد قال الوزير إن المصنع سيعود.", "said"),
        ("وسيعلن الوزير أن المصنع سيعود.", "future"),
        ("وسوف يعلن الوزير أن المصنع سيعود.", "future"),
        ("ومن المتوقع أن يعلن الوزير أن المصنع سيعود.", "future"),
        ("وقد يعلن الوزير أن المصنع سيعود.", "conditional"),
        ("وإذا أعلن الوزير أن المصنع سيعود فسيعود العمال.", "conditional"),
        ("ولا يمكن أن يعلن الوزير أن المصنع سيعود.", "conditional"),
    ],
)
def test_modality(text: str, modality: str) -> None:
    assert every_candidate(text).modality == modality


# when


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("وقال كمال الشاذلي أمس", 8),
        ("وقال كمال الشاذلي، الاثنين،", 6),
        ("وقال كمال الشاذلي في بيان صدر أمس", 8),
        ("وقال كمال الشاذلي خلال مؤتمر صحفي عقده الأحد في القاعة الكبرى", 5),
        ("وقال كمال الشاذلي عقب اجتماع عقد الثلاثاء", 7),
        ("وفي بيان صدر أمس، قال كمال الشاذلي", 8),
        ("وكان كمال الشاذلي قد قال صباح الأربعاء", 8),
        ("وقال كمال الشاذلي في ساعة متأخرة من مساء أمس", 8),
    ],
)
def test_the_day_of_the_cue(text: str, day: int) -> None:
    assert told(text)["said_date"] == date(2024, 5, day)


@pytest.mark.parametrize(
    "text",
    [
        "وقال كمال الشاذلي تعليقا على حريق أمس",
        "وقال كمال الشاذلي الذي عاد أمس من السفر",
        "وقال كمال الشاذلي قبيل افتتاح يقام غدا",
        "وقال كمال الشاذلي المعتقل منذ الأحد",
        "وقال كمال الشاذلي لصحيفة اليوم",
        "وانتهى الإضراب أمس، وقال كمال الشاذلي",
        "وانتهى الإضراب أمس. وقال كمال الشاذلي",
    ],
)
def test_a_day_of_something_else(text: str) -> None:
    assert told(text)["said_date"] is None


def test_a_day_inside_the_words_is_not_when_they_were_said() -> None:
    assert one("وقال كمال الشاذلي إن المصنع أغلق أمس وسيعود إلى العمل قريبا.", KAMAL, day=DAY)["said_date"] is None


def test_a_participle_goes_on_at_the_same_time_and_place() -> None:
    rows = quotes("وقال كمال الشاذلي أمس في مؤتمر صحفي إن المصنع سيعود، مضيفا أن العمال سيعودون معه.", KAMAL, day=DAY)
    assert [(row["said_date"], row["venue"]) for row in rows] == [(date(2024, 5, 8), "مؤتمر صحفي")] * 2
    rows = quotes("وقال كمال الشاذلي أمس إن المصنع سيعود. وأضاف أن العمال سيعودون معه.", KAMAL, day=DAY)
    assert [row["said_date"] for row in rows] == [date(2024, 5, 8), None]


# to whom


@pytest.mark.parametrize(
    ("text", "addressee"),
    [
        ("وقال كمال الشاذلي لرويترز", "رويترز"),
        ("وقال كمال الشاذلي لوكالة النخيل", "وكالة النخيل"),
        ("وقال كمال الشاذلي للصحفيين", "الصحفيين"),
        ("وقال كمال الشاذلي لـ«عكاظ»", "عكاظ"),
        ("وقال كمال الشاذلي لصحيفة «الواحة»", "صحيفة «الواحة»"),
        ("وقال كمال الشاذلي في تصريح لرويترز", "رويترز"),
        ("وقال كمال الشاذلي في مقابلة خاصة مع قناة العربية", "قناة العربية"),
        ("وقال كمال الشاذلي أمام الصحفيين", "الصحفيين"),
        ("وأبلغ كمال الشاذلي الصحفيين", "الصحفيين"),
        ("وقال كمال الشاذلي لهدى النجار", "هدى النجار"),
        ("وقال كمال الشاذلي", None),
        ("وقال الرئيس السابق لوكالة الاستخبارات كمال الشاذلي", None),
        ("وقال الأمين العام لحزب الواحة كمال الشاذلي", None),
    ],
)
def test_addressee(text: str, addressee: str | None) -> None:
    assert told(text, KAMAL | HUDA)["addressee"] == addressee


def test_the_source_of_an_attribution_is_spoken_to_by_nobody() -> None:
    assert one("وتراجعت أسعار القمح في الأسواق المحلية، وفقا لوزارة التجارة.")["addressee"] is None


# where


@pytest.mark.parametrize(
    ("text", "venue"),
    [
        ("وقال كمال الشاذلي في مؤتمر صحفي في القاعة الكبرى", "مؤتمر صحفي في القاعة الكبرى"),
        ("وقال كمال الشاذلي في بيان نشرته الشركة", "بيان"),
        ("وقال كمال الشاذلي في بيان له", "بيان"),
        ("وقال كمال الشاذلي خلال مؤتمر صحفي عقده أمس", "مؤتمر صحفي"),
        ("وقال كمال الشاذلي عبر حسابه على تويتر", "حسابه على تويتر"),
        ("وقال كمال الشاذلي في تصريح لرويترز", "تصريح"),
        ("وفي كلمة أمس، قال كمال الشاذلي", "كلمة"),
        ("وقال المشرف على البرنامج كمال الشاذلي", None),
        ("وقال كمال الشاذلي تعليقا على ما نسب إليه من تصريح", None),
    ],
)
def test_venue(text: str, venue: str | None) -> None:
    assert told(text)["venue"] == venue


# through whom


@pytest.mark.parametrize(
    ("text", "via"),
    [
        ("ونقلت وكالة النخيل عن كمال الشاذلي قوله إن المصنع سيعود إلى العمل قريبا.", "وكالة النخيل"),
        ("وقال كمال الشاذلي إن المصنع سيعود إلى العمل قريبا، بحسب وكالة النخيل.", "وكالة النخيل"),
        ("وقال كمال الشاذلي إن المصنع سيعود إلى العمل قريبا، وفقا لوكالة النخيل.", "وكالة النخيل"),
        ("وقال كمال الشاذلي إن المصنع سيعود إلى العمل قريبا، حسبما ذكرت وكالة النخيل.", "وكالة النخيل"),
        ("وقال كمال الشاذلي، بحسب وكالة النخيل، إن المصنع سيعود إلى العمل قريبا.", "وكالة النخيل"),
        ("وبحسب وكالة النخيل، قال كمال الشاذلي إن المصنع سيعود إلى العمل قريبا.", "وكالة النخيل"),
        ("وقال كمال الشاذلي إن المصنع سيعود إلى العمل وفق الخطة المعتمدة.", None),
        ("وقال كمال الشاذلي إن المصنع سيعود إلى العمل قريبا، بحسب قوله.", None),
    ],
)
def test_reported_via(text: str, via: str | None) -> None:
    rows = [row for row in quotes(text, KAMAL) if row["speaker_name"] == "كمال الشاذلي"]
    assert [row["reported_via"] for row in rows] == [via]
