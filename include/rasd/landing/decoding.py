"""From a file's bytes to text: byte order marks, UTF-8, UTF-16, UTF-32, windows-1256, ISO-8859-6, MacArabic, and mojibake mended.

UTF-8 that reads without an error is taken for UTF-8. Otherwise the single-byte encodings are tried and the one that gives the most
common Arabic words wins; a file in UTF-8 with a few broken bytes (cut in the middle of a letter, say) is read as UTF-8 and flagged.

Mojibake is text in UTF-8 that was once read as windows-1252 (with the WHATWG's table) or windows-1256 and saved again. It is mended where
the way back is certain: the characters of a stretch turn into bytes that are valid UTF-8 and hold Arabic. What cannot be mended is flagged.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rasd.resources import lexicon

BOMS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)

_MARK_BYTES = frozenset(bom[:1] for bom, _ in BOMS)

MAGIC = (
    b"%PDF", b"PK\x03\x04", b"PK\x05\x06", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"7z\xbc\xaf", b"Rar!",
    b"\x7fELF", b"MZ\x90", b"\xd0\xcf\x11\xe0", b"{\\rtf", b"RIFF", b"OggS", b"ID3", b"\x28\xb5\x2f\xfd", b"PAR1", b"SQLite format 3",
)  # fmt: skip

COMMON_WORDS = frozenset(row["word"] for row in lexicon("common_words"))
"""Words that hardly any Arabic article of a few sentences is without."""

SINGLE_BYTE = (("windows-1256", "cp1256"), ("iso-8859-6", "iso8859_6"), ("mac-arabic", "mac_arabic"))

_CONTROL = bytes(set(range(32)) - {9, 10, 11, 12, 13, 0x1A, 0x1B})
_MEANINGLESS = re.compile("[\ufffd\x80-\x9f]")
_ARABIC = re.compile("[\u0621-\u064a]")
_ARABIC_WORD = re.compile("[\u0621-\u0652]+")


@dataclass(frozen=True, slots=True)
class Decoded:
    """A file's text; the encoding it was read in; and what was odd: `mojibake_mended`, `mojibake`, `broken_bytes`."""

    text: str
    encoding: str
    flags: tuple[str, ...] = ()


class Undecodable(ValueError):  # noqa: N818 - says what the file is
    """The bytes are no text that Rasd reads. `reason` is one of `rasd.schema.REJECT_REASONS`, `message` is for a person."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message


def decode(content: bytes) -> Decoded:
    """The text of `content`.

    Raises:
        Undecodable: with reason `empty_file`, `not_text` or `undecodable`.
    """
    marked = next(((bom, encoding) for bom, encoding in BOMS if content.startswith(bom)), None) if content[:1] in _MARK_BYTES else None
    if marked:
        bom, encoding = marked
        text, flags = _read(content[len(bom) :], encoding)
    else:
        if content.startswith(MAGIC):
            raise Undecodable("not_text", "The file is a binary document, image or archive. Export its text and land that.")
        guess = _wide_encoding(content) if b"\0" in content else None
        if guess:
            encoding = guess
            text, flags = _read(content, guess)
        else:
            try:
                text, encoding, flags = content.decode("utf-8"), "utf-8", ()
            except UnicodeDecodeError as error:
                text, encoding, flags = _legacy(content, error)
    if not text or text.isspace():
        raise Undecodable("empty_file", "The file holds no text.")
    if b"\0" in content or b"\x01" in content or b"\x02" in content:
        _refuse_binary(text)
    # In UTF-8, mojibake of Arabic always holds one of these two lead bytes.
    doubtful = encoding != "utf-8" or b"\xc3" in content or b"\xc2" in content
    if doubtful and any(sign in text for sign in _SIGNS) and _LEFT_OVER.search(text):
        text, mojibake = mend_mojibake(text)
        flags = (*flags, *mojibake)
    return Decoded(text, encoding, flags)


def _read(content: bytes, encoding: str) -> tuple[str, tuple[str, ...]]:
    try:
        return content.decode(encoding), ()
    except UnicodeDecodeError:
        return content.decode(encoding, "replace"), ("broken_bytes",)


def _wide_encoding(content: bytes) -> str | None:
    """UTF-16 or UTF-32 without a byte order mark: the zero bytes (of spaces and digits), or the 0x06 of Arabic, are all on one side."""
    sample = content[:8000]
    if len(sample) < 4:
        return None
    for encoding, width, high in (("utf-32-le", 4, 3), ("utf-32-be", 4, 0), ("utf-16-le", 2, 1), ("utf-16-be", 2, 0)):
        units = len(sample) // width
        top = sample[high : units * width : width]
        if width == 4:
            if top.count(0) == units and sample[3 - high : units * width : width].count(0) < units // 4:
                return encoding
        elif top.count(0) + top.count(6) + top.count(0x20) + top.count(0xFE) > 0.95 * units:
            low = sample[1 - high : units * width : width]
            if low.count(0) + low.count(6) < 0.2 * units:
                return encoding
    return None


def _legacy(content: bytes, error: UnicodeDecodeError) -> tuple[str, str, tuple[str, ...]]:
    """Text, encoding and flags of bytes that are not valid UTF-8."""
    if sum(map(content[:8000].count, [bytes([b]) for b in _CONTROL])) > 0.02 * min(len(content), 8000):
        raise Undecodable("not_text", "The bytes are no text: more than one in fifty is a control code.") from error
    replaced = content.decode("utf-8", "replace")
    valid = sum(1 for c in replaced if c != "\ufffd" and ord(c) > 0x7F)
    broken = replaced.count("\ufffd")
    if valid > 10 * broken:
        return replaced, "utf-8", ("broken_bytes",)
    best: tuple[float, str, str] | None = None
    for name, codec in SINGLE_BYTE:
        text = content.decode(codec, "replace")
        words = _ARABIC_WORD.findall(text[:20000])
        score = sum(word in COMMON_WORDS for word in words) / len(words) if words else 0.0
        # ISO-8859-6 and MacArabic have the same letters: what tells them apart is bytes that mean nothing in one of them.
        score -= len(_MEANINGLESS.findall(text)) / len(text)
        if best is None or score > best[0]:
            best = (score, name, text)
    assert best is not None
    score, name, text = best
    if score >= 0.03:
        return text, name, ("broken_bytes",) if "\ufffd" in text else ()
    western = content.decode("cp1252", "replace")
    ascii_share = sum(b < 0x80 for b in content[:8000]) / min(len(content), 8000)
    if ascii_share > 0.7 and western.count("\ufffd") <= len(western) // 100:
        return western, "windows-1252", ()
    arabic = len(_ARABIC.findall(text))
    if arabic > 0.5 * sum(not c.isspace() for c in text):  # too short to hold a common word
        return text, name, ()
    raise Undecodable("undecodable", "No encoding that Rasd knows gives readable text. Save it as UTF-8.") from error


def _refuse_binary(text: str) -> None:
    sample = text[:8000]
    if sum(c < " " and c not in "\t\n\v\f\r\x1a\x1b" for c in sample) > 0.1 * len(sample):
        raise Undecodable("not_text", "The bytes are no text: more than one in ten is a control code.")


def _byte_table(codec: str) -> dict[int, int]:
    """Code point to byte, for a character that `codec` has; C1 controls stand for themselves, as the WHATWG's tables have it."""
    table = {byte: byte for byte in range(0x100) if byte < 0xA0}
    for byte in range(0x80, 0x100):
        char = bytes([byte]).decode(codec, "ignore")
        if char:
            table[ord(char)] = byte
    return table


_TABLES = {"cp1252": _byte_table("cp1252"), "cp1256": _byte_table("cp1256")}


def _stretch(table: dict[int, int]) -> re.Pattern[str]:
    """Characters that make one or more UTF-8 sequences of two or three bytes, when each is turned into its byte."""

    def chars(low: int, high: int) -> str:
        return "".join(re.escape(chr(point)) for point, byte in table.items() if low <= byte <= high)

    follow = f"[{chars(0x80, 0xBF)}]"
    return re.compile(f"(?:[{chars(0xC2, 0xDF)}]{follow}|[{chars(0xE0, 0xEF)}]{follow}{follow})+")


_STRETCHES = {codec: _stretch(table) for codec, table in _TABLES.items()}
_LEAST_EVIDENCE = 4
_SIGNS = "ØÙÃ§„·"
"""One of them is in all mojibake of Arabic, and hardly any is in other Arabic texts."""
_LEFT_OVER = re.compile("[ØÙÃ]|ط§|ظ„|ط·")
_EVIDENCE = {
    "cp1252": re.compile("[ØÙÃ][\u0080-\u00bf\u0152-\u0178\u0192\u02c6-\u02dc\u2013-\u203a\u20ac\u2122]"),
    "cp1256": re.compile("[طظ][\u0080-\u00bf\u0152\u0153\u0192\u02c6\u200c\u200d\u2013-\u203a\u20ac\u2122پچژکگڈڑںٹھ،؛؟ہ]"),
}


def mend_mojibake(text: str) -> tuple[str, tuple[str, ...]]:
    """The text with mojibake mended, and `mojibake_mended`, `mojibake` (some is left) or nothing."""
    best = current = text
    for _ in range(3):  # mojibake of mojibake exists
        for codec, evidence in _EVIDENCE.items():
            if len(evidence.findall(current)) >= _LEAST_EVIDENCE and (better := _mend(current, codec)) != current:
                current = better
                break
        else:
            break
        if _common_words(current) > _common_words(best):  # a wrong guess makes rare characters, not Arabic words
            best = current
    flags = ("mojibake_mended",) if best is not text else ()
    if len(_LEFT_OVER.findall(best)) >= _LEAST_EVIDENCE:
        flags = (*flags, "mojibake")
    return best, flags


def _mend(text: str, codec: str) -> str:
    table = _TABLES[codec]
    try:
        return bytes(table[ord(c)] for c in text).decode("utf-8")
    except (KeyError, ValueError):  # some of it is good: mend what surely is not
        return _STRETCHES[codec].sub(lambda match: _back(match.group(), table), text)


def _back(stretch: str, table: dict[int, int]) -> str:
    try:
        return bytes(table[ord(c)] for c in stretch).decode("utf-8")
    except UnicodeDecodeError:
        return stretch


def _common_words(text: str) -> int:
    return sum(word in COMMON_WORDS for word in _ARABIC_WORD.findall(text))
