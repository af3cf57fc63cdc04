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
        ("تابعت المتحدثة الكندية قائلة", "المتحدثة الكندية"),
        ("يتهم حلفاء المدينة منذ أشهر جيرانها", "حلفاء المدينة"),
        ("قال لزوجته الطبيب", "الطبيب"),
        ("أرجع نائب المشرف نجاح الحفل إلى المتطوعين", "نائب المشرف"),
        ("أكد وزير الخارجية الكندي دعم بلاده", "وزير الخارجية الكندي"),
        ("قال وزير الخارجية سمير الطحان", "وزير الخارجية سمير الطحان"),
        ("أشاد محللون محليون باستئناف الحوار", "محللون محليون"),
        ("قال مسؤول محلي بوزارة الري", "مسؤول محلي بوزارة الري"),
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


@pytest.mark.parametrize(
    "introduced",
    [
        "زار كامل الهنداوي المصنع أمس.",  # a given name
        "حضر اللقاء الخبير زيدان الهنداوي.",  # a title
        "ورحب مدير المصنع، زيدان الهنداوي، بالضيوف.",  # between commas
    ],
)
def test_a_surname_that_no_mention_marks_finds_the_full_name(introduced: str) -> None:
    row = one(f"{introduced}\nوأوضح الهنداوي أن العمل سيبدأ غدا في القسم الجديد.")
    assert row["speaker_name"] in ("كامل الهنداوي", "زيدان الهنداوي")
    assert row["speaker_type"] == "PERSON"
    assert row["speaker_entity_id"] is None


def test_a_surname_that_a_mention_marks_is_given_its_full_name() -> None:
    text = "وحضر اللقاء كامل العطار.\nوأوضح السيد العطار أن العمل سيبدأ غدا في القسم الجديد."
    assert one(text, {"العطار": ("PERSON", "العطار")})["speaker_name"] == "كامل العطار"


def test_the_words_after_a_cut_name_complete_it() -> None:
    names: Names = {"كمال": ("PERSON", "كمال")}
    row = one("وقال كمال الدهشوري المتحدث باسم المصنع إن العمل سيبدأ غدا.", names)
    assert row["speaker_name"] == "كمال الدهشوري"


def test_a_name_before_an_apposition_with_the_article() -> None:
    assert one("وقال زيدال الدهشوري الباحث في الجامعة إن الموسم جيد هذا العام.")["speaker_name"] == "زيدال الدهشوري"


def test_how_somebody_speaks_is_no_subject() -> None:
    text = "وقال كمال الشاذلي إن الطريق آمن.\nوتابع ساخرا من منتقديه: «لن نغلق الطريق غدا أمام أحد»."
    assert quotes(text, KAMAL)[-1]["speaker_name"] == "كمال الشاذلي"


def test_the_object_of_a_verb_after_its_subject() -> None:
    assert one("وكان كمال الشاذلي وصف الاتفاق بأنه «خطوة كبيرة إلى الأمام».", KAMAL)["speaker_name"] == "كمال الشاذلي"


def test_what_a_speaker_tells_of_is_no_subject_of_the_next_cue() -> None:
    names = KAMAL | {"حزب الأفق": ("ORGANIZATION", "حزب الأفق")}
    text = "وقال كمال الشاذلي إن حزب الأفق رفض العرض الجديد للحكومة، مشيرا إلى أن الجلسة تأجلت."
    assert quotes(text, names)[-1]["speaker_name"] == "كمال الشاذلي"


def test_two_people_are_no_single_body() -> None:
    names: Names = {"وزارة المالية": ("ORGANIZATION", "وزارة المالية")}
    text = "وأعلنت وزارة المالية أن الموازنة جاهزة.\nواعترف المتهمان أن الأموال نقلت إلى الخارج."
    assert quotes(text, names)[-1]["speaker_name"] == "المتهمان"


def test_a_spokesman_for_somebody_does_not_give_him_a_given_name() -> None:
    text = "وقال المتحدث باسم الشاذلي إن الطريق آمن.\nوأكد الشاذلي أن الجسر سيغلق غدا."
    assert quotes(text, {"الشاذلي": ("PERSON", "الشاذلي")})[-1]["speaker_name"] == "الشاذلي"


def test_a_name_before_the_verb_speaks_however_long_its_description() -> None:
    text = (
        "وقالت هدى النجار إن الأسعار مستقرة.\n"
        "وكان المنسق الخاص لبرنامج المياه في المناطق الجبلية كمال الشاذلي صرح الشهر الماضي بأن الآبار جفت."
    )
    assert quotes(text, KAMAL | HUDA)[-1]["speaker_name"] == "كمال الشاذلي"


def test_an_unmarked_name_opens_the_sentence_before_its_description() -> None:
    text = "وقالت هدى النجار إن الأسعار مستقرة.\nسمير الطحان، رئيس جمعية الخبازين بالمدينة، أكد أن الدقيق يكفي شهرين."
    assert quotes(text, HUDA)[-1]["speaker_name"] == "سمير الطحان"


def test_an_unmarked_name_ends_where_a_mention_begins() -> None:
    names: Names = {"المجر": ("LOCATION", "المجر")}
    text = "واتهم الرئيس سمير الطحان المجر بأنها «تغلق أبوابها في وجه الجيران»."
    assert quotes(text, names)[-1]["speaker_name"] == "سمير الطحان"


def test_a_statement_belongs_to_the_body_that_issued_it() -> None:
    text = "وبحسب بيان أصدرته وزارة الري فإن الآبار جفت في ثلاث قرى."
    assert quotes(text, {})[-1]["speaker_name"] == "وزارة الري"


def test_whoever_an_earlier_verb_speaks_of_says_the_next_words() -> None:
    text = "وقالت هدى النجار إن الطفلة نزفت كثيرا.\nوأعلن مستشار الوزيرة وفاتها مساء أمس، وقال إن التحقيق بدأ."
    assert quotes(text, HUDA)[-1]["speaker_name"] == "مستشار الوزيرة"
