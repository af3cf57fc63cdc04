"""A partition's manifest: what it consists of. The promise of consistency across datasets is made to readers that go through it."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from rasd.schema import SCHEMA_VERSION, STAGED_DATASETS
from rasd.storage.files import sha256_of, write_json
from rasd.storage.paths import LakePaths


def read_manifest(paths: LakePaths, ingest_date: date) -> dict[str, Any] | None:
    """The manifest of a published partition; None where none is published."""
    try:
        manifest: dict[str, Any] = json.loads(paths.manifest(ingest_date).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return manifest


def write_manifest(paths: LakePaths, ingest_date: date, run: str, inputs: str) -> dict[str, Any]:
    """Write down what the published partition consists of.

    Args:
        inputs: digest of the files that it was made from.
    """
    datasets = {d.name: describe_parts(paths.partition(d.name, ingest_date)) for d in STAGED_DATASETS}
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


def describe_parts(folder: Path) -> list[dict[str, Any]]:
    """Name, rows, bytes and SHA-256 of each Parquet file of a folder."""
    return [
        {"name": part.name, "rows": pq.read_metadata(part).num_rows, "bytes": part.stat().st_size, "sha256": sha256_of(part)}
        for part in sorted(folder.glob("part-*.parquet"))
    ]
