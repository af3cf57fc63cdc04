"""Imported once by the server that forks the harness's processes: a run that is killed starts with its lexicons and models read.

Else most of its time, and so most of the random kills, would go to reading them. Nothing here starts a thread, which no fork would survive.
"""

from __future__ import annotations

import great_expectations  # noqa: F401
import pyarrow as pa
import s3fs  # noqa: F401

import rasd.pipeline.maintenance  # noqa: F401
from rasd.cleaning import clean_files
from rasd.extraction import extract
from rasd.schema import LANDED_FILES
from rasd.settings import Settings
from tests.synthetic import article

_text = article(1).encode()
_landed = dict.fromkeys(LANDED_FILES.names) | {
    "source_id": "desk",
    "source_uri": "file:///desk/1.txt",
    "source_sha256": "0" * 64,
    "bytes": len(_text),
    "content": _text,
    "run": "warm",
}
_settings = Settings()
extract(clean_files(pa.Table.from_pylist([_landed], LANDED_FILES), _settings).articles, _settings.extraction_backend)
