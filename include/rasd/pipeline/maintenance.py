"""Keeping a lake sound: verify it, repair it, sweep what dead runs left."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

import pyarrow as pa

from rasd.lake.manifests import dimension_problems, partition_problems, remove_superseded
from rasd.lake.reading import dates_on_disk
from rasd.pipeline.local import run_partition
from rasd.pipeline.publication import MINUTE_SECONDS, publish, rebuild_dimension, unfinished_runs
from rasd.pipeline.reporting import report
from rasd.pipeline.run import PartitionRun
from rasd.schema import DIM_ENTITIES, VALIDATIONS
from rasd.settings import Settings
from rasd.storage.files import exchange_folders, last_change, read_parquet, remove_tree, version, write_parquet
from rasd.storage.objects import on_object_store
from rasd.storage.paths import PARTITION_KEY, LakePaths

log = logging.getLogger(__name__)

DAY_SECONDS = 86_400
Found = TypeVar("Found")


def verify(lake: Path) -> list[str]:
    """What in the lake is not what the manifests say, each as a sentence. Reads every published file once."""
    paths = LakePaths(lake)
    problems = [f"{run.ingest_date}: run {run.run} died while it published" for run in _at_rest(paths, lambda: unfinished_runs(paths))]
    for ingest_date in dates_on_disk(paths):
        problems += _at_rest(paths, partial(partition_problems, paths, ingest_date, contents=True))
    return problems + _at_rest(paths, lambda: dimension_problems(paths, contents=True))


def _at_rest(paths: LakePaths, look: Callable[[], list[Found]]) -> list[Found]:
    """What a look at the lake finds while nobody publishes: a publication that is at work looks like one that died.

    A sound lake is not locked, so whoever may only read it can verify it.
    """
    if not (found := look()):
        return []
    try:
        with paths.lock("publish"):
            return look()
    except OSError:  # this lake may only be read
        return found


def repair(settings: Settings, run: str) -> tuple[list[str], list[str]]:
    """Finish publications that died half-way; make other unsound partitions again from the files that they have claimed.

    Args:
        run: id for the replays.

    Returns:
        What was done, and what could not be mended, as sentences.
    """
    paths = LakePaths(settings.lake)
    done, failed = [], []
    for unfinished in _at_rest(paths, lambda: unfinished_runs(paths)):
        publish(unfinished)
        report(unfinished)
        done.append(f"{unfinished.ingest_date}: finished publishing run {unfinished.run}")
    for ingest_date in dates_on_disk(paths):
        problems = _at_rest(paths, partial(partition_problems, paths, ingest_date, contents=True))
        if problems and any(paths.claims(ingest_date).glob("claim-*.parquet")):
            run_partition(PartitionRun(run, ingest_date, {"lake": str(settings.lake)}), replay=True)
            done.append(f"{ingest_date}: made again from its claimed files ({problems[0]})")
        elif problems:
            failed.append(f"{problems[0]}; its claimed files are gone, so restore the partition from a backup")
    if problems := _at_rest(paths, lambda: dimension_problems(paths, contents=True)):
        with paths.lock("publish"):
            rebuild_dimension(paths, paths.root / "_staging" / DIM_ENTITIES.name, version(paths.dimension_manifest()))
        done.append(f"{DIM_ENTITIES.name}: made again from the partitions' shares ({problems[0]})")
    return done, failed


def sweep(settings: Settings) -> dict[str, int]:
    """Remove staging areas, run reports and data docs that have outlived their days, and join the small files of `validations`.

    On an object store, remove the objects that no manifest names any more, too; the files of `validations` stay as they are there, since
    no number of objects changes places in one step.
    A staging area whose publication is unfinished stays: `repair` needs it. So does that of a run that may wait for a person's answer; and
    validations of a date with a run at work, which may be writing there, are not joined.

    Returns:
        How many of each were removed or joined.
    """
    paths = LakePaths(settings.lake)
    unfinished = {run.staging for run in unfinished_runs(paths)}
    most_days = max(settings.staging_days, 1 + settings.ask_hours / 24)
    old = {folder: _is_older(folder, most_days) for folder in _runs(paths, "_staging")}
    staging = [folder for folder, is_old in old.items() if is_old and folder not in unfinished]
    at_work = {folder.parent.name for folder, is_old in old.items() if not is_old}
    kept_results = [*_runs(paths, "_reports"), *_runs(paths, "_data_docs")]
    old_results = [path for path in kept_results if _is_older(path, settings.report_days)]
    for path in [*staging, *old_results]:
        if path.is_dir():
            remove_tree(path)
        else:
            path.unlink(missing_ok=True)
    joined = superseded = 0
    with paths.lock("publish") as confirm:
        if on_object_store(paths.root):
            superseded = remove_superseded(paths, settings.grace_minutes * MINUTE_SECONDS, confirm)
        else:
            _put_back_validations(paths)
            folders = (paths.root / VALIDATIONS.name).glob(f"{PARTITION_KEY}=*")
            joined = sum(_join_validations(folder, paths) for folder in folders if folder.name not in at_work)
    removed = {"staging": len(staging), "reports": len(old_results), "validations": joined, "superseded": superseded}
    log.info("swept %s", removed)
    return removed


def _runs(paths: LakePaths, kind: str) -> list[Path]:
    return sorted((paths.root / kind).glob(f"{PARTITION_KEY}=*/*"))


def _is_older(path: Path, days: float) -> bool:
    return time.time() - last_change(path) > days * DAY_SECONDS


def _put_back_validations(paths: LakePaths) -> None:
    """Put back what a sweep that died has left aside, where folders can't be exchanged in one step (`storage.files.exchange_folders`)."""
    for aside in (paths.root / "_staging").glob(f"{VALIDATIONS.name}.*.replaced"):
        joined = aside.with_name(aside.name.removesuffix(".replaced"))
        if joined.exists():  # so it is not in the place yet; runs may have written there since
            folder = paths.root / VALIDATIONS.name / joined.name.removeprefix(f"{VALIDATIONS.name}.")
            folder.mkdir(parents=True, exist_ok=True)
            for file in aside.iterdir():
                file.rename(folder / file.name)
        remove_tree(aside)


def _join_validations(folder: Path, paths: LakePaths) -> int:
    """Make one file of a partition's validations. Returns how many files were joined."""
    files = sorted(folder.glob("*.parquet"))
    if len(files) < 2:
        return 0
    joined = paths.root / "_staging" / f"{VALIDATIONS.name}.{folder.name}"
    remove_tree(joined)
    rows = pa.concat_tables(read_parquet(file, schema=VALIDATIONS.arrow, partitioning=None) for file in files)
    write_parquet(joined / "joined.parquet", rows.sort_by([("validated_at", "ascending")]))
    exchange_folders(joined, folder)
    remove_tree(joined)
    return len(files)
