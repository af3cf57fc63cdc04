"""The date grammar: every kind of expression that newspapers use, resolved against one day, Thursday 1 September 2016."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rasd.cleaning.dates import find_dates, find_time, resolve

ANCHOR = date(2016, 9, 1)

EXPRESSIONS = [
    # Gregorian, in full
    ("14 أوت 2013", "2013-08-14"),
    ("02 يونيو 2014 م", "2014-06-02"),
    ("25 أيلول 2016", "2016-09-25"),
    ("21 جانفي 2015", "2015-01-21"),
    ("9 فيفري 2012", "2012-02-09"),
    ("11 شتنبر 2016", "2016-09-11"),
    ("5 يوليوز 2014", "2014-07-05"),
    ("30 غشت 2015", "2015-08-30"),
    ("3 دجنبر 2011", "2011-12-03"),
    ("18 جويلية 2013", "2013-07-18"),
    ("7 ماي 2014", "2014-05-07"),
    ("31 إبريل 2014", None),
    ("12 ابريل 2014", "2014-04-12"),
    ("١٢ كانون الثاني ٢٠١٥", "2015-01-12"),
    ("۲۵ مارس ۲۰۱۴", "2014-03-25"),
    ("الخميس 15 فبراير 2018", "2018-02-15"),
    ("الثلاثاء، 13 سبتمبر 2016", "2016-09-13"),
    ("يوم الجمعة الموافق 16 جوان 2017", "2017-06-16"),
    ("25 أيار/مايو 2018", "2018-05-25"),
    ("17 تشرين الأول/ أكتوبر 2017", "2017-10-17"),
    ("17 أكتوبر / تشرين الأول 2017", "2017-10-17"),
    ("15 أغسطس/آب عام 2016", "2016-08-15"),
    ("6 من كانون الأول/ديسمبر 2016", "2016-12-06"),
    ("السادس من كانون الأول 2016", "2016-12-06"),
    ("الحادي والعشرين من آذار 2015", "2015-03-21"),
    ("الأول من مايو 2016", "2016-05-01"),
    ("يناير 21، 2018", "2018-01-21"),
    ("Tuesday, July 10, 2012", "2012-07-10"),
    ("2016 الخميس 22 سبتمبر", "2016-09-22"),
    ("5يناير2012", "2012-01-05"),
    # Numbers
    ("20-01-2015", "2015-01-20"),
    ("13.12.2018", "2018-12-13"),
    ("5/12/2013", "2013-12-05"),
    ("2016/9/13", "2016-09-13"),
    ("٢٠١٦/٩/١٣", "2016-09-13"),
    ("2016-08-31", "2016-08-31"),
    ("20 - 08 - 2012", "2012-08-20"),
    ("12/31/2014", "2014-12-31"),
    ("الأربعاء 26/3/2014م", "2014-03-26"),
    # Hijri
    ("5 جمادى الآخرة 1438", "2017-03-04"),
    ("18 / ذو القعدة / 1436 هـ", "2015-09-02"),
    ("04 شعبان 1435 هـ الموافق 02 يونيو 2014 م", "2014-06-02"),
    ("1437/12/12 هـ - الموافق 2016/9/13 م", "2016-09-13"),
    ("12/12/1437هـ", "2016-09-13"),
    ("١٢ محرّم ١٤٣٨هـ", "2016-10-13"),
    ("6 شهر ربيع الأول 1438 هـ - 06 ديسمبر 2016 مـ", "2016-12-06"),
    ("9 من ذي الحجة الجاري", "2016-09-10"),
    # Without a year
    ("20 آذار", "2016-03-20"),
    ("30 أغسطس الماضي", "2016-08-30"),
    ("15 كانون الأول/ ديسمبر الماضي", "2015-12-15"),
    ("5 أيلول المقبل", "2016-09-05"),
    ("26 و27 سبتمبر/أيلول الجاري", "2016-09-26"),
    ("غرة رمضان 1437", "2016-06-06"),
    # Days
    ("اليوم", "2016-09-01"),
    ("اليوم الخميس", "2016-09-01"),
    ("أمس", "2016-08-31"),
    ("أمس الأربعاء", "2016-08-31"),
    ("مساء أمس", "2016-08-31"),
    ("أول من أمس", "2016-08-30"),
    ("أمس الأول", "2016-08-30"),
    ("الليلة الماضية", "2016-08-31"),
    ("غدا الجمعة", "2016-09-02"),
    ("بعد غد", "2016-09-03"),
    ("يوم الجمعة الماضي", "2016-08-26"),
    ("الخميس الماضي", "2016-08-25"),
    ("الأحد المقبل", "2016-09-04"),
    ("السبت القادم", "2016-09-03"),
    ("ليل الثلاثاء", "2016-08-30"),
    ("الإثنين", "2016-08-29"),
    # Periods
    ("الأسبوع الماضي", "2016-08-22"),
    ("الأسبوع المقبل", "2016-09-05"),
    ("الشهر المقبل", "2016-10-01"),
    ("الشهر المنصرم", "2016-08-01"),
    ("العام الماضي", "2015-01-01"),
    ("العام قبل الماضي", "2014-01-01"),
    ("هذا العام", "2016-01-01"),
    ("السنة الجارية", "2016-01-01"),
    ("نيسان/أبريل الماضي", "2016-04-01"),
    ("آب/ أغسطس المقبل", "2017-08-01"),
    ("مارس 2015", "2015-03-01"),
    ("كانون الثاني/يناير من عام 2011", "2011-01-01"),
    ("شهر رمضان الماضي", "2016-06-06"),
    ("عام 2012", "2012-01-01"),
    # Elapsed
    ("قبل ثلاثة أيام", "2016-08-29"),
    ("منذ أسبوعين", "2016-08-18"),
    ("قبل 5 أشهر", "2016-04-01"),
    ("بعد شهرين", "2016-11-01"),
    ("قبل عامين", "2014-01-01"),
]


@pytest.mark.parametrize(("text", "expected"), EXPRESSIONS)
def test_expression_is_resolved(text: str, expected: str | None) -> None:
    found = resolve(text, ANCHOR)
    assert (found.isoformat() if found else None) == expected


@pytest.mark.parametrize(("text", "expected"), EXPRESSIONS)
def test_expression_is_found_whole_inside_a_sentence(text: str, expected: str | None) -> None:
    sentence = f"وقال الوزير {text} إن الطريق مفتوح"
    expressions = [e for e in find_dates(sentence) if resolve(e, ANCHOR)]
    if expected:
        assert expressions
        assert expressions[0].text == sentence[expressions[0].start : expressions[0].end]
        assert resolve(expressions[0], ANCHOR) == date.fromisoformat(expected)


def test_there_are_enough_kinds() -> None:
    assert len(EXPRESSIONS) >= 60


@pytest.mark.parametrize("text", ["", "2 - 1", "35 عاما", "اليوم السابع", "5/13/14", "قبل الظهر", "مارس الرياضة", "99/99/2014"])
def test_what_is_no_date_is_none(text: str) -> None:
    assert resolve(text, ANCHOR) is None


def test_relative_expressions_stay_symbolic_without_an_anchor() -> None:
    for text in ("أمس الأربعاء", "الشهر المقبل", "قبل ثلاثة أيام", "20 آذار"):
        assert find_dates(text)
        assert resolve(text, None) is None


def test_weekday_wins_over_an_anchor_that_is_a_day_off() -> None:
    assert resolve("أمس الثلاثاء", ANCHOR) == date(2016, 8, 30)


def test_two_months_with_different_numbers_are_two_dates() -> None:
    found = find_dates("بين 3 يناير و5 شباط")
    assert [(e.day, e.month) for e in found] == [(3, 1), (5, 2)]


@pytest.mark.parametrize(
    ("text", "hour", "minute", "offset"),
    [
        ("الساعة 14:05 (مكة المكرمة)", 14, 5, 3),
        ("02:30 م", 14, 30, None),
        ("12:15 ص", 0, 15, None),
        ("9:12 GMT", 9, 12, 0),
        ("GMT 9:12", 9, 12, 0),
        ("4:15 عصرا", 16, 15, None),
        ("10:57 PM", 22, 57, None),
    ],
)
def test_time_of_day(text: str, hour: int, minute: int, offset: int | None) -> None:
    time = find_time(text)
    assert time is not None
    assert (time.hour, time.minute, time.utc_offset) == (hour, minute, offset)


@given(st.text(alphabet="0123456789٠١٢٣ /.-،أبجدهـ\u064b كانون الأول الثاني محرم الماضي يوم الخميس أمس عام", max_size=60))
def test_finder_never_raises_and_its_spans_are_in_order(text: str) -> None:
    last = 0
    for expression in find_dates(text):
        assert last <= expression.start < expression.end <= len(text)
        assert text[expression.start : expression.end] == expression.text
        resolve(expression, ANCHOR)
        last = expression.end
