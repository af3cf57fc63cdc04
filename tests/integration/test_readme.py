"""The README's snippets, run as they stand: every reader gives the same counts, and ingest_date as a date."""

from __future__ import annotations

import contextlib
import datetime
import io
import re
from pathlib import Path

import pytest

from rasd.pipeline import PartitionRun, run_partition
from tests.synthetic import land_articles

README = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")
SNIPPETS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
DAYS = (datetime.date(2026, 3, 1), datetime.date(2026, 3, 2))


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("readme")
    for number, day in enumerate(DAYS):
        land_articles(folder / "landing" / "desk", first=10 * number, count=3 + number)
        run_partition(PartitionRun(f"r{number}", day, {"landing": str(folder / "landing"), "lake": str(folder / "lake")}))
    return folder / "lake"


def test_each_reader_has_a_snippet() -> None:
    for reader in ("duckdb", "pandas", "polars", "pyarrow.dataset"):
        assert any(f"import {reader}" in snippet for snippet in SNIPPETS), reader


@pytest.mark.parametrize("snippet", SNIPPETS, ids=[s.split("\n", 1)[0] for s in SNIPPETS])
def test_a_snippet_reads_the_lake(snippet: str, lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(lake.parent)
    names: dict[str, object] = {}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(snippet, names)
    rows = _rows(names["articles"])
    assert sorted(rows) == [(DAYS[0], 3), (DAYS[1], 4)]


def _rows(articles: object) -> list[tuple[datetime.date, int]]:
    """(ingest_date, articles) of whatever kind of table a snippet makes."""
    kind = type(articles).__module__.split(".")[0]
    if kind in ("duckdb", "_duckdb"):
        return articles.aggregate("ingest_date, count(*)").fetchall()  # type: ignore[attr-defined]
    if kind == "polars":
        return articles.group_by("ingest_date").len().rows()  # type: ignore[attr-defined]
    column = articles["ingest_date"]  # type: ignore[index]
    counts = column.value_counts()
    if kind == "pandas":
        return [(day, int(count)) for day, count in counts.items()]
    return [(item["values"], item["counts"]) for item in counts.to_pylist()]
