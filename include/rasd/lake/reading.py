"""Reading a lake: datasets as Arrow tables, with `ingest_date` as a date."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.dataset as ds

from rasd.schema import DATASETS, STAGED_DATASETS
from rasd.storage.paths import PARTITION_KEY, LakePaths

PARTITIONING = ds.partitioning(pa.schema([(PARTITION_KEY, pa.date32())]), flavor="hive")
"""How the lake's folders are read: `ingest_date=YYYY-MM-DD` as a date."""


class LakeError(Exception):
    """The lake, or the part of it that was asked for, is not there."""


def open_dataset(lake: Path, name: str) -> ds.Dataset:
    """A dataset of the lake, lazily; `to_table(columns=…, filter=…)` reads it.

    Raises:
        LakeError: when the lake has no such dataset.
    """
    folder = lake / name
    if not folder.is_dir():
        raise LakeError(f"there is no dataset {name} in {lake}; has a run published there yet?")
    if not DATASETS[name].partitioned:
        return ds.dataset(folder, format="parquet", schema=DATASETS[name].arrow)
    schema = DATASETS[name].arrow.append(pa.field(PARTITION_KEY, pa.date32()))
    return ds.dataset(folder, format="parquet", partitioning=PARTITIONING, schema=schema)


def read_partition(lake: Path, name: str, ingest_date: date, columns: list[str] | None = None) -> pa.Table:
    """The rows of one partition; none where the partition does not exist.

    Raises:
        LakeError: when the lake has no such dataset.
    """
    condition = ds.field(PARTITION_KEY) == pa.scalar(ingest_date, pa.date32())
    return open_dataset(lake, name).to_table(columns=columns or DATASETS[name].arrow.names, filter=condition)


def published_dates(paths: LakePaths) -> list[date]:
    """Ingest dates of the published partitions, oldest first."""
    return sorted(_dates(paths.manifest(date.min).parent.glob(f"{PARTITION_KEY}=*.json")))


def dates_on_disk(paths: LakePaths) -> list[date]:
    """Ingest dates that any dataset has a partition of, published whole or not, oldest first."""
    folders = (folder for dataset in STAGED_DATASETS for folder in (paths.root / dataset.name).glob(f"{PARTITION_KEY}=*"))
    return sorted({*_dates(folders), *published_dates(paths)})


def _dates(paths: Iterable[Path]) -> Iterator[date]:
    for path in paths:
        yield date.fromisoformat(path.name.removesuffix(".json").partition("=")[2])
