"""Where a landing area may lie, and addresses without the credentials in them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import fsspec
from fsspec.core import split_protocol

from rasd.errors import PermanentError

_PASSWORD = re.compile(r"(?<=://)[^/@\s]+@")
_SIGNATURE = re.compile(r"(?i)([?&][^=&\s]*(?:sig|signature|token|secret|password|credential|key)[^=&\s]*=)[^&\s]+")
HIDDEN = "***"


class PlaceNotAllowed(PermanentError):  # noqa: N818  what the place is
    """A landing area outside of the allowed roots."""


def without_password(url: str) -> str:
    """The URL without user name and password."""
    return _PASSWORD.sub(f"{HIDDEN}@", url)


def without_credentials(text: str) -> str:
    """The text with user names, passwords and signatures taken out of the URLs in it."""
    return _SIGNATURE.sub(rf"\1{HIDDEN}", without_password(text))


def has_credentials(url: str) -> bool:
    return without_credentials(url) != url


def require_allowed(url: str, roots: Iterable[str]) -> None:
    """Make sure that a landing area is one of the roots or lies in one, with links resolved.

    Args:
        url: a path or an fsspec URL.
        roots: paths and URLs.

    Raises:
        PlaceNotAllowed: when it does not, or is no address that can be compared (`..` in a bucket, URLs chained with `::`).
    """
    allowed = list(roots)
    try:
        if any(_is_inside(_place(url), _place(root)) for root in allowed):
            return
    except (ValueError, ImportError, OSError) as error:
        raise PlaceNotAllowed(f"the landing area {without_credentials(url)} is no address that Rasd reads: {error}") from error
    places = ", ".join(map(without_credentials, allowed))
    raise PlaceNotAllowed(
        f"the landing area {without_credentials(url)} lies outside of the allowed places ({places}); "
        "land the files there, or have an administrator add the place to RASD_LANDING_ROOTS"
    )


def _place(url: str) -> tuple[Any, tuple[str, ...]]:
    """What tells file systems apart (kind, host, account), and the parts of the path within it."""
    if "\0" in url or "::" in url:
        raise ValueError("it must be one plain path or URL")
    protocol = split_protocol(url)[0]
    filesystem = fsspec.get_filesystem_class(protocol or "file")
    path: str = filesystem._strip_protocol(url)
    if protocol in (None, "file", "local"):
        return "file", Path(path).resolve().parts
    parts = tuple(part for part in path.split("/") if part not in ("", "."))
    if ".." in parts:
        raise ValueError("«..» is not allowed in it")
    return (filesystem, repr(sorted(filesystem._get_kwargs_from_urls(url).items()))), parts


def _is_inside(place: tuple[Any, tuple[str, ...]], root: tuple[Any, tuple[str, ...]]) -> bool:
    return place[0] == root[0] and place[1][: len(root[1])] == root[1]
