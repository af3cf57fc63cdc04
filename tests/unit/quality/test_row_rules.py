"""Every rule is broken once; what is sound stays."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
import pytest

from rasd.quality import row_rules
from rasd.schema import DATASETS, REJECTS


def change(table: pa.Table, column: str, row: int, value: Any) -> pa.Table:
    values = table[column].to_pylist()
    values[row] = value
    field = table.schema.field(column).with_nullable(True)
    return table.set_column(table.schema.get_field_index(column), field, pa.array(values, field.type))


def test_sound_rows_stay(shard):
    kept, rejects = row_rules.apply(shard)
    assert rejects.num_rows == 0
    assert rejects.schema.equals(REJECTS.arrow)
    for name, table in shard.items():
        assert kept[name].equals(table)
        assert kept[name].schema.equals(DATASETS[name].arrow)


@pytest.mark.parametrize(
    ("column", "value", "rule"),
    [
        ("surface", None, "required:surface"),
        ("surface", "سلمى", "offsets:surface"),
        ("start", -1, "range:start"),
        ("end", 4000, "offsets:surface"),
        ("end", 0, "range:end"),
        ("section", "subtitle", "offsets:surface"),
        ("section", "body", "values:section"),
        ("entity_type", "EVENT", "values:entity_type"),
        ("confidence", 1.5, "range:confidence"),
        ("confidence", float("nan"), "range:confidence"),
        ("latitude", -91.0, "range:latitude"),
    ],
)
def test_a_mention_that_breaks_a_rule_is_refused(shard, column, value, rule):
    shard["entities"] = change(shard["entities"], column, 2, value)
    kept, rejects = row_rules.apply(shard)
    assert kept["entities"]["mention_id"].to_pylist() == ["a000000-0", "a000000-1", "a000001-1", "a000002-0", "a000002-1"]
    assert kept["articles"]["entity_count"].to_pylist() == [2, 1, 2]
    (reject,) = rejects.to_pylist()
    details = json.loads(reject["details"])
    assert rule in details["rules"]
    assert details["dataset"] == "entities"
    assert details["row"]["mention_id"] == "a000001-0"
    assert reject["source_uri"] == "seeds/alwaha/a000001.txt"
    assert reject["source_sha256"] == f"{1:064x}"
    assert (reject["stage"], reject["reason"]) == ("quality", "row_rule")
    assert rule in reject["message"]
    assert reject["reject_id"] is None
    assert reject["ingested_on"] is None


def test_shifted_surfaces_are_refused_with_what_stands_there(shard):
    entities = shard["entities"]
    for column in ("start", "end"):
        values = pa.array([v + 1 for v in entities[column].to_pylist()], pa.int32())
        entities = entities.set_column(entities.schema.get_field_index(column), entities.schema.field(column), values)
    kept, rejects = row_rules.apply({**shard, "entities": entities})
    assert kept["entities"].num_rows == 0
    assert kept["articles"]["entity_count"].to_pylist() == [0, 0, 0]
    assert json.loads(rejects["details"][0].as_py())["found"] == {"surface": "لمى النجار:"}


def test_offsets_count_code_points(shard):
    """A letter outside the Basic Multilingual Plane is one code point, a diacritic is one of its own."""
    text = "𝒜 كَتَبَ عن الواحة"
    articles = change(change(shard["articles"], "text", 0, text), "character_count", 0, len(text))
    start = text.index("الواحة")
    entities = change(change(shard["entities"], "start", 1, start), "end", 1, len(text))
    quotes = shard["quotes"].slice(1)
    kept, rejects = row_rules.apply({"articles": articles, "entities": entities, "quotes": quotes})
    assert rejects.num_rows == 0
    assert kept["articles"]["quote_count"].to_pylist() == [0, 1, 1]


@pytest.mark.parametrize(
    ("column", "value", "rule"),
    [
        ("quote_text", "المشروع لا يخدم سكان الأحياء القديمة", "offsets:quote_text"),
        ("cue_text", "قالت", "offsets:cue_text"),
        ("cue_end", None, "offsets:cue_text"),
        ("speaker_start", 3, "offsets:speaker_text"),
        ("quote_type", "scare", "values:quote_type"),
        ("is_negated", None, "required:is_negated"),
        ("modality", "wished", "values:modality"),
    ],
)
def test_a_quote_that_breaks_a_rule_is_refused(shard, column, value, rule):
    shard["quotes"] = change(shard["quotes"], column, 0, value)
    kept, rejects = row_rules.apply(shard)
    assert kept["quotes"].num_rows == 2
    assert kept["articles"]["quote_count"].to_pylist() == [0, 1, 1]
    assert rule in json.loads(rejects["details"][0].as_py())["rules"]


def test_a_quote_without_a_marked_speaker_claims_nothing(shard):
    quotes = change(change(shard["quotes"], "cue_start", 0, None), "cue_end", 0, None)
    assert row_rules.apply({**shard, "quotes": quotes})[1].num_rows == 0


def test_an_inner_quote_outlives_its_parent(shard):
    quotes = change(change(shard["quotes"], "article_id", 1, "a000000"), "parent_quote_id", 1, "a000000-q")
    quotes = change(quotes, "start", 0, 0)
    kept, rejects = row_rules.apply({**shard, "quotes": quotes})
    assert rejects.num_rows == 1
    assert kept["quotes"]["quote_id"].to_pylist() == ["a000001-q", "a000002-q"]
    assert kept["quotes"]["parent_quote_id"].to_pylist() == [None, None]


@pytest.mark.parametrize(
    ("column", "value", "rule"),
    [
        ("character_count", 7, "length:character_count"),
        ("text", " \n ", "blank:text"),
        ("text", None, "required:text"),
        ("arabic_ratio", 1.01, "range:arabic_ratio"),
        ("published_precision", "week", "values:published_precision"),
    ],
)
def test_a_refused_article_takes_its_rows_along_and_says_so(shard, column, value, rule):
    shard["articles"] = change(shard["articles"], column, 1, value)
    kept, rejects = row_rules.apply(shard)
    assert kept["articles"]["article_id"].to_pylist() == ["a000000", "a000002"]
    assert "a000001" not in kept["entities"]["article_id"].to_pylist() + kept["quotes"]["article_id"].to_pylist()
    (reject,) = rejects.to_pylist()
    details = json.loads(reject["details"])
    assert rule in details["rules"]
    assert details["dropped"] == {"entities": 2, "quotes": 1}
    assert "text" not in details["row"]


def test_only_the_named_columns_may_be_filled_later(shard):
    kept, rejects = row_rules.apply(shard, filled_later=())
    assert kept["articles"].num_rows == 0
    assert {rule for d in rejects["details"].to_pylist() for rule in json.loads(d)["rules"]} == {"required:ingested_on"}


def test_rows_without_their_article_are_left_to_the_gate(shard):
    shard["articles"] = shard["articles"].slice(1)
    kept, rejects = row_rules.apply(shard)
    assert rejects.num_rows == 0
    assert kept["entities"].num_rows == 6


def test_empty_tables(shard):
    empty = {name: table.slice(0, 0) for name, table in shard.items()}
    kept, rejects = row_rules.apply(empty)
    assert rejects.num_rows == 0
    assert all(table.num_rows == 0 for table in kept.values())
