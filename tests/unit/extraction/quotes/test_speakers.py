"""Whose words they are: invented sentences, each with a way to be wrong about the speaker."""

from __future__ import annotations

import pytest

from rasd.arabic import fold
from rasd.extraction.quotes.phrases import end_of_subject, phrase_after
from rasd.extraction.quotes.sections import Section
from rasd.extraction.quotes.verbs import verb
from tests.unit.extraction.quotes.test_extract import HUDA, KAMAL, Names, one, quotes


@pytest.mark.parametrize(
    ("word", "gender"), [("رفضت", "f"), ("وكذبت", "f"), ("انتقد", "m"), ("يواجه", "m"), ("وتسعى", "f"), ("التقط", "m"), ("أكدت", "f")]
)
def test_verbs_are_known_by_their_other_forms(word: str, gender: str) -> None:
    known = verb(fold(word))
    assert known is not None and known.gender == gender


@pytest.mark.parametrize("word", ["الشركة", "مدير", "وزارة", "قوات", "كتاب", "بعد", "على", "دعما", "", "و"])
def test_other_words_are_no_verbs(word: str) -> None:
    assert verb(fold(word)) is None


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("طالبت الوزارة الكندية السلطات المحلية بالرد", "الوزارة الكندية"),
        ("ندد المجلس بالقرار الجديد", "المجلس"),
        ("ختم الحزب بيانه بالشكر", "الحزب"),
        ("وصف النشطاء الوضع في المدينة", "النشطاء"),
        ("يقول مشاهدون روس نال الفيلم إعجابهم", "مشاهدون روس"),
        ("أعلن مصدر أمني مقتل شخصين", "مصدر أمني"),
        ("أكدت الشركة المسوقة للتذاكر", "الشركة المسوقة للتذاكر"),
        ("يقول القائمون على الحملة", "القائمون على الحملة"),
    ],
)
def test_a_subject_ends_where_the_object_begins(text: str, subject: str) -> None:
    s = Section("text", text, [])
    first, last = phrase_after(s, 1, s.size)
    last = end_of_subject(s, first, last)
    start, end = s.slice(first, last)
    assert text[start:end] == subject


def test_a_participle_takes_the_subject_of_its_sentence() -> None:
    text = "وقال كمال الشاذلي إن المعبر سيفتح قريبا.\nورفضت هدى النجار العرض الجديد للمصنع، قائلة إن الأجور لا تكفي أحدا."
    assert quotes(text, KAMAL | HUDA)[-1]["speaker_name"] == "هدى النجار"


def test_an_indefinite_role_is_somebody_new() -> None:
    text = "وقال القائد العسكري كمال الشاذلي إن الطريق آمن.\nوقال قائد عسكري إن الجسر سيغلق غدا."
    assert quotes(text, KAMAL)[-1]["speaker_name"] == "قائد عسكري"


def test_a_definite_role_is_the_person_who_has_it() -> None:
    text = "التقى وزير الزراعة كمال الشاذلي المزارعين أمس.\nوقال الوزير إن الموسم جيد."
    assert one(text, KAMAL)["speaker_name"] == "كمال الشاذلي"


def test_a_woman_is_not_meant_by_a_mans_title() -> None:
    text = (
        "وقالت الوزيرة هدى النجار إن الموسم جيد.\nوقال السفير كمال الشاذلي إن التعاون مستمر.\n"
        "وأوضحت المسؤولة المصرية أن المخازن امتلأت بالقمح."
    )
    assert quotes(text, KAMAL | HUDA)[-1]["speaker_name"] == "هدى النجار"


def test_a_report_is_no_person() -> None:
    text = "وقال كمال الشاذلي إن الموسم جيد.\nوقال التقرير إن المخازن امتلأت بالقمح."
    assert quotes(text, KAMAL)[-1]["speaker_name"] == "التقرير"


def test_an_anonymous_source_close_to_somebody_is_not_that_person() -> None:
    row = one("وكشف مصدر قريب من الكاتب الراحل، كمال الشاذلي، أن المكتبة ستباع في مزاد.", KAMAL)
    assert row["speaker_name"].startswith("مصدر")


def test_a_document_is_of_the_body_that_issued_it() -> None:
    assert one("وجاء في بيان للرئاسة أن الجلسة ستعقد صباح الغد.")["speaker_name"] == "الرئاسة"


def test_the_one_spoken_to_is_not_the_speaker() -> None:
    names: Names = {"النخيل": ("ORGANIZATION", "النخيل")}
    row = one("وارتفعت الأسعار كثيرا في الأسواق، بحسب ما قاله مسؤول مطلع لوكالة النخيل.", names)
    assert row["speaker_name"] == "مسؤول مطلع"


def test_a_person_relayed_with_a_pronoun() -> None:
    text = "وقال كمال الشاذلي إن الطريق آمن.\nونقلت عنه وكالة النخيل أن الجسر سيغلق غدا."
    assert quotes(text, KAMAL)[-1]["speaker_name"] == "كمال الشاذلي"


def test_whom_a_name_between_commas_describes() -> None:
    names = HUDA | {"حزب الأفق": ("ORGANIZATION", "حزب الأفق")}
    assert one("هدى النجار، الأمينة العامة لحزب الأفق، أكدت أن القانون سيعدل قريبا.", names)["speaker_name"] == "هدى النجار"


def test_the_ruler_of_a_place_is_not_the_place() -> None:
    names: Names = {"العراق": ("LOCATION", "العراق")}
    assert one("وأكد مفتي العراق أن الصيام يبدأ غدا.", names)["speaker_name"] == "مفتي العراق"


def test_an_outlet_whose_name_no_mention_marks() -> None:
    assert one('وذكرت صحيفة "الضفاف" أن الجسر سيغلق غدا أمام السيارات.')["speaker_name"] == "الضفاف"


def test_a_person_whose_name_no_mention_marks() -> None:
    assert one("وقالت سميرة الوافي رئيسة الجمعية إن الدورة تبدأ غدا.")["speaker_name"] == "سميرة الوافي"


def test_several_people_are_no_single_person() -> None:
    text = "وقال كمال الشاذلي إن الطريق آمن.\nويقول ممثلو التجار إن الأسعار ارتفعت كثيرا."
    assert quotes(text, KAMAL)[-1]["speaker_name"] == "ممثلو التجار"
