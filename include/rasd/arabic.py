"""Facts of the Arabic script that all stages share: letter classes and foldings. Pure string functions, in code points.

Folding is `str.translate` with one table. The tables give what camel_tools' `dediac_ar` and `normalize_*_ar` give for the same steps
(tests compare them), several times faster.
"""

from __future__ import annotations

import re

DIACRITICS = "".join(map(chr, [*range(0x0610, 0x061B), *range(0x064B, 0x0660), 0x0670]))
"""Signs of Quranic annotation, tanwin, harakat, shadda, sukun and the small alef."""

TATWEEL = "\u0640"
LETTERS = "\u0620-\u063f\u0641-\u064a\u066e-\u066f\u0671-\u06d3\u06d5\u06ee-\u06ef\u06fa-\u06fc\u06ff"
"""Arabic letters (with those of Persian, Urdu and Kurdish) for use inside a regular expression's brackets."""

WORD = re.compile(f"[\\w{DIACRITICS}{TATWEEL}]+")
"""A word of any script, with its diacritics."""

_DIGITS = {0x0660 + i: str(i) for i in range(10)} | {0x06F0 + i: str(i) for i in range(10)}
_ALEF = dict.fromkeys(map(ord, "أإآٱ"), "ا")
_DROP: dict[int, str | None] = dict.fromkeys([*map(ord, DIACRITICS), ord(TATWEEL)])

_DEDIACRITISE = str.maketrans(_DROP)  # type: ignore[arg-type]
_SEARCH = str.maketrans({**_DROP, **_ALEF, **_DIGITS, ord("ى"): "ي", ord("ة"): "ه", ord("ؤ"): "و", ord("ئ"): "ي"})  # type: ignore[arg-type]
_TO_ASCII_DIGITS = str.maketrans(_DIGITS)


def dediacritise(text: str) -> str:
    """The text without diacritics and tatweel."""
    return text.translate(_DEDIACRITISE)


def fold(text: str) -> str:
    """The text for search and comparison: diacritics and tatweel gone; alef, ya, ta marbuta, hamza carriers and digits folded."""
    return text.translate(_SEARCH)


def ascii_digits(text: str) -> str:
    """The text with Arabic-Indic and Persian digits as 0-9."""
    return text.translate(_TO_ASCII_DIGITS)
