"""Fixtures for whole runs."""

from __future__ import annotations

from collections.abc import Iterator

import fsspec
import pytest

from tests.integration.s3 import s3_server


@pytest.fixture
def bucket() -> Iterator[fsspec.AbstractFileSystem]:
    """A real S3 server with the empty bucket `news`."""
    with s3_server() as filesystem:
        yield filesystem
