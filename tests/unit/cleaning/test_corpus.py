"""Cleaning on real articles: nothing but the encoding changes between encodings, and cleaning twice is cleaning once."""

from __future__ import annotations

from pathlib import Path

import pytest

from rasd.cleaning import clean_files
from rasd.settings import Settings
from tests.unit.cleaning.files import landed

pytestmark = pytest.mark.corpus


@pytest.fixture(scope="module")
def pool(shared: Path) -> dict[str, bytes]:
    """Every fifth article of the pool."""
    return {str(file): file.read_bytes() for file in sorted((shared / "corpus" / "pool").glob("*/*.txt"))[::5]}


def contents(files: dict[str, bytes]) -> dict[str, tuple[str, str | None, str]]:
    articles = clean_files(landed(files), Settings()).articles
    columns = (articles[name].to_pylist() for name in ("article_id", "title", "text"))
    return dict(zip(articles["source_uri"].to_pylist(), zip(*columns, strict=True), strict=True))


def whatwg_1252(content: bytes) -> str:
    return "".join(bytes([b]).decode("cp1252") if b not in (0x81, 0x8D, 0x8F, 0x90, 0x9D) else chr(b) for b in content)


@pytest.mark.parametrize("way", ["utf-16", "utf-16-be", "cp1256", "mojibake of windows-1256", "mojibake of windows-1252"])
def test_the_same_article_comes_from_every_encoding(pool: dict[str, bytes], way: str) -> None:
    sent: dict[str, bytes] = {}
    for uri, content in pool.items():
        if way.startswith("mojibake"):
            sent[uri] = (content.decode("cp1256") if way.endswith("1256") else whatwg_1252(content)).encode()
            continue
        try:
            sent[uri] = content.decode().encode(way)
        except UnicodeEncodeError:  # a letter that windows-1256 does not have
            continue
    assert len(sent) > 250
    expected = contents({uri: pool[uri] for uri in sent})
    assert contents(sent) == expected


def test_cleaning_an_article_again_changes_nothing(pool: dict[str, bytes]) -> None:
    once = contents(pool)
    again = {uri: ((f"{title}\n\n" if title else "") + text).encode() for uri, (_, title, text) in once.items()}
    assert contents(again) == once
