"""Label unlabelled news with several trained taggers together, for a student to learn from.

    python -m train.teach SHARED VECTORS OUT RUN [RUN …]     writes OUT/taught.news.npz and OUT/taught.anercorp.npz

A file holds `words` (folded, one a line), `lengths` of sentences, `labels` (their probabilities, [words, LABELS]) and `pairs` (expected
numbers of one label right before another, [sentences, LABELS, LABELS]): the mean of what the teachers think, so that a student learns where
they doubt, too.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import numpy as np
import torch

from rasd.extraction.entities.features import LABELS, SCHEMES
from rasd.extraction.entities.words import cached_key
from rasd.extraction.tokens import tokenise
from train.corpus import news
from train.tagger import Batch, Example, Posterior, Vectors, WordTable, restore

TOKENS = {"news": 1_200_000, "anercorp": 400_000}
"""How much text each scheme gets."""

ARTICLES = {"antcorpus": 4, "webpages-tokenised": 1, "pool": 1}
"""One in how many articles of a corpus is used: what has many newsrooms counts more."""

LEAST, MOST = 5, 80
"""Words of a sentence."""


def sentences(shared: Path) -> list[list[str]]:
    """Distinct sentences of the unlabelled text, as folded words, in random order."""
    found: dict[tuple[str, ...], None] = {}
    seen: Counter[str] = Counter()
    for corpus, text in news(shared):
        seen[corpus] += 1
        if seen[corpus] % ARTICLES[corpus]:
            continue
        for words in tokenise(text).by_sentence():
            if LEAST <= len(words) <= MOST:
                found[tuple(map(cached_key, words))] = None
    rows = [list(words) for words in found]
    np.random.default_rng(1).shuffle(rows)
    return rows


def main(shared: Path, vectors: Path, out: Path, runs: list[Path]) -> None:
    torch.set_num_threads(1)
    out.mkdir(parents=True, exist_ok=True)
    words, stems = Vectors(vectors / "words.npz"), Vectors(vectors / "stems.npz")
    texts = sentences(shared)
    restored = [restore(run, words, stems) for run in runs]
    teachers, alphabet = [teacher for teacher, _ in restored], restored[0][1]
    begin = 0
    for name, wanted in TOKENS.items():
        part: list[list[str]] = []
        size = 0
        while size < wanted and begin < len(texts):
            part.append(texts[begin])
            size += len(texts[begin])
            begin += 1
        part.sort(key=len, reverse=True)
        rows: dict[str, int] = {}
        ids = [np.array([rows.setdefault(word, len(rows)) for word in sentence]) for sentence in part]
        table = WordTable(list(rows), words, stems, alphabet)
        width, scheme = len(LABELS), SCHEMES.index(name)
        labels, pairs = [], []
        for i in range(0, len(part), 64):
            examples = [
                Example(row, np.zeros((len(row), width), np.float32), np.zeros((width, width), np.float32), scheme)
                for row in ids[i : i + 64]
            ]
            batch = Batch.of(examples)
            with torch.no_grad():
                posteriors = [Posterior.of(*teacher.scores(table, batch), batch.mask) for teacher in teachers]
            labels.append(np.mean([posterior.labels for posterior in posteriors], 0)[batch.mask.numpy() > 0].astype(np.float16))
            pairs.append(np.mean([posterior.pairs for posterior in posteriors], 0).astype(np.float32))
        np.savez(
            out / f"taught.{name}.npz",
            words=np.frombuffer("\n".join(word for sentence in part for word in sentence).encode(), np.uint8),
            lengths=np.array([len(sentence) for sentence in part]),
            labels=np.concatenate(labels),
            pairs=np.concatenate(pairs),
        )
        print(f"{name}: {len(part):,} sentences, {size:,} words", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), [Path(run) for run in sys.argv[4:]])
