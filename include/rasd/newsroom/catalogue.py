"""What the lake has published at this moment, from its manifests: the newest partition first, each with its files and row counts."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

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


class Catalogue:
    """Reads manifests, each again only when it has changed. Safe to share between threads."""

    def __init__(self, lake: Path) -> None:
        self._paths = LakePaths(lake)
        self._known: dict[str, tuple[tuple[int, int, int], Partition | None]] = {}
        self._lock = threading.Lock()

    def snapshot(self) -> Snapshot:
        """What is published now; nothing where there is no lake yet."""
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
                    known[name] = signature, self._read(folder / name)
            self._known = known
        partitions = sorted((p for _, p in known.values() if p is not None), key=lambda p: p.day, reverse=True)
        return Snapshot(tuple(partitions), hash(tuple(sorted((name, signature) for name, (signature, _) in known.items()))))

    def _read(self, path: Path) -> Partition | None:
        try:
            manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):  # gone meanwhile, or damaged: `rasd verify` says so
            return None
        day = date.fromisoformat(manifest["ingest_date"])
        root, folder = str(self._paths.root), partition_folder(day)
        parts = {
            dataset: tuple((f"{root}/{dataset}/{folder}/{part['name']}", part["rows"]) for part in files)
            for dataset, files in manifest["files"].items()
        }
        return Partition(day, manifest["run"], manifest["rows"], parts)
