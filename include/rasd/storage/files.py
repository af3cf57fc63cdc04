"""Writing files so that a reader, or a run after a crash, sees them whole or not at all."""

from __future__ import annotations

import ctypes
import errno
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from rasd.errors import LockLost
from rasd.storage import objects
from rasd.storage.objects import on_object_store

COMPRESSION = "zstd"
_AT_FDCWD = -100
_RENAME_EXCHANGE = 2


@contextmanager
def atomic_path(path: Path, *, new: bool = False) -> Iterator[Path]:
    """A temporary name beside `path` to write to; it becomes `path` when the block ends well, and vanishes when it raises.

    For an object the temporary name is a local one, and the object is there at once and whole when it is uploaded.

    Args:
        new: the path is one that only the holder of a lock takes, and nobody has taken yet.

    Raises:
        LockLost: when somebody else has taken the object's name, so that this writer can't be the one that holds the lock.
    """
    if on_object_store(path):
        with tempfile.TemporaryDirectory(prefix="rasd-") as folder:
            temporary = Path(folder) / path.name
            yield temporary
            if not objects.upload(temporary, path, new=new):
                raise LockLost(f"another run has written {path} meanwhile. Run this one again.")
        return
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
        temporary.write_text(as_json(value), encoding="utf-8")


def write_parquet(path: Path, table: pa.Table, rows_per_group: int | None = None) -> None:
    """Write a table to one file. Small row groups let a reader of a sorted table skip most of it."""
    with atomic_path(path) as temporary:
        pq.write_table(table, temporary, compression=COMPRESSION, row_group_size=rows_per_group)


def write_text(path: Path, text: str) -> None:
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def version(path: Path) -> str | None:
    """What tells an object's versions apart; None where there is none, and for files, whose writers exclude each other by locks alone."""
    there = objects.read_version(path) if on_object_store(path) else None
    return there[1] if there else None


def replace_file(path: Path, content: bytes, seen: str | None) -> None:
    """Put content in the place of the version of a file that was `seen` when the lock was taken.

    Raises:
        LockLost: when somebody else has written an object since, so that this writer can't be the one that holds the lock.
    """
    if not on_object_store(path):
        with atomic_path(path) as temporary:
            temporary.write_bytes(content)
    elif objects.write_if(path, content, seen) is None:
        raise LockLost(f"another run has written {path} meanwhile. Run this one again.")


def as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2, default=str) + "\n"


def _source(path: Path) -> dict[str, Any]:
    """Where Arrow finds a file: its path and, for an object, its file system."""
    return {"source": path.path, "filesystem": path.fs} if on_object_store(path) else {"source": path}


def read_parquet(path: Path, **options: Any) -> pa.Table:
    """A Parquet file, or all of a folder, as `pyarrow.parquet.read_table` reads it with these options."""
    return pq.read_table(**_source(path), **options)


def open_parquet(path: Path) -> pq.ParquetFile:
    return pq.ParquetFile(**_source(path))


def row_count(path: Path) -> int:
    """Rows of a Parquet file, by its footer. Raises OSError or pyarrow.ArrowInvalid for one that can't be read."""
    with open_parquet(path) as file:
        return int(file.metadata.num_rows)


@contextmanager
def on_disk(folder: Path) -> Iterator[Path]:
    """A folder as one on this machine's disk: itself, or a copy that lasts as long as the block."""
    if not on_object_store(folder):
        yield folder
        return
    with tempfile.TemporaryDirectory(prefix="rasd-") as scratch:
        copy = Path(scratch) / folder.name
        copy.mkdir()
        names = objects.entries(folder)
        for parent in {(copy / name).parent for name in names}:
            parent.mkdir(parents=True, exist_ok=True)
        folder.fs.get([(folder / name).path for name in names], [str(copy / name) for name in names])
        yield copy


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
        if not on_object_store(self._folder):
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
        with self._workplace() as folder:
            path = folder / f"part-{self._parts:05}.parquet"
            pq.write_table(part, path, compression=COMPRESSION)
            name = f"{path.stem}-{sha256_of(path)[:12]}{path.suffix}"
            if on_object_store(self._folder):
                objects.upload(path, self._folder / name)
            else:
                path.rename(path.with_name(name))
        self._pending = self._pending.slice(self._rows_per_part)
        self._parts += 1

    @contextmanager
    def _workplace(self) -> Iterator[Path]:
        """Where a part file is written before its name is known."""
        if on_object_store(self._folder):
            with tempfile.TemporaryDirectory(prefix="rasd-") as folder:
                yield Path(folder)
        else:
            yield self._folder

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
    """Remove a folder with all that is in it, or nothing where there is none."""
    if on_object_store(folder):
        objects.remove(folder, objects.entries(folder))
    else:
        shutil.rmtree(folder, ignore_errors=True)


def file_sizes(folder: Path) -> dict[str, int]:
    """Bytes of the files of a folder by name; none where there is no folder."""
    if on_object_store(folder):
        return {name: entry.bytes for name, entry in objects.entries(folder).items()}
    return {path.name: path.stat().st_size for path in folder.iterdir()} if folder.is_dir() else {}


def last_change(path: Path) -> float:
    """When a file, or the newest file of a folder, was written: seconds since 1970."""
    if on_object_store(path):
        inside = objects.entries(path)
        return max((entry.modified for entry in inside.values()), default=0.0) if inside else path.stat().st_mtime
    return max([path.stat().st_mtime, *(inside.stat().st_mtime for inside in path.rglob("*"))])
