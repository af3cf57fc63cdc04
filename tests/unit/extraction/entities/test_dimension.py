"""The dimension of entities: shares of partitions and their merger."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from rasd import schema
from rasd.extraction.entities import dimension, extract_entities, load_tagger, merge_dimensions

FIRST, SECOND = date(2026, 3, 1), date(2026, 3, 4)
TEXTS = {
    "a": "قال وزير الخارجية الروسي سيرغي لافروف إن روسيا تدعم الحوار في سوريا. وأضاف لافروف أن سوريا بلد صديق.",
    "b": "وصل سيرجي لافروف إلى جنيف للقاء جون كيري.",
    "c": "أعلنت الجمهورية العربية السورية وقف إطلاق النار، وقال لافروف إن القرار مهم.",
}


def entities(day: date, *articles: str) -> pa.Table:
    table = extract_entities(
        schema.ARTICLES.table({"article_id": list(articles), "text": [TEXTS[a] for a in articles]}), load_tagger("rules")
    )
    index = table.column_names.index("ingested_on")
    return table.set_column(index, schema.INGESTED_ON.arrow, pa.array([day] * table.num_rows, pa.date32()))


def merged(folder: Path, *shares: pa.Table) -> pa.Table:
    folder.mkdir(exist_ok=True)
    for i, share in enumerate(shares):
        pq.write_table(share, folder / f"{i}.parquet")
    return merge_dimensions(folder)


def rows(table: pa.Table) -> dict[str, dict[str, Any]]:
    return {row["name_ar"]: row for row in table.to_pylist()}


def test_counts_dates_and_variants(tmp_path: Path) -> None:
    table = merged(tmp_path, dimension(entities(FIRST, "a", "b")), dimension(entities(SECOND, "c")))
    assert table.schema.equals(schema.DIM_ENTITIES.arrow)
    found = rows(table)
    syria = found["سوريا"]
    assert (syria["mention_count"], syria["article_count"], syria["country_code"], syria["name_en"]) == (3, 2, "SY", "Syria")
    assert (syria["first_seen"], syria["last_seen"]) == (FIRST, SECOND)
    assert "الجمهورية العربية السورية" in syria["variants"].split(schema.SEPARATOR)
    assert (found["جون كيري"]["first_seen"], found["جون كيري"]["last_seen"]) == (FIRST, FIRST)
    geneva = found["جنيف"]
    assert (geneva["geonames_id"], geneva["country_code"], round(geneva["latitude"])) == (2660646, "CH", 46)


def test_one_row_per_entity_and_every_mention_has_one(tmp_path: Path) -> None:
    mentions = pa.concat_tables([entities(FIRST, "a", "b"), entities(SECOND, "c")])
    table = merged(tmp_path, dimension(mentions.slice(0, mentions.num_rows)))
    ids = table["entity_id"].to_pylist()
    assert len(ids) == len(set(ids))
    assert ids == sorted(ids)
    assert set(mentions["entity_id"].to_pylist()) == set(ids)
    assert sum(table["mention_count"].to_pylist()) == mentions.num_rows


def test_the_merger_does_not_depend_on_how_partitions_are_cut_or_ordered(tmp_path: Path) -> None:
    a, b, c = dimension(entities(FIRST, "a")), dimension(entities(FIRST, "b")), dimension(entities(SECOND, "c"))
    together = merged(tmp_path / "one", dimension(entities(FIRST, "a", "b")), c)
    apart = merged(tmp_path / "two", c, b, a)
    assert together.equals(apart)


def test_a_partition_that_goes_away_leaves_nothing_behind(tmp_path: Path) -> None:
    merged(tmp_path, dimension(entities(FIRST, "b")), dimension(entities(SECOND, "c")))
    (tmp_path / "0.parquet").unlink()
    assert "جون كيري" not in rows(merge_dimensions(tmp_path))


@pytest.mark.parametrize("shares", [0, 1])
def test_nothing_gives_an_empty_dimension(tmp_path: Path, shares: int) -> None:
    table = merged(tmp_path, *[dimension(schema.ENTITIES.arrow.empty_table())] * shares)
    assert table.num_rows == 0
    assert table.schema.equals(schema.DIM_ENTITIES.arrow)
