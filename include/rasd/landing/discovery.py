"""Finding the text files of a landing area, whatever fsspec file system it lies on.

Files end in `.txt` (any case); names that begin with a dot are left alone, so uploads in progress can hide. Everything else that ends in
`.txt` is found, also what can't be read: a file that Rasd ignored silently would be a file lost.
"""

from __future__ import annotations

import json
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import fsspec

from rasd.settings import Settings

SUFFIX = ".txt"
DATED_FOLDER = re.compile(r"\d{4}-\d{2}-\d{2}")


class LandingError(Exception):
    """The landing area itself can't be listed; nothing was claimed."""


class SidecarError(ValueError):
    """The JSON file beside an article is not a JSON object."""


@dataclass(frozen=True, slots=True)
class LandedFile:
    """One file of the landing area, before it is read.

    `problem` is a code of `schema.REJECT_REASONS` when listing alone shows that the file can't be read.
    """

    path: str
    uri: str
    source_id: str
    bytes: int | None
    modified: datetime | None
    problem: str | None = None
    details: str | None = None
    sidecar_path: str | None = None
    dated_folder: date | None = None


class LandingArea:
    """A folder or bucket that articles land in.

    Args:
        url: a path or any URL that fsspec opens.
        source_id: the source of all files; None takes the first folder under the landing area that is no date.

    Raises:
        LandingError: when the area does not exist or can't be reached.
    """

    def __init__(self, url: str, source_id: str | None = None) -> None:
        try:
            self.fs, self.root = fsspec.url_to_fs(url)
            exists = self.fs.isdir(self.root)
        except (OSError, ValueError, ImportError) as error:
            raise LandingError(f"the landing area {url} can't be opened: {error}") from error
        if not exists:
            raise LandingError(f"the landing area {url} does not exist or is not a folder; create it, or set RASD_LANDING")
        self.is_local = "file" in ([self.fs.protocol] if isinstance(self.fs.protocol, str) else self.fs.protocol)
        self.root = os.path.abspath(self.root) if self.is_local else self.root.rstrip("/")  # noqa: PTH100  resolve() would follow links
        self.source_id = source_id

    def files(self) -> list[LandedFile]:
        """All text files of the area, sorted by URI.

        Raises:
            LandingError: when a listing fails.
        """
        try:
            found = list(self._walk_local(Path(self.root)) if self.is_local else self._walk_remote())
        except OSError as error:
            raise LandingError(f"listing {self.root} failed: {error}") from error
        sidecars = {f.path for f in found if f.path.endswith(".json")}
        texts = (f for f in found if f.path.lower().endswith(SUFFIX))
        described = (replace(f, sidecar_path=name if (name := f.path[: -len(SUFFIX)] + ".json") in sidecars else None) for f in texts)
        return sorted(described, key=lambda f: f.uri)

    def read(self, file: LandedFile) -> bytes:
        """The file's bytes.

        Raises:
            OSError: when reading fails.
        """
        return bytes(self.fs.cat_file(file.path))

    def read_sidecar(self, file: LandedFile) -> dict[str, Any] | None:
        """The object in the JSON file beside the article; None where there is none.

        Raises:
            SidecarError: when it holds no JSON object.
            OSError: when reading fails.
        """
        if file.sidecar_path is None:
            return None
        try:
            sidecar = json.loads(self.fs.cat_file(file.sidecar_path))
        except ValueError as error:
            raise SidecarError(f"{file.sidecar_path} is not JSON: {error}") from error
        if not isinstance(sidecar, dict):
            raise SidecarError(f"{file.sidecar_path} holds no JSON object")
        return sidecar

    def _walk_local(self, folder: Path) -> Iterator[LandedFile]:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.startswith("."):
                    continue
                if entry.is_dir(follow_symlinks=False) and not entry.name.lower().endswith(SUFFIX):
                    yield from self._walk_local(Path(entry.path))
                elif entry.name.lower().endswith((SUFFIX, ".json")):
                    yield self._local_file(entry)

    def _local_file(self, entry: os.DirEntry[str]) -> LandedFile:
        problem = details = None
        status: os.stat_result | None = None
        try:
            status = entry.stat()
            if entry.is_symlink() and not Path(entry.path).resolve().is_relative_to(Path(self.root).resolve()):
                problem, details = "link_outside_landing", f"leads to {Path(entry.path).resolve()}"
            elif not stat.S_ISREG(status.st_mode):
                problem = "not_a_regular_file"
        except FileNotFoundError:
            problem, details = "broken_link", f"leads to {Path(entry.path).readlink()}"
        except OSError as error:
            problem, details = "read_failed", str(error)
        size = status.st_size if status else None
        modified = datetime.fromtimestamp(status.st_mtime_ns // 1000 / 1e6, UTC) if status else None
        return self._file(entry.path, size, modified, problem, details)

    def _walk_remote(self) -> Iterator[LandedFile]:
        # a stale listing would hide files that landed since this process last looked
        self.fs.invalidate_cache()
        for path, info in self.fs.find(self.root, detail=True).items():
            if path.rsplit("/", 1)[-1].startswith(".") or not path.lower().endswith((SUFFIX, ".json")):
                continue
            modified = next((info[key] for key in ("LastModified", "last_modified", "updated", "mtime", "created") if info.get(key)), None)
            if isinstance(modified, str):
                modified = datetime.fromisoformat(modified)
            elif isinstance(modified, int | float):
                modified = datetime.fromtimestamp(modified, UTC)
            yield self._file(path, info.get("size"), modified)

    def _file(
        self, path: str, size: int | None, modified: datetime | None, problem: str | None = None, details: str | None = None
    ) -> LandedFile:
        uri: str = self.fs.unstrip_protocol(path)
        try:
            uri.encode("utf-8")
        except UnicodeEncodeError:
            problem, details = "name_not_utf8", repr(os.fsencode(path))
            uri = uri.encode("utf-8", "backslashreplace").decode()
        folders = path[len(self.root) :].strip("/").split("/")[:-1]
        dated = next((d for f in folders if (d := _folder_date(f))), None)
        source_id = self.source_id or next((f for f in folders if not _folder_date(f)), None) or self.root.rsplit("/", 1)[-1] or "landing"
        source_id = source_id.encode("utf-8", "backslashreplace").decode()
        return LandedFile(path, uri, source_id, size, modified, problem, details, dated_folder=dated)


def _folder_date(name: str) -> date | None:
    if not DATED_FOLDER.fullmatch(name):
        return None
    try:
        return date.fromisoformat(name)
    except ValueError:
        return None


def open_landing(settings: Settings) -> LandingArea:
    """The landing area of the settings. Raises LandingError as `LandingArea` does."""
    return LandingArea(settings.landing, settings.source_id)
