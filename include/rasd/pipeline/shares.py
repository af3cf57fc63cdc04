"""A partition's share of dim_entities: made from its mentions, staged with it, published with it."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from rasd.extraction.entities import dimension
from rasd.storage.files import write_parquet

SHARE = "dimension.parquet"
"""Its name in a run's staging area."""

SHARE_ROWS_PER_GROUP = 4096
"""Shares are sorted by entity_id, so that whoever asks for one entity reads one group of a share."""


def write_share(path: Path, entities: pa.Table) -> None:
    """The share of a partition with these mentions (schema.ENTITIES, `ingested_on` filled)."""
    write_parquet(path, dimension(entities), SHARE_ROWS_PER_GROUP)
