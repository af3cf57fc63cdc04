"""Writing files so that a reader, or a run after a crash, sees them whole or not at all."""

from __future__ import annotations

import ctypes
import errno
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

COMPRESSION = "zstd"
_AT_FDCWD = -100
_RENAME_EXCHANGE = 2


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """A temporary name beside `path` to write to; it becomes `path` when the block ends well, and vanishes when it raises."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        yield temporary
        sync(temporary)
        temporary.replace(path)
        sync(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Have the disk hold what was written to a file or folder."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_json(path: Path, value: Any) -> None:
    with atomic_path(path) as temporary:
        temporary.write_text(json.dumps(value, ensure_ascii=False, indent=2, default=str) + "\n", encoding="utf-8")


def write_parquet(path: Path, table: pa.Table, rows_per_group: int | None = None) -> None:
    """Write a table to one file. Small row groups let a reader of a sorted table skip most of it."""
    with atomic_path(path) as temporary:
        pq.write_table(table, temporary, compression=COMPRESSION, row_group_size=rows_per_group)


class PartWriter:
    """Writes tables as part-00000-HASH.parquet … of exactly `rows_per_part` rows: the last one fewer, at least one file.

    The files depend on the rows alone, not on how the tables cut them up. Their names carry a hash of their bytes: a reader that opens a
    file twice while the partition changes places then misses the old one, rather than reading half of each. A context manager; leaving it
    writes the last part.
    """

    def __init__(self, folder: Path, schema: pa.Schema, rows_per_part: int) -> None:
        self.rows = 0
        self.schema = schema
        self._folder, self._rows_per_part = folder, rows_per_part
        self._pending = schema.empty_table()
        self._parts = 0

    def __enter__(self) -> PartWriter:
        self._folder.mkdir(parents=True, exist_ok=True)
        return self

    def write(self, table: pa.Table) -> None:
        """Add rows. Raises pyarrow.ArrowInvalid when they do not fit the schema."""
        self.rows += table.num_rows
        self._pending = pa.concat_tables([self._pending, table.cast(self.schema)])
        while self._pending.num_rows >= self._rows_per_part:
            self._write_part()

    def _write_part(self) -> None:
        # one chunk a column, so that encodings do not depend on the chunks that came in
        part = self._pending.slice(0, self._rows_per_part).combine_chunks()
        path = self._folder / f"part-{self._parts:05}.parquet"
        pq.write_table(part, path, compression=COMPRESSION)
        path.rename(path.with_stem(f"{path.stem}-{sha256_of(path)[:12]}"))
        self._pending = self._pending.slice(self._rows_per_part)
        self._parts += 1

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        if error is None and (self._pending.num_rows or not self._parts):
            self._write_part()


def exchange_folders(new: Path, published: Path) -> None:
    """Put folder `new` in the place of `published` in one step, and what stood there in the place of `new`.

    Where the kernel or file system can't exchange (not Linux, some network disks), renames do it, and for an instant there is no folder.
    """
    published.parent.mkdir(parents=True, exist_ok=True)
    if not published.exists():
        new.rename(published)
    elif not _rename_exchange(new, published):
        aside = new.with_name(f"{new.name}.replaced")
        published.rename(aside)
        new.rename(published)
        aside.rename(new)
    sync(published.parent)


def _rename_exchange(first: Path, second: Path) -> bool:
    try:
        renameat2 = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError):
        return False
    if renameat2(_AT_FDCWD, os.fsencode(first), _AT_FDCWD, os.fsencode(second), _RENAME_EXCHANGE) == 0:
        return True
    code = ctypes.get_errno()
    if code in (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP):
        return False
    raise OSError(code, os.strerror(code), str(first), None, str(second))


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def remove_tree(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
