"""Reading of the training data: annotated sentences of three sources, and the unlabelled text.

All sentences are lists of words as `rasd.extraction.tokens` makes them, labels are BIO with the types of `rasd.schema.ENTITY_TYPES`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from rasd.extraction.tokens import tokenise

TYPE_OF = {
    "PERS": "PERSON", "PER": "PERSON", "LOC": "LOCATION", "ORG": "ORGANIZATION", "MISC": "MISC", "MIS": "MISC",
}  # fmt: skip
_MARKS = re.compile("[\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


@dataclass(frozen=True)
class Sentence:
    """Words and their BIO labels."""

    words: list[str]
    labels: list[str]


def conll(path: Path) -> list[Sentence]:
    """Sentences of a CoNLL file: token and label in two columns, a blank line between sentences."""
    sentences: list[Sentence] = []
    words: list[str] = []
    labels: list[str] = []
    for line in [*path.read_text(encoding="utf-8").splitlines(), ""]:
        parts = line.split()
        if not parts:
            if words:
                sentences.append(Sentence(words, labels))
            words, labels = [], []
            continue
        bio, _, kind = (parts[1] if len(parts) > 1 else "O").partition("-")
        words.append(_MARKS.sub("", parts[0]) or parts[0])
        labels.append(f"{bio}-{TYPE_OF[kind]}" if kind in TYPE_OF else "O")
    return sentences


def annotated_articles(path: Path) -> list[list[Sentence]]:
    """Sentences of each article of an annotated file (`text` and `entities` with `start` and `end`)."""
    articles = []
    for document in json.loads(path.read_text(encoding="utf-8")):
        text = document["text"]
        tokens = tokenise(text)
        labels = ["O"] * len(tokens.words)
        for entity in document["entities"]:
            first = True
            for i, (start, end) in enumerate(zip(tokens.starts, tokens.ends, strict=True)):
                if start < entity["end"] and end > entity["start"]:
                    labels[i] = f"{'B' if first else 'I'}-{entity['type']}"
                    first = False
        sentences: dict[int, Sentence] = {}
        for word, label, number in zip(tokens.words, labels, tokens.sentences, strict=True):
            sentence = sentences.setdefault(number, Sentence([], []))
            sentence.words.append(word)
            sentence.labels.append(label)
        articles.append(list(sentences.values()))
    return articles


def news(shared: Path) -> Iterator[tuple[str, str]]:
    """(corpus, text) of the unlabelled articles, one at a time."""
    for name in ("antcorpus", "webpages-tokenised"):
        with pa.input_stream(str(shared / "corpus" / f"{name}.jsonl.zst"), compression="zstd") as stream:
            for line in stream.read().decode("utf-8").rstrip("\n").split("\n"):
                record = json.loads(line)
                text = record["text"]
                yield name, "\n".join([record.get("title") or "", *(text if isinstance(text, list) else [text])])
    for path in sorted((shared / "corpus" / "pool").rglob("*.txt")):
        yield "pool", path.read_text(encoding="utf-8")


def unlabelled(shared: Path) -> Iterator[str]:
    """Texts of the unlabelled articles and of the training data, one article at a time."""
    for _, text in news(shared):
        yield text
    for document in json.loads((shared / "gold" / "train.json").read_text(encoding="utf-8")):
        yield document["text"]
    for path in sorted((shared / "ner").glob("*train.conll")):
        yield "\n".join(" ".join(s.words) for s in conll(path))
