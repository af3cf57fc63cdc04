"""Fifth stage: the staged partition becomes the partition that readers see."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rasd.extraction.entities import merge_dimensions
from rasd.lake.manifests import read_manifest, remove_superseded, write_dimension_manifest, write_manifest
from rasd.landing import claims
from rasd.pipeline.run import PartitionRun
from rasd.schema import DIM_ENTITIES, STAGED_DATASETS
from rasd.storage import objects
from rasd.storage.files import PartWriter, exchange_folders, on_disk, remove_tree, replace_file, sync, version, write_json
from rasd.storage.objects import on_object_store
from rasd.storage.paths import LakePaths

log = logging.getLogger(__name__)

DIMENSION_ROWS_PER_PART = 500_000
MINUTE_SECONDS = 60


@dataclass(frozen=True)
class _Seen:
    """Versions of what publishing replaces, from when the lock was taken: who lost the lock since can't replace what the next one wrote."""

    manifest: str | None
    share: str | None
    dimension: str | None


def publish(run: PartitionRun) -> dict[str, int]:
    """Put the staged partition in the place of what an earlier run of the date left.

    On a disk each dataset is exchanged in one step. On an object store its part files are put beside the old ones, and the manifest that
    names them takes the place of the old manifest in one step; old part files go when their grace period is over.
    Where another run has meanwhile published more files of the date than this one holds, that stays.

    Returns:
        Rows of each dataset of the partition.

    Raises:
        FileNotFoundError: when the run has not staged the partition.
        LockLost: when this run was silent for so long that another one has taken the lock.
    """
    paths = run.paths
    with run.timed("publish") as notes, paths.lock("publish") as confirm:
        share = paths.dimension(run.ingest_date)
        seen = _Seen(version(paths.manifest(run.ingest_date)), version(share), version(paths.dimension_manifest()))
        inputs = json.loads((run.staging / "inputs.json").read_text(encoding="utf-8"))
        if (newer := _newer_manifest(run, inputs)) is not None:
            log.warning("%s: run %s has published more files of this date meanwhile; nothing to do", run.ingest_date, newer["run"])
            notes["rows"] = newer["rows"]
            return newer["rows"]  # type: ignore[no-any-return]
        parts = {}
        for dataset, folder in _new_folders(run).items():
            published = paths.partition(dataset, run.ingest_date)
            if on_object_store(published) or not published.exists() or published.stat().st_ino != folder:
                parts[dataset] = _put_in_place(run.staged / dataset, published)
            else:
                parts[dataset] = _part_files(published)
        replace_file(share, (run.staging / "dimension.parquet").read_bytes(), seen.share)
        entities = rebuild_dimension(paths, run.staging / DIM_ENTITIES.name, seen.dimension)
        # the last word: until it is said, a run of the date begins anew
        rows: dict[str, int] = write_manifest(paths, run.ingest_date, run.run, inputs, parts, seen.manifest)["rows"]
        rows["dim_entities"] = entities
        notes["rows"] = rows
        remove_superseded(paths, run.resolve_settings().grace_minutes * MINUTE_SECONDS, confirm)
    log.info("published %s: %s", run.ingest_date, rows)
    return rows


def _newer_manifest(run: PartitionRun, inputs: str) -> dict[str, Any] | None:
    """The published manifest, if it is made from all files that the date has claimed by now, and the staged partition from fewer."""
    manifest = read_manifest(run.paths, run.ingest_date)
    if manifest is None or manifest["inputs"] == inputs:
        return None
    claimed = claims.digest(claims.partition_files(run.paths, run.ingest_date))
    return manifest if manifest["inputs"] == claimed != inputs else None


def _new_folders(run: PartitionRun) -> dict[str, int]:
    """Inode of each staged folder by dataset, noted before the first exchange.

    After an exchange the staged name holds the old partition. The inode tells a second try of the task which ones are done, so that it does
    not put the old ones back.
    """
    journal = run.staging / "publish.json"
    if not journal.exists():
        write_json(journal, {d.name: (run.staged / d.name).stat().st_ino for d in STAGED_DATASETS})
    folders: dict[str, int] = json.loads(journal.read_text(encoding="utf-8"))
    return folders


def _put_in_place(staged: Path, published: Path) -> list[Path]:
    """Publish the part files of a staged folder; returns them."""
    if on_object_store(staged) and on_object_store(published):
        names = [part.name for part in _part_files(staged)]
        for name in names:
            objects.copy(staged / name, published / name)
        return [published / name for name in names]
    for part in staged.iterdir():
        sync(part)
    exchange_folders(staged, published)
    return _part_files(published)


def _part_files(folder: Path) -> list[Path]:
    return sorted(folder.glob("part-*.parquet"))


def rebuild_dimension(paths: LakePaths, staged: Path, seen: str | None) -> int:
    """dim_entities anew from all partitions' shares: so a replay of any date leaves it as one run of every date would.

    The lock for publishing has to be held.

    Args:
        staged: a folder to work in.
        seen: version of the manifest of dim_entities when the lock was taken.

    Returns:
        Its rows.

    Raises:
        LockLost: when another run has written it since.
    """
    remove_tree(staged)
    with on_disk(paths.dimension_shares()) as shares, PartWriter(staged, DIM_ENTITIES.arrow, DIMENSION_ROWS_PER_PART) as writer:
        writer.write(merge_dimensions(shares))
    parts = _put_in_place(staged, paths.root / DIM_ENTITIES.name)
    return write_dimension_manifest(paths, parts, seen)
