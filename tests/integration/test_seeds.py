"""The sample articles in seeds/, run as a user runs them, against what a person expects of each (tests/seeds_expected.toml).

What stands under `not_yet` there is what comes out wrong so far: expected failures, which pytest lists with their reasons after every run.
A case that passes in spite of being listed fails, so that the list stays true: take it off.
"""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from rasd.lake.reading import read_partition
from rasd.pipeline import PartitionRun, run_partition
from rasd.schema import STAGED_DATASETS

ROOT = Path(__file__).resolve().parents[2]
SEEDS = ROOT / "seeds"
EXPECTED = tomllib.loads((ROOT / "tests" / "seeds_expected.toml").read_text(encoding="utf-8"))
DAY = date(2026, 11, 20)
ABOUT_ROWS = {"entities", "quotes", "may", "text_with", "text_without", "near_duplicate_of"}
"""Keys of an expected article that are no columns of `articles`."""

Row = dict[str, Any]


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Row]]:
    """The rows of every dataset after a run, each with the `file` it came from, where it has one."""
    folder = tmp_path_factory.mktemp("seeds") / "lake"
    # A duplicate key would stop the run, and with it all that the tests here could say.
    settings = {"landing": str(SEEDS), "lake": str(folder), "on_quality_failure": "warn"}
    run_partition(PartitionRun("seeds", DAY, settings), workers=1)
    names = [*(dataset.name for dataset in STAGED_DATASETS), "validations"]
    rows = {name: read_partition(folder, name, DAY).to_pylist() for name in names}
    file_of = {article["article_id"]: seed(article["source_uri"]) for article in rows["articles"]}
    for row in (row for table in rows.values() for row in table):
        row["file"] = seed(row["source_uri"]) if row.get("source_uri") else file_of.get(row.get("article_id"))
    return rows


def seed(uri: str) -> str:
    """Folder and name of the file that a source_uri ends with."""
    return "/".join(uri.rsplit("/", 2)[1:])


def of_file(rows: list[Row], file: str) -> list[Row]:
    return [row for row in rows if row["file"] == file]


def case(file: str, name: str, value: Any) -> Any:
    identity = f"{file} {name}"
    reason = EXPECTED["not_yet"].get(identity)
    return pytest.param(file, value, id=identity, marks=[pytest.mark.xfail(reason=reason, strict=True)] if reason else [])


ARTICLES: dict[str, Row] = EXPECTED["article"]
COLUMNS = [case(f, column, (column, value)) for f, a in ARTICLES.items() for column, value in a.items() if column not in ABOUT_ROWS]
TEXTS = [case(f, key, (key == "text_with", a[key])) for f, a in ARTICLES.items() for key in ("text_with", "text_without") if key in a]
ENTITIES = [
    case(f, f"entity {number}: {surface}", (surface, kind, *(canonical or [surface])))
    for f, a in ARTICLES.items()
    for number, (surface, kind, *canonical) in enumerate(a["entities"])
]
QUOTES = [case(f, f"quote {number}", quote) for f, a in ARTICLES.items() for number, quote in enumerate(a["quotes"])]
NOTHING_ELSE = [case(f, "no other quotes", [*(quote["text"] for quote in a["quotes"]), *a.get("may", [])]) for f, a in ARTICLES.items()]


def test_what_is_not_right_yet_is_expected_somewhere():
    assert EXPECTED["not_yet"].keys() <= {parameter.id for parameter in COLUMNS + TEXTS + ENTITIES + QUOTES + NOTHING_ELSE}


def test_every_seed_is_expected_and_every_file_accounted_for(lake):
    files = {f"{path.parent.name}/{path.name}" for path in SEEDS.rglob("*.txt")}
    status = {row["file"]: row["status"] for row in lake["ingestions"]}
    assert status.keys() == files
    for word, key in (("article", "article"), ("duplicate", "duplicate"), ("rejected", "reject")):
        assert {file for file in files if status[file] == word} == EXPECTED[key].keys()


def test_rejects_have_their_reasons(lake):
    assert {row["file"]: {"stage": row["stage"], "reason": row["reason"]} for row in lake["rejects"]} == EXPECTED["reject"]


def test_a_duplicate_points_to_the_article_of_the_first_file(lake):
    article_of = {row["file"]: row["article_id"] for row in lake["ingestions"]}
    for file, first in EXPECTED["duplicate"].items():
        assert article_of[file] == article_of[first]


def test_the_republished_article_is_in_the_cluster_of_the_first(lake):
    cluster_of = {row["file"]: row["near_duplicate_cluster"] for row in lake["articles"]}
    pairs = [(file, article["near_duplicate_of"]) for file, article in EXPECTED["article"].items() if "near_duplicate_of" in article]
    assert pairs
    for file, other in pairs:
        assert cluster_of[file] is not None
        assert cluster_of[file] == cluster_of[other]
    members = {file for pair in pairs for file in pair}
    assert {file for file, cluster in cluster_of.items() if cluster} == members


def test_the_quality_gate_passes(lake):
    assert [row for row in lake["validations"] if row["severity"] == "critical" and not row["success"]] == []


@pytest.mark.parametrize(("file", "expected"), COLUMNS)
def test_column(lake, file, expected):
    column, value = expected
    (article,) = of_file(lake["articles"], file)
    assert article[column] == (None if value == "" else value)


@pytest.mark.parametrize(("file", "expected"), TEXTS)
def test_text(lake, file, expected):
    wanted, phrases = expected
    (article,) = of_file(lake["articles"], file)
    assert [phrase for phrase in phrases if (phrase in article["text"]) != wanted] == []


@pytest.mark.parametrize(("file", "expected"), ENTITIES)
def test_entity(lake, file, expected):
    found = {(row["surface"], row["entity_type"], row["canonical_name"]) for row in of_file(lake["entities"], file)}
    alike = sorted(row for row in found if set(row[0].split()) & set(expected[0].split()))
    assert expected in found, f"instead: {alike}"


@pytest.mark.parametrize(("file", "expected"), QUOTES)
def test_quote(lake, file, expected):
    rows = of_file(lake["quotes"], file)
    found = [row for row in rows if core(row["quote_text"]) == core(expected["text"])]
    assert len(found) == 1, f"instead: {[row['quote_text'] for row in rows]}"
    names = {
        "type": "quote_type",
        "speaker": "speaker_name",
        "attribution": "attribution",
        "repaired": "is_repaired",
        "headline": "is_headline",
    }
    assert {key: found[0][names[key]] for key in expected.keys() & names} == {key: expected[key] for key in expected.keys() & names}


@pytest.mark.parametrize(("file", "expected"), NOTHING_ELSE)
def test_no_quote_is_made_up(lake, file, expected):
    """An inner quote may have a row of its own."""
    known = {core(text) for text in expected}
    rows = [row for row in of_file(lake["quotes"], file) if row["parent_quote_id"] is None]
    assert [row["quote_text"] for row in rows if core(row["quote_text"]) not in known] == []


def core(text: str) -> str:
    """The words of a quote: whether a full stop at its end belongs to it is a matter of taste."""
    return text.strip(" .،؛")
