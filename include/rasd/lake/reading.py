"""Reading a lake: datasets as Arrow tables, with `ingest_date` as a date.

On a disk a dataset is what its folder holds, since publishing exchanges whole folders. On an object store it is what the manifests name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds

from rasd.lake.manifests import read_dimension_manifest, read_manifest, read_manifests
from rasd.schema import DATASETS, DIM_ENTITIES, STAGED_DATASETS, VALIDATIONS
from rasd.storage.objects import on_object_store
from rasd.storage.paths import PARTITION_KEY, LakePaths

PARTITIONING = ds.partitioning(pa.schema([(PARTITION_KEY, pa.date32())]), flavor="hive")
"""How the lake's folders are read: `ingest_date=YYYY-MM-DD` as a date."""


class LakeError(Exception):
    """The lake, or the part of it that was asked for, is not there."""


def open_dataset(lake: Path, name: str) -> ds.Dataset:
    """A dataset of the lake, lazily; `to_table(columns=…, filter=…)` reads it.

    Columns that are younger than a partition are null in it.

    Raises:
        LakeError: when the lake has no such dataset.
    """
    if on_object_store(lake):
        return _dataset(lake, name, dataset_files(lake, name))
    folder = lake / name
    if not folder.is_dir():
        raise LakeError(f"there is no dataset {name} in {lake}; has a run published there yet?")
    return ds.dataset(folder, format="parquet", **_shape(name))


def read_partition(lake: Path, name: str, ingest_date: date, columns: list[str] | None = None) -> pa.Table:
    """The rows of one partition; none where the partition does not exist.

    Raises:
        LakeError: when the lake has no such dataset.
    """
    condition = ds.field(PARTITION_KEY) == pa.scalar(ingest_date, pa.date32())
    dataset = _dataset(lake, name, part_files(LakePaths(lake), name, ingest_date)) if on_object_store(lake) else open_dataset(lake, name)
    return dataset.to_table(columns=columns or DATASETS[name].arrow.names, filter=condition)


def dataset_files(lake: Path, name: str, ingest_date: date | None = None) -> list[Path]:
    """The Parquet files that a dataset, or one partition of it, consists of. It is the way to read a lake without patterns of file names.

    Raises:
        LakeError: when the lake has no such dataset.
    """
    paths = LakePaths(lake)
    if name == DIM_ENTITIES.name:
        manifest = read_dimension_manifest(paths)
        files = [lake / name / part["name"] for part in manifest["files"]] if manifest else []
    elif ingest_date is not None:
        files = part_files(paths, name, ingest_date)
    elif name == VALIDATIONS.name:
        files = sorted((lake / name).glob(f"{PARTITION_KEY}=*/*.parquet"))
    else:
        files = [file for day, manifest in sorted(read_manifests(paths).items()) for file in _parts(paths, manifest, name, day)]
    if not files:
        raise LakeError(f"there is no dataset {name} in {lake}; has a run published there yet?")
    return files


def part_files(paths: LakePaths, name: str, ingest_date: date) -> list[Path]:
    """The Parquet files of one partition of a dataset, by name; none where it is not published."""
    if not on_object_store(paths.root) or name == VALIDATIONS.name:
        return sorted(paths.partition(name, ingest_date).glob("*.parquet"))
    return _parts(paths, read_manifest(paths, ingest_date), name, ingest_date)


def _parts(paths: LakePaths, manifest: dict[str, Any] | None, name: str, ingest_date: date) -> list[Path]:
    folder = paths.partition(name, ingest_date)
    return [folder / part["name"] for part in manifest["files"][name]] if manifest else []


def _dataset(lake: Path, name: str, files: list[Path]) -> ds.Dataset:
    shape = _shape(name)
    if not files or not on_object_store(lake):
        return ds.dataset(shape["schema"].empty_table())
    return ds.dataset([file.path for file in files if on_object_store(file)], filesystem=lake.fs, format="parquet", **shape)


def _shape(name: str) -> dict[str, Any]:
    """How a dataset is read: schema and partitioning, as `pyarrow.dataset.dataset` takes them."""
    if not DATASETS[name].partitioned:
        return {"schema": DATASETS[name].arrow}
    return {"schema": DATASETS[name].arrow.append(pa.field(PARTITION_KEY, pa.date32())), "partitioning": PARTITIONING}


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
