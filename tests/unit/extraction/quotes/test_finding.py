"""What is a quote, where it begins and ends, and of what type it is."""

from __future__ import annotations

import pytest

from rasd.extraction.quotes.finder import Finder, Report
from rasd.extraction.quotes.sections import Section
from tests.unit.extraction.quotes.test_extract import HUDA, KAMAL, Names, one, quotes


def candidates(text: str, *, headline: bool = False) -> list[tuple[Report, str]]:
    section = Section("title" if headline else "text", text, ())
    found = Finder(section, headline=headline).candidates()
    return [(report, section.text[slice(*section.slice(report.first, report.last))]) for report in found]


MARKS = [
    ("“", "”"), ("”", "“"), ("„", "“"), ("„", "”"), ("”", "”"), ("«", "»"), ("»", "«"), ("‹", "›"), ("<<", ">>"), ("((", "))"),
    ('"', '"'), ("''", "''"), ("'", "'"), ("‘", "’"), ("❝", "❞"), ("＂", "＂"),
]  # fmt: skip


@pytest.mark.parametrize(("opening", "closing"), MARKS)
def test_every_style_in_a_clause_is_mixed_or_direct(opening: str, closing: str) -> None:
    row = one(f"وقال كمال الشاذلي إن المشروع {opening}خطوة كبيرة إلى الأمام{closing} في تاريخ المدينة.", KAMAL)
    assert row["quote_type"] == "mixed"
    assert row["quote_text"] == f"المشروع {opening}خطوة كبيرة إلى الأمام{closing} في تاريخ المدينة"


@pytest.mark.parametrize(("opening", "closing"), [("«", "»"), ("“", "”"), ('"', '"')])
def test_scare_quotes_inside_speech_leave_it_direct(opening: str, closing: str) -> None:
    said = (
        f"لن نقبل أن يوصف عمال المصنع بأنهم {opening}عبء{closing} على المدينة، فهم الذين بنوا جدرانه وحملوا حجارته، "
        f"ومن يسميهم {opening}زائدين{closing} لم يدخل المصنع يوما ولم يسأل أهله عن تعب السنين"
    )
    row = one(f"وقال كمال الشاذلي: {opening}{said}{closing}.", KAMAL)
    assert (row["quote_text"], row["quote_type"], row["is_repaired"]) == (said, "direct", False)


@pytest.mark.parametrize(
    "text",
    [
        "وقال كمال الشاذلي في كتابه «رحلة إلى جبال الشمال» كلاما كثيرا عن أهل القرى.",
        "وشارك كمال الشاذلي في ندوة تحت عنوان «البحر في الشعر العربي القديم» مساء أمس.",
        "وأعلنت اللجنة أسماء الفائزين في مسابقة “أجمل حديقة في المدينة” بعد فرز الأصوات.",
        "وأشار كمال الشاذلي بيده نحو ما يسمى «طريق الحرير الجديد» على الخريطة.",
        "وأعلن النادي تعاقده مع اللاعب «خالد بن سعيد العامري» لموسمين.",
        "وأكد كمال الشاذلي مشاركة شركة «Blue Ocean Trading» في المعرض.",
    ],
)
def test_names_titles_and_terms_in_marks_are_no_quotes(text: str) -> None:
    names: Names = KAMAL | {"خالد بن سعيد العامري": ("PERSON", "خالد بن سعيد العامري")}
    assert [row["quote_text"] for row in quotes(text, names) if row["quote_type"] == "direct"] == []


def test_a_name_in_marks_leaves_the_clause_indirect() -> None:
    row = one("وقال كمال الشاذلي إن مهرجان «ليالي الصيف في المدينة» سيبدأ بعد شهر.", KAMAL)
    assert row["quote_type"] == "indirect"


def test_a_colon_before_the_conjunction_is_an_indirect_chain() -> None:
    rows = quotes("وقال كمال الشاذلي: إن المصنع سيعود إلى العمل قريبا، مؤكدا أن الرواتب ستصرف كاملة.", KAMAL)
    assert [(row["quote_text"], row["quote_type"]) for row in rows] == [
        ("المصنع سيعود إلى العمل قريبا", "indirect"),
        ("الرواتب ستصرف كاملة", "indirect"),
    ]


def test_words_after_a_colon_end_where_the_narrator_tells_of_more() -> None:
    rows = quotes("وقال كمال الشاذلي: سنعيد العمال إلى المصنع قريبا، لافتا إلى أن الرواتب ستصرف كاملة.", KAMAL)
    assert [row["quote_text"] for row in rows] == ["سنعيد العمال إلى المصنع قريبا", "الرواتب ستصرف كاملة"]


@pytest.mark.parametrize(
    ("text", "cue"),
    [
        ("وتابع كمال الشاذلي قائلا: «سنعيد العمال إلى المصنع قريبا».", "تابع"),
        ("وتابع قائلا: «سنعيد العمال إلى المصنع قريبا».", "تابع قائلا"),
        ("واختتم كمال الشاذلي حديثه بالقول: «سنعيد العمال إلى المصنع قريبا».", "اختتم"),
        ("وكتب كمال الشاذلي في تغريدة: «سنعيد العمال إلى المصنع قريبا».", "كتب"),
        ("وعلق كمال الشاذلي ساخرا: «سنعيد العمال إلى المصنع قريبا».", "علق"),
    ],
)
def test_the_verb_is_the_cue_and_not_its_manner(text: str, cue: str) -> None:
    assert one(text, KAMAL)["cue_text"] == cue


@pytest.mark.parametrize(
    "text",
    [
        "وقال كمال الشاذلي رأيه صراحة على أن يعود الوفد إلى المدينة بعد شهر.",
        "ويأمل كمال الشاذلي أن يعود الوفد إلى المدينة بعد شهر.",
        "وقررت اللجنة أن يعود الوفد إلى المدينة بعد شهر.",
        "وأمر كمال الشاذلي بأن يعود الوفد إلى المدينة بعد شهر.",
        "والكلفة تقل بنسبة كبيرة عن أن يتحملها أهل المدينة.",
        "وفي ذكرى تأسيس النادي بمجرد أن وصل الوفد بدأ الحفل في المدينة.",
        "وأكد كمال الشاذلي أهمية المشروع للمدينة وضرورة إنجازه في موعده.",
    ],
)
def test_conditions_wishes_orders_and_nouns_are_no_reports(text: str) -> None:
    assert quotes(text, KAMAL) == []


@pytest.mark.parametrize("word", ["صلى الله عليه وسلم", "في ذكرى التأسيس", "مجددا", "قضية الأرض", "تقل كثيرا", "في تغريدة"])
def test_words_that_only_look_like_cues(word: str) -> None:
    section = Section("text", f"ومضى الوفد {word} إلى الدار", ())
    finder = Finder(section, headline=False)
    finder.candidates()
    assert [cue.reading.lemma for cue in finder.cues if cue.reading.lemma != "مضى"] == []


def test_reports_that_name_nobody_are_no_quotes_in_mid_sentence_either() -> None:
    assert quotes("ووصل الوفد إلى المدينة مساء. يشار إلى أن الوفد يزور المدينة للمرة الثانية.") == []


# headlines


@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("الشاذلي: لن نغلق المصنع.. وسنوظف عمالا جددا", "لن نغلق المصنع.. وسنوظف عمالا جددا"),
        ("الشاذلي: «صبرا».. فالمصنع سيعود قريبا", "«صبرا».. فالمصنع سيعود قريبا"),
        ("الشاذلي: لن نغلق المصنع.. وهذا هو السبب", "لن نغلق المصنع"),
        ("إضراب في المصنع يدخل أسبوعه الثاني.. والشاذلي: لن نغلق الأبواب", "لن نغلق الأبواب"),
    ],
)
def test_dots_in_a_headline(title: str, said: str) -> None:
    row = one("زار كمال الشاذلي المصنع أمس.", KAMAL, title=title)
    assert (row["quote_text"], row["cue_text"], row["is_headline"]) == (said, ":", True)


@pytest.mark.parametrize(
    "title",
    ["الإضراب في المدينة: المصانع تغلق أبوابها", "بعد أسبوع من الإضراب: المصانع تعود إلى العمل", "أزمة المصنع: العمال يعودون بعد شهر"],
)
def test_a_topic_before_a_colon_says_nothing(title: str) -> None:
    assert quotes("عاد العمال إلى المصنع أمس.", title=title) == []


def test_a_headline_with_words_in_marks_and_others_is_mixed() -> None:
    row = one("زار كمال الشاذلي المصنع أمس.", KAMAL, title="الشاذلي: المصنع «يعمل ليل نهار بلا توقف»")
    assert row["quote_type"] == "mixed"


# where a clause begins and ends


def test_an_attributed_clause_starts_after_the_dateline_and_the_conjunction() -> None:
    names: Names = {"الرباط": ("LOCATION", "الرباط")}
    row = one("الرباط (النخيل) - اندلع حريق في مخزن قديم بالميناء، بحسب مصدر أمني.", names)
    assert row["quote_text"] == "اندلع حريق في مخزن قديم بالميناء"
    row = one("وتراجعت أسعار القمح في الأسواق المحلية، بحسب مصدر في وزارة التجارة.")
    assert row["quote_text"] == "تراجعت أسعار القمح في الأسواق المحلية"
    row = one("وصل الوفد إلى الأسواق المحلية، بحسب مصدر في وزارة التجارة.")
    assert row["quote_text"] == "وصل الوفد إلى الأسواق المحلية"


def test_what_a_rule_says_is_no_source() -> None:
    assert quotes("وتوزع المقاعد وفق الخطة المعتمدة من الوزارة.") == []


def test_the_narrators_aside_ends_a_clause() -> None:
    row = one("وقالت هدى النجار إن المعهد سيبدأ التسجيل قريبا، في إشارة إلى تأخره هذا العام.", HUDA)
    assert row["quote_text"] == "المعهد سيبدأ التسجيل قريبا"
    row = one("وقالت هدى النجار إن المعهد سيبدأ التسجيل قريبا، على حد قولها.", HUDA)
    assert row["quote_text"] == "المعهد سيبدأ التسجيل قريبا"


def test_another_verb_of_the_same_speaker_ends_a_clause() -> None:
    row = one("وقالت هدى النجار إن المعهد سيبدأ التسجيل قريبا وطالبت بزيادة عدد المقاعد.", HUDA)
    assert row["quote_text"] == "المعهد سيبدأ التسجيل قريبا"


# marks that are not paired


def test_an_unclosed_mark_swallows_no_more_than_people_say() -> None:
    filler = "وبلغ طول الطريق الجديد عشرين ميلا بين القريتين في الوادي الكبير. " * 40
    rows = quotes(f"وقال كمال الشاذلي: «سنفتح الطريق أمام الشاحنات غدا. {filler}", KAMAL)
    assert rows and all(len(row["quote_text"].split()) <= 80 for row in rows)
    assert rows[0]["is_repaired"] and rows[0]["quote_text"].startswith("سنفتح الطريق أمام الشاحنات غدا")


def test_an_unclosed_mark_ends_before_the_next_quotation() -> None:
    rows = quotes('وقال كمال الشاذلي: "سنفتح الطريق غدا أمام الجميع. وقالت هدى النجار: "نشكر أهل القرية على صبرهم".', KAMAL | HUDA)
    assert [row["quote_text"] for row in rows] == ["سنفتح الطريق غدا أمام الجميع.", "نشكر أهل القرية على صبرهم"]
    assert [row["is_repaired"] for row in rows] == [True, False]


def test_what_was_not_said_is_not_quoted() -> None:
    (report, text), *_ = [
        c for c in candidates("وأضاف كمال الشاذلي لمصدر لم يكشف عن هويته: «سنفتح الطريق غدا أمام الجميع».") if c[0].how == "colon"
    ]
    assert report.cue is not None and report.cue.reading.lemma == "أضاف" and text == "سنفتح الطريق غدا أمام الجميع"


def test_scripture_in_its_own_brackets() -> None:
    row = one("وختم كمال الشاذلي بقوله تعالى: ﴿وتعاونوا على البر والتقوى﴾ ثم خرج.", KAMAL)
    assert (row["quote_text"], row["quote_type"], row["is_citation"]) == ("وتعاونوا على البر والتقوى", "direct", True)
    row = one("وقال تعالى: (وتعاونوا على البر والتقوى) في محكم التنزيل.", KAMAL)
    assert (row["quote_text"], row["is_citation"]) == ("وتعاونوا على البر والتقوى", True)


def test_verse() -> None:
    row = one("وأنشد كمال الشاذلي: «يا دار أحباب مضوا وتفرقوا ** هل بعد هذا البعد من لقاء».", KAMAL)
    assert (row["quote_type"], row["is_citation"], row["cue_lemma"]) == ("direct", True, "أنشد")


def test_a_dialogue_of_two_who_are_named() -> None:
    text = "كمال الشاذلي: متى يفتح المعرض؟\nهدى النجار: في الربيع المقبل.\nكمال الشاذلي: ومن يديره؟"
    assert [(row["speaker_name"], row["quote_text"]) for row in quotes(text, KAMAL | HUDA)] == [
        ("كمال الشاذلي", "متى يفتح المعرض"),
        ("هدى النجار", "في الربيع المقبل"),
        ("كمال الشاذلي", "ومن يديره"),
    ]


def test_in_the_words_of() -> None:
    row = one("وارتفعت الأسعار في الأسواق بسبب الجفاف، على حد قول هدى النجار.", HUDA)
    assert (row["quote_text"], row["speaker_name"], row["cue_text"]) == (
        "ارتفعت الأسعار في الأسواق بسبب الجفاف", "هدى النجار", "على حد قول",
    )  # fmt: skip


def test_a_quote_that_runs_over_a_hard_wrap_is_broken_by_its_cue() -> None:
    rows = quotes("«لن نبيع الأرض\nلأحد مهما حدث»، قالت هدى النجار، «وسنعود إلى القرية قريبا».", HUDA)
    assert [row["quote_text"] for row in rows] == ["لن نبيع الأرض\nلأحد مهما حدث", "وسنعود إلى القرية قريبا"]


def test_a_participle_that_agrees_ends_the_clause_without_a_comma() -> None:
    found = quotes("وقالت بلدية المدينة إن الأشغال انتهت في الحي القديم مضيفة أن الطريق فتح أمس.")
    assert [q["quote_text"] for q in found] == ["الأشغال انتهت في الحي القديم", "الطريق فتح أمس"]
