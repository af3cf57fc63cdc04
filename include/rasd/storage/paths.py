"""Where things lie in a lake.

Folders that begin with an underscore are Rasd's own; readers of Parquet leave them alone.

    <lake>/<dataset>/ingest_date=YYYY-MM-DD/part-*.parquet   what analysts read
    <lake>/dim_entities/part-*.parquet
    <lake>/validations/ingest_date=YYYY-MM-DD/<run>.parquet
    <lake>/_claims/ingest_date=YYYY-MM-DD/…                  files that a partition has claimed, with their bytes
    <lake>/_manifests/ingest_date=YYYY-MM-DD.json            what a published partition consists of
    <lake>/_dimension/ingest_date=YYYY-MM-DD.parquet         a partition's share of dim_entities
    <lake>/_staging/ingest_date=YYYY-MM-DD/<run>/            a run's work; nobody reads it but the run
    <lake>/_reports/ingest_date=YYYY-MM-DD/<run>.json
    <lake>/_data_docs/ingest_date=YYYY-MM-DD/<run>/          Great Expectations' pages
    <lake>/_views/                                          the views' file, in the compose stack
    <lake>/_locks/
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from filelock import FileLock

PARTITION_KEY = "ingest_date"
MOST_CHARACTERS = 200


def partition_folder(ingest_date: date) -> str:
    """Hive folder name of a partition."""
    return f"{PARTITION_KEY}={ingest_date.isoformat()}"


def folder_name(run: str) -> str:
    """A run id as a name that every file system takes: never the name of another run, a hidden one, or one that leads elsewhere (`..`)."""
    name = re.sub(r"[^A-Za-z0-9_.-]+", "_", run)[:MOST_CHARACTERS].lstrip(".")
    return name if name == run else f"{name}-{hashlib.blake2b(run.encode('utf-8', 'surrogatepass'), digest_size=4).hexdigest()}"


@dataclass(frozen=True)
class LakePaths:
    """The paths of one lake."""

    root: Path

    def partition(self, dataset: str, ingest_date: date) -> Path:
        return self.root / dataset / partition_folder(ingest_date)

    def claims(self, ingest_date: date | None = None) -> Path:
        return self.root / "_claims" / (partition_folder(ingest_date) if ingest_date else "")

    def manifest(self, ingest_date: date) -> Path:
        return self.root / "_manifests" / f"{partition_folder(ingest_date)}.json"

    def dimension(self, ingest_date: date) -> Path:
        return self.root / "_dimension" / f"{partition_folder(ingest_date)}.parquet"

    def staging(self, ingest_date: date, run: str) -> Path:
        return self.root / "_staging" / partition_folder(ingest_date) / folder_name(run)

    def report(self, ingest_date: date, run: str) -> Path:
        return self.root / "_reports" / partition_folder(ingest_date) / f"{folder_name(run)}.json"

    def data_docs(self, ingest_date: date, run: str) -> Path:
        return self.root / "_data_docs" / partition_folder(ingest_date) / folder_name(run)

    def lock(self, name: str, timeout_s: float = 3600) -> FileLock:
        """A lock that all processes on this lake share. Entering it raises filelock.Timeout after `timeout_s`."""
        folder = self.root / "_locks"
        folder.mkdir(parents=True, exist_ok=True)
        return FileLock(folder / f"{name}.lock", timeout=timeout_s)
