"""Tag the given tokens of a CoNLL file as they are, in ANERcorp's labels, so that anyone can score the shipped model."""

from __future__ import annotations

from pathlib import Path
from typing import TextIO

from rasd.extraction.backend import labels_of
from rasd.extraction.entities.statistical import StatisticalTagger

_NAMES = {"PERSON": "PERS", "LOCATION": "LOC", "ORGANIZATION": "ORG", "MISC": "MISC"}


def tag_file(path: Path, out: TextIO) -> None:
    """Write `token<TAB>label` for each token of the file, and a blank line after each sentence.

    Args:
        path: UTF-8 file with a token in the first column, whatever in the others, and a blank line between sentences.
        out: receives the labels O, and B- or I- with PERS, LOC, ORG or MISC.

    Raises:
        OSError: when the file can't be read.
        UnicodeDecodeError: when it is not UTF-8.
    """
    sentences: list[list[str]] = [[]]
    for line in path.read_text(encoding="utf-8").split("\n"):
        parts = line.split()
        if parts:
            sentences[-1].append(parts[0])
        elif sentences[-1]:
            sentences.append([])
    sentences = [words for words in sentences if words]
    for words, names in zip(sentences, StatisticalTagger(scheme="anercorp").tag(sentences), strict=True):
        for word, label in zip(words, labels_of(names, len(words)), strict=True):
            bio, _, kind = label.partition("-")
            out.write(f"{word}\t{bio}-{_NAMES[kind]}\n" if kind else f"{word}\tO\n")
        out.write("\n")
