"""What a lake on an object store needs beyond the methods that its paths share with those of a disk.

Writing here is conditional: it takes place only while the object still is the version that the writer has seen. That is what excludes
writers from each other on a store that has no locks (docs/decisions/0007).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeGuard

from fsspec.asyn import sync
from upath import UPath

if TYPE_CHECKING:

    class ObjectPath(Path):
        """A path on an object store: a UPath, which has the methods of a Path, with its fsspec file system and its path there."""

        fs: Any
        path: str
        protocol: str

else:
    ObjectPath = UPath

PROTOCOL = "s3"
_REFUSALS = ("PreconditionFailed", "412", "ConditionalRequestConflict", "409", "NoSuchKey", "404")


@dataclass(frozen=True)
class Entry:
    """What a listing says of an object: its bytes, and when it was written (seconds since 1970, by the store's clock)."""

    bytes: int
    modified: float


def on_object_store(path: Path) -> TypeGuard[ObjectPath]:
    """Whether a path belongs to a lake on an object store."""
    return isinstance(path, ObjectPath) and path.protocol == PROTOCOL


def read_version(path: ObjectPath) -> tuple[bytes, str] | None:
    """An object's content and its ETag; None where there is no object."""
    try:
        content, etag = sync(path.fs.loop, _get, path)
    except FileNotFoundError:
        return None
    return content, etag


async def _get(path: ObjectPath) -> tuple[bytes, str]:
    bucket, key, _ = path.fs.split_path(path.path)
    response = await path.fs._call_s3("get_object", Bucket=bucket, Key=key)
    return await response["Body"].read(), response["ETag"]


def write_if(path: ObjectPath, content: bytes, etag: str | None) -> str | None:
    """Write an object only if it still is the version that `etag` names; with None, only if there is none.

    Returns:
        The ETag of what was written; None where the store refused, because somebody else has written since.
    """
    condition = {"IfNoneMatch": "*"} if etag is None else {"IfMatch": etag}
    bucket, key, _ = path.fs.split_path(path.path)
    try:
        return str(path.fs.call_s3("put_object", Bucket=bucket, Key=key, Body=content, **condition)["ETag"])
    except OSError as error:
        if not _is_refusal(error):
            raise
    # a request whose answer was lost is sent again, and refused for what it has written itself
    there = read_version(path)
    return there[1] if there and there[0] == content else None


def upload(file: Path, path: ObjectPath, *, new: bool = False) -> bool:
    """Make a local file an object, at once and whole. Returns whether that was done: with `new`, not where there is an object already."""
    try:
        path.fs.put_file(str(file), path.path, mode="create" if new else "overwrite")
    except OSError as error:
        if not (new and _is_refusal(error)):
            raise
        return False
    return True


def _is_refusal(error: OSError) -> bool:
    response: dict[str, Any] = getattr(error.__cause__, "response", None) or {}
    return response.get("Error", {}).get("Code") in _REFUSALS


def entries(folder: ObjectPath) -> dict[str, Entry]:
    """The objects below a folder, by their path relative to it; none where there are none."""
    prefix = folder.path.rstrip("/") + "/"
    found: dict[str, dict[str, Any]] = folder.fs.find(folder.path, detail=True)
    return {
        path.removeprefix(prefix): Entry(info["size"], info["LastModified"].timestamp())
        for path, info in found.items()
        if path.startswith(prefix)
    }


def read_many(folder: ObjectPath, names: Iterable[str]) -> dict[str, bytes]:
    """The contents of objects below a folder, by their paths relative to it, read at once; one that is gone is left out."""
    prefix = folder.path.rstrip("/") + "/"
    if not (wanted := [prefix + name for name in names]):
        return {}
    contents: dict[str, bytes] = folder.fs.cat(wanted, on_error="omit")
    return {path.removeprefix(prefix): content for path, content in contents.items()}


def copy(source: ObjectPath, target: ObjectPath) -> None:
    """Copy an object within the store; the target is there whole or not at all."""
    source.fs.cp_file(source.path, target.path)


def remove(folder: ObjectPath, names: Iterable[str]) -> None:
    """Remove objects below a folder, by their paths relative to it."""
    if paths := [(folder / name).path for name in names]:
        folder.fs.rm(paths)
