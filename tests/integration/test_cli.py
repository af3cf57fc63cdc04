"""The command line, as a person types it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from rasd.cli import main
from rasd.dictionary import data_dictionary
from rasd.schema import DATASETS
from tests.synthetic import land_articles

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a landing area of three articles and an empty file, and the lake that `rasd run` made of it."""
    folder = tmp_path_factory.mktemp("cli")
    land_articles(folder / "landing" / "desk", first=0, count=3)
    (folder / "landing" / "empty.txt").touch()
    arguments = ["--landing", str(folder / "landing"), "--lake", str(folder / "lake"), "--ingest-date", "2026-03-01"]
    done = subprocess.run([sys.executable, "-m", "rasd", "run", *arguments, "--shard-articles", "2"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (folder / "printed.txt").write_text(done.stdout, encoding="utf-8")
    return folder


def test_run_says_what_came_out(folder: Path) -> None:
    printed = (folder / "printed.txt").read_text(encoding="utf-8")
    assert "published 3 articles" in printed
    assert "empty.txt: empty_file." in printed
    assert "سننفذ المشروع رقم" in printed
    assert str(folder / "lake") in printed


def test_the_query_that_run_prints_runs(folder: Path) -> None:
    command = (folder / "printed.txt").read_text(encoding="utf-8").splitlines()[-1]
    done = subprocess.run(command.strip(), shell=True, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "speaker_name" in done.stdout


def test_report_describes_the_newest_partition(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "--lake", str(folder / "lake")]) == 0
    assert "Partition 2026-03-01" in capsys.readouterr().out


def test_show_marks_entities_and_quotes(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "000001.txt", "--lake", str(folder / "lake")]) == 0
    plain = capsys.readouterr().out
    assert "[L عمان]" in plain
    assert "⟦" in plain
    assert "── quotes" in plain
    assert "\x1b" not in plain
    assert main(["show", "000001.txt", "--lake", str(folder / "lake"), "--colour", "always"]) == 0
    assert "\x1b[32mعمان\x1b[0m" in capsys.readouterr().out


def test_the_data_dictionary_in_docs_is_fresh() -> None:
    assert (ROOT / "docs" / "data-dictionary.md").read_text(encoding="utf-8") == data_dictionary(), "make docs makes it anew"


def test_schema_prints_one_dataset(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", "quotes"]) == 0
    printed = capsys.readouterr().out
    assert all(f"`{column.name}`" in printed for column in DATASETS["quotes"].columns)
    assert "## articles" not in printed


def test_views_writes_a_file_that_answers_questions(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["views", str(folder / "news.duckdb"), "--lake", str(folder / "lake")]) == 0
    assert f"views over {folder / 'lake'}" in capsys.readouterr().out
    with duckdb.connect(str(folder / "news.duckdb"), read_only=True) as db:
        assert db.execute("SELECT articles FROM article_daily").fetchall() == [(3,)]
        speakers = db.execute("SELECT speaker_name, quotes FROM top_speakers ORDER BY quotes DESC, speaker_name LIMIT 1").fetchall()
        assert speakers == [("سامي الحمداني", 4)]


def test_tag_conll_prints_a_tag_for_each_token(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tokens = ["زار", "وزير", "الخارجية", "سامي", "الحمداني", "بيروت", ".", "", "وقال", "للصحفيين"]
    (tmp_path / "tokens.txt").write_text("\n".join(f"{token} O" if token else "" for token in tokens) + "\n", encoding="utf-8")
    assert main(["tag-conll", str(tmp_path / "tokens.txt")]) == 0
    rows = [line.split("\t") for line in capsys.readouterr().out.rstrip("\n").split("\n")]
    assert [row[0] for row in rows] == tokens
    tags = {row[0]: row[1] for row in rows if row[0]}
    assert (tags["سامي"], tags["الحمداني"], tags["بيروت"], tags["زار"]) == ("B-PERS", "I-PERS", "B-LOC", "O")


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["runn"],
        ["run", "--ingest-date", "yesterday"],
        ["run", "--workers", "0"],
        ["run", "--shard-articles", "0"],
        ["run", "--shard-articles", "many"],
        ["run", "--backend", "magic"],
        ["run", "--lake", "gs://bucket/lake"],
        ["report", "--lake", "/nowhere/at/all"],
        ["report", "--ingest-date", "2026-13-01"],
        ["show", "x", "--lake", "/nowhere/at/all"],
        ["schema", "nothing"],
        ["views", "/nowhere/at/all.duckdb", "--lake", "/nowhere/at/all"],
        ["tag-conll", "/nowhere/at/all"],
    ],
    ids=" ".join,
)
def test_a_bad_argument_gets_one_clear_line(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    try:
        code = main(arguments)
    except SystemExit as left:
        code = int(left.code or 0)
    errors = [line for line in capsys.readouterr().err.splitlines() if not line.startswith(("usage:", "  "))]
    assert code == 2
    assert len(errors) == 1
    assert errors[0].startswith("rasd")


def test_a_missing_landing_area_fails_with_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--landing", str(tmp_path / "nowhere"), "--lake", str(tmp_path / "lake")]) == 1
    assert "RASD_LANDING" in capsys.readouterr().err
