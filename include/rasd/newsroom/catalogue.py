"""What the lake has published at this moment, from its manifests: the newest partition first, each with its files and row counts."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from rasd.lake.manifests import read_manifest, read_manifests
from rasd.storage.objects import on_object_store
from rasd.storage.paths import PARTITION_KEY, LakePaths, partition_folder


@dataclass(frozen=True)
class Partition:
    """One published partition, as its manifest says."""

    day: date
    run: str
    rows: dict[str, int]
    parts: dict[str, tuple[tuple[str, int], ...]]
    """Of each dataset the path and number of rows of every file."""

    def files(self, dataset: str) -> list[str]:
        return [path for path, rows in self.parts[dataset] if rows]


@dataclass(frozen=True)
class Snapshot:
    """All published partitions at one moment, the newest first. `version` differs whenever anything was published in between."""

    partitions: tuple[Partition, ...]
    version: int

    def day(self, day: date) -> Partition | None:
        return next((partition for partition in self.partitions if partition.day == day), None)

    def between(self, first: date | None, last: date | None) -> tuple[Partition, ...]:
        return tuple(p for p in self.partitions if (first is None or p.day >= first) and (last is None or p.day <= last))

    def total(self, dataset: str) -> int:
        return sum(partition.rows[dataset] for partition in self.partitions)


def files_of(partitions: Sequence[Partition], dataset: str) -> list[str]:
    """The files of a dataset in these partitions, in their order."""
    return [file for partition in partitions for file in partition.files(dataset)]


OBJECT_STORE_SECONDS = 30
"""How long the state of a lake on an object store is believed: listing and reading its manifests takes that much longer than on a disk."""


class Catalogue:
    """Reads manifests, each again only when it has changed. Safe to share between threads."""

    def __init__(self, lake: Path) -> None:
        self._paths = LakePaths(lake)
        self._known: dict[str, tuple[tuple[int, int, int], Partition | None]] = {}
        self._lock = threading.Lock()
        self._read_at = float("-inf")
        self._last = Snapshot((), 0)

    def snapshot(self, *, fresh: bool = False) -> Snapshot:
        """What is published now; nothing where there is no lake yet.

        Args:
            fresh: look again, also where looking is dear.
        """
        if not on_object_store(self._paths.root):
            return self._of_disk()
        with self._lock:
            if fresh or time.monotonic() > self._read_at + OBJECT_STORE_SECONDS:
                manifests = sorted(read_manifests(self._paths).items(), reverse=True)
                partitions = tuple(self._partition(manifest) for _, manifest in manifests)
                self._last = Snapshot(partitions, hash(tuple(file for p in partitions for files in p.parts.values() for file in files)))
                self._read_at = time.monotonic()
            return self._last

    def _of_disk(self) -> Snapshot:
        folder = self._paths.manifest(date.min).parent
        try:
            with os.scandir(folder) as entries:
                found = {e.name: e.stat() for e in entries if e.name.startswith(f"{PARTITION_KEY}=") and e.name.endswith(".json")}
        except FileNotFoundError:
            return Snapshot((), 0)
        with self._lock:
            known = {}
            for name, stat in found.items():
                signature = stat.st_mtime_ns, stat.st_size, stat.st_ino
                if name in self._known and self._known[name][0] == signature:
                    known[name] = self._known[name]
                else:
                    manifest = read_manifest(self._paths, date.fromisoformat(name[len(PARTITION_KEY) + 1 : -len(".json")]))
                    # without one: gone meanwhile, or damaged, which `rasd verify` tells
                    known[name] = signature, self._partition(manifest) if manifest else None
            self._known = known
        partitions = sorted((p for _, p in known.values() if p is not None), key=lambda p: p.day, reverse=True)
        return Snapshot(tuple(partitions), hash(tuple(sorted((name, signature) for name, (signature, _) in known.items()))))

    def _partition(self, manifest: dict[str, Any]) -> Partition:
        day = date.fromisoformat(manifest["ingest_date"])
        root, folder = str(self._paths.root), partition_folder(day)
        parts = {
            dataset: tuple((f"{root}/{dataset}/{folder}/{part['name']}", part["rows"]) for part in files)
            for dataset, files in manifest["files"].items()
        }
        return Partition(day, manifest["run"], manifest["rows"], parts)
