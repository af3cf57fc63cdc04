"""Roles of lines in the manner of many newsrooms. All articles are invented."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from rasd.arabic import fold_lines
from rasd.cleaning.characters import clean_characters
from rasd.cleaning.layout import Layout, read_layout
from rasd.settings import Settings

TITLE = "ورش المحلة تستعيد صوت الأنوال"
P1 = (
    "بدأت ورش النسيج في مدينة المحلة تعود إلى العمل تدريجيا بعد توقف استمر ثلاثة أشهر، إذ أعاد عشرات الحرفيين فتح أبوابهم "
    "مع انخفاض أسعار الخيوط."
)
P2 = "ويقول الحاج إبراهيم عوض، صاحب أقدم ورشة في الشارع، إن ابنه شارك في إصلاح الأنوال القديمة، «ومن شاهد المكان قبل شهر لن يصدق»."
P3 = "وتشير أرقام الغرفة التجارية إلى أن عدد الورش العاملة بلغ 42 ورشة."
P4 = "أما المصدر الرئيسي للخيوط فهو مصنع كفر الدوار، الذي خفض أسعاره بنسبة 12 في المئة مطلع الشهر الجاري."
BODY = (P1, P2, P3, P4)


def read(text: str, *, name: str = "x.txt", sidecar: dict[str, object] | None = None) -> Layout:
    text = clean_characters([text])[0]
    return read_layout(text, fold_lines([text])[0], file_name=name, sidecar=sidecar or {}, settings=Settings())


@dataclass
class Case:
    """Lines of a file, and what they are."""

    lines: tuple[str, ...]
    byline: str | None = None
    published: str | None = None
    places: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    title: str | None = TITLE
    kept: tuple[str, ...] = field(default=BODY)


CASES = {
    "nothing but prose": Case(BODY, title=None),
    "no blank line": Case((TITLE, *BODY)),
    "blank lines everywhere": Case(
        (
            TITLE,
            "",
            "تقرير: منى سليم",
            "",
            "14 نوفمبر 2017",
            "",
            P1,
            "",
            P2,
            "",
            "أسعار أقل",
            "",
            P3,
            "",
            P4,
            "",
            "التعليقات",
            "",
            "لا توجد تعليقات",
        ),
        byline="منى سليم",
        published="2017-11-14",
        gone=("منى", "لا توجد"),
        kept=(*BODY, "أسعار أقل"),
    ),
    "question as headline": Case(
        ("هل تعود الأنوال إلى العمل في المحلة هذا العام؟", "", *BODY), title="هل تعود الأنوال إلى العمل في المحلة هذا العام؟"
    ),
    "section, author, issue": Case(
        ("اقتصاد", TITLE, "رلى إبراهيم", "العدد ٢٩٨٠ الثلاثاء ١٣ أيلول ٢٠١٦", *BODY),
        byline="رلى إبراهيم",
        published="2016-09-13",
        gone=("رلى", "العدد"),
    ),
    "subtitle and author": Case(
        (TITLE, "مئات الحرفيين ينتظرون والغرفة تطالب بالرقابة", "", "كتب: سامي الحاج", "", *BODY), byline="سامي الحاج"
    ),
    "kicker above the headline": Case(
        ("بعد توقف استمر ثلاثة أشهر", TITLE, "المحلة - أحمد السيد", *BODY), byline="أحمد السيد", places=("المحلة",), gone=("أحمد السيد",)
    ),
    "agency prefix": Case((TITLE, f"القاهرة (رويترز) - {P1}", P2, P3, P4), places=("القاهرة",), kept=(P1, P2, P3, P4)),
    "agency in slashes": Case((TITLE, f"مسقط في 8 نوفمبر 2017 /العمانية/ {P1}", *BODY[1:]), places=("مسقط",), published="2017-11-08"),
    "place and country": Case((TITLE, f"طنطا، مصر (CNN)-- {P1}", *BODY[1:]), places=("طنطا", "مصر")),
    "date in the prefix": Case((TITLE, f"قفصة 14 أوت 2013 (وات) - {P1}", *BODY[1:]), places=("قفصة",), published="2013-08-14"),
    "author, paper and town in the prefix": Case(
        (TITLE, f"عبدالله البرقي - سبق - الرياض: {P1}", *BODY[1:]), byline="عبدالله البرقي", places=("الرياض",)
    ),
    "town and author line": Case((TITLE, "بيروت: نذير رضا", *BODY), byline="نذير رضا", places=("بيروت",), gone=("نذير",)),
    "town and paper line": Case((TITLE, "لندن: «الشرق الأوسط»", *BODY), places=("لندن",), gone=("الشرق الأوسط",)),
    "hijri and gregorian": Case(
        (TITLE, "الثلاثاء - 6 شهر ربيع الأول 1438 هـ - 06 ديسمبر 2016 مـ رقم العدد [13888]", "بيروت: نذير رضا", *BODY),
        byline="نذير رضا",
        published="2016-12-06",
        places=("بيروت",),
        gone=("13888",),
    ),
    "hijri alone": Case((TITLE, "د. هاني الخولي", "5 جمادى الآخرة 1438", *BODY), byline="هاني الخولي", published="2017-03-04"),
    "published and updated": Case(
        (
            TITLE,
            "تاريخ النشر:13.09.2016 | 10:35 GMT |",
            "آخر تحديث:14.09.2016 | 11:40 GMT |",
            "A+ A A-",
            *BODY,
            "المصدر: نوفوستي",
            "علي جعفر",
        ),
        byline="علي جعفر",
        published="2016-09-13",
        gone=("آخر تحديث", "نوفوستي"),
    ),
    "time before the date": Case(
        (TITLE, "07:30 ص الثلاثاء 13 سبتمبر 2016", "كتبت - سارة عبدالفتاح:", *BODY), byline="سارة عبدالفتاح", published="2016-09-13"
    ),
    "date and author in one line": Case(
        (TITLE, "08/11/2017 | كتب محمد إبراهيم:", *BODY), byline="محمد إبراهيم", published="2017-11-08", gone=("كتب محمد",)
    ),
    "agency signature": Case(
        (TITLE, f"الكويت - 12 - 5 (كونا) -- {P1}", *BODY[1:], "(النهاية) م ع ك / ط م ا"), places=("الكويت",), gone=("النهاية",)
    ),
    "desk credit": Case(
        (TITLE, "من أحمد حسن", f"بيروت (رويترز) - {P1}", *BODY[1:], "(إعداد سامح البردي للنشرة العربية - تحرير علا شوقي)"),
        byline="أحمد حسن",
        places=("بيروت",),
        gone=("البردي",),
    ),
    "captions": Case(
        (
            TITLE,
            "صورة أرشيفية لعمال في مصنع نسيج",
            "محمد سمير",
            "الأربعاء 8 نوفمبر 2017",
            P1,
            "عامل يصلح نولا قديما - تصوير: كريم جلال",
            P2,
            P3,
            P4,
        ),
        byline="محمد سمير",
        published="2017-11-08",
        gone=("أرشيفية", "كريم"),
    ),
    "English caption": Case(
        (TITLE, "Workers repair an old loom in the city, Nov. 8, 2017. (Photo by Karim / AFP)", *BODY), gone=("Workers",)
    ),
    "share bars and counters": Case(
        (
            "الرئيسية » اقتصاد",
            TITLE,
            "منذ 3 ساعات",
            "123 مشاهدة",
            "شارك  Tweet  واتس آب  طباعة",
            *BODY,
            "شارك الموضوع",
            "Facebook",
            "Twitter",
        ),
        gone=("الرئيسية", "مشاهدة", "Tweet", "Facebook"),
    ),
    "related in the middle": Case(
        (TITLE, P1, "اقرأ أيضا: القطن المصري يبحث عن سوق", P2, "شاهد: جولة في ورش النسيج", P3, "للمزيد: أسعار القطن اليوم", P4),
        gone=("يبحث عن سوق", "جولة في", "أسعار القطن"),
    ),
    "related at the end": Case(
        (TITLE, *BODY, "مواضيع ذات صلة", "القطن المصري يبحث عن سوق", "الخيوط ترتفع مجددا"), gone=("مواضيع", "يبحث عن سوق", "مجددا")
    ),
    "comments that are prose": Case(
        (TITLE, *BODY, "3 تعليقات", "محمد", "والله كلام صحيح ولكن أين الرقابة على الأسعار يا جماعة الخير."),
        gone=("والله كلام", "3 تعليقات"),
    ),
    "rights and tags": Case(
        (TITLE, *BODY, "كلمات مفتاحية نسيج, المحلة", "جميع الحقوق محفوظة لصحيفة الورشة", "© 2016 AFP"), gone=("مفتاحية", "محفوظة", "AFP")
    ),
    "tatweel for a dash": Case((TITLE, f"الشروق ـ طنطا: {P1}", *BODY[1:]), places=("الشروق - طنطا",)),
    "dash glued to the first word": Case((TITLE, f"بيروت، لبنان (رويترز)—{P1}", *BODY[1:]), places=("بيروت، لبنان (رويترز)",)),
    "town that no list knows beside its country": Case(
        (TITLE, f"كفر ورشان، لبنان (رويترز)-- {P1}", *BODY[1:]), places=("كفر ورشان، لبنان",)
    ),
    "author, paper and a town that no list knows": Case(
        (TITLE, f"كريم جلال - الشروق - كفر ورشان: {P1}", *BODY[1:]), byline="كريم جلال", places=("الشروق - كفر ورشان",)
    ),
    "author and town without a mark after them": Case((TITLE, f"كريم جلال – طنطا {P1}", *BODY[1:]), byline="كريم جلال", places=("طنطا",)),
    "two names with a dash between them": Case((TITLE, f"كريم جلال – وهو حرفي – {P1}", *BODY[1:])),
    "tags glued to the last line": Case((TITLE, *BODY[:3], f"{P4} سمات المحلة خيوط نسيج مصر"), gone=("سمات",)),
    "named tags glued to the last line": Case(
        (TITLE, *BODY[:3], f"{P4[:-1]}”. كلمات دالة: غزل ونسيج، المحلة، #أنوال", "طباعة"),
        kept=(*BODY[:3], P4[:-1]),
        gone=("دالة", "#أنوال"),
    ),
    "prose that begins as tags do": Case(
        (TITLE, *BODY[:3], f"{P4} سمات الشخصية الناجحة، كما يقول الحرفيون، هي الصبر."), kept=(*BODY, "سمات الشخصية الناجحة، كما")
    ),
    "prose about tags": Case((TITLE, *BODY[:3], "وكان الصبر من أهم سمات الحرفيين في المدينة"), kept=(*BODY[:3], "من أهم سمات الحرفيين")),
    "share bar glued to the first sentence": Case(
        (TITLE, f"شارك من خلال فيسبوك واتساب تويتر بلس اكتب رأيك {P1}", *BODY[1:]), gone=("شارك من خلال", "بلس", "رأيك")
    ),
    "prose about networks": Case(
        (TITLE, P1, f"شارك عبر تويتر وفيسبوك مئات الحرفيين صورا من الورش. {P2}", P3), kept=(P1, "شارك عبر تويتر وفيسبوك مئات", P3)
    ),
    "gallery buttons glued to the author": Case((TITLE, "Next Previous كريم جلال – رويترز", *BODY), byline="كريم جلال", gone=("Next",)),
    "writer's note and address": Case(
        ("مقالات الرأي", TITLE, "د. هاني الخولي", *BODY, "* أستاذ الاقتصاد", "hany@example.com"),
        byline="هاني الخولي",
        gone=("أستاذ", "hany"),
    ),
    "list of results": Case(
        (TITLE, P1, "ورشة النور 2 - صفر ورشة الأمل", "1- ورشة الحاج", P2), kept=(P1, "ورشة النور 2", "1- ورشة الحاج", P2)
    ),
    "verses": Case((TITLE, P1, "يا نول دندن في الصباح", "وانسج لنا ثوب الفرح", P2), kept=("يا نول دندن", "وانسج لنا")),
    "interview": Case(
        (TITLE, "حوار: ليلى مراد", "", P1, "- كيف عدتم إلى العمل؟", "- بالصبر، ولم يكن ذلك سهلا.", P2),
        byline="ليلى مراد",
        kept=("كيف عدتم", "بالصبر"),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_lines_get_their_roles(name: str) -> None:
    case = CASES[name]
    layout = read("\n".join(case.lines))
    assert layout.title == case.title
    assert layout.byline == case.byline
    assert (layout.published_date.isoformat() if layout.published_date else None) == case.published
    assert all(place in (layout.dateline or "") for place in case.places)
    assert [words for words in case.gone if words in layout.text] == []
    assert [words for words in case.kept if words not in layout.text] == []


@pytest.mark.parametrize("name", CASES)
def test_reading_a_clean_article_again_changes_nothing(name: str) -> None:
    once = read("\n".join(CASES[name].lines))
    again = read((f"{once.title}\n\n" if once.title else "") + once.text)
    assert (again.title, again.text, again.removed_text) == (once.title, once.text, None)


def test_wrapped_lines_are_rejoined_and_headings_are_not_glued() -> None:
    layout = read(
        "أطلقت بلدية المدينة، شمالي\nالبلاد، أمس، أول خط للحافلات المدرسية يربط\nأحياء الشاطئ بوسط المدينة.\n"
        "أولوية للفتيات\nوقال رئيس البلدية، محمد\nعيسى، إن نصف المقاعد خصص للفتيات في هذه المرحلة الأولى من المشروع.\n"
    )
    assert layout.title is None
    assert layout.text.split("\n") == [
        "أطلقت بلدية المدينة، شمالي البلاد، أمس، أول خط للحافلات المدرسية يربط أحياء الشاطئ بوسط المدينة.",
        "أولوية للفتيات",
        "وقال رئيس البلدية، محمد عيسى، إن نصف المقاعد خصص للفتيات في هذه المرحلة الأولى من المشروع.",
    ]


@pytest.mark.parametrize("dateline", ["مسقط في 18 نوفمبر 2026 / صدى /", "مسقط، 18 نوفمبر 2026 (رويترز) –"])
def test_a_wrapped_report_begins_with_its_dateline(dateline: str) -> None:
    first = f"{dateline} بدأت ورش النسيج على امتداد الساحل"
    layout = read(f"{TITLE}\n\n{first}\nالشمالي العمل من جديد مطلع هذا الأسبوع\nبعد توقف دام ثلاثة أشهر كاملة.\n\n{P2}")
    assert (layout.title, layout.subtitle) == (TITLE, None)
    assert layout.text.split("\n") == [f"{first} الشمالي العمل من جديد مطلع هذا الأسبوع بعد توقف دام ثلاثة أشهر كاملة.", P2]
    assert str(layout.published_date) == "2026-11-18"
    without_title = read(f"{first}\nالشمالي العمل من جديد مطلع هذا الأسبوع\n\n{P2}", sidecar={"title": TITLE})
    assert (without_title.title, without_title.text.startswith(first)) == (TITLE, True)


def test_a_headline_with_a_dateline_stays_one() -> None:
    layout = read("\n".join((TITLE, "القاهرة (رويترز) – ورش النسيج تعود إلى العمل", "", *BODY)))
    assert "القاهرة (رويترز)" in f"{layout.title} {layout.subtitle}"
    assert layout.text.split("\n") == list(BODY)


def test_removed_lines_are_kept_with_their_roles() -> None:
    layout = read("\n".join((TITLE, "شارك  طباعة", *BODY, "المصدر: وكالات")))
    assert layout.removed_text == "boilerplate\tشارك طباعة\nsource\tالمصدر: وكالات"
    assert layout.source_credit == "وكالات"


def test_a_town_is_no_paper_of_that_name_where_a_report_was_written() -> None:
    layout = read("\n".join((TITLE, f"كريم جلال - الرياض: {P1}", *BODY[1:])))
    assert (layout.byline, layout.dateline, layout.source_credit) == ("كريم جلال", "الرياض", None)
    assert read("\n".join((TITLE, *BODY, "المصدر: الرياض"))).source_credit == "الرياض"


SIGNED_DATELINES = {
    "a mark after the brackets": "جدة، {date} (صدى) – ",
    "a colon after the brackets": "جدة في {date} (صدى): ",
    "the agency first": "(صدى) جدة، {date} – ",
    "the date last": "جدة (صدى) {date} – ",
    "between slashes": "جدة في {date} / صدى / ",
    "two words": "جدة، {date} (صدى الجنوب) – ",
    "square brackets": "جدة، {date} [صدى] - ",
}
DATES = (
    "19 نوفمبر 2026",
    "١٩ نوفمبر ٢٠٢٦",
    "الخميس 19 نوفمبر 2026",
    "الخميس، 19 تشرين الثاني/نوفمبر 2026",
    "19 نونبر 2026",
    "19/11/2026",
    "9 جمادى الآخرة 1448 هـ",
    "الخميس 9 جمادى الآخرة 1448 هـ الموافق 19 نوفمبر 2026 م",
)


@pytest.mark.parametrize("date", DATES)
@pytest.mark.parametrize("name", SIGNED_DATELINES)
def test_a_dateline_states_the_date_though_no_list_knows_its_agency(name: str, date: str) -> None:
    dateline = SIGNED_DATELINES[name].format(date=date)
    layout = read("\n".join((TITLE, dateline + P1, *BODY[1:])))
    assert (str(layout.published_date), layout.published_source) == ("2026-11-19", "dateline")
    assert layout.dateline == clean_characters([dateline])[0].strip(" –-:")
    assert layout.source_credit == ("صدى الجنوب" if name == "two words" else "صدى")
    assert layout.text.startswith(dateline[:4])


@pytest.mark.parametrize("dateline", ["جدة، 19 نوفمبر 2026 (صدى)", "جدة، 19 نوفمبر 2026 (واس)", "جدة في 19 نوفمبر 2026 / صدى /"])
@pytest.mark.parametrize("title", [TITLE, None])
def test_a_dateline_is_a_line_of_its_own(dateline: str, title: str | None) -> None:
    layout = read("\n".join((title or "", dateline, "", *BODY)))
    assert (layout.title, layout.dateline, str(layout.published_date)) == (title, dateline, "2026-11-19")
    assert layout.source_credit == ("واس" if "واس" in dateline else "صدى")
    assert layout.captions is None


@pytest.mark.parametrize(
    "sentence",
    [
        "القاهرة 25 يناير 2011 (أو جمعة الغضب كما تسمى) كانت مدينة أخرى، ",
        "جدة (العروس) تستقبل زوارها، ",
        "افتتحت جدة، 19 نوفمبر 2026 (العيد) – معرضا للكتاب، ",
        "في 19 نوفمبر 1956 (قبل الحرب) – ",
        "السبت 4 مارس 2017: الساعة الثالثة، ",
        "جدة، 19 نوفمبر (صدى) – ",
    ],
)
def test_a_date_that_a_sentence_mentions_is_not_the_article_s(sentence: str) -> None:
    assert read("\n".join((TITLE, sentence + P1, *BODY[1:]))).published_date is None


def test_what_is_cut_from_a_line_is_kept_as_a_line() -> None:
    layout = read("\n".join((TITLE, f"شَارك من خلال تويتر فيسبوك {P1}", P2, f"{P3} وسوم: نسيج، المحلة")))
    assert layout.text.split("\n") == [P1, P2, P3]
    assert layout.removed_text == "boilerplate\tشَارك من خلال تويتر فيسبوك\nboilerplate\tوسوم: نسيج، المحلة"


def test_sidecar_wins() -> None:
    fields = {"title": "عنوان من الملف المرافق", "author": "منى سليم", "category": "اقتصاد", "published_at": "2017-11-08T18:30:00+02:00"}
    layout = read("\n".join((TITLE, "8 مارس 2011", *BODY)), name="2016-08-31_x.txt", sidecar=fields)
    assert (layout.title, layout.byline, layout.section_name) == ("عنوان من الملف المرافق", "منى سليم", "اقتصاد")
    assert str(layout.published_date) == "2017-11-08"
    assert str(layout.published_at) == "2017-11-08 16:30:00+00:00"
    assert (layout.published_source, layout.published_precision) == ("sidecar", "minute")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("2016-08-31_x.txt", "2016-08-31"),
        ("20160831.txt", "2016-08-31"),
        ("a_2016_08_31.txt", "2016-08-31"),
        ("2016-13-31_x.txt", None),
        ("x8.txt", None),
    ],
)
def test_file_name_states_the_date(name: str, expected: str | None) -> None:
    layout = read("\n".join((TITLE, *BODY)), name=name)
    assert (str(layout.published_date) if layout.published_date else None) == expected
    assert layout.published_source == ("file_name" if expected else None)


def test_the_text_wins_over_the_file_name() -> None:
    layout = read("\n".join((TITLE, "الأربعاء 8 نوفمبر 2017 - 18:30 بتوقيت غرينتش", *BODY)), name="2016-08-31_x.txt")
    assert (str(layout.published_date), layout.published_source) == ("2017-11-08", "dateline")
    assert str(layout.published_at) == "2017-11-08 18:30:00+00:00"


def test_flags() -> None:
    assert read("\n".join((TITLE, P1, P2, P1))).flags == ["repeated_lines"]
    assert read("\n".join((TITLE, P1, "وأضاف أن الورش ستعود إلى العمل في"))).flags == ["truncated"]
    assert read("\n".join((TITLE, *BODY))).flags == []


PIECES = st.sampled_from(
    (
        TITLE,
        P1,
        P2,
        P3,
        P1[:40],
        P1[40:90],
        P2[30:60],
        "اقرأ أيضا",
        "المصدر: وكالات",
        "كتب: سامي الحاج",
        "بيروت - رويترز",
        "8 مارس 2011",
        "شارك",
        "3 تعليقات",
        "محمد علي",
        "صورة أرشيفية",
        "*",
        "(",
        "«",
        "..",
        ":",
        "- ",
        "في",
        "Facebook",
        f"{P1} سمات نسيج خيوط",
        f"شارك تويتر فيسبوك {P2}",
        "Next Previous",
        "www.example.com",
        "",
        " ",
    )
)


@given(st.lists(st.one_of(PIECES, st.text(max_size=30)), max_size=14))
@hypothesis_settings(max_examples=150, deadline=None)
def test_no_text_raises_and_no_word_gets_lost(lines: list[str]) -> None:
    text = clean_characters(["\n".join(lines)])[0]
    layout = read_layout(text, fold_lines([text])[0], file_name="x.txt", sidecar={}, settings=Settings())
    everything = " ".join(filter(None, (layout.title, layout.subtitle, layout.removed_text, layout.text)))
    assert sorted(re.findall(r"\w+", text)) == sorted(
        re.findall(r"\w+", re.sub(r"(?:^|(?<=[\n ]))(?:byline|dateline|caption|related|source|boilerplate|section)\t", "", everything))
    )
