"""Facts of the Arabic script that all stages share: letter classes and foldings. Pure string functions, in code points.

Folding gives what camel_tools' `normalize_unicode`, `dediac_ar` and `normalize_*_ar` give for the same steps (tests compare them on a
corpus), several times faster. `fold` is for a word or a sentence; `fold_all` for a batch of texts: it looks all code points up in one
table at once.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Literal, TypeVar

import numpy as np
import numpy.typing as npt

DIACRITICS = "".join(map(chr, [*range(0x0610, 0x061B), *range(0x064B, 0x0660), 0x0670]))
"""Signs of Quranic annotation, tanwin, harakat, shadda, sukun and the small alef."""

TATWEEL = "\u0640"
LETTERS = "\u0620-\u063f\u0641-\u064a\u066e-\u066f\u0671-\u06d3\u06d5\u06ee-\u06ef\u06fa-\u06fc\u06ff"
"""Arabic letters (with those of Persian, Urdu and Kurdish) for use inside a regular expression's brackets."""

WORD = re.compile(f"[\\w{DIACRITICS}{TATWEEL}]+")
"""A word of any script, with its diacritics."""

MOST_MARKS = 30
"""Combining marks on one letter that are kept, as Unicode's stream-safe text format has it: putting more in order takes quadratic time."""

_DIGITS = {0x0660 + i: str(i) for i in range(10)} | {0x06F0 + i: str(i) for i in range(10)}
_ALEF = dict.fromkeys(map(ord, "أإآٱ"), "ا")
_PERSIAN_KEYBOARD = {ord("ی"): "ي", ord("ک"): "ك"}
_DROP: dict[int, str | None] = dict.fromkeys([*map(ord, DIACRITICS), ord(TATWEEL)])
_SEARCH_MAP = {**_DROP, **_ALEF, **_PERSIAN_KEYBOARD, **_DIGITS, ord("ى"): "ي", ord("ة"): "ه", ord("ؤ"): "و", ord("ئ"): "ي"}

_SEARCH = str.maketrans(_SEARCH_MAP)

Codes = npt.NDArray[np.uint32]
Offsets = npt.NDArray[np.int64]
Entry = TypeVar("Entry", bound=np.generic)

DROPPED = np.uint32(0xFFFFFFFF)
"""In a table for `look_up`: a code point that goes."""


def fold(text: str) -> str:
    """The text for search and comparison: diacritics and tatweel gone; alef, ya, ta marbuta, hamza carriers and digits folded."""
    return text.translate(_SEARCH)


def code_points(texts: Sequence[str]) -> tuple[Codes, Offsets]:
    """All code points of `texts`, one after the other, and where each text begins; the last offset is the total."""
    offsets = np.zeros(len(texts) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, texts), np.int64, len(texts)), out=offsets[1:])
    return np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), "<u4"), offsets


def texts_of(codes: Codes, offsets: Offsets) -> list[str]:
    """The reverse of `code_points`."""
    whole = codes.tobytes().decode("utf-32-le", "surrogatepass")
    bounds = offsets.tolist()
    return [whole[start:end] for start, end in pairwise(bounds)]


def entries(table: npt.NDArray[Entry], codes: Codes) -> npt.NDArray[Entry]:
    """What `table` (65,536 entries) holds for each code point; its last entry for those beyond the Basic Multilingual Plane."""
    return table.take(codes, mode="clip")


def look_up(codes: Codes, offsets: Offsets, table: Codes) -> tuple[Codes, Offsets]:
    """Every code point replaced by what `table` (65,536 entries) holds for it, the `DROPPED` ones left out; offsets follow.

    Code points beyond the Basic Multilingual Plane stay.
    """
    mapped = entries(table, codes)
    astral = codes > 0xFFFF
    if astral.any():
        mapped[astral] = codes[astral]
    keep = mapped != DROPPED
    if keep.all():
        return mapped, offsets
    return mapped[keep], offsets - np.searchsorted(np.flatnonzero(~keep), offsets)


def table_of(mapping: Mapping[int, str | None]) -> Codes:
    """A table for `look_up` from a dict as `str.translate` takes it, with single characters or None as values."""
    table = np.arange(0x10000, dtype=np.uint32)
    for point, value in mapping.items():
        table[point] = DROPPED if value is None else ord(value)
    return table


_SEARCH_TABLE = table_of(_SEARCH_MAP)
_LOWER_TABLE = table_of({**_SEARCH_MAP, **{point: chr(point + 32) for point in range(ord("A"), ord("Z") + 1)}})


def fold_lines(texts: Sequence[str]) -> list[str]:
    """`fold` of each text with A-Z in lower case; line breaks stay where they are."""
    return texts_of(*look_up(*code_points(texts), _LOWER_TABLE))


@lru_cache(maxsize=1)
def _composable() -> npt.NDArray[np.bool_]:
    """For each code point of the Basic Multilingual Plane: NFKC may change it, or the character before it."""
    table = np.zeros(0x10000, bool)
    for point in (*range(0xA0, 0xD800), *range(0xE000, 0x10000)):
        char = chr(point)
        table[point] = (unicodedata.combining(char) and char not in DIACRITICS) or not unicodedata.is_normalized("NFKC", char)
    table[[0x0653, 0x0654, 0x0655, *range(0x1160, 0x1200)]] = True
    return table


def rows_with(mask: npt.NDArray[np.bool_], offsets: Offsets) -> list[int]:
    """The texts that have a code point for which `mask` is True, in order."""
    rows: list[int] = np.unique(np.searchsorted(offsets, np.flatnonzero(mask), side="right") - 1).tolist()
    return rows


@lru_cache(maxsize=1)
def _stacked_marks() -> re.Pattern[str]:
    marks = "".join(re.escape(chr(point)) for point in range(0x20000) if unicodedata.combining(chr(point)))
    return re.compile(f"([{marks}]{{{MOST_MARKS}}})[{marks}]+")


def compose(form: Literal["NFC", "NFKC"], text: str) -> str:
    """The text in a normal form of Unicode, without the combining marks that a letter has beyond `MOST_MARKS`."""
    return unicodedata.normalize(form, _stacked_marks().sub(r"\1", text))


def fold_codes(texts: Sequence[str], codes: Codes, offsets: Offsets) -> tuple[Codes, Offsets]:
    """`code_points` of `fold_all(texts)`, for one who has those of `texts` already."""
    odd = entries(_composable(), codes) | (codes > 0xFFFF)
    if odd.any():
        composed = list(texts)
        for row in rows_with(odd, offsets):
            composed[row] = compose("NFKC", texts[row])
        codes, offsets = code_points(composed)
    return look_up(codes, offsets, _SEARCH_TABLE)


def fold_all(texts: Sequence[str]) -> list[str]:
    """`fold` of the compatibility composition (NFKC) of each text."""
    return texts_of(*fold_codes(texts, *code_points(texts)))


SENTENCE_END = re.compile(r"[.!?؟…\n](?:(?<=\n)\n*|(?<!\n)(?<![\s(«\"“]\w[.!?؟…])(?<!^\w[.!?؟…])[.!?؟…]*[\"'”“»)\]]*(?=\s)\n*)")
"""Where a sentence ends: a line break, or a full stop, question or exclamation mark (with closing quote marks) that white space
follows; the dot of an abbreviation of one letter («د. فلان») ends none."""


_LETTER, _OPENING, _BLANK, _BREAK, _STOP, _CLOSING = 1, 2, 4, 8, 16, 32


@lru_cache(maxsize=1)
def _sentence_parts() -> npt.NDArray[np.uint8]:
    """The parts that each code point of the Basic Multilingual Plane may play in `SENTENCE_END`."""
    table = np.zeros(0x10000, np.uint8)
    parts = (
        (r"\w", _LETTER),
        (r"[\s(«\"“]", _OPENING),
        (r"[^\S\n]", _BLANK),
        (r"\n", _BREAK),
        ("[.!?؟…]", _STOP),
        (r"[\"'”’“»)\]]", _CLOSING),
    )
    for members, part in parts:
        member = re.compile(members)
        table[[point for point in range(0x10000) if member.match(chr(point))]] |= part
    return table


def sentence_counts(codes: Codes, offsets: Offsets) -> npt.NDArray[np.int64]:
    """How many sentences each text has: one more than the matches of `SENTENCE_END`. No code point beyond the Basic Multilingual Plane
    counts as a letter."""
    parts = np.append(entries(_sentence_parts(), codes), np.uint8(0))
    # The last mark of each run of marks, and what follows it after closing quote marks and brackets.
    marks = np.flatnonzero((parts[:-1] & _STOP) > (parts[1:] & _STOP))
    after = marks + 1
    while (closing := parts[after] & _CLOSING > 0).any():
        after += closing
    rows = np.searchsorted(offsets, marks, side="right") - 1
    before = marks - offsets[rows]
    abbreviates = (before > 0) & (parts[marks - 1] & _LETTER > 0) & ((before == 1) | (parts[marks - 2] & _OPENING > 0))
    # A mark before a line break ends no other sentence than the break does.
    ends = (parts[after] & _BLANK > 0) & (after < offsets[rows + 1]) & ~abbreviates
    return run_counts(parts[:-1] == _OPENING | _BREAK, offsets) + np.bincount(rows[ends], minlength=len(offsets) - 1) + 1


@lru_cache(maxsize=1)
def _word_characters() -> npt.NDArray[np.bool_]:
    return np.array([WORD.match(chr(point)) is not None for point in range(0x10000)])


def counts(mask: npt.NDArray[np.bool_], offsets: Offsets) -> npt.NDArray[np.int64]:
    """How many code points of each text are True in `mask`."""
    return np.diff(np.searchsorted(np.flatnonzero(mask), offsets))


def run_counts(mask: npt.NDArray[np.bool_], offsets: Offsets) -> npt.NDArray[np.int64]:
    """How many runs of code points each text has that are True in `mask`."""
    begins = mask.copy()
    begins[1:] &= ~mask[:-1]
    first = offsets[:-1][offsets[:-1] < len(mask)]
    begins[first] = mask[first]
    return counts(begins, offsets)


def word_counts(codes: Codes, offsets: Offsets) -> npt.NDArray[np.int64]:
    """How many words (matches of `WORD`) each text has. Code points beyond the Basic Multilingual Plane count as no part of a word."""
    return run_counts(entries(_word_characters(), codes), offsets)
