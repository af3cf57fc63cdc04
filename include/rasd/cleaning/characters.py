"""What becomes of odd characters in `text`, so that it is what a reader should see.

| character | becomes |
|---|---|
| CR LF, CR, vertical tab, form feed, file separators, NEL | a line break |
| U+2028, U+2029 (they stand inside lines of web copy) | a space |
| tab, no-break space and all other white space | a space; runs of spaces become one, none is left at a line's ends |
| NUL and other control codes, lone surrogates, non-characters, U+FFFD | gone |
| bidi controls (marks, embeddings, isolates) | gone |
| zero-width space, joiner, non-joiner, no-break space, soft hyphen, variation selectors | gone |
| Arabic presentation forms and ligatures | the letters they stand for (ﷲ becomes الله); the ornate parentheses ﴾﴿ stay |
| letter and combining madda or hamza | the one letter (NFC) |
| tatweel between letters, and runs of it | gone; a single one after the last letter («بـ«سوريا»», «هـ») stays |
| tatweel that stands before a space, after a space or a line's beginning | the hyphen that it was typed for («جدة ـ واس») |
| HTML character references (&quot; &#1575;) | the character |
| diacritics, digits of every kind, quote marks of every kind | stay |
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from rasd.arabic import DIACRITICS, LETTERS, TATWEEL, Codes, code_points, compose, entries, look_up, rows_with, table_of, texts_of

_LINE_BREAKS = "\r\v\f\x1c\x1d\x1e\x85"
_SPACES = "\t\u00a0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
_INVISIBLE = "\u00ad\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u2060\u2061\u2062\u2063\u2064\ufeff\ufffc\ufffd\ufffe\uffff" + "".join(
    map(chr, [*range(0x202A, 0x202F), *range(0x2066, 0x2070), *range(0xFE00, 0xFE10), *range(0xFFF0, 0xFFFC)])
)
_REFERENCE = re.compile(r"&(?:[A-Za-z]{2,8}|#\d{2,7}|#[xX][0-9A-Fa-f]{2,6});")
_TATWEEL = re.compile(f"{TATWEEL}+")
_JOINS = re.compile(f"[{LETTERS}{DIACRITICS}]")
_SPACES_RUN = re.compile(" {2,}")

MOST_ROUNDS = 8
"""References inside references that are resolved: more are made to keep a machine busy, and nobody wrote them."""


@lru_cache(maxsize=1)
def _mapping() -> dict[int, str | None]:
    mapping: dict[int, str | None] = dict.fromkeys(map(ord, _LINE_BREAKS), "\n")
    mapping |= dict.fromkeys(map(ord, _SPACES), " ")
    mapping |= dict.fromkeys(map(ord, _INVISIBLE))
    mapping |= dict.fromkeys([*range(0x09), *range(0x0E, 0x1C), 0x1F, *range(0x7F, 0x85), *range(0x86, 0xA0)])
    mapping |= dict.fromkeys([*range(0xD800, 0xE000), *range(0xFDD0, 0xFDF0)])
    return mapping


@lru_cache(maxsize=1)
def _expanded() -> dict[int, str]:
    """Characters that become several, or another letter."""
    points = [*range(0xFB50, 0xFD3E), *range(0xFD50, 0xFDD0), *range(0xFDF0, 0xFDFE), *range(0xFE70, 0xFEFD)]
    forms = {p: unicodedata.normalize("NFKC", chr(p)).strip() for p in points}
    forms |= {0xFDFC: "ريال", 0xFDFD: "بسم الله الرحمن الرحيم"}
    return {p: form for p, form in forms.items() if form != chr(p)}


_BREAK, _SPACE, _REPLACED, _CHECKED, _EXPANDED = 1, 2, 3, 4, 5
"""Classes of code points: line break; space; those that `_mapping` replaces; those whose neighbours decide what becomes of them; those that
become several, or one together with a neighbour."""


@lru_cache(maxsize=1)
def _tables() -> tuple[Codes, npt.NDArray[np.uint8]]:
    """Table for `look_up`, and the class of each code point; what has none stays as it is."""
    table = table_of(_mapping())
    classes = np.zeros(0x10000, np.uint8)
    classes[table != np.arange(0x10000)] = _REPLACED
    classes[[ord(TATWEEL), ord("&")]] = _CHECKED
    classes[[*_expanded(), ord("\r"), 0x0653, 0x0654, 0x0655, *range(0x0300, 0x0370)]] = _EXPANDED
    classes[ord("\n")], classes[ord(" ")] = _BREAK, _SPACE
    return table, classes


def clean_characters(texts: Sequence[str]) -> list[str]:
    """The texts with their characters as this module's table says; line breaks are "\\n". Cleaning a clean text changes nothing."""
    table, classes = _tables()
    codes, offsets = code_points(texts)
    kinds = entries(classes, codes)
    odd = kinds >= _REPLACED
    odd[1:] |= kinds[1:] + kinds[:-1] > 2 * _BREAK  # a space beside a space or a break
    cleaned = [text.strip(" ") for text in texts]
    rows = rows_with(odd, offsets)
    expanded = set(rows_with(kinds == _EXPANDED, offsets))
    for row, text in zip(rows, texts_of(*look_up(*code_points([texts[row] for row in rows]), table)), strict=True):
        cleaned[row] = _clean_one(texts[row]) if row in expanded or ("&" in text and ";" in text) else _tidy(text)
    return cleaned


def _clean_one(text: str) -> str:
    """The same for one text with characters that become several: taking one away may make another, so until nothing changes."""
    text = text.replace("\r\n", "\n")
    for _ in range(MOST_ROUNDS):
        before = text
        text = _tidy(compose("NFC", _REFERENCE.sub(_character, text).translate(_mapping()).translate(_expanded())))
        if text == before:
            break
    return text


def _character(match: re.Match[str]) -> str:
    return html.unescape(match.group())


def _is_stretched(text: str) -> bool:
    """Whether any tatweel is more than the one after the last letter of a word."""
    at = text.find(TATWEEL)
    while at >= 0:
        if at == 0 or not _JOINS.match(text, at - 1) or text[at + 1 : at + 2] == TATWEEL or _JOINS.match(text, at + 1):
            return True
        at = text.find(TATWEEL, at + 1)
    return False


def _stretch(match: re.Match[str]) -> str:
    """Nothing; a hyphen; or the one tatweel that shows a letter's joined form at the end of its word."""
    text = match.string
    if text[match.end() : match.end() + 1] == " " and text[match.start() - 1 : match.start()] in ("", " ", "\n"):
        return "-"
    ends = not _JOINS.match(text, match.end()) and match.start() > 0 and _JOINS.match(text, match.start() - 1)
    return TATWEEL if ends else ""


def _tidy(text: str) -> str:
    if TATWEEL in text and _is_stretched(text):
        text = _TATWEEL.sub(_stretch, text)
    if "  " in text:
        text = _SPACES_RUN.sub(" ", text)
    return text.replace(" \n", "\n").replace("\n ", "\n").strip(" ")
