"""The interface between a recogniser of names and the rest of the extraction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

Name = tuple[int, int, str, float]
"""A name in a sentence: first and last word, one of `rasd.schema.ENTITY_TYPES`, and 0 to 1, how sure the tagger is of it."""


class EntityTagger(Protocol):
    """Finds names in sentences; everything else about entities (proclitics, roles, linking) is done for all taggers alike."""

    name: str
    """What `entities.extractor` says."""

    version: str
    """Changes whenever the output may; part of `articles.extractor_version`."""

    def tag(self, sentences: Sequence[Sequence[str]]) -> list[list[Name]]:
        """The names of each sentence of words, in order; no two share a word."""
        ...


def names_of(labels: Iterable[str], scores: Iterable[float]) -> list[Name]:
    """The names that the BIO labels of one sentence's words speak of, each as sure as its least sure word.

    An I- with no name of its type right before it begins one.
    """
    names: list[Name] = []
    for word, (label, score) in enumerate(zip(labels, scores, strict=True)):
        if label == "O":
            continue
        bio, _, kind = label.partition("-")
        if bio == "I" and names and names[-1][1] == word - 1 and names[-1][2] == kind:
            first, _, _, least = names[-1]
            names[-1] = (first, word, kind, min(least, score))
        else:
            names.append((word, word, kind, score))
    return names


def labels_of(names: Iterable[Name], words: int) -> list[str]:
    """The BIO labels of a sentence of so many words."""
    labels = ["O"] * words
    for first, last, kind, _ in names:
        labels[first : last + 1] = [f"B-{kind}", *[f"I-{kind}"] * (last - first)]
    return labels
