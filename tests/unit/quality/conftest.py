"""An invented day: small, and sound in every respect, for tests to break."""

from __future__ import annotations

import pyarrow as pa
import pytest

from tests.unit.quality.days import build


@pytest.fixture
def day() -> dict[str, pa.Table]:
    """A sound day of 30 articles, as staged."""
    return build(30)


@pytest.fixture
def shard() -> dict[str, pa.Table]:
    """The articles, entities and quotes of three articles as a shard has them before consolidation: without an ingest date."""
    tables = build(3, ingested_on=None)
    return {name: tables[name] for name in ("articles", "entities", "quotes")}
