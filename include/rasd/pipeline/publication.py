"""Fifth stage: the staged partition becomes the partition that readers see."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from rasd.extraction.entities import merge_dimensions
from rasd.lake.manifests import read_manifest, write_manifest
from rasd.landing import claims
from rasd.pipeline.run import PartitionRun
from rasd.schema import DIM_ENTITIES, STAGED_DATASETS
from rasd.storage.files import PartWriter, exchange_folders, remove_tree, sync, write_json, write_parquet

log = logging.getLogger(__name__)

DIMENSION_ROWS_PER_PART = 500_000
SHARE_ROWS_PER_GROUP = 4096
"""Shares are sorted by entity_id, so that whoever asks for one entity reads one group of a share."""


def publish(run: PartitionRun) -> dict[str, int]:
    """Put the staged partition in the place of what an earlier run of the date left; each dataset in one step.

    Where another run has meanwhile published more files of the date than this one holds, that stays.

    Returns:
        Rows of each dataset of the partition.

    Raises:
        FileNotFoundError: when the run has not staged the partition.
    """
    with run.timed("publish") as notes, run.paths.lock("publish"):
        inputs = json.loads((run.staging / "inputs.json").read_text(encoding="utf-8"))
        if (newer := _newer_manifest(run, inputs)) is not None:
            log.warning("%s: run %s has published more files of this date meanwhile; nothing to do", run.ingest_date, newer["run"])
            notes["rows"] = newer["rows"]
            return newer["rows"]  # type: ignore[no-any-return]
        for dataset, folder in _new_folders(run).items():
            published = run.paths.partition(dataset, run.ingest_date)
            if not published.exists() or published.stat().st_ino != folder:
                _exchange(run.staged / dataset, published)
        rows: dict[str, int] = write_manifest(run.paths, run.ingest_date, run.run, inputs)["rows"]
        write_parquet(run.paths.dimension(run.ingest_date), pq.read_table(run.staging / "dimension.parquet"), SHARE_ROWS_PER_GROUP)
        rows["dim_entities"] = _rebuild_dimension(run)
        notes["rows"] = rows
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


def _exchange(staged: Path, published: Path) -> None:
    for part in staged.iterdir():
        sync(part)
    exchange_folders(staged, published)


def _rebuild_dimension(run: PartitionRun) -> int:
    """dim_entities anew from all partitions' shares: so a replay of any date leaves it as one run of every date would."""
    paths = run.paths
    staged = run.staging / DIM_ENTITIES.name
    remove_tree(staged)
    with PartWriter(staged, DIM_ENTITIES.arrow, DIMENSION_ROWS_PER_PART) as writer:
        writer.write(merge_dimensions(paths.root / "_dimension"))
    _exchange(staged, paths.root / DIM_ENTITIES.name)
    return writer.rows
