"""A lake on an object store (a real S3 server): the same rows as on a disk, and the promises of docs/storage.md whatever dies when."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import re
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import fsspec
import pyarrow.parquet as pq
import pytest

from rasd.cli import main
from rasd.errors import LockLost
from rasd.lake import manifests
from rasd.lake.manifests import partition_problems, read_dimension_manifest, read_manifest
from rasd.lake.reading import LakeError, dataset_files, open_dataset, read_partition
from rasd.landing import claims
from rasd.newsroom.queries import Filters, Newsroom
from rasd.pipeline import PartitionRun, claim, consolidate, plan_shards, publish, report, run_partition, transform
from rasd.pipeline.maintenance import repair, sweep, verify
from rasd.pipeline.publication import roll_back
from rasd.pipeline.reprocessing import reprocess_partition
from rasd.pipeline.run import Settings
from rasd.schema import DIM_ENTITIES, STAGED_DATASETS
from rasd.storage import leases, objects
from rasd.storage.paths import LakePaths, lake_root
from tests.integration.s3 import s3_server
from tests.synthetic import article, land_articles

DAY = date(2026, 3, 1)
NAMES = [d.name for d in STAGED_DATASETS]
SEEDS = Path(__file__).resolve().parents[2] / "seeds"
LEASE_SECONDS = 1.5
PROCESSES = multiprocessing.get_context("forkserver")


class Killed(BaseException):
    """Stands for the process dying: nothing catches it."""


def run(lake: str, landing: Path, name: str, *, replay: bool = False) -> dict[str, Any]:
    """A whole run but for the quality gate, which takes its time."""
    partition = prepared(lake, landing, name, replay=replay)
    if (partition.staging / "dimension.parquet").exists():
        publish(partition)
    return report(partition)


def prepared(lake: str, landing: Path, name: str, *, replay: bool = False) -> PartitionRun:
    """A run that only has to publish."""
    partition = PartitionRun(name, DAY, {"landing": str(landing), "lake": lake, "shard_articles": 5})
    if shards := plan_shards(partition, claim(partition, replay=replay)):
        for shard in shards:
            transform(partition, shard)
        consolidate(partition)
    return partition


def state(lake: Path) -> dict[str, Any]:
    """What a reader of the manifests is told: names, checksums and rows of all files, without the run."""
    paths = LakePaths(lake)
    manifest, dimension = read_manifest(paths, DAY), read_dimension_manifest(paths)
    assert manifest is not None
    assert dimension is not None
    return {"files": manifest["files"], "inputs": manifest["inputs"], "dimension": dimension["files"]}


class Scenario:
    """A published partition of eight articles on the store and on a disk, and five more files that have landed since."""

    def __init__(self, bucket: fsspec.AbstractFileSystem, folder: Path) -> None:
        self.bucket, self.landing = bucket, folder / "landing"
        land_articles(self.landing / "desk", first=0, count=8)
        for lake in ("s3://news/origin", str(folder / "disk")):
            run(lake, self.landing, "before")
        self.old = state(folder / "disk")
        assert state(lake_root("s3://news/origin")) == self.old
        land_articles(self.landing / "desk", first=8, count=3)
        (self.landing / "empty.txt").touch()
        (self.landing / "copy.txt").write_text(article(3), encoding="utf-8")
        run(str(folder / "disk"), self.landing, "after")
        self.new = state(folder / "disk")
        assert self.old != self.new

    @contextmanager
    def lake(self, name: str) -> Iterator[Path]:
        self.bucket.copy("news/origin", f"news/{name}", recursive=True)
        yield lake_root(f"s3://news/{name}")


@pytest.fixture(scope="module")
def scenario(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scenario]:
    with s3_server() as bucket:
        yield Scenario(bucket, tmp_path_factory.mktemp("objects"))


@pytest.fixture
def lake(scenario: Scenario, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(leases, "LEASE_SECONDS", LEASE_SECONDS)
    with scenario.lake(f"lake{abs(hash(request.node.name))}") as folder:
        yield folder


def later(monkeypatch: pytest.MonkeyPatch, minutes: float) -> None:
    now = manifests._store_time
    monkeypatch.setattr(manifests, "_store_time", lambda *arguments: now(*arguments) + minutes * 60)


def part_names(lake: Path, dataset: str) -> set[str]:
    """Names of all part files that a pattern would find."""
    return {path.name for path in lake.glob(f"{dataset}/*/part-*.parquet")}


def test_a_run_over_the_sample_articles_gives_the_lake_that_it_gives_on_a_disk(
    bucket: fsspec.AbstractFileSystem, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = "s3://news/a/lake"
    lake = lake_root(url)
    with pytest.raises(LakeError, match="has a run published"):
        open_dataset(lake, "articles")
    assert run_partition(PartitionRun("first", DAY, {"landing": str(SEEDS), "lake": url}))["outcome"] == "published"
    run(str(tmp_path), SEEDS, "first")
    assert state(lake) == state(tmp_path)
    for name in NAMES:
        assert read_partition(lake, name, DAY).equals(read_partition(tmp_path, name, DAY))
    assert open_dataset(lake, "dim_entities").to_table().equals(open_dataset(tmp_path, "dim_entities").to_table())
    assert open_dataset(lake, "validations").count_rows() > 100
    assert "Passed" in next(lake.glob("_data_docs/*/first/index.html")).read_text(encoding="utf-8")
    assert not list((lake / "_staging").glob("*/*"))
    assert verify(lake) == []

    again = run_partition(PartitionRun("second", DAY, {"landing": str(SEEDS), "lake": url}))
    assert again["outcome"] == "nothing new"
    reprocess_partition(PartitionRun("third", DAY, {"lake": url}))
    assert state(lake)["files"] == state(tmp_path)["files"]

    for command in (["report"], ["show", "indirect-chain.txt"], ["verify"], ["repair"], ["sweep"]):
        assert main([*command, "--lake", url]) == 0
    printed = capsys.readouterr().out
    assert "Partition 2026-03-01 of the lake s3://news/a/lake" in printed
    assert "read_parquet(['s3://news/a/lake/quotes/ingest_date=2026-03-01/part-00000-" in printed
    assert "nothing to repair" in printed
    assert main(["files", "quotes", "--lake", url]) == 0
    assert capsys.readouterr().out.split() == [str(lake / "quotes" / f"ingest_date={DAY}" / name) for name in part_names(lake, "quotes")]
    assert main(["views", str(tmp_path / "views.duckdb"), "--lake", url]) == 2


def test_what_is_replaced_stays_for_the_grace_period(scenario: Scenario, lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(lake=str(lake), grace_minutes=60)
    old_files = dataset_files(lake, "quotes")
    run(str(lake), scenario.landing, "replayed", replay=True)  # takes exactly what the date has
    assert state(lake)["files"] == scenario.old["files"]
    run(str(lake), scenario.landing, "after")
    assert state(lake) == scenario.new
    assert not set(old_files) & set(dataset_files(lake, "quotes"))
    assert len(part_names(lake, "quotes")) == 2
    assert verify(lake) == []
    assert sweep(settings)["superseded"] == 0
    assert pq.read_table(old_files[0].open("rb")).num_rows, "who has read the old manifest still reads what it names"
    with monkeypatch.context() as patch:
        later(patch, 61)
        assert sweep(settings)["superseded"] == 6  # one of each dataset, and of dim_entities
        assert sweep(settings)["superseded"] == 0
    assert part_names(lake, "quotes") == {file.name for file in dataset_files(lake, "quotes")}
    assert state(lake) == scenario.new
    assert verify(lake) == []


@pytest.mark.parametrize("hours", [-48, 48])
def test_the_grace_period_is_counted_by_the_clock_of_the_store(
    scenario: Scenario, lake: Path, monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    run(str(lake), scenario.landing, "after")
    now = time.time
    monkeypatch.setattr(time, "time", lambda: now() + hours * 3600)
    settings = Settings(lake=str(lake), grace_minutes=60)
    assert sweep(settings)["superseded"] == 0
    later(monkeypatch, 61)
    assert sweep(settings)["superseded"] == 6


def test_a_later_publication_removes_what_is_overdue(scenario: Scenario, lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(str(lake), scenario.landing, "after")
    partition = PartitionRun("next day", DAY.replace(day=2), {"landing": str(scenario.landing), "lake": str(lake)})
    land_articles(scenario.landing / "next", first=50, count=1)
    try:
        for shard in plan_shards(partition, claim(partition)):
            transform(partition, shard)
        consolidate(partition)
        later(monkeypatch, 61)
        publish(partition)
    finally:
        (scenario.landing / "next" / "000050.txt").unlink()
    assert {len(part_names(lake, name)) for name in NAMES} == {2}, "one file a day"
    assert verify(lake) == []


def test_sweeping_spares_what_is_being_published_and_dates_whose_manifest_is_gone(
    scenario: Scenario, lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(str(lake), scenario.landing, "after")
    fresh = lake / "quotes" / f"ingest_date={DAY}" / "part-00000-000000000000.parquet"
    paths = LakePaths(lake)
    manifest = paths.manifest(DAY).read_bytes()
    entries = objects.entries

    def aged(folder: Any) -> dict[str, objects.Entry]:
        found = entries(folder)
        return {k: v if k.endswith(fresh.name) else replace(v, modified=v.modified - 7200) for k, v in found.items()}

    fresh.write_bytes(b"just written")
    monkeypatch.setattr(objects, "entries", aged)
    paths.manifest(DAY).write_bytes(b"{torn")
    assert sweep(Settings(lake=str(lake)))["superseded"] == 1, "only of dim_entities"
    paths.manifest(DAY).write_bytes(manifest)
    assert sweep(Settings(lake=str(lake)))["superseded"] == 5
    assert fresh.exists()
    assert verify(lake) == []


@pytest.mark.parametrize(
    "damage",
    ["flipped", "no dimension", *(pytest.param(d, marks=pytest.mark.long) for d in ("truncated", "missing", "manifest gone"))],
)
def test_damage_is_found_and_mended(scenario: Scenario, lake: Path, damage: str) -> None:
    before = state(lake)
    part = dataset_files(lake, "quotes")[0]
    content = part.read_bytes()
    match damage:
        case "truncated":
            part.write_bytes(content[: len(content) // 2])
        case "flipped":
            part.write_bytes(content[:100] + bytes([content[100] ^ 1]) + content[101:])
        case "missing":
            part.unlink()
        case "manifest gone":
            LakePaths(lake).manifest(DAY).unlink()
        case "no dimension":
            dataset_files(lake, "dim_entities")[0].unlink()
    assert len(verify(lake)) == 1
    done, failed = repair(Settings(lake=str(lake), landing="s3://news/nowhere"), "repair")
    assert (len(done), failed) == (1, [])
    assert state(lake)["files"] == before["files"]
    assert verify(lake) == []


WRITES = 10
"""Writes of a publication: five datasets copied, the share of the dimension, the dimension copied and its manifest, the old manifest kept,
the manifest."""


def at_write(patch: pytest.MonkeyPatch, number: int, act: Callable[[], None]) -> None:
    """Do something right after so many writes of a publication (0: before the first)."""
    calls = 0
    acted = False

    def act_once() -> None:
        nonlocal acted
        if calls == number and not acted:
            acted = True
            act()

    def counted(whole: Callable[..., Any]) -> Callable[..., Any]:
        def write(*arguments: Any) -> Any:
            nonlocal calls
            act_once()
            result = whole(*arguments)
            calls += 1
            act_once()
            return result

        return write

    patch.setattr(objects, "copy", counted(objects.copy))
    patch.setattr(objects, "write_if", counted(objects.write_if))


def die() -> None:
    raise Killed


@pytest.mark.parametrize(
    ("number", "mend"),
    [
        (4, "retry"),
        (9, "run again"),
        (10, "repair"),
        *(pytest.param(n, m, marks=pytest.mark.long) for n in range(WRITES) for m in ("retry", "run again", "repair")),
    ],
)
def test_a_death_while_publishing_is_mended_and_never_seen(
    scenario: Scenario, lake: Path, monkeypatch: pytest.MonkeyPatch, number: int, mend: str
) -> None:
    dying = prepared(str(lake), scenario.landing, "after")
    with monkeypatch.context() as patch:
        at_write(patch, number, die)
        with pytest.raises(Killed):
            publish(dying)
    seen = state(lake)
    expected = scenario.new if number == WRITES else scenario.old
    assert {name: seen[name] for name in ("files", "inputs")} == {name: expected[name] for name in ("files", "inputs")}
    assert partition_problems(LakePaths(lake), DAY, contents=True) == []
    match mend:
        case "repair":
            unfinished = 0 if number == WRITES else 1
            assert len(verify(lake)) == unfinished
            done, failed = repair(Settings(lake=str(lake)), "repair")
            assert (len(done), failed) == (unfinished, [])
        case "retry":
            publish(dying)
        case "run again":
            run(str(lake), scenario.landing, "again")
    assert state(lake)["inputs"] == scenario.new["inputs"]
    assert_same_rows(lake, scenario)


def forget_claims(lake: Path) -> None:
    for path in (lake / "_claims").glob("*/*.parquet"):
        path.unlink()


def whole_state(lake: Path) -> dict[str, Any]:
    """What readers and publications go by, but for the mark of a rolled back partition."""
    manifest = read_manifest(LakePaths(lake), DAY)
    assert manifest is not None
    share = LakePaths(lake).dimension(DAY).read_bytes()
    return state(lake) | {"run": manifest["run"], "share": manifest["share"], "bytes": hashlib.sha256(share).hexdigest()}


@pytest.mark.parametrize("number", [5, 9, *(pytest.param(n, marks=pytest.mark.long) for n in (0, 3, 6, 7, 8))])
def test_what_cant_be_finished_is_rolled_back(scenario: Scenario, lake: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    before = whole_state(lake)
    dying = prepared(str(lake), scenario.landing, "after")
    with monkeypatch.context() as patch:
        at_write(patch, number, die)
        with pytest.raises(Killed):
            publish(dying)
    staged = next((dying.staged / "quotes").glob("part-*"))
    staged.unlink()
    (LakePaths(lake).partition("quotes", DAY) / staged.name).unlink(missing_ok=True)
    forget_claims(lake)
    (done,), failed = repair(Settings(lake=str(lake)), "repair")
    assert f"{DAY}: rolled back to run before (run after can't be published: quotes/part-" in done
    assert failed == []
    assert whole_state(lake) == before
    (problem,) = verify(lake)
    assert "was rolled back to run before" in problem
    later(monkeypatch, 61)
    assert sweep(Settings(lake=str(lake)))["superseded"] <= 1, "of dim_entities: what was withdrawn of the date may be all there is"


@pytest.mark.parametrize("broken", ["file", "manifest"])
def test_a_damaged_partition_is_rolled_back_within_the_grace_period(
    scenario: Scenario, lake: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    before = whole_state(lake)
    run(str(lake), scenario.landing, "after")
    newer = dataset_files(lake, "articles")
    if broken == "file":
        dataset_files(lake, "quotes")[0].unlink()
    else:
        LakePaths(lake).manifest(DAY).write_bytes(b"{torn")
    kept = {file: file.read_bytes() for file in (lake / "_claims").glob("*/*.parquet")}
    forget_claims(lake)
    (done,), failed = repair(Settings(lake=str(lake)), "repair")
    assert "rolled back to run before" in done
    assert "its claimed files are gone" in done
    assert failed == []
    assert whole_state(lake) == before
    assert repair(Settings(lake=str(lake)), "again")[0] == [], "it has done what it can"
    with monkeypatch.context() as patch:
        later(patch, 61)
        sweep(Settings(lake=str(lake)))
    assert newer[0].exists()
    for file, content in kept.items():
        file.write_bytes(content)
    run(str(lake), scenario.landing, "ordinary")
    assert_same_rows(lake, scenario)
    later(monkeypatch, 61)
    assert sweep(Settings(lake=str(lake)))["superseded"] > 0
    assert {len(part_names(lake, name)) for name in NAMES} == {1}


def test_after_the_grace_period_there_is_no_way_back_and_that_is_said(
    scenario: Scenario, lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(str(lake), scenario.landing, "after")
    later(monkeypatch, 61)
    sweep(Settings(lake=str(lake)))
    dataset_files(lake, "quotes")[0].unlink()
    forget_claims(lake)
    after = state(lake)
    done, (failed,) = repair(Settings(lake=str(lake)), "repair")
    assert done == []
    assert failed.startswith(f"{DAY}: quotes/part-")
    assert "is missing; its claimed files are gone: restore them, or the partition, from a backup" in failed
    assert state(lake) == after


def damaged(scenario: Scenario, lake: Path) -> None:
    """Publish, lose a file of it and the claims.

    The writes of rolling that back: the share of the dimension, the dimension copied and its manifest, the manifest, the withdrawn one.
    """
    run(str(lake), scenario.landing, "after")
    dataset_files(lake, "quotes")[0].unlink()
    forget_claims(lake)


@pytest.mark.parametrize("number", [3, *(pytest.param(n, marks=pytest.mark.long) for n in (0, 1, 2, 4, 5))])
def test_a_death_while_rolling_back_is_mended(scenario: Scenario, lake: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    before = whole_state(lake)
    damaged(scenario, lake)
    with monkeypatch.context() as patch:
        at_write(patch, number, die)
        with pytest.raises(Killed):
            repair(Settings(lake=str(lake)), "dying")
    repair(Settings(lake=str(lake)), "repair")
    assert whole_state(lake) == before
    assert len(verify(lake)) == 1


@pytest.mark.parametrize("number", [2, *(pytest.param(n, marks=pytest.mark.long) for n in (0, 1, 3, 4))])
def test_who_lost_the_lock_rolls_nothing_back(scenario: Scenario, lake: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Repairing stops for longer than its lease lasts; the date is run again; the repair goes on."""
    monkeypatch.setattr(leases._Lease, "renew_until_released", lambda self: None)
    other = prepared(str(lake), scenario.landing, "other")
    kept = {file: file.read_bytes() for file in (lake / "_claims").glob("*/*.parquet")}
    damaged(scenario, lake)
    for file, content in kept.items():
        file.write_bytes(content)
    with monkeypatch.context() as patch:
        at_write(patch, number, lambda: publish(other) and None)
        with pytest.raises(LockLost):
            roll_back(LakePaths(lake), DAY, "slow", "a file is missing")
    manifest = read_manifest(LakePaths(lake), DAY)
    assert manifest is not None
    assert manifest["run"] == "other"
    assert "rolled_back" not in manifest
    if number == 0:  # an object that has got the very same content meanwhile passes for the version that was seen
        (problem,) = verify(lake)
        assert "its share of dim_entities has another checksum" in problem
        repair(Settings(lake=str(lake)), "repair")
    assert verify(lake) == []
    assert_same_rows(lake, scenario)


def test_a_share_of_the_dimension_is_verified_and_mended(scenario: Scenario, lake: Path) -> None:
    before = whole_state(lake)
    LakePaths(lake).dimension(DAY).unlink()
    (problem,) = verify(lake)
    assert "its share of dim_entities is missing" in problem
    assert len(repair(Settings(lake=str(lake)), "repair")[0]) == 1
    assert whole_state(lake) == before
    assert verify(lake) == []


def assert_same_rows(lake: Path, scenario: Scenario) -> None:
    """The lake is as after an undisturbed run, but for the name of the run that claimed the files."""
    files = state(lake)["files"]
    for name in set(NAMES) - {"ingestions"}:
        assert files[name] == scenario.new["files"][name], name
    assert [part["rows"] for part in files["ingestions"]] == [part["rows"] for part in scenario.new["files"]["ingestions"]]
    assert state(lake)["dimension"] == scenario.new["dimension"]
    assert verify(lake) == []


def _run_in_child(lake: str, landing: str, name: str, die_at: int | None) -> None:
    leases.LEASE_SECONDS = LEASE_SECONDS
    with pytest.MonkeyPatch.context() as patch:
        if die_at is not None:
            at_write(patch, die_at, lambda: os.kill(os.getpid(), signal.SIGKILL))
        run(lake, Path(landing), name)


@contextmanager
def polling(lake: Path, scenario: Scenario) -> Iterator[set[str]]:
    """While the block runs, read every dataset through the manifest over and over; the set collects what no reader may see."""
    wanted = [{name: sum(part["rows"] for part in s["files"][name]) for name in NAMES} for s in (scenario.old, scenario.new)]
    seen: set[str] = set()
    reads = 0
    done = threading.Event()

    def poll() -> None:
        nonlocal reads
        while not done.is_set():
            try:
                manifest = json.loads(LakePaths(lake).manifest(DAY).read_bytes())
                rows = {}
                for name, parts in manifest["files"].items():
                    files = [lake / name / f"ingest_date={DAY}" / part["name"] for part in parts]
                    tables = [pq.read_table(file.open("rb")) for file in files]
                    rows[name] = sum(table.num_rows for table in tables)
                    keys = [key for table in tables for key in table.column(0 if name != "ingestions" else "source_uri").to_pylist()]
                    if len(keys) != len(set(keys)):
                        seen.add(f"doubled rows of {name}")
                if rows not in wanted:
                    seen.add(f"rows {rows}")
                if read_partition(lake, "quotes", DAY).num_rows not in {w["quotes"] for w in wanted}:
                    seen.add("another number of quotes")
                dimension = open_dataset(lake, DIM_ENTITIES.name).to_table(columns=["entity_id"])["entity_id"].to_pylist()
                if len(dimension) != len(set(dimension)) or not dimension:
                    seen.add("a doubled or empty dimension")
                reads += 1
                time.sleep(0.1)  # the server runs in this process too
            except Exception as error:
                seen.add(f"broken: {error!r}")

    reader = threading.Thread(target=poll)
    reader.start()
    try:
        yield seen
    finally:
        done.set()
        reader.join()
    assert reads


@pytest.mark.long
def test_killed_processes_and_two_at_once_show_a_polling_reader_nothing(scenario: Scenario, lake: Path) -> None:
    def start(name: str, die_at: int | None = None) -> Any:
        process = PROCESSES.Process(target=_run_in_child, args=(str(lake), str(scenario.landing), name, die_at))
        process.start()
        return process

    with polling(lake, scenario) as seen:
        for die_at in (3, 8, 9):
            killed = start(f"dying at {die_at}", die_at)
            killed.join()
            assert killed.exitcode == -signal.SIGKILL
        both = [start(name) for name in ("one", "other")]
        for process in both:
            process.join()
        assert [process.exitcode for process in both] == [0, 0]
    assert seen == set()
    assert_same_rows(lake, scenario)


@pytest.mark.parametrize("number", [5, 9, *(pytest.param(n, marks=pytest.mark.long) for n in (0, 3, 6, 7, 8))])
def test_who_lost_the_lock_publishes_nothing(scenario: Scenario, lake: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """A process stops in the midst of publishing for longer than its lease lasts; another run publishes; the first one goes on."""
    monkeypatch.setattr(leases._Lease, "renew_until_released", lambda self: None)
    slow, other = (prepared(str(lake), scenario.landing, name) for name in ("slow", "after"))
    with monkeypatch.context() as patch:
        at_write(patch, number, lambda: publish(other) and None)
        with pytest.raises(LockLost):
            publish(slow)
    manifest = read_manifest(LakePaths(lake), DAY)
    assert manifest is not None
    assert manifest["run"] == "after"
    assert partition_problems(LakePaths(lake), DAY, contents=True) == []
    publish(slow)
    assert_same_rows(lake, scenario)


def test_who_lost_the_lock_claims_nothing(scenario: Scenario, lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases._Lease, "renew_until_released", lambda self: None)
    slow, other = (PartitionRun(name, DAY, {"landing": str(scenario.landing), "lake": str(lake)}) for name in ("slow", "other"))
    next_day = PartitionRun("next day", DAY.replace(day=2), other.settings)
    for rival in (other, next_day):
        whole = claims._write_claim

        def interrupted(*arguments: Any, rival: PartitionRun = rival, whole: Any = whole) -> Any:
            monkeypatch.setattr(claims, "_write_claim", whole)
            claim(rival)
            return whole(*arguments)

        monkeypatch.setattr(claims, "_write_claim", interrupted)
        for path in (lake / "_claims").glob("*/claim-*.parquet"):
            if path.name != "claim-00001.parquet" or "03-02" in str(path):
                path.unlink()
        with pytest.raises(LockLost):
            claim(slow)
        uris = [uri for day in (1, 2) for uri in claims.partition_files(slow.paths, DAY.replace(day=day))["source_uri"].to_pylist()]
        assert len(uris) == len(set(uris)) == 12, "every file is claimed once (the copy is known already)"


PAGE = (Path(__file__).resolve().parents[2] / "docs" / "storage.md").read_text(encoding="utf-8")


def test_the_documented_ways_to_read_count_nothing_twice(scenario: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page's snippets, run as they stand, while superseded files lie beside those that count."""
    with scenario.lake("lake") as lake:
        run(str(lake), scenario.landing, "after")
        assert len(part_names(lake, "articles")) == 2
        names: dict[str, Any] = {}
        readers = 0
        for snippet in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL):
            exec(snippet, names)
            if (articles := names.pop("articles", None)) is not None:
                readers += 1
                assert len(articles) == 11, snippet
        assert readers == 4
        (sql,) = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)
        with duckdb.connect() as connection:
            connection.register_filesystem(names["store"])
            assert connection.execute(sql).fetchone() == (11,)
        newsroom = Newsroom(lake)
        assert len(newsroom.articles(newsroom.snapshot(), Filters()).rows) == 11
        assert [row["name_ar"] for row in newsroom.entities("بيروت")] == ["بيروت"]
