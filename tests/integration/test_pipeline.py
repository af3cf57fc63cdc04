"""The library's whole run, without Airflow: replays, additions, shards, bad files."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from rasd.lake.manifests import read_manifest
from rasd.lake.reading import read_partition
from rasd.landing.discovery import LandedFile, LandingArea
from rasd.pipeline import PartitionRun, run_partition
from rasd.schema import STAGED_DATASETS
from rasd.storage.files import sha256_of
from rasd.storage.paths import LakePaths
from tests.synthetic import article, land_articles

DAY = date(2026, 3, 1)


@pytest.fixture
def landing(tmp_path: Path) -> Path:
    folder = tmp_path / "landing"
    folder.mkdir()
    return folder


def run(tmp_path: Path, lake: str = "lake", *, name: str = "r", replay: bool = False, **settings: Any) -> dict[str, Any]:
    given = {"landing": str(tmp_path / "landing"), "lake": str(tmp_path / lake)} | settings
    return run_partition(PartitionRun(name, DAY, given), replay=replay)


def read(tmp_path: Path, dataset: str, lake: str = "lake") -> pa.Table:
    return read_partition(tmp_path / lake, dataset, DAY)


def files(tmp_path: Path, lake: str = "lake") -> dict[str, str]:
    """SHA-256 of every file that readers see, by path within the lake; validations and reports say which run, so they differ."""
    root = tmp_path / lake
    published = [*(d.name for d in STAGED_DATASETS), "dim_entities"]
    return {str(p.relative_to(root)): sha256_of(p) for name in published for p in sorted((root / name).rglob("*")) if p.is_file()}


def test_a_replay_leaves_identical_files(tmp_path: Path, landing: Path) -> None:
    for path in land_articles(landing / "desk", first=0, count=12):
        assert path.exists()
    (landing / "desk" / "empty.txt").touch()
    run(tmp_path, name="first")
    before = files(tmp_path)
    for path in (landing / "desk").iterdir():
        path.unlink()
    result = run(tmp_path, name="second", replay=True)
    assert result["outcome"] == "published"
    assert files(tmp_path) == before
    assert len(before) == len(STAGED_DATASETS) + 1


def test_more_files_join_the_date(tmp_path: Path, landing: Path) -> None:
    land_articles(landing / "desk", first=0, count=5)
    run(tmp_path, name="first")
    land_articles(landing / "desk", first=5, count=4)
    run(tmp_path, name="second")
    land_articles(tmp_path / "all" / "desk", first=0, count=9)
    assert read(tmp_path, "articles").num_rows == 9
    run(tmp_path, "at_once", landing=str(tmp_path / "all"))
    ids = [read(tmp_path, "articles", lake)["article_id"].to_pylist() for lake in ("lake", "at_once")]
    assert ids[0] == ids[1]


def test_nothing_new_publishes_nothing(tmp_path: Path, landing: Path) -> None:
    empty = run(tmp_path, name="empty")
    assert empty["outcome"] == "nothing new"
    assert not (tmp_path / "lake" / "articles").exists()
    land_articles(landing, first=0, count=2)
    run(tmp_path, name="first")
    manifest = read_manifest(LakePaths(tmp_path / "lake"), DAY)
    again = run(tmp_path, name="second")
    assert again["outcome"] == "nothing new"
    assert again["files"] == {"files": 2, "new_files": 0, "resent_files": 0}
    assert read_manifest(LakePaths(tmp_path / "lake"), DAY) == manifest
    assert not list((tmp_path / "lake" / "_staging").glob("*/*"))


def test_shards_leave_no_trace(tmp_path: Path, landing: Path) -> None:
    land_articles(landing / "a", first=0, count=9)
    land_articles(landing / "b", first=5, count=9)  # four of them stand in a too
    (landing / "b" / "empty.txt").touch()
    (landing / "a" / "noise.txt").write_bytes(os.urandom(4000))
    for path in (landing / "b").glob("*.txt"):
        with path.open("a", encoding="utf-8") as file:
            file.write("\n\nحمّل تطبيق الصحيفة لتصلك أخبار الحي أولا بأول\n")
    lakes = []
    for size in (1, 7, 10_000):
        run(tmp_path, f"lake{size}", shard_articles=size, boilerplate_min_articles=5)
        lakes.append(files(tmp_path, f"lake{size}"))
    assert lakes[0] == lakes[1] == lakes[2]
    texts = read(tmp_path, "articles", "lake1")["text"].to_pylist()
    assert not any("حمّل تطبيق" in text for text in texts), "a line that all articles of a source share is boilerplate"


def test_bad_files_are_rejected_each_with_its_reason(tmp_path: Path, landing: Path) -> None:
    land_articles(landing, first=0, count=3)
    (landing / "empty.txt").touch()
    (landing / "binary.txt").write_bytes(bytes(range(256)) * 40)
    (landing / "huge.txt").write_bytes("سطر واحد طويل ".encode() * 2_100_000)
    english = "The council met on Tuesday to discuss the new budget for roads, schools and water supply in the region. "
    (landing / "english.txt").write_text(english * 5)
    (landing / "dangling.txt").symlink_to(landing / "nowhere")
    (landing / "unreadable.txt").symlink_to("/proc/self/mem")
    with open(os.path.join(os.fsencode(landing), b"bad-\xff.txt"), "wb") as file:  # noqa: PTH118, PTH123  a name no str path can spell
        file.write(article(99).encode())
    (landing / "short.txt").write_text("خبر قصير", encoding="utf-8")
    result = run(tmp_path)
    assert (landing / "huge.txt").stat().st_size > 50_000_000
    rejects = read(tmp_path, "rejects")
    found = {
        uri.rsplit("/", 1)[-1]: reason for uri, reason in zip(rejects["source_uri"].to_pylist(), rejects["reason"].to_pylist(), strict=True)
    }
    assert found == {
        "empty.txt": "empty_file",
        "binary.txt": "not_text",
        "huge.txt": "file_too_large",
        "english.txt": "not_arabic",
        "dangling.txt": "broken_link",
        "unreadable.txt": "link_outside_landing",
        "bad-\\udcff.txt": "name_not_utf8",
        "short.txt": "too_short",
    }
    ledger = read(tmp_path, "ingestions")
    assert ledger.num_rows == result["files"]["files"] == 11
    assert pc.value_counts(ledger["status"]).to_pylist() == [{"values": "article", "counts": 3}, {"values": "rejected", "counts": 8}]


def test_a_failed_read_is_rejected(tmp_path: Path, landing: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    land_articles(landing, first=0, count=2)
    whole = LandingArea.read

    def broken(self: LandingArea, file: LandedFile, limit: int) -> bytes:
        if file.path.endswith("000001.txt"):
            raise OSError(5, "Input/output error")
        return whole(self, file, limit)

    monkeypatch.setattr(LandingArea, "read", broken)
    run(tmp_path)
    rejects = read(tmp_path, "rejects").to_pylist()
    assert [(r["reason"], "Input/output error" in r["details"]) for r in rejects] == [("read_failed", True)]
    assert read(tmp_path, "articles").num_rows == 1


def break_extraction_of(monkeypatch: pytest.MonkeyPatch, word: str) -> None:
    from rasd.extraction import extract_quotes as whole

    def extract_quotes(articles: pa.Table, entities: pa.Table) -> pa.Table:
        if any(word in text for text in articles["text"].to_pylist()):
            raise RuntimeError("a bug")
        return whole(articles, entities)

    monkeypatch.setattr("rasd.extraction.extract_quotes", extract_quotes)


def test_an_article_that_breaks_extraction_is_rejected_and_the_others_go_on(
    tmp_path: Path, landing: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    land_articles(landing, first=0, count=7)
    (landing / "copy.txt").write_text(article(3), encoding="utf-8")
    break_extraction_of(monkeypatch, "المشروع رقم 3 ")
    run(tmp_path)
    assert read(tmp_path, "articles").num_rows == 6
    rejects = read(tmp_path, "rejects").to_pylist()
    assert [(r["source_uri"].rsplit("/", 1)[-1], r["stage"], r["reason"]) for r in rejects] == [
        ("000003.txt", "extraction", "processing_failed"),
        ("copy.txt", "extraction", "processing_failed"),
    ]
    assert "a bug" in rejects[0]["details"]
    assert read(tmp_path, "ingestions")["status"].to_pylist().count("rejected") == 2


def test_a_bug_that_spares_no_article_fails_the_run(tmp_path: Path, landing: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    land_articles(landing, first=0, count=3)
    break_extraction_of(monkeypatch, "المشروع رقم")
    with pytest.raises(RuntimeError, match="a bug"):
        run(tmp_path)
    assert not (tmp_path / "lake" / "articles").exists()


def test_copies_are_one_article(tmp_path: Path, landing: Path) -> None:
    (landing / "a").mkdir()
    for name in ("a/one.txt", "two.txt"):
        (landing / name).write_text(article(1), encoding="utf-8")
    (landing / "three.txt").write_text(article(1) + "\n\n", encoding="utf-8")
    (landing / "near.txt").write_text(article(1).replace("ميسرة", "مريحة"), encoding="utf-8")
    run(tmp_path, shard_articles=1)
    articles = read(tmp_path, "articles").to_pylist()
    assert sorted(a["copies"] for a in articles) == [1, 3]
    assert len({a["near_duplicate_cluster"] for a in articles}) == 1
    assert articles[0]["near_duplicate_cluster"] is not None
    ledger = read(tmp_path, "ingestions").to_pylist()
    statuses = {row["source_uri"].rsplit("/", 1)[-1]: row["status"] for row in ledger}
    assert statuses == {"one.txt": "article", "two.txt": "duplicate", "three.txt": "duplicate", "near.txt": "article"}
    first = next(row for row in ledger if row["status"] == "duplicate")
    assert first["article_id"] in {a["article_id"] for a in articles}


@pytest.mark.corpus
def test_the_first_five_articles_run_without_rejects(tmp_path: Path, shared: Path) -> None:
    run(tmp_path, landing=str(shared / "seeds"))
    assert read(tmp_path, "articles").num_rows == 5
    assert read(tmp_path, "rejects").num_rows == 0


def test_rows_do_not_depend_on_the_hash_seed(tmp_path: Path, landing: Path) -> None:
    """Sets iterate in another order in every process; a worker's rows must not show it."""
    land_articles(landing / "desk", first=0, count=30)
    arguments = ["--landing", str(landing), "--ingest-date", str(DAY), "--workers", "1"]
    for seed in ("1", "2"):
        command = [sys.executable, "-m", "rasd", "run", "--lake", str(tmp_path / seed), *arguments]
        subprocess.run(command, env=os.environ | {"PYTHONHASHSEED": seed}, check=True, stdout=subprocess.DEVNULL)
    first, second = ({name: sha for name, sha in files(tmp_path, seed).items() if "ingestions" not in name} for seed in ("1", "2"))
    assert first == second
