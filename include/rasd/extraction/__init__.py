"""Extraction: what an article speaks of, and who says what in it."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from rasd import __version__
from rasd.extraction.entities import extract_entities, load_tagger
from rasd.extraction.quotes import extract_quotes


@dataclass(frozen=True)
class Extracted:
    """Mentions (schema.ENTITIES) and quotes (schema.QUOTES) of a batch of articles, and the version of what found them."""

    entities: pa.Table
    quotes: pa.Table
    version: str


def extract(articles: pa.Table, backend: str) -> Extracted:
    """Extract from a batch of cleaned articles (schema.ARTICLES).

    Args:
        backend: name of the entity tagger, as in `settings.extraction_backend`.
    """
    tagger = load_tagger(backend)
    entities = extract_entities(articles, tagger)
    return Extracted(entities, extract_quotes(articles, entities), f"rasd {__version__} {tagger.name} {tagger.version}")
