"""Bytes to text: every encoding, mojibake both ways, and what is no text."""

from __future__ import annotations

import codecs
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rasd.arabic import fold
from rasd.landing.decoding import COMMON_WORDS, Decoded, Undecodable, decode
from rasd.schema import REJECT_REASONS

TEXT = (
    "ورشة في حي قديم تصنع الساعات\n\n"
    "قال صاحب الورشة إن العمل بدأ قبل عشرين عاما، وأضاف أن الزبائن يأتون من كل المدن.\n"
    "وكان الحي قد شهد في العام 1998 إغلاق أكثر من ورشة، لكن هذه بقيت على حالها.\n"
)
QUOTED = TEXT + "وتابع: «لم نفكر يوما في الرحيل»، مشيرا إلى أن الكلفة ارتفعت – كما يقول – بنسبة ١٥٪ بعد “الأزمة”…\n"


def whatwg_1252(content: bytes) -> str:
    return "".join(bytes([b]).decode("cp1252") if b not in (0x81, 0x8D, 0x8F, 0x90, 0x9D) else chr(b) for b in content)


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("utf-16", "utf-16-le"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("utf-32", "utf-32-le"),
        ("utf-32-be", "utf-32-be"),
        ("cp1256", "windows-1256"),
        ("iso8859_6", "iso-8859-6"),
        ("mac_arabic", "mac-arabic"),
    ],
)
def test_encoding_is_recognised(encoding: str, name: str) -> None:
    text = TEXT.replace("1998", "١٩٩٨") if encoding == "mac_arabic" else TEXT  # what ISO-8859-6 has not
    assert decode(text.encode(encoding)) == Decoded(text, name)


def test_big_endian_with_a_mark() -> None:
    assert decode(codecs.BOM_UTF16_BE + QUOTED.encode("utf-16-be")) == Decoded(QUOTED, "utf-16-be")


@pytest.mark.parametrize("wrong", ["cp1256", "latin-1", "whatwg-1252"])
@pytest.mark.parametrize("times", [1, 2])
def test_mojibake_is_mended(wrong: str, times: int) -> None:
    content = QUOTED.encode()
    for _ in range(times):
        content = (whatwg_1252(content) if wrong == "whatwg-1252" else content.decode(wrong)).encode()
    assert decode(content) == Decoded(QUOTED, "utf-8", ("mojibake_mended",))


def test_mojibake_beside_good_text_is_mended_alone() -> None:
    bad = whatwg_1252(QUOTED.encode())
    decoded = decode((TEXT + bad + "\nحاشية سليمة").encode())
    assert decoded.text == TEXT + QUOTED + "\nحاشية سليمة"
    assert decoded.flags == ("mojibake_mended",)


def test_mojibake_that_lost_characters_is_flagged() -> None:
    lossy = whatwg_1252(TEXT.encode()).replace("§", "?").replace("„", "?")
    assert "mojibake" in decode(lossy.encode()).flags


def test_arabic_with_the_letters_of_mojibake_is_left_alone() -> None:
    text = TEXT + "كتب على اللوح: ط§ ثم ظ„ وتركهما."
    assert decode(text.encode()) == Decoded(text, "utf-8")


def test_file_cut_inside_a_letter_is_read() -> None:
    decoded = decode((TEXT * 3).encode()[:-3])
    assert decoded.encoding == "utf-8"
    assert decoded.flags == ("broken_bytes",)
    assert decoded.text.startswith(TEXT)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty_file"),
        (b" \n\t\r\n", "empty_file"),
        (codecs.BOM_UTF8, "empty_file"),
        (b"%PDF-1.7\n%\xe2\xe3", "not_text"),
        (b"PK\x03\x04" + bytes(100), "not_text"),
        (bytes(500), "not_text"),
        (bytes(range(256)) * 20, "not_text"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(200)), "not_text"),
    ],
)
def test_what_is_no_text_is_refused_with_a_reason(content: bytes, reason: str) -> None:
    with pytest.raises(Undecodable) as refused:
        decode(content)
    assert refused.value.reason == reason
    assert refused.value.message


@given(st.binary(max_size=400))
@example(b"\xff\xfe\xd8")
@example(b"\xd8\x27\x06")
@example(b"\x00a\x00")
def test_no_bytes_raise_anything_else(content: bytes) -> None:
    try:
        decoded = decode(content)
    except Undecodable as refused:
        assert refused.reason in REJECT_REASONS
    else:
        assert decoded.text


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\0\x01\x02"), min_size=1).filter(lambda t: not t.isspace()))
def test_utf8_is_read_as_it_is_unless_it_is_mojibake(text: str) -> None:
    try:
        decoded = decode(text.encode())
    except Undecodable:
        return
    if not decoded.flags and decoded.encoding == "utf-8" and not text.startswith("\ufeff"):
        assert decoded.text == text


@pytest.mark.corpus
def test_old_newspaper_files_decode_to_arabic(shared: Path) -> None:
    words: Counter[str] = Counter()
    letters = arabic = 0
    for file in sorted((shared / "corpus" / "windows-1256").iterdir()):
        decoded = decode(file.read_bytes())
        assert decoded.encoding == "windows-1256"
        letters += sum(c.isalpha() for c in decoded.text)
        arabic += sum("\u0621" <= c <= "\u064a" for c in decoded.text)
        words.update(decoded.text.split())
    assert arabic >= 0.98 * letters
    common = {fold(word) for word in COMMON_WORDS}
    assert all(fold(word) in common for word, _ in words.most_common(8))
