"""A partition's manifest: what it consists of. The promise of consistency across datasets is made to readers that go through it."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from rasd.schema import SCHEMA_VERSION, STAGED_DATASETS
from rasd.storage.files import sha256_of, write_json
from rasd.storage.paths import LakePaths


def read_manifest(paths: LakePaths, ingest_date: date) -> dict[str, Any] | None:
    """The manifest of a published partition; None where there is none that can be read."""
    try:
        manifest: dict[str, Any] = json.loads(paths.manifest(ingest_date).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return manifest


def write_manifest(paths: LakePaths, ingest_date: date, run: str, inputs: str) -> dict[str, Any]:
    """Write down what the published partition consists of.

    Args:
        inputs: digest of the files that it was made from.
    """
    datasets = {d.name: _describe_parts(paths.partition(d.name, ingest_date)) for d in STAGED_DATASETS}
    manifest = {
        "ingest_date": ingest_date.isoformat(),
        "schema_version": SCHEMA_VERSION,
        "run": run,
        "inputs": inputs,
        "rows": {name: sum(part["rows"] for part in parts) for name, parts in datasets.items()},
        "files": datasets,
    }
    write_json(paths.manifest(ingest_date), manifest)
    return manifest


def _describe_parts(folder: Path) -> list[dict[str, Any]]:
    """Name, rows, bytes and SHA-256 of each Parquet file of a folder."""
    return [
        {"name": part.name, "rows": pq.read_metadata(part).num_rows, "bytes": part.stat().st_size, "sha256": sha256_of(part)}
        for part in sorted(folder.glob("part-*.parquet"))
    ]


def partition_problems(paths: LakePaths, ingest_date: date, *, contents: bool) -> list[str]:
    """What on disk is not what the partition's manifest says, each as a sentence; none for a sound partition.

    Args:
        contents: also read every file and compare its checksum; without it, names and sizes are compared, which takes milliseconds.
    """
    manifest = read_manifest(paths, ingest_date)
    if manifest is None:
        return [f"{ingest_date}: has no manifest that can be read: publishing it was interrupted, or the manifest is damaged"]
    problems = []
    for dataset, parts in manifest["files"].items():
        folder = paths.partition(dataset, ingest_date)
        there = {path.name: path.stat().st_size for path in folder.iterdir()} if folder.is_dir() else {}
        expected = {part["name"]: part for part in parts}
        problems += [f"{ingest_date}: {dataset}/{name} is missing" for name in expected.keys() - there.keys()]
        problems += [f"{ingest_date}: {dataset}/{name} is not in the manifest" for name in there.keys() - expected.keys()]
        for name in sorted(expected.keys() & there.keys()):
            if there[name] != expected[name]["bytes"]:
                problems.append(f"{ingest_date}: {dataset}/{name} has {there[name]} bytes, the manifest says {expected[name]['bytes']}")
            elif contents and (fault := _content_fault(folder / name, expected[name])):
                problems.append(f"{ingest_date}: {dataset}/{name} {fault}")
    return sorted(problems)


def _content_fault(path: Path, expected: dict[str, Any]) -> str | None:
    try:
        if sha256_of(path) != expected["sha256"]:
            return "has another checksum than the manifest says"
        if pq.read_metadata(path).num_rows != expected["rows"]:
            return "has another number of rows than the manifest says"
    except (OSError, pa.ArrowInvalid) as error:
        return f"can't be read: {error}"
    return None
