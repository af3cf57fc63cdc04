"""Claiming: which files of the landing area belong to which partition, decided once and for ever.

A claim keeps the bytes of the files it takes. So the landing area is read once, a replay is exact whatever has become of the files since,
and no stage after this one can fail for a file that moved (docs/decisions/0002).

Rules, all by content hash:
- The first claim wins: a file whose bytes any partition has claimed is not claimed again, under whatever name it comes.
- Equal files claimed together are all claimed; the first by name becomes the article, the others its duplicates.
- A file that changed has new bytes, so it is claimed anew: by the same date its old version is superseded, by a later date both stay.
  Changed back, it is its old version again.
- A file that can't be read is claimed for `rejects`, once; when it becomes readable it is claimed like any other.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from rasd.errors import LockLost
from rasd.landing.discovery import LandedFile, LandingArea, SidecarError, open_landing
from rasd.landing.roots import without_credentials
from rasd.schema import LANDED_FILES
from rasd.settings import MIB, Settings
from rasd.storage.files import COMPRESSION, atomic_path, open_parquet, read_parquet, write_parquet
from rasd.storage.objects import on_object_store
from rasd.storage.paths import LakePaths

log = logging.getLogger(__name__)

READERS = 16
"""Files read at a time: reading waits for disks and networks, not for the processor."""

ROW_GROUP_BYTES = 32 * MIB
LEDGER_MEMORY = "512MB"
"""What DuckDB may hold while it looks files up in the claims, before it spills to disk."""

_RESENT = LANDED_FILES.remove(LANDED_FILES.get_field_index("sidecar")).remove(LANDED_FILES.get_field_index("content"))
_PARTITION_FILES = pa.schema(
    [
        pa.field("source_uri", pa.string(), nullable=False),
        pa.field("source_sha256", pa.string()),
        pa.field("bytes", pa.int64()),
        pa.field("claim", pa.string()),
        pa.field("row", pa.int64()),
    ]
)


@dataclass(frozen=True)
class Claim:
    """What claiming did: files claimed just now, and files passed over because their bytes had been claimed under another name."""

    new_files: int
    resent_files: int


class _Ledger:
    """What earlier claims of all partitions hold. DuckDB looks it up in the claim files, within a fixed memory however many there are."""

    def __init__(self, paths: LakePaths) -> None:
        self._claims = [str(path) for path in sorted(paths.claims().glob("*/*.parquet"))]
        self._connection = duckdb.connect(config={"memory_limit": LEDGER_MEMORY})
        if on_object_store(paths.root):
            self._connection.register_filesystem(paths.root.fs)

    def reasons(self, files: list[LandedFile]) -> dict[str, str | None]:
        """Why the files that were claimed before, in this very version, were refused (None: they were not), by URI."""
        columns = {"uri": [f.uri for f in files], "bytes": [f.bytes for f in files], "modified": [f.modified for f in files]}
        schema = pa.schema([("uri", pa.string()), ("bytes", pa.int64()), ("modified", LANDED_FILES.field("modified").type)])
        rows = self._look_up(
            "SELECT uri, reject_reason FROM found JOIN claims ON source_uri = uri AND claims.bytes IS NOT DISTINCT FROM found.bytes"
            " AND claims.modified IS NOT DISTINCT FROM found.modified ORDER BY filename",
            pa.table(columns, schema=schema),
        )
        return dict(rows)  # the latest claim's word counts

    def known_contents(self, hashes: list[str]) -> set[str]:
        """Those of the SHA-256 hashes whose bytes were claimed before."""
        query = "SELECT sha256, NULL FROM found SEMI JOIN claims ON source_sha256 = sha256"
        return {sha256 for sha256, _ in self._look_up(query, pa.table({"sha256": pa.array(hashes, pa.string())}))}

    def _look_up(self, query: str, found: pa.Table) -> list[tuple[str, str | None]]:
        if not self._claims or not found.num_rows:
            return []
        self._connection.register("found", found)
        claims = self._connection.read_parquet(self._claims, union_by_name=True, filename=True)
        self._connection.register("claims", claims)
        rows: list[tuple[str, str | None]] = self._connection.execute(query).fetchall()
        return rows


def claim(settings: Settings, ingest_date: date, run: str, *, own_date_only: bool = False) -> Claim:
    """Claim for a partition the landed files that no partition has claimed.

    All claims on a lake are serialised by one lock. A claim that loses it is taken back.

    Args:
        own_date_only: take only the files that belong to the date by `settings.backfill_assignment`, as a backfill has to.

    Raises:
        LandingError: when the landing area can't be listed.
        filelock.Timeout: when another claim holds the lock for an hour.
        LockLost: when this claim was silent for so long that another one has taken the lock; nothing was claimed.
    """
    paths = LakePaths(settings.lake)
    area = open_landing(settings)
    with paths.lock("claims") as confirm:
        ledger = _Ledger(paths)
        files = area.files()
        reasons = ledger.reasons(files)
        files = [f for f in files if f.uri not in reasons or _is_readable_now(f, reasons[f.uri], settings)]
        if own_date_only:
            files = [f for f in files if _belongs(area, f, ingest_date, settings)]
        rows = _read_all(area, files, run, settings)
        new_files, resent = _write_claim(paths.claims(ingest_date), rows, ledger, reasons, confirm)
        log.info("claimed %d files for %s; %d more carry bytes that are claimed already", new_files, ingest_date, resent)
        return Claim(new_files, resent)


def _is_readable_now(file: LandedFile, refused: str | None, settings: Settings) -> bool:
    """Whether a file that was claimed before deserves another look: it was refused for a reason that may have passed."""
    if refused == "file_too_large":
        return file.problem is None and (file.bytes or 0) <= settings.max_file_bytes
    return refused is not None and refused != file.problem


def _belongs(area: LandingArea, file: LandedFile, ingest_date: date, settings: Settings) -> bool:
    if settings.backfill_assignment == "dated_folder":
        return file.dated_folder == ingest_date
    if settings.backfill_assignment == "sidecar":
        try:
            return str((area.read_sidecar(file, settings.max_file_bytes) or {}).get("ingest_date")) == ingest_date.isoformat()
        except (SidecarError, OSError):
            return False
    return file.modified is not None and file.modified.astimezone(settings.zone).date() == ingest_date


def _read_all(area: LandingArea, files: list[LandedFile], run: str, settings: Settings) -> Iterator[dict[str, Any]]:
    def read(file: LandedFile) -> dict[str, Any]:
        return _landed_row(area, file, run, settings)

    with ThreadPoolExecutor(READERS) as readers:
        for window in _windows(files):
            yield from readers.map(read, window)


def _windows(files: list[LandedFile]) -> Iterator[list[LandedFile]]:
    """The files in lists that are read at once, cut by their bytes so that what waits to be written fits in memory."""
    window: list[LandedFile] = []
    size = 0
    for file in files:
        window.append(file)
        size += file.bytes or 0
        if size >= ROW_GROUP_BYTES or len(window) >= READERS * 8:
            yield window
            window, size = [], 0
    yield window


def _landed_row(area: LandingArea, file: LandedFile, run: str, settings: Settings) -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys(LANDED_FILES.names)
    row |= {"source_id": file.source_id, "source_uri": file.uri, "bytes": file.bytes, "modified": file.modified, "run": run}
    row |= {"reject_reason": file.problem, "reject_details": file.details}
    if file.problem:
        return row
    if file.bytes is not None and file.bytes > settings.max_file_bytes:
        return row | _too_large(file.bytes, settings)
    try:
        content = area.read(file, settings.max_file_bytes)
        sidecar = area.read_sidecar(file, settings.max_file_bytes)
    except SidecarError as error:
        return row | {"reject_reason": "sidecar_invalid", "reject_details": str(error)}
    except OSError as error:
        return row | {"reject_reason": "read_failed", "reject_details": without_credentials(str(error))}
    if len(content) > settings.max_file_bytes:  # it grew, or the listing did not know
        return row | _too_large(None, settings)
    row |= {"content": content, "source_sha256": hashlib.sha256(content).hexdigest()}
    if sidecar is not None:
        row["sidecar"] = json.dumps(sidecar, ensure_ascii=False, sort_keys=True)
        row["source_id"] = settings.source_id or str(sidecar.get("source") or file.source_id)
    return row


def _too_large(size: int | None, settings: Settings) -> dict[str, Any]:
    seen = f"{size} bytes" if size else "it was growing while it was read"
    return {"reject_reason": "file_too_large", "reject_details": f"{seen}; the limit is {settings.max_file_bytes} bytes"}


def _write_claim(
    folder: Path, rows: Iterable[dict[str, Any]], ledger: _Ledger, reasons: dict[str, str | None], confirm: Callable[[], None]
) -> tuple[int, int]:
    """Write the rows that are new, and those whose bytes are known from elsewhere, to the next claim file. Returns how many of each.

    Args:
        confirm: raises LockLost when another claim may have been at work meanwhile: then what was written is removed.
    """
    new_files = 0
    resent: list[dict[str, Any]] = []
    taken = {_claim_number(path) for path in folder.glob("*.parquet")}
    number = max((int(name) for name in taken if name.isdigit()), default=0) + 1
    claim_file, resent_file = (folder / f"{kind}-{number:05}.parquet" for kind in ("claim", "resent"))
    with ExitStack() as stack:
        writer: pq.ParquetWriter | None = None
        for group in _groups(rows):
            known = ledger.known_contents([row["source_sha256"] for row in group if row["source_sha256"]])
            resent += [{name: row[name] for name in _RESENT.names} for row in group if row["source_sha256"] in known]
            # what still can't be read for the reason that `rejects` gives already is not refused twice
            still_bad = {
                row["source_uri"] for row in group if row["reject_reason"] and row["reject_reason"] == reasons.get(row["source_uri"])
            }
            new = [row for row in group if row["source_sha256"] not in known and row["source_uri"] not in still_bad]
            if new and writer is None:
                path = stack.enter_context(atomic_path(claim_file, new=True))
                writer = stack.enter_context(pq.ParquetWriter(path, LANDED_FILES, compression=COMPRESSION))
            if new and writer is not None:
                writer.write_table(pa.Table.from_pylist(new, LANDED_FILES))
                new_files += len(new)
    if resent:  # remembered by name, so that the next run need not read them again
        write_parquet(resent_file, pa.Table.from_pylist(resent, _RESENT))
    try:
        confirm()
    except LockLost:
        if new_files:
            claim_file.unlink(missing_ok=True)
        if resent:
            resent_file.unlink(missing_ok=True)
        raise
    return new_files, len(resent)


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
    tables = [_PARTITION_FILES.empty_table()]
    for file in sorted(paths.claims(ingest_date).glob("*.parquet"), key=_claim_number):
        table = read_parquet(file, columns=["source_uri", "source_sha256", "bytes"], partitioning=None)
        table = table.append_column("claim", pa.repeat(pa.scalar(file.name), table.num_rows))
        tables.append(table.append_column("row", pa.array(range(table.num_rows), pa.int64())).cast(_PARTITION_FILES))
    claimed = pa.concat_tables(tables)
    rows = claimed.append_column("order", pa.array(range(claimed.num_rows), pa.int64()))
    rows = rows.sort_by([("source_uri", "ascending"), ("order", "descending")])
    uris = rows["source_uri"].combine_chunks()
    is_latest = pa.concat_arrays([pa.array([True] * min(1, len(uris)), pa.bool_()), pc.not_equal(uris[1:], uris[:-1])])
    is_claim = pc.starts_with(rows["claim"], "claim-")
    latest = rows.filter(pc.and_(is_latest, is_claim))
    # What was claimed already when its name came again: a version that the date has under this very name is the file's latest once more.
    # Else the bytes are in elsewhere, under another name or for another date, and the name is no longer a file of the partition.
    again = rows.filter(pc.and_(is_latest, pc.invert(is_claim))).select(["source_uri", "source_sha256"])
    if again.num_rows:
        versions = rows.filter(is_claim).join(again, ["source_uri", "source_sha256"], join_type="inner")
        newest = versions.group_by(["source_uri", "source_sha256"]).aggregate([("order", "max")])
        returned = newest["order_max"].combine_chunks()
        latest = pa.concat_tables([latest, rows.filter(pc.is_in(rows["order"], returned))]).sort_by("source_uri")
    return latest.drop_columns(["order"])


def _claim_number(path: Path) -> str:
    return path.stem.partition("-")[2]


def count(paths: LakePaths, ingest_date: date) -> int:
    """How many claims of a date there are. They only grow, so of two runs of the date the one that knows more of them holds more files."""
    return len({_claim_number(path) for path in paths.claims(ingest_date).glob("*.parquet")})


def digest(files: pa.Table) -> str:
    """A hash over names and contents of a partition's files, as `partition_files` gives them."""
    hasher = hashlib.sha256()
    for uri, sha256 in zip(files["source_uri"].to_pylist(), files["source_sha256"].to_pylist(), strict=True):
        hasher.update(f"{uri}\0{sha256}\n".encode())
    return hasher.hexdigest()


def read_landed(paths: LakePaths, ingest_date: date, files: pa.Table) -> pa.Table:
    """What the claims keep of the given rows of `partition_files`: a table in LANDED_FILES, sorted by name."""
    tables = []
    for name in files["claim"].unique().to_pylist():
        rows = files.filter(pc.equal(files["claim"], name))["row"].to_pylist()
        wanted = set(rows)
        with open_parquet(paths.claims(ingest_date) / name) as claim_file:
            first = 0
            for group in range(claim_file.num_row_groups):
                count = claim_file.metadata.row_group(group).num_rows
                inside = sorted(row - first for row in wanted.intersection(range(first, first + count)))
                if inside:
                    tables.append(claim_file.read_row_group(group).take(inside))
                first += count
    return pa.concat_tables([LANDED_FILES.empty_table(), *tables]).sort_by("source_uri")
