"""Files as claiming leaves them, for tests."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime

import pyarrow as pa

from rasd.cleaning import CleanedFiles
from rasd.schema import LANDED_FILES

Clean = Callable[..., CleanedFiles]
"""The fixture `clean`: takes a dict of URI to text or bytes, and `landed`'s options."""


def landed(files: dict[str, bytes], *, sidecars: dict[str, str] | None = None, source_id: str = "press") -> pa.Table:
    """Landed files from a dict of URI to content."""
    sidecars = sidecars or {}
    rows = [
        {
            "source_id": source_id,
            "source_uri": uri,
            "source_sha256": hashlib.sha256(content).hexdigest(),
            "bytes": len(content),
            "modified": datetime(2026, 1, 1, tzinfo=UTC),
            "run": "test",
            "content": content,
            "sidecar": sidecars.get(uri),
        }
        for uri, content in files.items()
    ]
    return pa.Table.from_pylist(rows, schema=LANDED_FILES)
