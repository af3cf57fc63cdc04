"""Finding the text files of a landing area, whatever fsspec file system it lies on.

Files end in `.txt` (any case); names that begin with a dot are left alone, so uploads in progress can hide. Everything else that ends in
`.txt` is found, also what can't be read: a file that Rasd ignored silently would be a file lost. For the same reason archives, folders that
can't be listed and links to folders elsewhere are found too, each with the problem it has.

Links are followed where they stay inside the landing area. A link to a folder inside of it adds nothing, since the folder is walked itself.
"""

from __future__ import annotations

import json
import os
import re
import stat
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import fsspec

from rasd.landing.roots import require_allowed, without_credentials, without_password
from rasd.settings import Settings

SUFFIX = ".txt"
SIDECAR_SUFFIX = ".json"
ARCHIVES = (".zip", ".gz", ".tgz", ".bz2", ".xz", ".zst", ".tar", ".7z", ".rar")
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
    sidecar: LandedFile | None = None
    dated_folder: date | None = None
    inode: tuple[int, int, int] | None = field(default=None, compare=False)
    """Device, inode and number of names of a local file that has several names."""


class LandingArea:
    """A folder or bucket that articles land in.

    Args:
        url: a path or any URL that fsspec opens.
        source_id: the source of all files; None takes the first folder under the landing area that is no date.
        hard_links: "inside" refuses files that have another name outside of the area; "any" does not look.

    Raises:
        LandingError: when the area does not exist or can't be reached.
    """

    def __init__(self, url: str, source_id: str | None = None, hard_links: str = "inside") -> None:
        shown = without_credentials(url)
        try:
            self.fs, self.root = fsspec.url_to_fs(url)
            exists = self.fs.isdir(self.root)
        except (OSError, ValueError, ImportError) as error:
            # without its cause, whose words and frames may hold the URL as it was given
            raise LandingError(f"the landing area {shown} can't be opened: {without_credentials(str(error))}") from None
        if not exists:
            raise LandingError(f"the landing area {shown} does not exist or is not a folder; create it, or set RASD_LANDING")
        self.is_local = "file" in ([self.fs.protocol] if isinstance(self.fs.protocol, str) else self.fs.protocol)
        self.root = os.path.abspath(self.root) if self.is_local else self.root.rstrip("/")  # noqa: PTH100  resolve() would follow links
        self._real_root = Path(self.root).resolve() if self.is_local else None
        self.source_id = source_id
        self.hard_links = hard_links

    def files(self) -> list[LandedFile]:
        """All text files of the area, and whatever else can't be passed over in silence, sorted by URI.

        Raises:
            LandingError: when the area can't be listed.
        """
        try:
            found = list(self._walk_local() if self.is_local else self._walk_remote())
        except OSError as error:
            raise LandingError(f"listing {without_credentials(self.root)} failed: {without_credentials(str(error))}") from None
        sidecars = {f.path: f for f in found if f.path.endswith(SIDECAR_SUFFIX)}
        texts = [f for f in found if not f.path.lower().endswith(SIDECAR_SUFFIX)]
        if self.is_local and self.hard_links == "inside":
            texts = self._without_names_elsewhere(texts)
        times = Counter(f.uri for f in texts)
        return sorted((self._finished(f, sidecars, times) for f in texts), key=lambda f: f.uri)

    def _finished(self, file: LandedFile, sidecars: dict[str, LandedFile], times: Counter[str]) -> LandedFile:
        uri = file.uri
        if times[uri] > 1 and file.problem == "name_not_utf8":  # another name is what this one is written as
            uri += f"#{os.fsencode(file.path).hex()}"
        sidecar = sidecars.get(file.path[: -len(SUFFIX)] + SIDECAR_SUFFIX) if file.problem is None else None
        return replace(file, uri=uri, sidecar=sidecar)

    def read(self, file: LandedFile, limit: int) -> bytes:
        """The file's bytes, but no more than `limit` + 1 of them: enough to see that there are too many.

        Raises:
            OSError: when reading fails, or the name has come to belong to something that is no file of the area.
        """
        if self.is_local:
            return self._read_local(file.path, limit + 1)
        whole = file.bytes is not None and file.bytes <= limit
        return bytes(self.fs.cat_file(file.path) if whole else self.fs.cat_file(file.path, start=0, end=limit + 1))

    def _read_local(self, path: str, most: int) -> bytes:
        """Open first and look then, so that nobody can put a pipe or a link out of the area in the file's place in between."""
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(descriptor, "rb") as opened:  # noqa: PTH123  an open file has no Path
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise OSError(f"{path!r} is no regular file")
            if not self._stays_inside(path) or not os.path.samestat(status, Path(path).resolve().lstat()):
                raise OSError(f"{path!r} leads out of the landing area")
            return opened.read(most)

    def read_sidecar(self, file: LandedFile, limit: int) -> dict[str, Any] | None:
        """The object in the JSON file beside the article; None where there is none.

        Raises:
            SidecarError: when it holds no JSON object, or more than `limit` bytes.
            OSError: when reading fails.
        """
        sidecar = file.sidecar
        if sidecar is None:
            return None
        name = sidecar.uri
        if sidecar.problem:
            raise SidecarError(f"{name} can't be read: {sidecar.problem} {sidecar.details or ''}".rstrip())
        content = self.read(sidecar, limit)
        if len(content) > limit:
            raise SidecarError(f"{name} is larger than {limit} bytes")
        try:
            values = json.loads(content)
            json.dumps(values, ensure_ascii=False).encode()
        except (ValueError, RecursionError) as error:  # half of a surrogate pair is a ValueError too
            raise SidecarError(f"{name} is not JSON: {type(error).__name__}") from error
        if not isinstance(values, dict):
            raise SidecarError(f"{name} holds no JSON object")
        return values

    def _walk_local(self) -> Iterator[LandedFile]:
        folders = [self.root]
        while folders:
            folder = folders.pop()
            try:
                with os.scandir(folder) as listing:
                    entries = list(listing)
            except FileNotFoundError:  # gone since its own folder was listed
                if folder == self.root:
                    raise
                continue
            except OSError as error:
                if folder == self.root:
                    raise
                yield self._file(folder, None, None, "read_failed", str(error))
                continue
            for entry in entries:
                if entry.name.startswith("."):
                    continue
                name = entry.name.lower()
                if entry.is_dir(follow_symlinks=False) and not name.endswith(SUFFIX):
                    folders.append(entry.path)
                elif name.endswith((SUFFIX, SIDECAR_SUFFIX, *ARCHIVES)):
                    yield self._local_file(entry)
                elif entry.is_symlink() and Path(entry.path).is_dir() and not self._stays_inside(entry.path):
                    yield self._file(entry.path, None, None, "link_outside_landing", _leads_to(entry.path))

    def _stays_inside(self, path: str) -> bool:
        return self._real_root is not None and Path(path).resolve().is_relative_to(self._real_root)

    def _local_file(self, entry: os.DirEntry[str]) -> LandedFile:
        problem = details = inode = None
        status: os.stat_result | None = None
        try:
            status = entry.stat()
            if entry.is_symlink() and not self._stays_inside(entry.path):
                problem, details = "link_outside_landing", _leads_to(entry.path)
            elif not stat.S_ISREG(status.st_mode):
                problem = "not_a_regular_file"
            elif entry.name.lower().endswith(ARCHIVES):
                problem = "archive"
            elif status.st_nlink > 1:
                inode = (status.st_dev, status.st_ino, status.st_nlink)
        except FileNotFoundError:
            problem, details = "broken_link", _leads_to(entry.path)
        except OSError as error:
            problem, details = "broken_link" if entry.is_symlink() else "read_failed", str(error)
        size = status.st_size if status else None
        modified = datetime.fromtimestamp(status.st_mtime_ns // 1000 / 1e6, UTC) if status else None
        return replace(self._file(entry.path, size, modified, problem, details), inode=inode)

    def _without_names_elsewhere(self, files: list[LandedFile]) -> list[LandedFile]:
        """The files, those of them refused that have more names (hard links) than the area holds."""
        linked = {f.inode for f in files if f.inode}
        if not linked:
            return files
        inodes = {inode for _, inode, _ in linked}
        names: Counter[tuple[int, int]] = Counter()
        for folder, _, _ in os.walk(self.root):
            with suppress(FileNotFoundError), os.scandir(folder) as entries:
                found = (e.stat(follow_symlinks=False) for e in entries if e.inode() in inodes and not e.is_symlink())
                names.update((status.st_dev, status.st_ino) for status in found)
        refused = {(device, inode) for device, inode, links in linked if names[device, inode] < links}
        return [
            replace(f, problem="link_outside_landing", details="a hard link: the file has a name outside of the landing area too")
            if f.inode and f.inode[:2] in refused
            else f
            for f in files
        ]

    def _walk_remote(self) -> Iterator[LandedFile]:
        # a stale listing would hide files that landed since this process last looked
        self.fs.invalidate_cache()
        for path, info in self.fs.find(self.root, detail=True).items():
            name = path.rsplit("/", 1)[-1].lower()
            if name.startswith(".") or not name.endswith((SUFFIX, SIDECAR_SUFFIX, *ARCHIVES)):
                continue
            modified = next((info[key] for key in ("LastModified", "last_modified", "updated", "mtime", "created") if info.get(key)), None)
            if isinstance(modified, str):
                modified = datetime.fromisoformat(modified)
            elif isinstance(modified, int | float):
                modified = datetime.fromtimestamp(modified, UTC)
            yield self._file(path, info.get("size"), modified, "archive" if name.endswith(ARCHIVES) else None)

    def _file(
        self, path: str, size: int | None, modified: datetime | None, problem: str | None = None, details: str | None = None
    ) -> LandedFile:
        uri = without_password(self.fs.unstrip_protocol(path))
        if not _is_utf8(uri):
            problem, details = "name_not_utf8", repr(os.fsencode(path))
        folders = path[len(self.root) :].strip("/").split("/")[:-1]
        dated = next((d for f in folders if (d := _folder_date(f))), None)
        root = without_password(self.root).rsplit("/", 1)[-1]
        source_id = self.source_id or next((f for f in folders if not _folder_date(f)), None) or root or "landing"
        return LandedFile(path, _printable(uri), _printable(source_id), size, modified, problem, _printable(details), dated_folder=dated)


def _is_utf8(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _printable(text: Any) -> Any:
    """The text as a lake column can hold it: bytes of a file name that are no UTF-8 written as escapes."""
    return text if text is None else text.encode("utf-8", "backslashreplace").decode()


def _leads_to(link: str) -> str:
    return f"leads to {os.readlink(link)!r}"  # noqa: PTH115  Path.readlink() says the same with less


def _folder_date(name: str) -> date | None:
    if not DATED_FOLDER.fullmatch(name):
        return None
    try:
        return date.fromisoformat(name)
    except ValueError:
        return None


def open_landing(settings: Settings) -> LandingArea:
    """The landing area of the settings.

    Raises:
        PlaceNotAllowed: when it lies outside of `settings.landing_roots`.
        LandingError: as `LandingArea` does.
    """
    if settings.landing_roots:
        require_allowed(settings.landing, settings.landing_roots)
    return LandingArea(settings.landing, settings.source_id, settings.hard_links)
