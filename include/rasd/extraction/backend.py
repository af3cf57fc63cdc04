"""The interface between a recogniser of names and the rest of the extraction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Tagged:
    """Labels and scores of the words of sentences.

    A label is O, or B- or I- with one of `rasd.schema.ENTITY_TYPES`. A score, 0 to 1, says how sure the tagger is of a name's word; nobody
    reads those of O.
    """

    labels: list[list[str]]
    scores: list[list[float]]


class EntityTagger(Protocol):
    """Labels the words of sentences; everything else about entities (proclitics, roles, linking) is done for all taggers alike."""

    name: str
    """What `entities.extractor` says."""

    version: str
    """Changes whenever the output may; part of `articles.extractor_version`."""

    def tag(self, sentences: Sequence[Sequence[str]]) -> Tagged:
        """One BIO label and score a word."""
        ...
