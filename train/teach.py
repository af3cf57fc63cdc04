"""Label unlabelled news with several trained taggers together, for a student to learn from.

python -m train.teach SHARED VECTORS OUT RUN [RUN …]     writes OUT/taught.news.conll and OUT/taught.anercorp.conll
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import torch

from rasd.extraction.entities.features import LABELS, SCHEMES
from rasd.extraction.entities.words import cached_key
from rasd.extraction.tokens import tokenise
from train.corpus import unlabelled
from train.tagger import Example, Tagger, Vectors, WordTable, pad, viterbi

NAMES = {"PERSON": "PERS", "LOCATION": "LOC", "ORGANIZATION": "ORG", "MISC": "MISC"}
TOKENS = {"news": 700_000, "anercorp": 350_000}
"""How much text each scheme gets."""

LEAST, MOST = 5, 80
"""Words of a sentence."""


def sentences(shared: Path) -> list[list[str]]:
    """Distinct sentences of the unlabelled text in random order."""
    found: dict[tuple[str, ...], None] = {}
    for number, text in enumerate(unlabelled(shared)):
        # Every fourth article: enough for the student, and one source doesn't crowd out the others.
        if number % 4:
            continue
        tokens = tokenise(text)
        current: list[str] = []
        previous = 0
        for word, sentence in zip(tokens.words, tokens.sentences, strict=True):
            if sentence != previous:
                if LEAST <= len(current) <= MOST:
                    found[tuple(current)] = None
                current, previous = [], sentence
            current.append(word)
    rows = [list(words) for words in found]
    np.random.default_rng(1).shuffle(rows)
    return rows


def main(shared: Path, vectors: Path, out: Path, runs: list[Path]) -> None:
    torch.set_num_threads(1)
    out.mkdir(parents=True, exist_ok=True)
    words, stems = Vectors(vectors / "words.npz"), Vectors(vectors / "stems.npz")
    texts = sentences(shared)
    teachers: list[Tagger] = []
    for run in runs:
        saved = torch.load(run / "model.pt", weights_only=True)
        teacher = Tagger(
            torch.from_numpy(words.table), torch.from_numpy(stems.table), len(saved["alphabet"]), saved.get("recurrent", False)
        )
        teacher.load_state_dict(saved["state"], strict=False)
        teachers.append(teacher.eval())
    alphabet = saved["alphabet"]
    begin = 0
    for name, wanted in TOKENS.items():
        part: list[list[str]] = []
        size = 0
        while size < wanted and begin < len(texts):
            part.append(texts[begin])
            size += len(texts[begin])
            begin += 1
        part.sort(key=len)
        seen: dict[str, int] = {}
        examples = [Example([seen.setdefault(cached_key(w), len(seen)) for w in s], [0] * len(s), 0) for s in part]
        table = WordTable(list(seen), words, stems, alphabet)
        with (out / f"taught.{name}.conll").open("w", encoding="utf-8") as file:
            for i in range(0, len(part), 64):
                batch, _, mask = pad(examples[i : i + 64])
                scored = [teacher.scores(table, batch, mask, SCHEMES.index(name)) for teacher in teachers]
                mean = [torch.stack(parts).mean(0) for parts in zip(*scored, strict=True)]
                for sentence, row in zip(part[i : i + 64], viterbi(*mean, mask), strict=True):
                    for word, label in zip(sentence, row, strict=True):
                        bio, _, kind = LABELS[label].partition("-")
                        file.write(f"{word} {bio}-{NAMES[kind]}\n" if kind else f"{word} O\n")
                    file.write("\n")
        print(f"{name}: {len(part):,} sentences, {size:,} words", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), [Path(run) for run in sys.argv[4:]])
