"""Claiming: which files of the landing area belong to which partition, decided once and for ever.

A claim keeps the bytes of the files it takes. So the landing area is read once, a replay is exact whatever has become of the files since,
and no stage after this one can fail for a file that moved (docs/decisions/0002).

Rules, all by content hash:
- The first claim wins: a file whose bytes any partition has claimed is not claimed again, under whatever name it comes.
- Equal files claimed together are all claimed; the first by name becomes the article, the others its duplicates.
- A file that changed has new bytes, so it is claimed anew: by the same date its old version is superseded, by a later date both stay.
- A file that can't be read is claimed for `rejects`, once; when it becomes readable it is claimed like any other.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from rasd.landing.discovery import LandedFile, LandingArea, SidecarError, open_landing
from rasd.schema import LANDED_FILES
from rasd.settings import MIB, Settings
from rasd.storage.files import COMPRESSION, atomic_path, write_parquet
from rasd.storage.paths import LakePaths

log = logging.getLogger(__name__)

READERS = 16
"""Files read at a time: reading waits for disks and networks, not for the processor."""

ROW_GROUP_BYTES = 32 * MIB
_IDENTITY = ["source_uri", "bytes", "modified", "source_sha256", "reject_reason"]
"""Columns by which a file is known again."""

_RESENT = LANDED_FILES.remove(LANDED_FILES.get_field_index("sidecar")).remove(LANDED_FILES.get_field_index("content"))
_PARTITION_FILES = pa.schema(
    [("source_uri", pa.string()), ("source_sha256", pa.string()), ("bytes", pa.int64()), ("claim", pa.string()), ("row", pa.int64())]
)


@dataclass(frozen=True)
class Claim:
    """What claiming did: files claimed just now, and files passed over because their bytes had been claimed under another name."""

    new_files: int
    resent_files: int


class _Known:
    """What earlier claims of all partitions hold: contents, and files by name, size and time of change."""

    def __init__(self, paths: LakePaths) -> None:
        self.contents: set[str] = set()
        self.files: dict[tuple[str, Any, Any], str | None] = {}
        for file in sorted(paths.claims().glob("*/*.parquet")):
            table = pq.read_table(file, columns=_IDENTITY)
            for uri, size, modified, sha256, reason in zip(*(table[name].to_pylist() for name in _IDENTITY), strict=True):
                self.files[uri, size, modified] = reason
                if sha256:
                    self.contents.add(sha256)

    def has(self, file: LandedFile, max_file_bytes: int) -> bool:
        """Whether the very file was claimed before, and would be read no better now."""
        key = (file.uri, file.bytes, file.modified)
        if key not in self.files:
            return False
        reason = self.files[key]
        if reason == "file_too_large":
            return bool(file.bytes and file.bytes > max_file_bytes)
        return reason == file.problem or (file.problem is None and reason not in ("read_failed", "sidecar_invalid"))

    def refused_alike(self, row: dict[str, Any]) -> bool:
        """Whether the row is a file that still can't be read for the reason that `rejects` already gives."""
        return row["reject_reason"] is not None and row["reject_reason"] == self.files.get(
            (row["source_uri"], row["bytes"], row["modified"])
        )


def claim(settings: Settings, ingest_date: date, run: str, *, backfill: bool = False) -> Claim:
    """Claim for a partition the landed files that no partition has claimed.

    A backfill takes only the files that belong to its date by `settings.backfill_assignment`; any other run takes all.
    All claims on a lake are serialised by one lock.

    Raises:
        LandingError: when the landing area can't be listed.
        filelock.Timeout: when another claim holds the lock for an hour.
    """
    paths = LakePaths(settings.lake)
    area = open_landing(settings)
    with paths.lock("claims"):
        known = _Known(paths)
        files = [f for f in area.files() if not known.has(f, settings.max_file_bytes)]
        if backfill:
            files = [f for f in files if _belongs(area, f, ingest_date, settings)]
        folder = paths.claims(ingest_date)
        number = len(list(folder.glob("claim-*.parquet"))) + 1
        resent: list[dict[str, Any]] = []
        new_files = _write_claim(folder, number, _read_all(area, files, run, settings), known, resent)
        if resent:
            # remembered by name, so that the next run need not read them again
            write_parquet(
                folder / f"resent-{len(list(folder.glob('resent-*.parquet'))) + 1:05}.parquet", pa.Table.from_pylist(resent, _RESENT)
            )
        log.info("claimed %d files for %s; %d more carry bytes that are claimed already", new_files, ingest_date, len(resent))
        return Claim(new_files, len(resent))


def _belongs(area: LandingArea, file: LandedFile, ingest_date: date, settings: Settings) -> bool:
    if settings.backfill_assignment == "dated_folder":
        return file.dated_folder == ingest_date
    if settings.backfill_assignment == "sidecar":
        try:
            return str((area.read_sidecar(file) or {}).get("ingest_date")) == ingest_date.isoformat()
        except (SidecarError, OSError):
            return False
    return file.modified is not None and file.modified.astimezone(settings.zone).date() == ingest_date


def _read_all(area: LandingArea, files: list[LandedFile], run: str, settings: Settings) -> Iterator[dict[str, Any]]:
    def read(file: LandedFile) -> dict[str, Any]:
        return _landed_row(area, file, run, settings)

    with ThreadPoolExecutor(READERS) as readers:
        # a window keeps the bytes in memory bounded however slowly they are written
        window = READERS * 8
        for first in range(0, len(files), window):
            yield from readers.map(read, files[first : first + window])


def _landed_row(area: LandingArea, file: LandedFile, run: str, settings: Settings) -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys(LANDED_FILES.names)
    row |= {"source_id": file.source_id, "source_uri": file.uri, "bytes": file.bytes, "modified": file.modified, "run": run}
    row |= {"reject_reason": file.problem, "reject_details": file.details}
    if file.problem:
        return row
    if file.bytes is not None and file.bytes > settings.max_file_bytes:
        return row | {"reject_reason": "file_too_large", "reject_details": f"{file.bytes} bytes; the limit is {settings.max_file_bytes}"}
    try:
        content = area.read(file)
        sidecar = area.read_sidecar(file)
    except SidecarError as error:
        return row | {"reject_reason": "sidecar_invalid", "reject_details": str(error)}
    except OSError as error:
        return row | {"reject_reason": "read_failed", "reject_details": str(error)}
    row |= {"content": content, "source_sha256": hashlib.sha256(content).hexdigest()}
    if sidecar is not None:
        row["sidecar"] = json.dumps(sidecar, ensure_ascii=False, sort_keys=True)
        row["source_id"] = settings.source_id or str(sidecar.get("source") or file.source_id)
    return row


def _write_claim(folder: Path, number: int, rows: Iterable[dict[str, Any]], known: _Known, resent: list[dict[str, Any]]) -> int:
    """Write the rows that are new to `claim-<number>.parquet`; those with known bytes go to `resent`. Returns the number written."""
    new = _without_known(rows, known, resent)
    first = next(new, None)
    if first is None:
        return 0
    total = 0
    path = folder / f"claim-{number:05}.parquet"
    with atomic_path(path) as temporary, pq.ParquetWriter(temporary, LANDED_FILES, compression=COMPRESSION) as writer:
        for group in _groups(chain([first], new)):
            writer.write_table(pa.Table.from_pylist(group, LANDED_FILES))
            total += len(group)
    return total


def _without_known(rows: Iterable[dict[str, Any]], known: _Known, resent: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for row in rows:
        if known.refused_alike(row):
            continue
        if row["source_sha256"] in known.contents:
            resent.append({name: row[name] for name in _RESENT.names})
        else:
            yield row


def _groups(rows: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """The rows in lists of about ROW_GROUP_BYTES of content, so that a shard later reads little more than its own files."""
    group: list[dict[str, Any]] = []
    size = 0
    for row in rows:
        group.append(row)
        size += len(row["content"] or b"")
        if size >= ROW_GROUP_BYTES:
            yield group
            group, size = [], 0
    if group:
        yield group


def partition_files(paths: LakePaths, ingest_date: date) -> pa.Table:
    """The files of a partition: one row per file name (its latest version), sorted by name.

    Columns: source_uri, source_sha256, bytes, and `claim` and `row`, the claim file and the row of it that hold the rest.
    """
    tables = []
    for file in sorted(paths.claims(ingest_date).glob("claim-*.parquet")):
        table = pq.read_table(file, columns=["source_uri", "source_sha256", "bytes"])
        table = table.append_column("claim", pa.repeat(file.name, table.num_rows).dictionary_encode().cast(pa.string()))
        tables.append(table.append_column("row", pa.array(range(table.num_rows), pa.int64())))
    if not tables:
        return _PARTITION_FILES.empty_table()
    table = pa.concat_tables(tables).sort_by([("source_uri", "ascending"), ("claim", "descending")])
    uris = table["source_uri"].combine_chunks()
    latest = pc.fill_null(pc.not_equal(uris[1:], uris[:-1]), True)
    return table.filter(pa.concat_arrays([pa.array([True]), latest]))


def read_landed(paths: LakePaths, ingest_date: date, files: pa.Table) -> pa.Table:
    """What the claims keep of the given rows of `partition_files`: a table in LANDED_FILES, sorted by name."""
    tables = []
    for name in files["claim"].unique().to_pylist():
        rows = files.filter(pc.equal(files["claim"], name))["row"].to_pylist()
        wanted = set(rows)
        with pq.ParquetFile(paths.claims(ingest_date) / name) as claim_file:
            first = 0
            for group in range(claim_file.num_row_groups):
                count = claim_file.metadata.row_group(group).num_rows
                inside = sorted(row - first for row in wanted.intersection(range(first, first + count)))
                if inside:
                    tables.append(claim_file.read_row_group(group).take(inside))
                first += count
    return pa.concat_tables([LANDED_FILES.empty_table(), *tables]).sort_by("source_uri")
