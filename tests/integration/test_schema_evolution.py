"""A column is added to the contract: partitions that were published before stay readable, and their rows have null in it."""

from __future__ import annotations

import datetime
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from rasd.lake.reading import PARTITIONING, open_dataset, read_partition
from rasd.schema import ARTICLES, DATASETS

DAYS = (datetime.date(2026, 3, 1), datetime.date(2026, 3, 2))
ADDED = "quality_flags"
"""The column that plays the new one."""


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One article a day, the first day's file from before there was the column."""
    root = tmp_path_factory.mktemp("evolution")
    for number, day in enumerate(DAYS):
        row = {field.name: _value(field.type) for field in ARTICLES.arrow} | {
            "article_id": f"a{number}",
            "ingested_on": day,
            ADDED: "short",
        }
        table = ARTICLES.table({name: [value] for name, value in row.items()})
        folder = root / "articles" / f"ingest_date={day}"
        folder.mkdir(parents=True)
        pq.write_table(table.drop_columns([ADDED]) if number == 0 else table, folder / "part-00000-0123456789ab.parquet")
    return root


def _value(kind: object) -> object:
    text = str(kind)
    if text == "string":
        return "x"
    if text.startswith("date"):
        return DAYS[0]
    if text.startswith("timestamp"):
        return datetime.datetime(2026, 3, 1, tzinfo=datetime.UTC)
    return text == "bool" or 1


EXPECTED = [(DAYS[0], None), (DAYS[1], "short")]


def test_rasd_fills_in_null(lake: Path) -> None:
    assert ADDED in DATASETS["articles"].arrow.names
    table = open_dataset(lake, "articles").to_table().sort_by("ingest_date")
    assert list(zip(table["ingest_date"].to_pylist(), table[ADDED].to_pylist(), strict=True)) == EXPECTED
    assert read_partition(lake, "articles", DAYS[0]).schema.names == ARTICLES.arrow.names


def test_duckdb_fills_in_null(lake: Path) -> None:
    query = f"SELECT ingest_date, {ADDED} FROM read_parquet('{lake}/articles/*/*.parquet', union_by_name = true) ORDER BY ingest_date"
    assert duckdb.sql(query).fetchall() == EXPECTED
    first_only = duckdb.sql(f"FROM read_parquet('{lake}/articles/*/*.parquet')").columns
    assert ADDED not in first_only, "without union_by_name the first file's columns count, as docs/storage.md says"


def test_pandas_and_pyarrow_fill_in_null(lake: Path) -> None:
    newest = max((lake / "articles").glob("*/*.parquet"))
    schema = pq.read_schema(newest).append(open_dataset(lake, "articles").schema.field("ingest_date"))
    frame = pd.read_parquet(lake / "articles", partitioning=PARTITIONING, schema=schema).sort_values("ingest_date")
    values = [None if pd.isna(value) else value for value in frame[ADDED]]
    assert list(zip(frame["ingest_date"], values, strict=True)) == EXPECTED
    table = ds.dataset(lake / "articles", partitioning=PARTITIONING, schema=schema).to_table().sort_by("ingest_date")
    assert table[ADDED].to_pylist() == [None, "short"]
    assert ADDED not in ds.dataset(lake / "articles", partitioning=PARTITIONING).schema.names


def test_polars_fills_in_null(lake: Path) -> None:
    files = sorted(map(str, (lake / "articles").glob("*/*.parquet")), reverse=True)
    frame = pl.read_parquet(files, hive_partitioning=True, missing_columns="insert").sort("ingest_date")
    assert frame.select("ingest_date", ADDED).rows() == EXPECTED
