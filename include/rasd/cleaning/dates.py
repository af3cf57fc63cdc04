"""The grammar of dates in Arabic news: found in text (`find_dates`), and resolved to days (`resolve`).

Month names are Babel's for the Arab countries with the spellings of the lexicon `months` added; Hijri dates become Gregorian ones by
hijridate (Umm al-Qura). Relative expressions («أمس الأربعاء», «الشهر المقبل») stay symbolic until they are resolved against a day.

Matching is done on folded text (`rasd.arabic.fold`), so the patterns below are in folded spelling: ا for أ إ آ, ه for ة, ي for ى ئ.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal

from babel.dates import get_month_names
from hijridate import Gregorian, Hijri

from rasd.arabic import fold
from rasd.resources import lexicon

Precision = Literal["day", "week", "month", "year"]
Shift = Literal["past", "this", "next", "before_last"]

_BABEL_LOCALES = ("ar", "ar_DZ", "ar_TN", "ar_MA", "ar_LB", "ar_MR")

WEEKDAYS = {"الاثنين": 0, "الثلاثاء": 1, "الاربعاء": 2, "الخميس": 3, "الجمعه": 4, "السبت": 5, "الاحد": 6, "الثلثاء": 1, "الاتنين": 0}
"""Folded name to number, Monday is 0."""

_ENGLISH_WEEKDAYS = r"(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?"
_SHIFTS: dict[str, Shift] = {
    **dict.fromkeys(("الماضي", "المنصرم", "الفايت", "السابق", "المنقضي", "الاخير"), "past"),
    **dict.fromkeys(("المقبل", "القادم", "اللاحق"), "next"),
    **dict.fromkeys(("الجاري", "الحالي"), "this"),
}
_ORDINALS = {
    word: number
    for number, words in enumerate(
        (
            "الاول", "الثاني", "الثالث", "الرابع", "الخامس", "السادس", "السابع", "الثامن", "التاسع", "العاشر", "الحادي عشر", "الثاني عشر",
            "الثالث عشر", "الرابع عشر", "الخامس عشر", "السادس عشر", "السابع عشر", "الثامن عشر", "التاسع عشر", "العشرين", "الحادي والعشرين",
            "الثاني والعشرين", "الثالث والعشرين", "الرابع والعشرين", "الخامس والعشرين", "السادس والعشرين", "السابع والعشرين",
            "الثامن والعشرين", "التاسع والعشرين", "الثلاثين", "الحادي والثلاثين",
        ),
        start=1,
    )
    for word in (words, words.replace("ين", "ون") if words.endswith("ين") else words)
} | {"اول": 1, "فاتح": 1, "غره": 1}  # fmt: skip
_NUMBERS = {
    "ثلاثه": 3, "ثلاث": 3, "اربعه": 4, "اربع": 4, "خمسه": 5, "خمس": 5, "سته": 6, "ست": 6, "سبعه": 7, "سبع": 7, "ثمانيه": 8, "ثماني": 8,
    "ثمان": 8, "تسعه": 9, "تسع": 9, "عشره": 10, "عشر": 10, "عشرين": 20, "ثلاثين": 30, "اربعين": 40, "خمسين": 50,
}  # fmt: skip
_UNITS: dict[str, tuple[Precision, int]] = {
    "يوم": ("day", 1), "يومين": ("day", 2), "ايام": ("day", 0), "يوما": ("day", 0), "اسبوع": ("week", 1), "اسبوعين": ("week", 2),
    "اسابيع": ("week", 0), "اسبوعا": ("week", 0), "شهر": ("month", 1), "شهرين": ("month", 2), "اشهر": ("month", 0), "شهور": ("month", 0),
    "شهرا": ("month", 0), "عام": ("year", 1), "عامين": ("year", 2), "سنه": ("year", 1), "سنتين": ("year", 2), "اعوام": ("year", 0),
    "سنوات": ("year", 0), "عاما": ("year", 0), "سنين": ("year", 0),
}  # fmt: skip
_PERIODS: dict[str, Precision] = {"الاسبوع": "week", "الشهر": "month", "العام": "year", "السنه": "year"}
_TODAY = {
    "اليوم": 0, "الليله": 0, "امس الاول": -2, "اول من امس": -2, "اول امس": -2, "قبل امس": -2, "امس": -1, "الامس": -1, "البارحه": -1,
    "الليله الماضيه": -1, "غدا": 1, "الغد": 1, "غد": 1, "يوم الغد": 1, "بعد غد": 2, "بعد الغد": 2,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class DateExpression:
    """A date as a text states it.

    `text[start:end]` is the expression. `precision` is that of the whole: «مارس 2015» is a month. A calendar date has its stated parts
    in year, month and day (Gregorian, or Hijri with `is_hijri`); a relative one has `weekday` (Monday is 0), `shift` («الماضي») or
    `offset`, a number of `precision` units from the anchor.
    """

    start: int
    end: int
    text: str
    precision: Precision
    year: int | None = None
    month: int | None = None
    day: int | None = None
    is_hijri: bool = False
    weekday: int | None = None
    shift: Shift | None = None
    offset: int | None = None

    @property
    def is_complete(self) -> bool:
        """Day, month and year are stated: no anchor is needed."""
        return self.year is not None and self.month is not None and self.day is not None


@lru_cache(maxsize=1)
def _months() -> dict[str, tuple[int, bool]]:
    """Folded name without spaces to (number, is Hijri)."""
    names: dict[str, tuple[int, bool]] = {}
    for locale in _BABEL_LOCALES:
        for number, name in get_month_names("wide", locale=locale).items():
            names[fold(name).replace(" ", "")] = (number, False)
    for row in lexicon("months"):
        names[fold(row["name"]).replace(" ", "")] = (int(row["month"]), row["calendar"] == "hijri")
    return names


def _spellings() -> set[str]:
    """Folded names of months as they are written."""
    babel = {fold(name) for locale in _BABEL_LOCALES for name in get_month_names("wide", locale=locale).values()}
    return babel | {fold(row["name"]) for row in lexicon("months")}


@lru_cache(maxsize=1)
def month_words() -> frozenset[str]:
    """Folded first words of the names of months."""
    return frozenset(name.split()[0] for name in _spellings())


def _month_pattern() -> str:
    return "|".join(re.escape(name).replace(r"\ ", r"\s*") for name in sorted(_spellings(), key=lambda n: (-len(n), n)))


@lru_cache(maxsize=1)
def _patterns() -> list[tuple[re.Pattern[str], Callable[[re.Match[str]], DateExpression | None]]]:
    """Patterns with what makes an expression of a match, those that say more first."""
    month = f"(?:{_month_pattern()})"
    months = rf"(?P<month>{month})(?:\s*[/\\(،,–-]?\s*(?P<month2>{month})(?!\w)\)?)?"
    weekday = "|".join(WEEKDAYS)
    day = r"(?:0?[1-9]|[12]\d|3[01])"
    ordinal = "|".join(sorted(_ORDINALS, key=len, reverse=True))
    days = rf"(?:(?P<day>{day})(?:\s*(?:و|-|–|الي|حتي)\s*{day})?|(?P<ordinal>{ordinal}))"
    year = r"(?P<year>(?:1[34]|18|19|20|21)\d\d)(?!\d)"
    era = r"(?:\s*\(?(?P<era>ميلادي(?:ه|ا)?|هجري(?:ه|ا)?|للهجره|م|ه)(?!\w)\)?)?"
    shift = "(?P<shift>(?:قبل )?(?:" + "|".join(_SHIFTS) + ")ه?)"
    # «كانون الثاني» is no second day of the month that may follow it.
    head = r"(?<![\w])(?<!كانون )(?<!تشرين )(?<!ربيع )(?<!جمادي )(?<!جماد )[وفبل]?(?:يوم\s+)?"
    head += rf"(?:(?P<weekday>{weekday})(?!\w)[\s,،:(]*)?(?:(?:ال)?موافق(?:\s+ل)?[\s:]*)?"
    part = "(?:(?:صباح|مساء|فجر|ظهر|عصر|ليل|ليله|نهار|بعد ظهر|منتصف ليل|يوم|ظهيره)\\s+)?"
    tail = rf"(?![^\W\d])(?:[\s,،/.–-]*(?:من\s+)?(?:(?:ل?عام|لسنه|سنه|العام)\s+)?{year}{era}|\s+{shift}(?!\w))?"
    number = "|".join(_NUMBERS)
    unit = "|".join(sorted(_UNITS, key=len, reverse=True))
    table: list[tuple[str, Callable[[re.Match[str]], DateExpression | None]]] = [
        (rf"(?<![\w/])(?P<year>20\d\d)\s+(?P<weekday>{weekday})\s+(?P<day>{day})\s+{months}(?!\w)(?!\s*\d{{4}})", _calendar),
        (rf"{head}(?<![\d/.]){days}(?:\s*[/.–-]\s*|\s+من\s+(?:شهر\s+)?|\s+شهر\s+|\s+|(?=\D)){months}{tail}", _calendar),
        (rf"(?<!\w)(?:{_ENGLISH_WEEKDAYS},?\s+)?{months}\s+(?P<day>{day})(?!\d)\s*[,،]?\s*{year}", _calendar),
        (rf"{head}(?<![\d/.])(?P<day>\d\d?)\s*(?P<mark>[/.–-])\s*(?P<number>\d\d?)\s*(?P=mark)\s*{year}{era}", _numeric),
        (rf"{head}(?<![\d/.]){year}\s*(?P<mark>[/.–-])\s*(?P<number>\d\d?)\s*(?P=mark)\s*(?P<day>\d\d?)(?!\d){era}", _numeric),
        (rf"(?<!\w)[وفبل]?(?:شهر\s+)?{months}(?!\w)[\s,،]*(?:من\s+)?(?:(?:ل?عام|لسنه|سنه|العام)\s+)?{year}{era}", _calendar),
        (rf"(?<!\w)[وفبل]?(?:شهر\s+)?{months}\s+{shift}(?!\w)", _calendar),
        (rf"(?<!\w)[وفبل]?(?:شهر\s+){months}(?!\w)", _calendar),
        (
            rf"(?<!\w)[وفبل]?{part}(?P<today>اليوم(?!\s+(?:السابع|نفسه|ذاته|التالي))|امس الاول|اول من امس|اول امس|قبل امس|امس|"
            rf"الامس|البارحه|الليله"
            rf"(?: الماضيه)?|غدا|يوم الغد|بعد الغد|بعد غد|غد)(?!\w)(?:[\s,،(]*(?:يوم\s+)?(?P<weekday>{weekday})(?!\w))?",
            _today,
        ),
        (rf"(?<!\w)[وفبل]?{part}(?P<weekday>{weekday})\s+{shift}(?!\w)", _weekday),
        (rf"(?<!\w)[وفبل]?{part}(?P<weekday>{weekday})(?!\w)", _weekday),
        (rf"(?<!\w)[وفبل]?(?P<period>{'|'.join(_PERIODS)})\s+{shift}(?!\w)", _period),
        (rf"(?<!\w)[وفبل]?(?:هذا|هذه)\s+(?P<period>{'|'.join(_PERIODS)})(?!\w)", _period),
        (rf"(?<!\w)[وفبل]?(?:عام|العام|سنه|لعام|للعام)\s+{year}{era}", _year),
        (rf"(?<!\w)[وف]?(?P<way>قبل|منذ|بعد)\s+(?:نحو\s+)?(?:(?P<count>\d+|{number})\s+)?(?P<unit>{unit})(?!\w)", _elapsed),
    ]
    return [(re.compile(pattern, re.I), build) for pattern, build in table]


def _year_of(match: re.Match[str], *, hijri: bool) -> tuple[int | None, bool]:
    groups = match.groupdict()
    if not groups.get("year"):
        return None, hijri
    year = int(groups["year"])
    era = groups.get("era") or ""
    return year, hijri or year < 1600 or era.startswith(("ه", "للهجره"))


def _calendar(match: re.Match[str]) -> DateExpression | None:
    groups = match.groupdict()
    name = re.sub(r"\s+", "", groups["month"].lower())
    number, hijri = _months()[name]
    end = match.end()
    if groups.get("month2"):
        second, _ = _months()[re.sub(r"\s+", "", groups["month2"].lower())]
        if second != number:
            if groups.get("year") or groups.get("shift"):
                return None
            end = match.end("month")
    day = int(groups["day"]) if groups.get("day") else _ORDINALS.get(re.sub(r"\s+", " ", groups.get("ordinal") or ""))
    year, hijri = _year_of(match, hijri=hijri)
    if year is not None and hijri and year > 1600:
        return None
    weekday = groups.get("weekday")
    return DateExpression(
        match.start(), end, "", "day" if day else "month", year, number, day, hijri, WEEKDAYS[weekday] if weekday else None, _shift(match)
    )


def _numeric(match: re.Match[str]) -> DateExpression | None:
    first, second = int(match["day"]), int(match["number"])
    year, hijri = _year_of(match, hijri=False)
    day, month = first, second
    if month > 12 and day <= 12:  # an American month first
        day, month = month, day
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    weekday = match["weekday"]
    return DateExpression(match.start(), match.end(), "", "day", year, month, day, hijri, WEEKDAYS[weekday] if weekday else None)


def _shift(match: re.Match[str]) -> Shift | None:
    word: str | None = match.groupdict().get("shift")
    if not word:
        return None
    if word.startswith("قبل "):
        return "before_last"
    return _SHIFTS.get(word) or _SHIFTS[word.removesuffix("ه")]


def _today(match: re.Match[str]) -> DateExpression:
    weekday = match["weekday"]
    number = WEEKDAYS[weekday] if weekday else None
    return DateExpression(match.start(), match.end(), "", "day", weekday=number, offset=_TODAY[match["today"]])


def _weekday(match: re.Match[str]) -> DateExpression:
    return DateExpression(match.start(), match.end(), "", "day", weekday=WEEKDAYS[match["weekday"]], shift=_shift(match))


def _period(match: re.Match[str]) -> DateExpression:
    return DateExpression(match.start(), match.end(), "", _PERIODS[match["period"]], shift=_shift(match) or "this")


def _year(match: re.Match[str]) -> DateExpression:
    year, hijri = _year_of(match, hijri=False)
    return DateExpression(match.start(), match.end(), "", "year", year, is_hijri=hijri)


def _elapsed(match: re.Match[str]) -> DateExpression | None:
    precision, count = _UNITS[match["unit"]]
    said = match["count"]
    if said:
        count = int(said) if said.isdigit() else _NUMBERS[said]
    if not 0 < count < 10000:
        return None
    return DateExpression(match.start(), match.end(), "", precision, offset=count if match["way"] == "بعد" else -count)


_JOIN = re.compile(r"[\s,،()–-]*(?:(?:ال)?موافق(?:\s+ل)?[\s:]*)?")


def find_dates(text: str) -> list[DateExpression]:
    """The dates in `text`, in order, not overlapping; a Hijri date with its Gregorian one («… هـ الموافق …») is one expression."""
    folded = fold(text)
    places: list[int] | None = None
    if len(folded) != len(text):
        places = [i for i, char in enumerate(text) if fold(char)]
        places.append(len(text))
    found: list[DateExpression] = []
    taken = bytearray(len(folded) + 1)
    for pattern, build in _patterns():
        for match in pattern.finditer(folded):
            start, end = match.span()
            if any(taken[start:end]):
                continue
            expression = build(match)
            if expression is not None:
                start, end = expression.start, expression.end
                taken[start:end] = b"\1" * (end - start)
                found.append(expression)
    found.sort(key=lambda e: e.start)
    merged: list[DateExpression] = []
    for expression in found:
        last = merged[-1] if merged else None
        gap = folded[last.end : expression.start] if last else ""
        if last is not None and last.is_hijri != expression.is_hijri and last.day and expression.day and _JOIN.fullmatch(gap):
            gregorian = expression if last.is_hijri else last
            if "موافق" in folded[last.end : expression.end] or _same_day(last, expression):
                merged[-1] = replace(gregorian, start=last.start, end=expression.end, weekday=last.weekday or expression.weekday)
                continue
        merged.append(expression)
    spans = [(e.start, e.end) if places is None else (places[e.start], places[e.end]) for e in merged]
    return [replace(e, start=start, end=end, text=text[start:end]) for e, (start, end) in zip(merged, spans, strict=True)]


def _same_day(one: DateExpression, other: DateExpression) -> bool:
    first, second = resolve(one, None), resolve(other, None)
    return first is not None and second is not None and abs((first - second).days) <= 2


def resolve(expression: DateExpression | str, anchor: date | None) -> date | None:
    """The day that the expression means: of a week, month or year the first one (weeks begin on Monday).

    Args:
        expression: what `find_dates` found, or a text, of which the first expression counts.
        anchor: the article's day, against which relative expressions are resolved. None resolves complete dates alone.

    Returns:
        None where nothing is said, where the date does not exist, or where an anchor is needed and missing.
    """
    if isinstance(expression, str):
        found = find_dates(expression)
        return resolve(found[0], anchor) if found else None
    try:
        if expression.month is not None or expression.year is not None:
            return _resolve_calendar(expression, anchor)
        return _resolve_relative(expression, anchor) if anchor is not None else None
    except (ValueError, OverflowError):  # 31 February, or years beyond the calendars
        return None


def _gregorian(year: int, month: int, day: int, *, hijri: bool) -> date:
    if not hijri:
        return date(year, month, day)
    found = Hijri(year, month, day).to_gregorian()
    return date(found.year, found.month, found.day)


def _resolve_calendar(e: DateExpression, anchor: date | None) -> date | None:
    month, day = e.month or 1, e.day or 1
    if e.year is not None:
        return _gregorian(e.year, month, day, hijri=e.is_hijri)
    if anchor is None:
        return None
    year = Gregorian(anchor.year, anchor.month, anchor.day).to_hijri().year if e.is_hijri else anchor.year
    candidates = []
    for candidate in range(year - 2, year + 3):
        try:
            candidates.append(_gregorian(candidate, month, day, hijri=e.is_hijri))
        except ValueError:  # 29 February
            continue
    today = anchor if e.day else anchor.replace(day=1)
    earlier, later = [d for d in candidates if d < today], [d for d in candidates if d > today]
    if e.shift == "past":
        return earlier[-1] if earlier else None
    if e.shift == "before_last":
        return earlier[-2] if len(earlier) > 1 else None
    if e.shift == "next":
        return later[0] if later else None
    return min(candidates, key=lambda d: abs((d - today).days))


def _resolve_relative(e: DateExpression, anchor: date) -> date | None:
    if e.weekday is not None:
        if e.offset is not None:  # «أمس الأربعاء»: where they disagree, the anchor is off by a day or two, and the weekday is right
            day = anchor + timedelta(e.offset)
            return day + timedelta((e.weekday - day.weekday() + 3) % 7 - 3)
        back = (anchor.weekday() - e.weekday) % 7
        if e.shift == "next":
            return anchor + timedelta(7 - back)
        if e.shift == "past":
            return anchor - timedelta(back or 7)
        return anchor - timedelta(back + 7 if e.shift == "before_last" else back)
    if e.offset is not None:
        return _move(anchor, e.precision, e.offset, exact=True)
    steps = {"past": -1, "before_last": -2, "next": 1, "this": 0}
    return _move(anchor, e.precision, steps[e.shift or "this"], exact=False)


def _move(anchor: date, unit: Precision, count: int, *, exact: bool) -> date:
    """The anchor moved by `count` units; the unit's first day unless `exact` (a day or week then keeps its day)."""
    if unit == "day":
        return anchor + timedelta(count)
    if unit == "week":
        moved = anchor + timedelta(7 * count)
        return moved if exact else moved - timedelta(moved.weekday())
    if unit == "month":
        months = anchor.year * 12 + anchor.month - 1 + count
        return date(months // 12, months % 12 + 1, 1)
    return date(anchor.year + count, 1, 1)


_TIME = re.compile(
    r"(?<![\d:/.-])(?P<hour>[01]?\d|2[0-3])\s*:\s*(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d))?(?![\d:])"
    r"(?:\s*(?P<half>صباحا|مساء|ظهرا|عصرا|ليلا|فجرا|بعد الظهر|ص|م|am|pm|a\.m\.|p\.m\.)(?!\w))?",
    re.I,
)
_ZONES = (
    (re.compile(r"غرينتش|غرينيتش|جرينتش|جرينيتش|ت\s*غ(?!\w)|(?<!\w)gmt(?!\w)|(?<!\w)utc(?!\w)", re.I), 0),
    (re.compile(r"مكه|السعوديه|الرياض|بغداد|(?<!\w)ت\s*م(?!\w)|(?<!\w)(?:ast|ksa)(?!\w)", re.I), 3),
    (re.compile(r"ابوظبي|ابو ظبي|الامارات", re.I), 4),
)


@dataclass(frozen=True, slots=True)
class TimeOfDay:
    """A time of day as stated; `utc_offset` in hours where the text names the zone; `start` and `end` are its span in the text."""

    hour: int
    minute: int
    second: int | None
    utc_offset: int | None
    start: int
    end: int


def find_time(text: str) -> TimeOfDay | None:
    """The first time of day («14:05», «02:30 م», «9:12 GMT») in a line without diacritics; its zone is looked for in the whole line."""
    if ":" not in text:
        return None
    folded = fold(text)
    match = _TIME.search(folded)
    if match is None:
        return None
    hour, half = int(match["hour"]), (match["half"] or "").lower()
    if (half in ("مساء", "عصرا", "م", "pm", "p.m.", "بعد الظهر") and hour < 12) or (
        half in ("ليلا", "ظهرا") and hour < 12 and (hour >= 6 or half == "ظهرا") and not (half == "ظهرا" and hour == 11)
    ):
        hour += 12
    elif half in ("ص", "صباحا", "am", "a.m.", "فجرا", "ليلا") and hour == 12:
        hour = 0
    around = folded[match.end() : match.end() + 30]
    near = folded[max(match.start() - 8, 0) : match.start()]
    offset = next((hours for zone, hours in _ZONES if zone.search(around.split("،")[0].split("|")[0]) or zone.search(near)), None)
    second = int(match["second"]) if match["second"] else None
    return TimeOfDay(hour, int(match["minute"]), second, offset, match.start(), match.end())
