"""Days that are broken on purpose, and what the gate says of them."""

from __future__ import annotations

import json
import logging
import re
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from rasd.quality import row_rules
from rasd.quality.gate import QualityGateFailed, Verdict, published_days, validate
from rasd.quality.suites import HISTORY
from rasd.schema import INGESTIONS, VALIDATIONS
from tests.unit.quality.days import build

DAY = date(2026, 11, 20)
AT = datetime(2026, 11, 21, 1, tzinfo=UTC)


@pytest.fixture
def judge(tmp_path):
    """Writes the datasets of a day to a staging folder and has them judged."""

    def stage_and_validate(tables: dict[str, pa.Table], **more) -> Verdict:
        staged = tmp_path / "staged"
        for name, table in tables.items():
            (staged / name).mkdir(parents=True, exist_ok=True)
            pq.write_table(table, staged / name / "part-0.parquet")
        claimed = more.pop("claimed", files_of(tables.get("ingestions", INGESTIONS.arrow.empty_table())))
        return validate(staged, ingest_date=DAY, run="test", claimed=claimed, judged_at=AT, **more)

    return stage_and_validate


def files_of(ingestions: pa.Table) -> pa.Table:
    return ingestions.select(["source_uri", "source_sha256"])


def failed(verdict: Verdict) -> set[tuple[str, str, str | None]]:
    """Dataset, check and column of what failed."""
    table = verdict.validations
    rows = table.filter(pc.invert(table["success"])).to_pylist()
    return {(row["dataset"], row["expectation"], row["column"]) for row in rows}


def replaced(table: pa.Table, column: str, values: list) -> pa.Table:
    field = table.schema.field(column).with_nullable(True)
    return table.set_column(table.schema.get_field_index(column), field, pa.array(values, field.type))


def edited(table: pa.Table, column: str, row: int, value) -> pa.Table:
    values = table[column].to_pylist()
    values[row] = value
    return replaced(table, column, values)


def past(*articles: int, first: int = 1, **columns: list[int]) -> pa.Table:
    """Good partitions on the days up to `first` days before the judged one, the last given being the latest."""
    dates = [DAY - timedelta(days=first + i) for i in reversed(range(len(articles)))]
    counts = {
        "files": [n + 2 for n in articles],
        "entities": [2 * n for n in articles],
        "quotes": list(articles),
        "mixes": [None] * len(articles),
    }
    return pa.table({"ingest_date": dates, "articles": list(articles), **counts, **columns}).select(HISTORY.names).cast(HISTORY)


def test_a_sound_day_passes(day, judge, tmp_path, caplog):
    caplog.set_level(logging.INFO)  # as Airflow's tasks log
    verdict = judge(day, history=past(*[30] * 10), docs=tmp_path / "docs")
    assert len(caplog.records) < 10
    assert failed(verdict) == set()
    assert verdict.passed
    verdict.raise_for_failure()
    assert verdict.validations.schema.equals(VALIDATIONS.arrow)
    rows = verdict.validations.to_pylist()
    assert {row["dataset"] for row in rows} == {"articles", "entities", "quotes", "rejects", "ingestions", "partition"}
    assert {(row["run"], row["ingested_on"], row["validated_at"]) for row in rows} == {("test", DAY, AT)}
    keys = [(row["dataset"], row["expectation"], row["column"]) for row in rows]
    assert len(set(keys)) == len(keys)


def test_an_empty_day_passes(day, judge):
    assert judge({name: table.slice(0, 0) for name, table in day.items()}).passed
    assert judge({}).passed


def test_each_wrong_value_is_caught_by_its_check(day, judge):
    """One wrong value a row, all at once: exactly their checks fail."""
    wrong = [
        ("articles", "article_id", 0, "a000001", {"unique"}),
        ("articles", "title", 1, "عنوان آخر لا يذكر أحدا", {}),
        ("articles", "text_normalized", 2, None, {"not_null"}),
        ("articles", "entity_count", 3, 3, {"sum"}),
        ("articles", "quote_count", 4, 0, {"sum"}),
        ("articles", "arabic_ratio", 5, float("nan"), {"range"}),
        ("articles", "word_count", 6, 0, {"range"}),
        ("articles", "published_source", 7, "<script>alert(1)</script>", {"values"}),
        ("articles", "copies", 8, 5, {}),
        ("entities", "mention_id", 20, "a000011-0", {"unique"}),
        ("entities", "entity_type", 21, "EVENT", {"values"}),
        ("entities", "surface", 22, "سلمى النجاة", {"offsets"}),
        ("entities", "latitude", 23, 91.0, {"range"}),
        ("quotes", "parent_quote_id", 14, "a000014-q", {"own_parent"}),
        ("quotes", "parent_quote_id", 15, "nowhere", {"reference"}),
        ("quotes", "quote_text", 16, "المشروع يخدم سكان الأحياء القريبة", {"offsets"}),
        ("quotes", "cue_text", 17, "أعلن", {"offsets", "length"}),
        ("quotes", "speaker_entity_id", 13, "e-NOBODY", {"reference"}),
        ("quotes", "confidence", 18, -0.1, {"range"}),
        ("quotes", "is_negated", 19, None, {"not_null"}),
        ("quotes", "ingested_on", 20, DAY + timedelta(days=1), {}),
        ("rejects", "reason", 0, "bad_luck", {"values"}),
        ("rejects", "source_uri", 0, "seeds/alwaha/unheard-of.txt", {}),
        ("ingestions", "source_uri", 20, "seeds/alwaha/a000021.txt", {"unique"}),
    ]
    expected = set()
    for dataset, column, row, value, checks in wrong:
        day[dataset] = edited(day[dataset], column, row, value)
        expected |= {(dataset, check, column) for check in checks}
    # The article whose id is gone is missed by its rows, and so on.
    expected |= {(dataset, "reference", "article_id") for dataset in ("entities", "quotes", "ingestions")}
    expected |= {("partition", sum_, None) for sum_ in ("first_files", "copies_sum", "ingested_on", "rejected_explained", "rejects_known")}
    verdict = judge(day)
    assert failed(verdict) == expected
    assert not verdict.passed


def test_shifted_surfaces_stop_publishing(day, judge):
    entities = day["entities"]
    for column in ("start", "end"):
        entities = replaced(entities, column, [value + 1 for value in entities[column].to_pylist()])
    verdict = judge({**day, "entities": entities})
    assert failed(verdict) == {("entities", "offsets", "surface")}
    with pytest.raises(QualityGateFailed, match="surface is what stands from start to end"):
        verdict.raise_for_failure()


def test_a_damaged_extractor_is_stopped_although_row_rules_refuse_its_rows(day, judge):
    entities = day["entities"]
    for column in ("start", "end"):
        entities = replaced(entities, column, [value + 1 for value in entities[column].to_pylist()])
    kept, rejects = row_rules.apply({"articles": day["articles"], "entities": entities, "quotes": day["quotes"]})
    count = rejects.num_rows
    rejects = replaced(replaced(rejects, "reject_id", [f"q{i}" for i in range(count)]), "ingested_on", [DAY] * count)
    verdict = judge({**day, **kept, "rejects": pa.concat_tables([day["rejects"], rejects.cast(day["rejects"].schema)])})
    assert failed(verdict) == {("partition", "refused_rows_share", None), ("partition", "refused_rows", None)}
    assert len(verdict.critical) == 1
    assert len(verdict.warnings) == 1


def test_a_lost_article_breaks_the_sum_of_files(day, judge):
    short = {name: day[name].filter(pc.not_equal(day[name]["article_id"], "a000007")) for name in ("articles", "entities", "quotes")}
    assert {("partition", "files_sum", None), ("partition", "first_files", None), ("ingestions", "reference", "article_id")} <= failed(
        judge({**day, **short})
    )


@pytest.mark.parametrize("change", ["a whole shard is missing", "another version", "a file twice", "a file of nobody"])
def test_the_ledger_has_the_claimed_files(day, judge, change):
    """The sum alone would hold: who loses a file together with its row of the ledger has nothing left over."""
    claimed = files_of(day["ingestions"])
    match change:
        case "a whole shard is missing":
            lost = pc.is_in(day["ingestions"]["article_id"], pa.array(["a000007", "a000008"]))
            day["ingestions"] = day["ingestions"].filter(pc.invert(pc.fill_null(lost, False)))
            for name in ("articles", "entities", "quotes"):
                day[name] = day[name].filter(pc.invert(pc.is_in(day[name]["article_id"], pa.array(["a000007", "a000008"]))))
        case "another version":
            claimed = edited(claimed, "source_sha256", 5, "0" * 64)
        case "a file twice":
            claimed = claimed.slice(1)
            claimed = pa.concat_tables([claimed, claimed.slice(0, 1)])
        case "a file of nobody":
            claimed = claimed.slice(1)
    verdict = judge(day, claimed=claimed)
    assert ("partition", "claimed_files", None) in failed(verdict)
    assert not failed(verdict) - {("partition", "claimed_files", None)}
    assert not verdict.passed


def test_a_person_that_is_something_else_elsewhere_is_a_warning(day, judge):
    verdict = judge({**day, "entities": edited(day["entities"], "entity_id", 1, "e-PERSON")})
    assert failed(verdict) == {("entities", "one_type", "entity_id")}
    assert verdict.passed
    assert "1 warning: entities: No entity is a person" in verdict.message()


def test_a_column_too_few_and_a_wrong_type(day, judge):
    broken = {"articles": day["articles"].drop_columns(["copies"])}
    start = day["entities"]["start"].cast(pa.int64())
    broken["entities"] = day["entities"].set_column(day["entities"].schema.get_field_index("start"), "start", start)
    verdict = judge({**day, **broken})
    assert failed(verdict) == {("articles", "columns", None), ("entities", "types", None)}
    assert not any("offsets" in c for c in verdict.validations["expectation"].to_pylist()), "what can't be asked is not judged"


@pytest.mark.parametrize("keep", [0.0, 0.5])
def test_a_truncated_file_is_caught(day, judge, tmp_path, keep):
    judge(day)
    file = tmp_path / "staged" / "quotes" / "part-0.parquet"
    content = file.read_bytes()
    file.write_bytes(content[: int(len(content) * keep)])
    assert failed(validate(tmp_path / "staged", ingest_date=DAY, run="test", claimed=files_of(day["ingestions"]))) == {
        ("quotes", "readable", None)
    }


def test_damaged_pages_are_caught(day, judge, tmp_path):
    judge(day)
    file = tmp_path / "staged" / "quotes" / "part-0.parquet"
    content = bytearray(file.read_bytes())
    content[4:2000] = bytes(1996)
    file.write_bytes(content)
    verdict = validate(tmp_path / "staged", ingest_date=DAY, run="test", claimed=files_of(day["ingestions"]))
    assert ("quotes", "readable_pages", None) in failed(verdict)


def test_many_rejected_files_are_a_warning(day, judge):
    files = [f"seeds/alwaha/bad{i}.txt" for i in range(20)]
    more = day["ingestions"].take([31] * 20)
    ingestions = pa.concat_tables([day["ingestions"], replaced(more, "source_uri", files).cast(more.schema)])
    more = day["rejects"].take([0] * 20)
    rejects = pa.concat_tables([day["rejects"], replaced(replaced(more, "source_uri", files), "reject_id", files).cast(more.schema)])
    verdict = judge({**day, "ingestions": ingestions, "rejects": rejects})
    assert failed(verdict) == {("partition", "rejected_files_share", None)}
    assert verdict.passed


def test_a_halved_volume_and_fewer_mentions_are_flagged(day, judge):
    verdict = judge(day, history=past(61, 58, 60, 63, 59, 60, entities=[300] * 6))
    assert failed(verdict) == {("partition", f"usual_{name}", None) for name in ("files", "articles", "entities")}
    assert verdict.passed, "an unusual day is for a person to look at"
    assert "Articles: as many as usual" in verdict.message()


def test_the_message_says_what_to_do_and_the_page_needs_no_network(day, judge, tmp_path):
    ingestions = day["ingestions"].slice(1)
    rejects = day["rejects"].rename_columns(["<script>alert(1)</script>", *day["rejects"].column_names[1:]])
    with pytest.raises(QualityGateFailed) as failure:
        judge({**day, "ingestions": ingestions, "entities": day["entities"].slice(1)}, docs=tmp_path / "docs").raise_for_failure()
    message = str(failure.value)
    assert "entity_count is the number of the article's rows" in message
    assert "RASD_ON_QUALITY_FAILURE=warn" in message
    assert str(tmp_path / "docs" / "index.html") in message
    verdict = judge({"rejects": rejects}, docs=tmp_path / "docs")
    page = verdict.data_docs.read_text(encoding="utf-8")
    assert "failed critically" in page
    assert page.index("The columns are those of the contract") < page.index("Everything that was judged")
    assert len(re.findall("<tr>", page)) >= verdict.validations.num_rows
    assert "&lt;script&gt;" in page, "what comes from data is escaped"
    assert not re.search(r"<script|src=|href=|url\(|@import|http", page)


def test_history_is_read_from_good_partitions_only(day, tmp_path):
    def publish(days_before: int, success: bool | None) -> None:
        folder = f"ingest_date={DAY - timedelta(days=days_before)}"
        for name in ("articles", "entities", "quotes", "ingestions"):
            (tmp_path / name / folder).mkdir(parents=True)
            pq.write_table(day[name], tmp_path / name / folder / "part-0.parquet")
        if success is None:
            return
        (tmp_path / "validations" / folder).mkdir(parents=True)
        verdicts = {
            "run": ["old", "new"],
            "ingested_on": [DAY] * 2,
            "dataset": ["articles"] * 2,
            "expectation": ["x"] * 2,
            "severity": ["critical"] * 2,
            "success": [not success, success],
            "observed": ["0", "0"],
            "validated_at": [AT, AT + timedelta(hours=1)],
        }
        pq.write_table(VALIDATIONS.table(verdicts), tmp_path / "validations" / folder / "part-0.parquet")

    publish(0, None)
    publish(1, True)
    publish(2, False)
    publish(3, None)
    publish(400, True)
    rows = {name: table.num_rows for name, table in day.items()}
    history = published_days(tmp_path, before=DAY, rows_of=lambda _: rows)
    assert history.schema.equals(HISTORY)
    assert history.to_pylist() == [
        {"ingest_date": DAY - timedelta(days=n), "files": 32, "articles": 30, "entities": 60, "quotes": 30, "mixes": None} for n in (3, 1)
    ]
    assert published_days(tmp_path, before=DAY, rows_of=lambda _: None).num_rows == 0
    assert published_days(tmp_path / "nowhere", before=DAY, rows_of=lambda _: rows).num_rows == 0


def test_what_is_damaged_of_an_earlier_day_is_not_compared_with(day, tmp_path):
    folder = f"ingest_date={DAY - timedelta(days=1)}"
    for name in ("ingestions", "validations"):
        (tmp_path / name / folder).mkdir(parents=True)
        (tmp_path / name / folder / "part-0.parquet").write_bytes(b"PAR1 torn")
    rows = {name: table.num_rows for name, table in day.items()}
    assert published_days(tmp_path, before=DAY, rows_of=lambda _: rows)["articles"].to_pylist() == [30]


def test_a_shifted_distribution_is_flagged_from_what_earlier_judgements_kept(judge, tmp_path):
    lake, many = tmp_path / "lake", build(200)
    judged = judge(many).validations
    for days_before in range(1, 6):
        at = pa.array([AT - timedelta(days=days_before)] * judged.num_rows, VALIDATIONS.arrow.field("validated_at").type)
        folder = f"ingest_date={DAY - timedelta(days=days_before)}"
        for name, table in (
            many | {"validations": judged.set_column(judged.column_names.index("validated_at"), "validated_at", at)}
        ).items():
            (lake / name / folder).mkdir(parents=True)
            pq.write_table(table, lake / name / folder / "part-0.parquet")
    rows = {name: table.num_rows for name, table in many.items()}
    history = published_days(lake, before=DAY, rows_of=lambda _: rows)
    assert json.loads(history["mixes"][0].as_py())["entities.entity_type"] == {"LOCATION": 200, "PERSON": 200}
    assert failed(judge(many, history=history)) == set()

    types = many["entities"]["entity_type"].to_pylist()
    organisations = ["ORGANIZATION" if kind == "LOCATION" and row % 3 else kind for row, kind in enumerate(types)]
    shifted = many | {"entities": replaced(many["entities"], "entity_type", organisations).cast(many["entities"].schema)}
    verdict = judge(shifted, history=history)
    assert failed(verdict) == {("entities", "usual_mix", "entity_type")}
    assert verdict.passed, "an unusual day is for a person to look at"
    assert "LOCATION 50%, PERSON 50%" in verdict.message()
    assert '"ORGANIZATION"' in verdict.message()


def test_importing_the_gate_imports_neither_great_expectations_nor_pandas():
    code = "import sys, rasd.quality.gate; print([m for m in ('great_expectations', 'pandas', 'duckdb') if m in sys.modules])"
    assert json.loads(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout) == []
