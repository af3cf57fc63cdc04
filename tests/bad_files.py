"""Files that go wrong in every way we could think of, made from a seed: 300 and more, and a few huge ones."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import random
import socket
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

from tests.synthetic import article

ENCODINGS = (
    "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "utf-7", "cp1256",
    "iso8859_6", "mac_arabic", "cp720", "cp864", "cp1006", "cp1252", "latin-1", "cp437", "cp037", "cp1255", "koi8-r",
    "shift_jis", "gb18030", "big5", "euc_kr", "iso2022_jp", "hz", "punycode", "unicode_escape", "raw_unicode_escape",
)  # fmt: skip
NAMES = (
    "new\nline", "tab\tin", "car\rriage", "quote'", 'double"quote', "back\\slash", "semi;colon", "'; DROP TABLE articles; --",
    "$(reboot)", "`reboot`", "%s%n{0}{x.__class__}", "<script>alert(1)", "&amp;", "a?token=1", "a#b", "[a-z]*?", "{a,b}",
    "~root", "-rf", "=1+1", "  spaces  ", "\u202eاسم مقلوب", "\u200f\u200e", "\u2066x\u2069", "zero\u200bwidth", "nbsp\u00a0",
    "\u2028", "e\u0301", "é", "🗞️", "\x01\x1b[31m", "ingest_date=2020-01-01", "2020-02-31", "file:", "s3:", "a::b", "x" * 251,
    "خ" * 125, "CON", "NUL.", "…", "\ufeffbom", "\U0010ffff",
)  # fmt: skip
NAMES_IN_BYTES = (b"bad-\xff", b"latin-\xe9\xe8", b"\xd8", b"half-\xf0\x9f", b"\xed\xa0\x80surrogate", rb"x-\udcff", b"x-\xff")
DEPTHS = (10, 300, 5_000, 20_000)


def generate(folder: Path, seed: int = 1) -> dict[str, int]:
    """Write the corpus to a folder that does not exist yet.

    Returns:
        How many files were written and are to be accounted for, by kind.
    """
    chance = random.Random(seed)
    counts = {}
    for kind, files in (
        ("encodings", _encodings()),
        ("truncated", _truncated(chance)),
        ("noise", _noise(chance)),
        ("scarce", _scarce()),
        ("unicode", _unicode(chance)),
        ("marks", _marks(chance)),
        ("archives", _archives()),
        ("shapes", _shapes(chance)),
        ("dates", _dates()),
        ("named", _named()),
    ):
        place = folder / kind
        place.mkdir(parents=True)
        written = 0
        for number, (name, content) in enumerate(files):
            stem = os.fsencode(name) if isinstance(name, str) else name
            with open(os.path.join(os.fsencode(place), stem or b"%d" % number) + b".txt", "xb") as file:  # noqa: PTH118, PTH123
                file.write(content)
            written += 1
        counts[kind] = written
    return counts | {"special": _special(folder / "special"), "sidecars": _sidecars(folder / "sidecars")}


def generate_huge(folder: Path) -> int:
    """Files of a size that nobody lands on purpose; returns how many."""
    folder.mkdir(parents=True)
    sentence = article(7).replace("\n", " ")
    (folder / "line-of-100-megabytes.txt").write_text(sentence * (100_000_000 // len(sentence.encode())), encoding="utf-8")
    (folder / "line-of-2-megabytes.txt").write_text(sentence * (2_000_000 // len(sentence.encode())), encoding="utf-8")
    (folder / "word-of-15-megabytes.txt").write_text("خبر" * 2_500_000, encoding="utf-8")
    (folder / "million-lines.txt").write_text("خبر\n" * 1_000_000, encoding="utf-8")
    (folder / "million-different-lines.txt").write_text("\n".join(f"خبر {n}" for n in range(1_000_000)), encoding="utf-8")
    (folder / "million-empty-lines.txt").write_text("\n" * 1_000_000 + article(8), encoding="utf-8")
    return 6


Named = Iterator[tuple[str | bytes, bytes]]


def _encodings() -> Named:
    for number, encoding in enumerate(ENCODINGS):
        yield encoding, article(number).encode(encoding, "replace")
        yield f"{encoding}-short", "خبر عاجل".encode(encoding, "replace")
    for number, (wrong, right) in enumerate((("cp1252", "utf-8"), ("cp1256", "utf-8"), ("latin-1", "cp1256"), ("mac_arabic", "utf-8"))):
        yield f"mojibake-{number}", article(number).encode(right, "replace").decode(wrong, "replace").encode()
    yield "two-encodings", article(1).encode() + article(2).encode("cp1256")
    yield "two-marks", b"\xef\xbb\xbf\xef\xbb\xbf" + article(3).encode()
    yield "mark-in-the-middle", article(4).replace(" ", " \ufeff", 5).encode()
    yield "wrong-mark", b"\xff\xfe" + article(5).encode()


def _truncated(chance: random.Random) -> Named:
    for number in range(48):
        content = article(100 + number).encode(("utf-8", "utf-16", "utf-32", "cp1256")[number % 4])
        begin = chance.randrange(200) if number % 3 == 0 else 0
        yield "", content[begin : chance.randrange(begin + 1, len(content))]


def _noise(chance: random.Random) -> Named:
    for size in (1, 2, 3, 4, 7, 16, 100, 511, 4096, 65_537, 300_000):
        yield f"random-{size}", chance.randbytes(size)
        yield f"control-{size}", bytes(chance.choices(range(32), k=size))
        yield f"high-{size}", bytes(chance.choices(range(128, 256), k=size))
    for number in range(24):
        content = bytearray(article(200 + number).encode())
        for _ in range(4 ** chance.randrange(6)):
            content[chance.randrange(len(content))] = chance.randrange(256)
        yield "", bytes(content)
    for number in range(8):
        content = article(230 + number).encode()
        at = chance.randrange(len(content))
        yield "", content[:at] + chance.randbytes(2**number) + content[at:]


def _scarce() -> Named:
    for name, text in {
        "empty": "",
        "space": " ",
        "white": " \t\r\n\u00a0\u3000" * 50,
        "letter": "خ",
        "tatweel": "ـ" * 500,
        "diacritics": "\u064b\u0651\u0650" * 300,
        "bidi": "\u202b\u202c\u200f\u2067" * 300,
        "joiners": "\u200c\u200d" * 300,
        "punctuation": "؟!،؛." * 300,
        "digits": "٠١٢٣٤٥٦٧٨٩ " * 100,
        "rule": "=" * 5_000,
        "title": "عنوان بلا خبر",
        "english": "The council approved the budget for roads and schools on Tuesday. " * 20,
        "persian": "وزیر خارجه گفت که گفتگوها با همسایگان ادامه خواهد یافت و نتایج آن به زودی اعلام می‌شود. " * 20,
        "emoji": "📰🗞️" * 500,
    }.items():
        yield name, text.encode()
    for name, content in {
        "nul": b"\0",
        "nuls": bytes(5_000),
        "mark": b"\xef\xbb\xbf",
        "mark-16": b"\xff\xfe",
        "end": b"\x1a",
        "byte": b"\xff",
    }.items():
        yield name, content
    yield "nuls-between", article(300).replace(" ", "\0").encode()
    yield "nuls-after", article(301).encode() + bytes(10_000)


def _unicode(chance: random.Random) -> Named:
    text = article(310)
    yield "surrogates", (text + "\ud800\udc00\udfff").encode("utf-8", "surrogatepass")
    yield "surrogates-16", ("\ud800" + text + "\udfff\ud800").encode("utf-16-le", "surrogatepass")
    yield "surrogates-32", b"\xff\xfe\0\0" + (text + "\ud800").encode("utf-32-le", "surrogatepass")
    yield "beyond-unicode", b"\xff\xfe\0\0" + text.encode("utf-32-le") + b"\xff\xff\xff\x7f"
    yield "overlong", text.encode().replace(b" ", b"\xc0\xa0")
    yield "five-bytes", text.encode() + b"\xf8\x88\x80\x80\x80\xfc\x84\x80\x80\x80\x80"
    yield "non-characters", (text + "\ufffe\uffff\U0010ffff\U000e0001").encode()
    yield "private", "".join(chr(chance.randrange(0xE000, 0xF8FF)) for _ in range(3_000)).encode()
    yield "stacked", ("م" + "\u0651\u064e\u0301" * 10_000 + text).encode()
    yield "presentation-forms", "".join(chr(code) for code in range(0xFB50, 0xFDFF)).encode() + text.encode()
    yield "ligature", ("ﷺ ﷽ ﷲ " * 500 + text).encode()
    yield "separators", text.replace("\n", "\u2028\u2029\u0085\x0b\x0c\x1c\x1d\x1e").encode()
    yield "carriage", text.replace("\n", "\r").encode()
    yield "mixed-ends", "".join(c if c != "\n" else chance.choice(("\r", "\n", "\r\n", "\n\r")) for c in text).encode()
    yield "mirrored", text[::-1].encode()
    yield "bidi-around", "".join(f"\u202e{word}\u202c " for word in text.split()).encode()
    yield "every-letter-apart", " ".join(text).encode()
    yield "tatweel-between", "ـ".join(text).encode()
    for _ in range(8):
        yield "", "".join(chr(chance.choice((*range(0x600, 0x6FF), 0x20, 0x0A))) for _ in range(5_000)).encode()
    for _ in range(8):
        points = (chr(chance.randrange(0x110000)) for _ in range(3_000))
        yield "", "".join(points).encode("utf-8", "surrogatepass")


def _marks(chance: random.Random) -> Named:
    inner = article(400)
    for opening, closing in (("«", "»"), ("(", ")"), ('"', '"'), ("[", "]"), ("“", "”")):
        for depth in DEPTHS:
            yield "", (opening * depth + inner + closing * depth).encode()
        yield "", (inner + f" قال الوزير: {opening}" * 2_000).encode()
        yield "", (inner + closing * 5_000).encode()
    marks = "«»“”\"'()[]{}‹›„‟‘’…:؛،-–—"
    for number in range(10):
        pieces = (chance.choice((*marks, "قال", "وأضاف أن", "الوزير", "\n", "بيروت")) for _ in range(4_000))
        yield "", (article(410 + number) + " ".join(pieces)).encode()


def _archives() -> Named:
    zeros = bytes(30_000_000)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.txt", zeros)
    yield "zip-bomb", packed.getvalue()
    yield "gzip-bomb", gzip.compress(zeros, mtime=0)
    yield "bzip2-bomb", bz2.compress(zeros)
    yield "xz-bomb", lzma.compress(zeros, preset=0)
    tarred = io.BytesIO()
    with tarfile.open(fileobj=tarred, mode="w") as archive:
        member = tarfile.TarInfo("../../escape.txt")
        member.size = len(article(1).encode())
        archive.addfile(member, io.BytesIO(article(1).encode()))
    yield "tar", tarred.getvalue()
    for name, head in {
        "pdf": b"%PDF-1.7\n",
        "png": b"\x89PNG\r\n\x1a\n",
        "jpeg": b"\xff\xd8\xff\xe0",
        "elf": b"\x7fELF\x02",
        "parquet": b"PAR1",
        "sqlite": b"SQLite format 3\0",
        "rtf": b"{\\rtf1\\ansi",
        "word": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    }.items():
        yield name, head + bytes(range(256)) * 20


def _shapes(chance: random.Random) -> Named:
    text = article(500)
    yield "one-line", text.replace("\n", " ").encode() * 200
    yield "one-word", ("خبر" * 50_000).encode()
    yield "no-spaces", text.replace(" ", "").encode()
    yield "word-a-line", "\n".join(text.split()).encode()
    yield "letter-a-line", "\n".join(text).encode()
    yield "ten-thousand-lines", "\n".join(f"سطر رقم {n}" for n in range(10_000)).encode()
    yield "repeated-line", ("وقال الوزير إن العمل مستمر.\n" * 5_000).encode()
    yield "repeated-article", (text * 100).encode()
    yield "html", f"<html><body onload=alert(1)>{text}<script>alert('x')</script></body></html>".encode()
    yield "json", f'{{"title": "{text}"}}'.encode()
    yield "csv", "\n".join(f"{n},خبر,{n * n}" for n in range(500)).encode()
    yield "base64", ("2YfYsNinINmG2LUg2LnYsdio2Yo=" * 400).encode()
    yield "formula", ('=HYPERLINK("http://example.org")\n' + text).encode()
    yield "escapes", ("\x1b[31m" + text + "\x1b[0m\x07").encode()
    yield "placeholders", ("{{ ds }} {% raw %} ${HOME} %(x)s {0} \\N \\x00 NULL NaN " + text).encode()
    yield "mailbox", ("From: a\nSubject: b\n\n" + text).encode()
    for number in range(12):
        words = article(510 + number).split()
        chance.shuffle(words)
        yield "", " ".join(words * (number + 1)).encode()


def _dates() -> Named:
    for number, day in enumerate(
        (
            "32/13/2026",
            "00-00-0000",
            "9999-12-31",
            "99999999999999/1/1",
            "31 فبراير 2026",
            "1 محرم 99999",
            "٣٠/٠٢/١٤٤٧",
            "-5/-5/-5",
            "25:61",
        )
    ):
        yield "", (f"{day}\n" + article(530 + number) + f"\nبيروت - {day}: نشر في {day} الساعة 99:99").encode()


def _named() -> Named:
    for number, name in enumerate((*NAMES, *NAMES_IN_BYTES)):
        yield name, article(600 + number).encode()


def _special(folder: Path) -> int:
    """Names that belong to no plain file of the landing area."""
    folder.mkdir()
    (folder / "a-folder.txt").mkdir()
    (folder / "loop.txt").symlink_to(folder / "loop.txt")
    (folder / "there.txt").symlink_to(folder / "back.txt")
    (folder / "back.txt").symlink_to(folder / "there.txt")
    (folder / "nowhere.txt").symlink_to(folder / "nothing")
    (folder / "passwd.txt").symlink_to("/etc/passwd")
    (folder / "endless.txt").symlink_to("/dev/zero")
    (folder / "memory.txt").symlink_to("/proc/self/mem")
    (folder / "bytes-in-target.txt").symlink_to(os.fsdecode(b"nothing-\xff"))
    (folder / "up").symlink_to(folder.parent)
    os.mkfifo(folder / "pipe.txt")
    with socket.socket(socket.AF_UNIX) as listener:
        here = Path.cwd()
        os.chdir(folder)  # the path of a socket may not be long
        try:
            listener.bind("socket.txt")
        finally:
            os.chdir(here)
    (folder / "unreadable.txt").write_text(article(700), encoding="utf-8")
    (folder / "unreadable.txt").chmod(0)
    (folder / "upper.TXT").write_text(article(701), encoding="utf-8")
    (folder / "packed.txt.gz").write_bytes(gzip.compress(article(702).encode(), mtime=0))
    (folder / "packed.zip").write_bytes(b"PK\x05\x06" + bytes(18))
    (folder / ".hidden.txt").write_text(article(703), encoding="utf-8")
    (folder / "notes.md").write_text("no article", encoding="utf-8")
    return 15


def _sidecars(folder: Path) -> int:
    """Articles whose sidecars are the problem."""
    folder.mkdir()
    sidecars = (
        b"", b"null", b"[]", b"{", b'{"source": "\\ud800"}', b"[" * 100_000, b'{"a":' * 100_000,
        b'{"n": ' + b"9" * 5_000 + b"}", b"\xff\xfe\xfd", b'{"source": "../../etc"}', b'{"source": 5}', b'{"source": null}',
        b'{"source": {"a": [1]}}', b'{"source": ""}', b'{"source": "a\\u0000b"}', b'{"published_at": "never"}',
        b'{"published_at": 1e400}', b'{"published_at": -99999999999}', b'{"published_at": "99999-01-01"}',
        b'{"published_at": "2026-02-30T25:61:00+99:00"}', b'{"published_at": [2026]}', b'{"published_at": true}',
        b'{"published_at": NaN}', b'{"title": 7, "byline": {}, "section": []}', b'{"title": "' + b"x" * 100_000 + b'"}',
        b'{"ingest_date": "not a date"}',
    )  # fmt: skip
    for number, content in enumerate(sidecars):
        (folder / f"{number:03}.txt").write_text(article(800 + number), encoding="utf-8")
        (folder / f"{number:03}.json").write_bytes(content)
    (folder / "pipe.txt").write_text(article(880), encoding="utf-8")
    os.mkfifo(folder / "pipe.json")
    (folder / "link.txt").write_text(article(881), encoding="utf-8")
    (folder / "link.json").symlink_to("/etc/passwd")
    return len(sidecars) + 2
