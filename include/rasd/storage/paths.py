"""Where things lie in a lake.

Folders that begin with an underscore are Rasd's own; readers of Parquet leave them alone.

    <lake>/<dataset>/ingest_date=YYYY-MM-DD/part-*.parquet   what analysts read
    <lake>/dim_entities/part-*.parquet
    <lake>/validations/ingest_date=YYYY-MM-DD/<run>.parquet
    <lake>/_claims/ingest_date=YYYY-MM-DD/…                  files that a partition has claimed, with their bytes
    <lake>/_manifests/ingest_date=YYYY-MM-DD.json            what a published partition consists of
    <lake>/_manifests/previous/ingest_date=YYYY-MM-DD.json   what the version before it consisted of
    <lake>/_manifests/dim_entities.json                      what dim_entities consists of
    <lake>/_dimension/ingest_date=YYYY-MM-DD.parquet         a partition's share of dim_entities
    <lake>/_staging/ingest_date=YYYY-MM-DD/<run>/            a run's work; nobody reads it but the run
    <lake>/_reports/ingest_date=YYYY-MM-DD/<run>.json
    <lake>/_data_docs/ingest_date=YYYY-MM-DD/<run>/          Great Expectations' pages
    <lake>/_views/                                          the views' file, in the compose stack
    <lake>/_locks/

A lake lies in a folder on a disk, or below a prefix of a bucket on an object store (docs/storage.md).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import cast

from filelock import FileLock
from upath import UPath

from rasd.storage.leases import lease
from rasd.storage.objects import PROTOCOL, on_object_store

PARTITION_KEY = "ingest_date"
MOST_CHARACTERS = 200


def lake_root(place: str) -> Path:
    """The root of a lake from the path of a folder or a URL `s3://bucket/prefix`.

    Raises:
        ValueError: for another URL, or one that says more than bucket and prefix.
    """
    protocol, separator, rest = place.partition("://")
    if not separator:
        return Path(place).expanduser().absolute()
    if protocol != PROTOCOL or not rest.strip("/") or re.search(r"[*?\[\]@:#\s]", rest):
        raise ValueError(f"{place!r} is neither a folder nor a URL {PROTOCOL}://bucket/prefix; credentials belong into the environment")
    # other machines write too, so a listing is never kept
    return cast(Path, UPath(f"{PROTOCOL}://{rest.strip('/')}", use_listings_cache=False))


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

    def dimension_manifest(self) -> Path:
        return self.root / "_manifests" / "dim_entities.json"

    def manifest(self, ingest_date: date) -> Path:
        return self.root / "_manifests" / f"{partition_folder(ingest_date)}.json"

    def previous_manifest(self, ingest_date: date) -> Path:
        return self.root / "_manifests" / "previous" / f"{partition_folder(ingest_date)}.json"

    def dimension_shares(self) -> Path:
        return self.root / "_dimension"

    def dimension(self, ingest_date: date) -> Path:
        return self.dimension_shares() / f"{partition_folder(ingest_date)}.parquet"

    def staging(self, ingest_date: date, run: str) -> Path:
        return self.root / "_staging" / partition_folder(ingest_date) / folder_name(run)

    def report(self, ingest_date: date, run: str) -> Path:
        return self.root / "_reports" / partition_folder(ingest_date) / f"{folder_name(run)}.json"

    def data_docs(self, ingest_date: date, run: str) -> Path:
        return self.root / "_data_docs" / partition_folder(ingest_date) / folder_name(run)

    def lock_file(self, name: str) -> Path:
        return self.root / "_locks" / f"{name}.lock"

    @contextmanager
    def lock(self, name: str, timeout_s: float = 3600) -> Iterator[Callable[[], None]]:
        """A lock that all processes on this lake share, held while the block runs.

        Yields:
            A function that raises rasd.errors.LockLost unless the lock is still held, which can only happen on an object store.

        Raises:
            filelock.Timeout: when others hold it for `timeout_s`.
        """
        file = self.lock_file(name)
        if on_object_store(file):
            with lease(file, timeout_s) as confirm:
                yield confirm
        else:
            file.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(file, timeout=timeout_s):
                yield lambda: None
