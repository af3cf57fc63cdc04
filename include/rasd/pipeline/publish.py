"""Fifth stage: the staged partition becomes the partition that readers see."""

from __future__ import annotations

import logging

import pyarrow.parquet as pq

from rasd.extraction.entities import merge_dimensions
from rasd.lake.manifests import write_manifest
from rasd.pipeline.claim import digest
from rasd.pipeline.run import PartitionRun
from rasd.schema import DIM_ENTITIES, STAGED_DATASETS
from rasd.storage.files import exchange_folders, sync, write_parts
from rasd.storage.paths import LakePaths

log = logging.getLogger(__name__)

DIMENSION_ROWS_PER_PART = 500_000


def publish(run: PartitionRun) -> dict[str, int]:
    """Put the staged partition in the place of what an earlier run of the date left; each dataset in one step.

    Returns:
        Rows of each dataset of the partition.

    Raises:
        FileNotFoundError: when the run has not staged the partition.
    """
    with run.timed("publish") as notes, run.paths.lock("publish"):
        for dataset in STAGED_DATASETS:
            staged = run.staged / dataset.name
            for part in staged.iterdir():
                sync(part)
            exchange_folders(staged, run.paths.partition(dataset.name, run.ingest_date))
        inputs = digest(pq.read_table(run.staging / "files.parquet"))
        manifest = write_manifest(run.paths, run.ingest_date, run.run, inputs)
        notes["rows"] = manifest["rows"]
        share = run.paths.dimension(run.ingest_date)
        share.parent.mkdir(parents=True, exist_ok=True)
        (run.staging / "dimension.parquet").replace(share)
        notes["rows"]["dim_entities"] = _rebuild_dimension(run)
    log.info("published %s: %s", run.ingest_date, notes["rows"])
    rows: dict[str, int] = notes["rows"]
    return rows


def _rebuild_dimension(run: PartitionRun) -> int:
    """dim_entities anew from all partitions' shares: so a replay of any date leaves it as one run of every date would."""
    paths: LakePaths = run.paths
    staged = run.staging / DIM_ENTITIES.name
    rows = write_parts(staged, DIM_ENTITIES.arrow, [merge_dimensions(paths.root / "_dimension")], DIMENSION_ROWS_PER_PART)
    for part in staged.iterdir():
        sync(part)
    exchange_folders(staged, paths.root / DIM_ENTITIES.name)
    return rows
