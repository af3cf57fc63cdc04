"""Keeping a lake sound: verify it, repair it, sweep what dead runs left."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from pathlib import Path
from typing import TypeVar

import pyarrow as pa

from rasd.errors import PermanentError, StagedPartitionError
from rasd.lake.manifests import dimension_problems, partition_problems, read_manifest, read_manifests, remove_superseded, share_problems
from rasd.lake.reading import dates_on_disk
from rasd.landing import claims
from rasd.pipeline.local import run_partition
from rasd.pipeline.publication import (
    MINUTE_SECONDS,
    is_unfinished,
    most_claims,
    publish,
    rebuild_dimension,
    restore_share,
    roll_back,
    unfinished_runs,
)
from rasd.pipeline.reporting import report
from rasd.pipeline.run import PartitionRun
from rasd.schema import DIM_ENTITIES, VALIDATIONS
from rasd.settings import Settings
from rasd.storage.files import exchange_folders, last_change, read_parquet, remove_tree, version, write_parquet
from rasd.storage.objects import on_object_store
from rasd.storage.paths import PARTITION_KEY, LakePaths, folder_name

log = logging.getLogger(__name__)

DAY_SECONDS = 86_400
Found = TypeVar("Found")


def verify(lake: Path) -> list[str]:
    """What in the lake is not what the manifests say, each as a sentence. Reads every published file once."""
    paths = LakePaths(lake)
    unfinished = _at_rest(paths, partial(unfinished_runs, paths))
    problems = [f"{run.ingest_date}: run {run.run} died while it published" for run in unfinished]
    for ingest_date in dates_on_disk(paths):
        problems += _at_rest(paths, partial(partition_problems, paths, ingest_date, contents=True))
        problems += _rolled_back(paths, ingest_date)
        if all(run.ingest_date != ingest_date for run in unfinished):  # whose share is ahead of the manifest
            problems += _at_rest(paths, partial(share_problems, paths, ingest_date))
    return problems + _at_rest(paths, lambda: dimension_problems(paths, contents=True))


def _rolled_back(paths: LakePaths, ingest_date: date) -> list[str]:
    """A sentence on a partition that stands as an earlier run left it, and so may lack files that have been claimed since."""
    manifest = read_manifest(paths, ingest_date)
    if manifest is None or "rolled_back" not in manifest:
        return []
    return [f"{ingest_date}: was rolled back to run {manifest['run']} ({manifest['rolled_back']['because']}): run the date again"]


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
    """Mend what `verify` finds, each date by the first of these that can be done.

    A publication that died half-way is finished. Where that can't be done, or files are damaged, the newest version that is still whole is
    put back, so that readers see one run's datasets at once, and the partition is made again from the files that it has claimed.

    Args:
        run: id for the replays.

    Returns:
        What was done, and what could not be mended, as sentences.
    """
    paths = LakePaths(settings.lake)
    done: list[str] = []
    failed: list[str] = []

    def attempt(mend: Iterator[str], subject: object) -> None:
        try:
            for sentence in mend:
                log.info("repaired %s", sentence)
                done.append(sentence)
        except Exception as error:  # whatever it is, the rest is mended all the same
            log.error("%s could not be repaired: %s", subject, error, exc_info=not isinstance(error, PermanentError))
            failed.append(f"{subject}: {error}")

    attempt(_mend_shares(paths, run), DIM_ENTITIES.name)  # first, since every publication reads them
    unfinished = {begun.ingest_date for begun in _at_rest(paths, partial(unfinished_runs, paths))}
    for ingest_date in sorted(unfinished.union(dates_on_disk(paths))):
        attempt(_mend_partition(settings, ingest_date, run), ingest_date)
    attempt(_mend_dimension(paths, run), DIM_ENTITIES.name)
    return done, failed


def _mend_shares(paths: LakePaths, run: str) -> Iterator[str]:
    unfinished = {begun.ingest_date for begun in _at_rest(paths, partial(unfinished_runs, paths))}
    restored = False
    for ingest_date in dates_on_disk(paths):
        problems = [] if ingest_date in unfinished else _at_rest(paths, partial(share_problems, paths, ingest_date))
        if problems and not _at_rest(paths, partial(partition_problems, paths, ingest_date, contents=True)):
            restore_share(paths, ingest_date, run)
            restored = True
            yield f"{ingest_date}: made its share of {DIM_ENTITIES.name} again ({_without_date(problems[0], ingest_date)})"
    if restored:
        _rebuild_dimension(paths, run)


def _mend_partition(settings: Settings, ingest_date: date, run: str) -> Iterator[str]:
    paths = LakePaths(settings.lake)
    broken = []
    for begun in _at_rest(paths, partial(unfinished_runs, paths, ingest_date)):
        if is_unfinished(begun):  # still: finishing one may have settled another
            try:
                publish(begun)
            except StagedPartitionError as error:
                broken.append((begun, str(error)))
            else:
                report(begun)
                yield f"{ingest_date}: finished publishing run {begun.run}"
    problems = [why for begun, why in broken if is_unfinished(begun)]
    problems += _at_rest(paths, partial(partition_problems, paths, ingest_date, contents=True))
    if not (found := problems or _rolled_back(paths, ingest_date)):
        return
    why = _without_date(found[0], ingest_date)
    claimed = most_claims(paths, ingest_date)
    standing = roll_back(paths, ingest_date, run, why) if problems else None
    try:
        _make_again(settings, ingest_date, run, claimed)
    except Exception as error:
        if standing is None:
            raise PermanentError(f"{why}; {error}") from error
        yield f"{ingest_date}: rolled back to run {standing['run']} ({why}); {error}"
    else:
        yield f"{ingest_date}: made again from its claimed files ({why})"


def _without_date(problem: str, ingest_date: date) -> str:
    return problem.removeprefix(f"{ingest_date}: ")


def _make_again(settings: Settings, ingest_date: date, run: str, claimed: int) -> None:
    """Replay a date.

    Args:
        claimed: how many claims it is known to have had; with fewer the replay would lose files.
    """
    there = claims.count(LakePaths(settings.lake), ingest_date)
    if not there:
        raise PermanentError(
            "its claimed files are gone: restore them, or the partition, from a backup; or, if all its files are still in the landing "
            f"area, run rasd_nightly for {ingest_date}"
        )
    if there < claimed:
        raise PermanentError(f"{claimed - there} of its {claimed} claims are gone: restore them, or the partition, from a backup")
    try:
        run_partition(PartitionRun(run, ingest_date, {"lake": str(settings.lake)}), replay=True)
    except PermanentError:  # says what to do
        raise
    except Exception as error:
        log.exception("%s can't be made again", ingest_date)
        raise PermanentError(
            f"making it again failed: {error}. Mend that, then run rasd_nightly for {ingest_date} with Replay "
            f"(rasd run --ingest-date {ingest_date} --replay)"
        ) from error


def _mend_dimension(paths: LakePaths, run: str) -> Iterator[str]:
    if problems := _at_rest(paths, lambda: dimension_problems(paths, contents=True)):
        _rebuild_dimension(paths, run)
        yield f"{DIM_ENTITIES.name}: made again from the partitions' shares ({problems[0]})"


def _rebuild_dimension(paths: LakePaths, run: str) -> None:
    workplace = paths.root / "_staging" / DIM_ENTITIES.name / folder_name(run)
    with paths.lock("publish"):
        rebuild_dimension(paths, run, workplace, version(paths.dimension_manifest()))
        remove_tree(workplace)


def sweep(settings: Settings) -> dict[str, int]:
    """Remove staging areas, run reports and data docs that have outlived their days, and join the small files of `validations`.

    On an object store, remove the objects that no manifest names any more, too; the files of `validations` stay as they are there, since
    no number of objects changes places in one step.
    A staging area whose publication is unfinished stays: `repair` needs it. So do those of a date that was rolled back, until it is
    published again, and that of a run that may wait for a person's answer; and validations of a date with a run at work, which may be
    writing there, are not joined.

    Returns:
        How many of each were removed or joined.
    """
    paths = LakePaths(settings.lake)
    unfinished = {run.staging for run in unfinished_runs(paths)}
    most_days = max(settings.staging_days, 1 + settings.ask_hours / 24)
    old = {folder: _is_older(folder, most_days) for folder in _runs(paths, "_staging")}
    rolled_back = {paths.manifest(day).stem for day, manifest in read_manifests(paths).items() if "rolled_back" in manifest}
    staging = [f for f, is_old in old.items() if is_old and f not in unfinished and f.parent.name not in rolled_back]
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
