"""A partition's manifest: what it consists of. The promise of consistency across datasets is made to readers that go through it.

On an object store the manifest is more: part files are published by it, and nothing but its replacement makes them a partition.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from rasd.errors import StagedPartitionError
from rasd.schema import DIM_ENTITIES, SCHEMA_VERSION, STAGED_DATASETS
from rasd.storage import objects
from rasd.storage.files import as_json, file_sizes, replace_file, row_count, sha256_of
from rasd.storage.objects import on_object_store
from rasd.storage.paths import PARTITION_KEY, LakePaths

log = logging.getLogger(__name__)


def read_manifest(paths: LakePaths, ingest_date: date) -> dict[str, Any] | None:
    """The manifest of a published partition; None where there is none that can be read."""
    return _read(paths.manifest(ingest_date))


def read_previous_manifest(paths: LakePaths, ingest_date: date) -> dict[str, Any] | None:
    """The manifest of the version before the published one, whose files may be gone; None where there is none that can be read."""
    return _read(paths.previous_manifest(ingest_date))


def read_manifests(paths: LakePaths) -> dict[date, dict[str, Any]]:
    """The manifests of all published partitions that can be read, by date."""
    folder = paths.manifest(date.min).parent
    names = [path.name for path in folder.glob(f"{PARTITION_KEY}=*.json")]
    if on_object_store(folder):  # there may be thousands
        found = {name: _parsed(content) for name, content in objects.read_many(folder, names).items()}
    else:
        found = {name: _read(folder / name) for name in names}
    return {date.fromisoformat(name[len(PARTITION_KEY) + 1 : -len(".json")]): manifest for name, manifest in found.items() if manifest}


def read_dimension_manifest(paths: LakePaths) -> dict[str, Any] | None:
    """The manifest of dim_entities; None where there is none that can be read."""
    return _read(paths.dimension_manifest())


def _read(path: Path) -> dict[str, Any] | None:
    try:
        return _parsed(path.read_bytes())
    except FileNotFoundError:
        return None


def _parsed(content: bytes | None) -> dict[str, Any] | None:
    try:
        manifest: dict[str, Any] = json.loads(content or b"")
    except ValueError:
        return None
    return manifest


def make_manifest(
    ingest_date: date, run: str, inputs: str, claims: int, parts: Mapping[str, Sequence[Path]], share: Path
) -> dict[str, Any]:
    """What a partition consists of.

    Args:
        inputs: digest of the files that it was made from.
        claims: how many claims these were taken from.
        parts: its part files by dataset.
        share: its share of dim_entities.

    Raises:
        StagedPartitionError: when a part file is not the one that was written under its name.
    """
    datasets = {name: _describe_parts(files) for name, files in parts.items()}
    return {
        "ingest_date": ingest_date.isoformat(),
        "schema_version": SCHEMA_VERSION,
        "run": run,
        "inputs": inputs,
        "claims": claims,
        "rows": {name: sum(part["rows"] for part in parts) for name, parts in datasets.items()},
        "files": datasets,
        "share": describe_share(share),
    }


def write_manifest(paths: LakePaths, manifest: dict[str, Any], seen: str | None) -> None:
    """Write down what the published partition consists of. On an object store this is what publishes it.

    Args:
        seen: version (`storage.files.version`) of the manifest when the lock for publishing was taken.

    Raises:
        LockLost: when another run has published the date since.
    """
    replace_file(paths.manifest(date.fromisoformat(manifest["ingest_date"])), as_json(manifest).encode(), seen)


def write_dimension_manifest(paths: LakePaths, run: str, parts: Sequence[Path], seen: str | None) -> int:
    """Write down what dim_entities consists of. Returns its rows. Raises LockLost as `write_manifest` does.

    Args:
        run: who made it. An object's version is a hash of its content, so without it a version could come again.
    """
    files = _describe_parts(parts)
    rows: int = sum(part["rows"] for part in files)
    manifest = {"dataset": DIM_ENTITIES.name, "schema_version": SCHEMA_VERSION, "run": run, "rows": rows, "files": files}
    replace_file(paths.dimension_manifest(), as_json(manifest).encode(), seen)
    return rows


def _describe_parts(parts: Sequence[Path]) -> list[dict[str, Any]]:
    described = []
    for part in parts:
        sha256 = sha256_of(part)
        if not part.stem.endswith(sha256[:12]):  # the name carries the hash of what was written (docs/decisions/0006)
            raise StagedPartitionError(f"{part.parent.name}/{part.name} is not what was written under that name")
        described.append({"name": part.name, "rows": row_count(part), "bytes": part.stat().st_size, "sha256": sha256})
    return described


def describe_share(share: Path) -> dict[str, Any]:
    """Rows, bytes and SHA-256 of a partition's share of dim_entities. Raises StagedPartitionError for one that can't be read."""
    try:
        return {"rows": row_count(share), "bytes": share.stat().st_size, "sha256": sha256_of(share)}
    except (FileNotFoundError, pa.ArrowInvalid) as error:
        raise StagedPartitionError(f"{share.name}: {error}") from error


def partition_problems(paths: LakePaths, ingest_date: date, *, contents: bool) -> list[str]:
    """What in the lake is not what the partition's manifest says, each as a sentence; none for a sound partition.

    On an object store, objects that the manifest does not name are no problem: they wait for their removal, and no reader of the manifest
    sees them.

    Args:
        contents: also read every file and compare its checksum; without it, names and sizes are compared, which takes milliseconds.
    """
    manifest = read_manifest(paths, ingest_date)
    if manifest is None:
        return [f"{ingest_date}: has no manifest that can be read: publishing it was interrupted, or the manifest is damaged"]
    problems = []
    for dataset, parts in manifest["files"].items():
        found = part_problems(paths.partition(dataset, ingest_date), parts, contents=contents)
        problems += [f"{ingest_date}: {dataset}/{problem}" for problem in found]
    return sorted(problems)


def share_problems(paths: LakePaths, ingest_date: date) -> list[str]:
    """As `partition_problems`, for the partition's share of dim_entities, which every publication reads."""
    manifest = read_manifest(paths, ingest_date)
    if manifest is None:
        return []
    share = paths.dimension(ingest_date)
    if not share.exists():
        return [f"{ingest_date}: its share of {DIM_ENTITIES.name} is missing"]
    expected = manifest.get("share")  # a partition that an earlier version has published has none
    fault = _content_fault(share, expected) if expected else None
    return [f"{ingest_date}: its share of {DIM_ENTITIES.name} {fault}"] if fault else []


def dimension_problems(paths: LakePaths, *, contents: bool) -> list[str]:
    """As `partition_problems`, for dim_entities."""
    folder = paths.root / DIM_ENTITIES.name
    manifest = read_dimension_manifest(paths)
    if manifest is None:
        return [f"{DIM_ENTITIES.name} has no manifest that can be read"] if folder.is_dir() else []
    return sorted(f"{DIM_ENTITIES.name}/{problem}" for problem in part_problems(folder, manifest["files"], contents=contents))


def part_problems(folder: Path, parts: Sequence[dict[str, Any]], *, contents: bool) -> Iterator[str]:
    """What in a folder is not as a manifest describes its part files, each as the end of a sentence."""
    there = file_sizes(folder)
    expected = {part["name"]: part for part in parts}
    yield from (f"{name} is missing" for name in expected.keys() - there.keys())
    if not on_object_store(folder):
        yield from (f"{name} is not in the manifest" for name in there.keys() - expected.keys())
    for name in sorted(expected.keys() & there.keys()):
        if there[name] != expected[name]["bytes"]:
            yield f"{name} has {there[name]} bytes, the manifest says {expected[name]['bytes']}"
        elif contents and (fault := _content_fault(folder / name, expected[name])):
            yield f"{name} {fault}"


def _content_fault(path: Path, expected: dict[str, Any]) -> str | None:
    try:
        if sha256_of(path) != expected["sha256"]:
            return "has another checksum than the manifest says"
        if row_count(path) != expected["rows"]:
            return "has another number of rows than the manifest says"
    except (OSError, pa.ArrowInvalid) as error:
        return f"can't be read: {error}"
    return None


def remove_superseded(paths: LakePaths, grace_s: float, confirm: Callable[[], None]) -> int:
    """Remove the part files of an object store that no manifest names any more, once the grace period is over.

    It is counted from the manifest that replaced theirs, and from when they were written: so what a run that died has left is removed too,
    and what a run is just publishing is not. A date without a manifest that can be read is left alone, and so is one that was rolled back:
    what was withdrawn may be all there is of its newest files. The lock for publishing has to be held. On a disk nothing is ever
    superseded: publishing exchanges folders.

    Args:
        confirm: raises LockLost unless the lock is still held.

    Returns:
        How many were removed.
    """
    if not on_object_store(paths.root):
        return 0
    latest = _store_time(paths, confirm) - grace_s
    overdue: list[str] = []
    manifests = objects.entries(paths.root / "_manifests")
    for dataset in (*STAGED_DATASETS, DIM_ENTITIES):
        partitions: dict[str, dict[str, objects.Entry]] = {}
        for name, entry in objects.entries(paths.root / dataset.name).items():
            folder, _, file = name.rpartition("/")
            partitions.setdefault(folder, {})[file] = entry
        for folder, files in partitions.items():
            manifest = manifests.get(f"{folder or DIM_ENTITIES.name}.json")
            # every dataset has a part file, so one that stands alone is the one that counts
            if len(files) == 1 or manifest is None or manifest.modified > latest:
                continue
            live = _live_names(paths, dataset.name, folder)
            if live is not None:
                stale = [file for file, entry in files.items() if file not in live and entry.modified <= latest]
                overdue += [f"{dataset.name}/{folder}/{file}" if folder else f"{dataset.name}/{file}" for file in stale]
    if overdue:
        confirm()
        objects.remove(paths.root, overdue)
        log.info("removed %d superseded objects", len(overdue))
    return len(overdue)


def _store_time(paths: LakePaths, confirm: Callable[[], None]) -> float:
    """The time by the store's clock, which the times of objects are of: this machine's own may be hours off."""
    confirm()  # writes the lock
    return paths.lock_file("publish").stat().st_mtime


def _live_names(paths: LakePaths, dataset: str, folder: str) -> set[str] | None:
    """Names of the part files that count; None where no manifest says so for good."""
    if not folder:
        manifest = read_dimension_manifest(paths)
        return {part["name"] for part in manifest["files"]} if manifest else None
    manifest = read_manifest(paths, date.fromisoformat(folder.partition("=")[2]))
    return {part["name"] for part in manifest["files"][dataset]} if manifest and "rolled_back" not in manifest else None
