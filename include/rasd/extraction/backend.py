"""The interface between a recogniser of names and the rest of the extraction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class EntityTagger(Protocol):
    """Labels the words of sentences; everything else about entities (proclitics, roles, linking) is done for all taggers alike."""

    name: str
    """What `entities.extractor` says."""

    version: str
    """Changes whenever the output may; part of `articles.extractor_version`."""

    def tag(self, sentences: Sequence[Sequence[str]]) -> list[list[str]]:
        """One BIO label a word: O, or B- or I- with one of `rasd.schema.ENTITY_TYPES`."""
        ...
