"""Lakes that were hurt: found by verify, mended by repair or by one plain re-run; and extraction anew without the landed files."""

from __future__ import annotations

import os
import shutil
import threading
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow.parquet as pq
import pytest

from rasd.errors import PermanentError, StagedPartitionError
from rasd.lake.manifests import read_manifest
from rasd.landing import claims
from rasd.pipeline import PartitionRun, claim, consolidate, plan_shards, publish, run_partition, transform, validate
from rasd.pipeline.maintenance import repair, sweep, verify
from rasd.pipeline.reprocessing import reprocess_partition
from rasd.quality.gate import QualityGateFailed
from rasd.schema import STAGED_DATASETS
from rasd.settings import Settings
from rasd.storage import files as storage
from rasd.storage.paths import LakePaths
from tests.conftest import ROOT
from tests.integration.test_pipeline import DAY, files, read, run
from tests.synthetic import land_articles


class Killed(BaseException):
    """Stands for the process dying: nothing catches it."""


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    """A lake with one partition of six articles and an empty file."""
    land_articles(tmp_path / "landing" / "desk", first=0, count=6)
    (tmp_path / "landing" / "empty.txt").touch()
    run(tmp_path)
    return tmp_path / "lake"


def staged(tmp_path: Path, name: str) -> PartitionRun:
    """A run of the day that only has to publish (its quality is known: the gate takes its time)."""
    partition = PartitionRun(name, DAY, {"landing": str(tmp_path / "landing"), "lake": str(tmp_path / "lake")})
    claimed = claim(partition)
    for shard in plan_shards(partition, claimed):
        transform(partition, shard)
    consolidate(partition)
    return partition


def die_at_exchange(monkeypatch: pytest.MonkeyPatch, number: int, *, after: bool) -> None:
    """The process dies before, or right after, so many folders have changed places."""
    calls = 0

    def exchange(new: Path, published: Path) -> None:
        nonlocal calls
        calls += 1
        if calls == number and not after:
            raise Killed
        whole(new, published)
        if calls == number:
            raise Killed

    whole = storage.exchange_folders
    monkeypatch.setattr("rasd.pipeline.publication.exchange_folders", exchange)


@pytest.mark.parametrize("mend", ["repair", "run again", "retry"])
@pytest.mark.parametrize(("exchange", "after"), [(1, False), (1, True), (3, True), (5, True), (6, True)])
def test_a_death_while_publishing_is_mended(
    tmp_path: Path, lake: Path, monkeypatch: pytest.MonkeyPatch, mend: str, exchange: int, after: bool
) -> None:
    land_articles(tmp_path / "landing" / "desk", first=6, count=3)
    shutil.copytree(lake, tmp_path / "undisturbed")
    run(tmp_path, "undisturbed", name="dying")
    with monkeypatch.context() as patch:
        die_at_exchange(patch, exchange, after=after)
        dying = staged(tmp_path, "dying")
        with pytest.raises(Killed):
            publish(dying)
    assert verify(lake)
    if mend == "repair":
        done, failed = repair(Settings(lake=lake), "repair")
        assert done
        assert not failed
    elif mend == "retry":
        publish(dying)
    else:
        run(tmp_path, name="again")
    assert files(tmp_path) == files(tmp_path, "undisturbed")
    if mend != "run again":
        assert mend == "retry" or verify(lake) == []


@pytest.mark.parametrize("look", ["verify", "repair"])
def test_a_publication_at_work_is_no_dead_one(tmp_path: Path, lake: Path, monkeypatch: pytest.MonkeyPatch, look: str) -> None:
    land_articles(tmp_path / "landing" / "desk", first=6, count=3)
    at_work = staged(tmp_path, "at work")
    found: list[Any] = []
    looks = {"verify": lambda: verify(lake), "repair": lambda: [*repair(Settings(lake=lake), "repair")]}
    looker = threading.Thread(target=lambda: found.extend(looks[look]()))
    whole = storage.exchange_folders

    def exchange(new: Path, published: Path) -> None:
        whole(new, published)
        if not looker.ident:  # one of the datasets is new, the others and the manifest are old
            looker.start()
            time.sleep(1)
            assert looker.is_alive(), "it waits for the publication"

    monkeypatch.setattr("rasd.pipeline.publication.exchange_folders", exchange)
    publish(at_work)
    looker.join()
    assert found == ([] if look == "verify" else [[], []])


def test_a_lake_that_may_only_be_read_is_verified(lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(LakePaths, "lock", refuse)
    assert verify(lake) == []
    next((lake / "quotes").rglob("*.parquet")).unlink()
    assert len(verify(lake)) == 1


def test_a_shard_that_is_missing_is_not_published(tmp_path: Path, lake: Path) -> None:
    """A person may mark a red task as a success."""
    land_articles(tmp_path / "landing" / "desk", first=6, count=3)
    before = files(tmp_path)
    partition = PartitionRun("r", DAY, {"landing": str(tmp_path / "landing"), "lake": str(lake), "shard_articles": 5})
    shards = plan_shards(partition, claim(partition))
    assert len(shards) == 2
    transform(partition, shards[0])
    consolidate(partition)
    with pytest.raises(QualityGateFailed, match="the files that the date has claimed"):
        validate(partition)
    assert files(tmp_path) == before
    run(tmp_path, name="again")
    assert read(tmp_path, "articles").num_rows == 9


@pytest.mark.parametrize("damage", ["truncated", "flipped", "missing", "added", "manifest gone", "manifest torn"])
def test_damage_is_found_and_mended(tmp_path: Path, lake: Path, damage: str) -> None:
    before = files(tmp_path)
    part = next((lake / "quotes" / f"ingest_date={DAY}").glob("part-00000-*.parquet"))
    manifest = LakePaths(lake).manifest(DAY)
    content = part.read_bytes()
    match damage:
        case "truncated":
            part.write_bytes(content[: len(content) // 2])
        case "flipped":
            part.write_bytes(content[:100] + bytes([content[100] ^ 1]) + content[101:])
        case "missing":
            part.unlink()
        case "added":
            shutil.copy(part, part.with_name("part-00001.parquet"))
        case "manifest gone":
            manifest.unlink()
        case "manifest torn":
            manifest.write_text(manifest.read_text()[:50])
    assert len(verify(lake)) == 1
    shutil.rmtree(tmp_path / "landing")
    done, failed = repair(Settings(lake=lake), "repair")
    assert (len(done), failed) == (1, [])
    assert files(tmp_path) == before
    assert verify(lake) == []


def test_damage_without_claims_is_said_plainly(lake: Path) -> None:
    next((lake / "quotes").rglob("*.parquet")).unlink()
    shutil.rmtree(lake / "_claims")
    done, failed = repair(Settings(lake=lake), "repair")
    assert done == []
    assert "backup" in failed[0]


def test_a_run_with_fewer_files_does_not_replace_one_with_more(tmp_path: Path, lake: Path) -> None:
    land_articles(tmp_path / "landing" / "desk", first=6, count=1)
    slow = staged(tmp_path, "slow")
    land_articles(tmp_path / "landing" / "desk", first=7, count=1)
    run(tmp_path, name="fast")
    before = files(tmp_path)
    assert publish(slow)["articles"] == 8
    assert files(tmp_path) == before


def test_reprocessing_needs_no_landed_files_and_changes_nothing_but_extraction(
    tmp_path: Path, lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = files(tmp_path)
    shutil.rmtree(tmp_path / "landing")
    shutil.rmtree(lake / "_claims")
    partition = PartitionRun("again", DAY, {"lake": str(lake)})
    reprocess_partition(partition)
    assert files(tmp_path) == before

    def without_quotes(articles: Any, entities: Any) -> Any:
        return whole(articles, entities).slice(0, 0)

    from rasd.extraction import extract_quotes as whole

    articles = read(tmp_path, "articles")
    monkeypatch.setattr("rasd.extraction.extract_quotes", without_quotes)
    reprocess_partition(partition)
    after = read(tmp_path, "articles")
    assert read(tmp_path, "quotes").num_rows == 0
    assert after["quote_count"].to_pylist() == [0] * 6
    unchanged = [name for name in after.column_names if name != "quote_count"]
    assert after.select(unchanged).equals(articles.select(unchanged))
    assert verify(lake) == []


def test_reprocessing_an_unsound_partition_is_refused(lake: Path) -> None:
    with pytest.raises(PermanentError, match="not published"):
        reprocess_partition(PartitionRun("r", DAY.replace(day=2), {"lake": str(lake)}))
    next((lake / "quotes").rglob("*.parquet")).unlink()
    with pytest.raises(PermanentError, match="repair"):
        reprocess_partition(PartitionRun("r", DAY, {"lake": str(lake)}))


def test_sweeping_leaves_what_is_needed(tmp_path: Path, lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(tmp_path, name="again", replay=True)
    land_articles(tmp_path / "landing" / "desk", first=6, count=1)
    dead = staged(tmp_path, "dead")
    with monkeypatch.context() as patch:
        die_at_exchange(patch, 2, after=True)
        dying = staged(tmp_path, "dying")
        with pytest.raises(Killed):
            publish(dying)
    settings = Settings(lake=lake)
    assert sweep(settings)["staging"] == 0, "a staging area of today may be at work"
    assert len(list((lake / "validations" / f"ingest_date={DAY}").iterdir())) == 2, "who is at work may be writing there"
    old = time.time() - 10 * 86_400
    for path in (lake / "_staging").rglob("*"):
        os.utime(path, (old, old))
    assert sweep(settings.model_copy(update={"ask_hours": 240}))["staging"] == 0, "a person has so long to answer"
    assert sweep(settings)["staging"] == 1
    assert not dead.staging.exists()
    assert dying.staging.exists(), "repair needs it"
    validations = list((lake / "validations" / f"ingest_date={DAY}").iterdir())
    assert len(validations) == 1
    assert set(pq.read_table(validations[0], partitioning=None)["run"].to_pylist()) == {"r", "again"}
    assert {d.name for d in STAGED_DATASETS} <= {p.name for p in lake.iterdir()}


@pytest.mark.parametrize("rename", [2, 3])
def test_a_death_while_joining_validations_loses_none_where_folders_cant_be_exchanged(
    tmp_path: Path, lake: Path, monkeypatch: pytest.MonkeyPatch, rename: int
) -> None:
    run(tmp_path, name="again", replay=True)
    folder = lake / "validations" / f"ingest_date={DAY}"
    rows = pq.read_table(folder, partitioning=None).num_rows
    monkeypatch.setattr(storage, "_rename_exchange", lambda *_: False)
    with monkeypatch.context() as patch:
        calls = 0
        whole = Path.rename

        def dying(self: Path, target: Path) -> Path:
            nonlocal calls
            calls += 1
            if calls == rename:
                raise Killed
            return whole(self, target)

        patch.setattr(Path, "rename", dying)
        with pytest.raises(Killed):
            sweep(Settings(lake=lake))
    run(tmp_path, name="third", replay=True)
    sweep(Settings(lake=lake))
    joined = pq.read_table(folder, partitioning=None)
    assert len(list(folder.iterdir())) == 1
    assert set(joined["run"].to_pylist()) == {"r", "again", "third"}
    assert joined.num_rows > rows
    assert joined.group_by(["run", "dataset", "expectation", "column"]).aggregate([]).num_rows == joined.num_rows
    assert list((lake / "_staging").glob("validations*")) == []


def test_results_are_kept_for_their_days(tmp_path: Path) -> None:
    settings = Settings(lake=tmp_path, report_days=90)
    paths = LakePaths(tmp_path)
    for name, days in (("old", 91), ("new", 89)):
        page = paths.data_docs(DAY, name) / "index.html"
        for path in (page, paths.report(DAY, name)):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("{}")
            then = time.time() - days * 86_400
            os.utime(path, (then, then))
        os.utime(page.parent, (then, then))
    assert sweep(settings)["reports"] == 2
    assert [paths.report(DAY, name).exists() for name in ("old", "new")] == [False, True]
    assert [paths.data_docs(DAY, name).exists() for name in ("old", "new")] == [False, True]


def test_the_digest_knows_names_and_contents(tmp_path: Path, lake: Path) -> None:
    table = claims.partition_files(LakePaths(lake), DAY)
    assert claims.digest(table) == claims.digest(table)
    assert claims.digest(table.slice(1)) != claims.digest(table)


def test_runs_side_by_side_lose_nothing(tmp_path: Path) -> None:
    """Two processes run the same date over the same landing area at the same time."""
    import subprocess
    import sys

    land_articles(tmp_path / "landing" / "desk", first=0, count=8)
    command = [sys.executable, "-m", "rasd", "run", "--landing", str(tmp_path / "landing"), "--lake", str(tmp_path / "lake")]
    both = [subprocess.Popen([*command, "--ingest-date", str(DAY), "--workers", "1"], stdout=subprocess.DEVNULL) for _ in range(2)]
    assert [process.wait(300) for process in both] == [0, 0]
    assert read(tmp_path, "articles").num_rows == 8
    assert verify(tmp_path / "lake") == []
    run_partition(PartitionRun("after", DAY, {"landing": str(tmp_path / "landing"), "lake": str(tmp_path / "lake")}))
    assert read(tmp_path, "articles").num_rows == 8


def test_a_publication_that_is_tried_again_puts_nothing_old_back(tmp_path: Path, lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run dies while it publishes, the date is run again, and then somebody clears the dead run's task."""
    land_articles(tmp_path / "landing" / "desk", first=6, count=3)
    dying = staged(tmp_path, "dying")
    with monkeypatch.context() as patch:
        die_at_exchange(patch, 1, after=True)
        with pytest.raises(Killed):
            publish(dying)
    run(tmp_path, name="again")
    before = files(tmp_path)
    publish(dying)
    assert files(tmp_path) == before
    assert verify(lake) == []


def test_a_dead_publication_does_not_replace_one_with_more_files(tmp_path: Path, lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run dies while it publishes, a later one with more files is published, and the next one has only claimed yet."""
    land_articles(tmp_path / "landing" / "desk", first=6, count=1)
    dying = staged(tmp_path, "dying")
    with monkeypatch.context() as patch:
        die_at_exchange(patch, 1, after=True)
        with pytest.raises(Killed):
            publish(dying)
    land_articles(tmp_path / "landing" / "desk", first=7, count=1)
    run(tmp_path, name="again")
    before = files(tmp_path)
    land_articles(tmp_path / "landing" / "desk", first=8, count=1)
    claim(PartitionRun("next", DAY, {"landing": str(tmp_path / "landing"), "lake": str(lake)}))
    assert verify(lake) == []
    assert repair(Settings(lake=lake), "repair") == ([], [])
    publish(dying)
    assert files(tmp_path) == before


def dead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, exchange: int, after: bool = True) -> PartitionRun:
    """A run with three files more that died while it published."""
    land_articles(tmp_path / "landing" / "desk", first=6, count=3)
    dying = staged(tmp_path, "dying")
    with monkeypatch.context() as patch:
        die_at_exchange(patch, exchange, after=after)
        with pytest.raises(Killed):
            publish(dying)
    return dying


def refuse(partition: PartitionRun, **_: Any) -> None:
    raise QualityGateFailed(f"Quality of {partition.ingest_date}: 1 critical failure")


def damage(folder: Path) -> None:
    part = next(folder.glob("part-*.parquet"))
    part.write_bytes(part.read_bytes()[:-100])


def published_runs(tmp_path: Path) -> dict[str, Any]:
    """What readers and publications go by: every file, the run of the manifest, and the shares of dim_entities."""
    manifest = read_manifest(LakePaths(tmp_path / "lake"), DAY)
    assert manifest is not None
    shares = {path.name: storage.sha256_of(path) for path in (tmp_path / "lake" / "_dimension").iterdir()}
    return files(tmp_path) | shares | {"run": manifest["run"], "share": manifest["share"]}


@pytest.mark.parametrize("obstacle", ["claims gone", "claims damaged", "refused"])
@pytest.mark.parametrize(
    ("exchange", "after", "broken"),
    [(1, False, "staged quotes"), (1, True, "staged quotes"), (3, True, "articles"), (3, True, "staged share"), (6, True, "ingestions")],
)
def test_what_cant_be_finished_is_rolled_back(
    tmp_path: Path, lake: Path, monkeypatch: pytest.MonkeyPatch, exchange: int, after: bool, broken: str, obstacle: str
) -> None:
    before = published_runs(tmp_path)
    dying = dead(tmp_path, monkeypatch, exchange=exchange, after=after)
    match broken:
        case "staged quotes":
            shutil.rmtree(dying.staged / "quotes")
        case "staged share":
            (dying.staging / "dimension.parquet").write_bytes(b"PAR1")
        case _:
            damage(lake / broken / f"ingest_date={DAY}")
    match obstacle:
        case "claims gone":
            shutil.rmtree(lake / "_claims")
        case "claims damaged":
            claim_file = LakePaths(lake).claims(DAY) / "claim-00002.parquet"
            claim_file.write_bytes(claim_file.read_bytes()[:-1])
        case "refused":
            monkeypatch.setattr("rasd.pipeline.local.validate", refuse)
    (done,), failed = repair(Settings(lake=lake), "repair")
    assert failed == []
    assert f"{DAY}: rolled back to run r (run dying can't be published: " in done
    assert {"claims gone": "restore", "claims damaged": "failed", "refused": "1 critical failure"}[obstacle] in done
    assert published_runs(tmp_path) == before
    assert dying.staging.exists(), "what was withdrawn is not thrown away"
    (problem,) = verify(lake)
    assert f"{DAY}: was rolled back to run r (run dying can't be published: " in problem
    assert "run the date again" in problem


def test_a_date_that_was_rolled_back_is_whole_again_when_it_is_run(tmp_path: Path, lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(lake, tmp_path / "undisturbed")
    dying = dead(tmp_path, monkeypatch, exchange=2)
    run(tmp_path, "undisturbed", name="dying")
    shutil.rmtree(dying.staged / "ingestions")
    with monkeypatch.context() as patch:
        patch.setattr("rasd.pipeline.local.validate", refuse)
        assert len(repair(Settings(lake=lake), "repair")[0]) == 1
        done, (failed,) = repair(Settings(lake=lake), "again")
        assert done == []
        assert "1 critical failure" in failed
    old = time.time() - 10 * 86_400
    for path in (lake / "_staging").rglob("*"):
        os.utime(path, (old, old))
    assert sweep(Settings(lake=lake))["staging"] == 0, "what was withdrawn may be all there is"
    assert run(tmp_path, name="ordinary")["outcome"] == "published"
    assert files(tmp_path) == files(tmp_path, "undisturbed")
    assert verify(lake) == []
    assert sweep(Settings(lake=lake))["staging"] == 3


def test_what_is_rolled_back_is_made_again_where_it_can_be(tmp_path: Path, lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(lake, tmp_path / "undisturbed")
    dying = dead(tmp_path, monkeypatch, exchange=2)
    run(tmp_path, "undisturbed", name="dying")
    damage(dying.staged / "ingestions")
    (done,), failed = repair(Settings(lake=lake), "repair")
    assert "made again from its claimed files (run dying can't be published: ingestions/" in done
    assert failed == []
    assert files(tmp_path) == files(tmp_path, "undisturbed")
    assert verify(lake) == []


def test_a_death_while_rolling_back_is_mended(tmp_path: Path, lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = published_runs(tmp_path)
    dying = dead(tmp_path, monkeypatch, exchange=4)
    shutil.rmtree(dying.staged / "ingestions")
    shutil.rmtree(lake / "_claims")
    for attempt in range(5):  # four datasets and dim_entities
        with monkeypatch.context() as patch:
            die_at_exchange(patch, 1, after=True)
            with pytest.raises(Killed):
                repair(Settings(lake=lake), f"dying {attempt}")
    assert len(repair(Settings(lake=lake), "repair")[0]) == 1
    assert published_runs(tmp_path) == before


def test_two_dead_publications_are_rolled_back_together(tmp_path: Path, lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = published_runs(tmp_path)
    first = dead(tmp_path, monkeypatch, exchange=1)
    land_articles(tmp_path / "landing" / "desk", first=20, count=1)
    second = staged(tmp_path, "second")
    with monkeypatch.context() as patch:
        die_at_exchange(patch, 3, after=True)
        with pytest.raises(Killed):
            publish(second)
    for dying in (first, second):
        shutil.copytree(dying.staged / "ingestions", tmp_path / dying.run)
        shutil.rmtree(dying.staged / "ingestions")
    with monkeypatch.context() as patch:
        patch.setattr("rasd.pipeline.local.validate", refuse)
        (done,), failed = repair(Settings(lake=lake), "repair")
    assert "rolled back to run r" in done
    assert failed == []
    assert published_runs(tmp_path) == before
    for dying in (first, second):
        shutil.copytree(tmp_path / dying.run, dying.staged / "ingestions")
        with pytest.raises(StagedPartitionError, match="articles/"):  # its staged articles are the other's by now
            publish(dying)
    assert published_runs(tmp_path) == before


def test_until_its_report_a_publication_on_a_disk_can_be_rolled_back(tmp_path: Path, lake: Path) -> None:
    before = published_runs(tmp_path)
    land_articles(tmp_path / "landing" / "desk", first=6, count=3)
    done = staged(tmp_path, "done")
    publish(done)
    damage(lake / "quotes" / f"ingest_date={DAY}")
    shutil.rmtree(lake / "_claims")
    (sentence,), failed = repair(Settings(lake=lake), "repair")
    assert f"{DAY}: rolled back to run r (quotes/part-" in sentence
    assert failed == []
    assert published_runs(tmp_path) == before


@pytest.mark.parametrize("journal", ["torn", "of an earlier version"])
def test_a_publication_whose_journal_cant_be_read_is_rolled_back(
    tmp_path: Path, lake: Path, monkeypatch: pytest.MonkeyPatch, journal: str
) -> None:
    before = published_runs(tmp_path)
    dying = dead(tmp_path, monkeypatch, exchange=2)
    (dying.staging / "publish.json").write_text("{" if journal == "torn" else '{"articles": 17, "quotes": 18}')
    shutil.rmtree(lake / "_claims")
    assert len(repair(Settings(lake=lake), "repair")[0]) == 1
    assert published_runs(tmp_path) == before
    assert len(verify(lake)) == 1
    with pytest.raises(StagedPartitionError, match="damaged"):
        (LakePaths(lake).manifest(DAY)).unlink()
        publish(dying)


def test_a_publication_that_was_rolled_back_can_be_tried_again(tmp_path: Path, lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody has put back what it lacked."""
    shutil.copytree(lake, tmp_path / "undisturbed")
    dying = dead(tmp_path, monkeypatch, exchange=2)
    run(tmp_path, "undisturbed", name="dying")
    (dying.staged / "quotes").rename(tmp_path / "aside")
    with monkeypatch.context() as patch:
        patch.setattr("rasd.pipeline.local.validate", refuse)
        repair(Settings(lake=lake), "repair")
    (tmp_path / "aside").rename(dying.staged / "quotes")
    with monkeypatch.context() as patch:
        die_at_exchange(patch, 4, after=True)
        with pytest.raises(Killed):
            publish(dying)
    assert repair(Settings(lake=lake), "again")[0] == [f"{DAY}: finished publishing run dying"]
    assert files(tmp_path) == files(tmp_path, "undisturbed")
    assert verify(lake) == []


def test_where_neither_is_possible_it_is_said_plainly(tmp_path: Path, lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(tmp_path, name="next day", landing=str(tmp_path / "landing"))
    dying = dead(tmp_path, monkeypatch, exchange=2)
    damage(dying.staged / "articles")  # of the version before, which the exchange has put there
    shutil.rmtree(dying.staged / "quotes")
    after = files(tmp_path)
    shutil.rmtree(lake / "_claims")
    done, (failed,) = repair(Settings(lake=lake), "repair")
    assert done == []
    assert failed.startswith(f"{DAY}: run dying can't be published: quotes/")
    assert "its claimed files are gone: restore them, or the partition, from a backup; or, if all its files" in failed
    assert files(tmp_path) == after


def test_a_partition_is_not_made_again_from_some_of_its_claims(tmp_path: Path, lake: Path) -> None:
    land_articles(tmp_path / "landing" / "desk", first=6, count=3)
    run(tmp_path, name="second")
    (LakePaths(lake).claims(DAY) / "claim-00002.parquet").unlink()
    damage(lake / "quotes" / f"ingest_date={DAY}")
    done, (failed,) = repair(Settings(lake=lake), "repair")
    assert done == []
    assert "1 of its 2 claims are gone" in failed
    assert read(tmp_path, "articles").num_rows == 9


def test_one_date_that_cant_be_mended_does_not_keep_the_others_from_it(tmp_path: Path, lake: Path) -> None:
    next_day = DAY.replace(day=2)
    land_articles(tmp_path / "landing" / "desk", first=6, count=1)
    run_partition(PartitionRun("r", next_day, {"landing": str(tmp_path / "landing"), "lake": str(lake)}))
    before = files(tmp_path)
    for day in (DAY, next_day):
        damage(lake / "quotes" / f"ingest_date={day}")
    claim_file = LakePaths(lake).claims(DAY) / "claim-00001.parquet"
    claim_file.write_bytes(claim_file.read_bytes()[:-1])
    (done,), (failed,) = repair(Settings(lake=lake), "repair")
    assert str(next_day) in done
    assert f"{DAY}: quotes/" in failed
    assert f"run rasd_nightly for {DAY} with Replay" in failed
    assert {k: v for k, v in files(tmp_path).items() if str(next_day) in k} == {k: v for k, v in before.items() if str(next_day) in k}


def test_a_copy_of_a_lake_is_repaired_itself(tmp_path: Path, lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A backup that was put back elsewhere, with a publication that had died."""
    dead(tmp_path, monkeypatch, exchange=2)
    shutil.copytree(lake, tmp_path / "copy")
    before = files(tmp_path)
    done, failed = repair(Settings(lake=tmp_path / "copy"), "repair")
    assert done == [f"{DAY}: finished publishing run dying"]
    assert failed == []
    assert verify(tmp_path / "copy") == []
    assert files(tmp_path) == before


def test_extraction_anew_does_not_replace_what_was_published_meanwhile(tmp_path: Path, lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was made from articles that are no longer those of the partition."""

    def slow(partition: PartitionRun) -> None:
        validate(partition)
        run(tmp_path, name="meanwhile", replay=True)

    monkeypatch.setattr("rasd.pipeline.reprocessing.validate", slow)
    reprocess_partition(PartitionRun("slow", DAY, {"lake": str(lake)}))
    manifest = read_manifest(LakePaths(lake), DAY)
    assert manifest is not None
    assert manifest["run"] == "meanwhile"


@pytest.mark.parametrize("cleared", ["claim", "consolidate"])
def test_a_run_that_begins_anew_puts_back_what_it_had_half_replaced(
    tmp_path: Path, lake: Path, monkeypatch: pytest.MonkeyPatch, cleared: str
) -> None:
    """One of its tasks is cleared, and then it does not get as far as publishing again."""
    before = published_runs(tmp_path)
    dying = dead(tmp_path, monkeypatch, exchange=2)
    {"claim": claim, "consolidate": consolidate}[cleared](dying)
    assert published_runs(tmp_path) == before
    (problem,) = verify(lake)
    assert "was rolled back to run r" in problem
    run(tmp_path, name="dying")
    assert read(tmp_path, "articles").num_rows == 9
    assert verify(lake) == []


def test_what_was_damaged_in_staging_is_not_published(tmp_path: Path, lake: Path) -> None:
    land_articles(tmp_path / "landing" / "desk", first=6, count=3)
    before = files(tmp_path)
    partition = staged(tmp_path, "damaged")
    part = next((partition.staged / "articles").iterdir())
    content = part.read_bytes()
    part.write_bytes(content[:100] + bytes([content[100] ^ 1]) + content[101:])
    with pytest.raises(StagedPartitionError, match="articles/part-00000-"):
        publish(partition)
    shutil.rmtree(partition.staging)
    with pytest.raises(StagedPartitionError, match="gone"):
        publish(partition)
    assert files(tmp_path) == before
    assert verify(lake) == []


@pytest.mark.parametrize("fault", ["missing", "truncated", "of another run"])
def test_a_share_of_the_dimension_is_verified_and_mended(tmp_path: Path, lake: Path, fault: str) -> None:
    """Every publication reads all of them, so one that is damaged would keep all dates from being published."""
    before = published_runs(tmp_path)
    share = LakePaths(lake).dimension(DAY)
    match fault:
        case "missing":
            share.unlink()
        case "truncated":
            share.write_bytes(share.read_bytes()[:-50])
        case "of another run":
            pq.write_table(pq.read_table(share, partitioning=None).slice(1), share)
    (problem,) = verify(lake)
    assert f"{DAY}: its share of dim_entities" in problem
    (done,), failed = repair(Settings(lake=lake), "repair")
    assert "made its share of dim_entities again" in done
    assert failed == []
    assert published_runs(tmp_path) == before
    assert verify(lake) == []


def test_the_dag_repairs_goes_back_and_stays_red_until_the_date_is_run_again(
    tmp_path: Path, lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path / "airflow"))
    from airflow.dag_processing.dagbag import DagBag

    dag = DagBag(ROOT / "dags" / "lake_maintenance.py").dags["lake_maintenance"]

    def task(name: str, **arguments: Any) -> Any:
        call = dag.get_task(name).python_callable
        monkeypatch.setitem(call.__globals__, "SETTINGS", Settings(lake=lake))
        return call(**arguments)

    pressed = {"params": {"repair": True}, "dag_run": SimpleNamespace(run_id="manual__2026-03-02T08:00:00+00:00")}
    dying = dead(tmp_path, monkeypatch, exchange=2)
    shutil.rmtree(dying.staged / "quotes")
    with monkeypatch.context() as patch:
        patch.setattr("rasd.pipeline.local.validate", refuse)
        (done,) = task("repair", **pressed)
        assert f"{DAY}: rolled back to run r" in done
        with pytest.raises(PermanentError, match="1 critical failure"):
            task("repair", **pressed)
    task("sweep")
    with pytest.raises(PermanentError, match=r"was rolled back to run r .*: run the date again"):
        task("verify")
    run(tmp_path, name="ordinary")
    assert task("repair", **pressed) == []
    task("verify")
