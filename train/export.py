"""Write a trained tagger as the resource that Rasd ships.

python -m train.export VECTORS RUN OUT.npz --version V
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch

from rasd.extraction.entities.features import SCHEMES
from train.tagger import DILATIONS, Shape, Vectors, WordTable, restore

SHIPPED = ("news", "anercorp")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("vectors", type=Path)
    arguments.add_argument("run", type=Path)
    arguments.add_argument("out", type=Path)
    arguments.add_argument("--version", required=True)
    args = arguments.parse_args()
    torch.set_num_threads(1)
    words, stems = Vectors(args.vectors / "words.npz"), Vectors(args.vectors / "stems.npz")
    model, alphabet = restore(args.run, words, stems)
    if model.shape.width != Shape.width:
        raise SystemExit(f"{args.run} holds a teacher; Rasd runs convolutions {Shape.width} wide")
    keys = words.keys
    table = WordTable(keys, words, stems, alphabet)
    with torch.no_grad():
        rows = torch.arange(len(keys)).split(4096)
        inputs = torch.cat([torch.round(model.words(table, part) * 127).to(torch.int8) for part in rows]).numpy()
    state = {name: value.numpy() for name, value in model.state_dict().items()}
    # What a stem adds to the inputs of a word outside the vocabulary.
    from_word, from_stem = words.table.shape[1], words.table.shape[1] + stems.table.shape[1]
    project = state["project.weight"].T
    stem_inputs = stems.table[:-1] @ project[from_word:from_stem]
    largest = np.abs(stem_inputs).max(1)
    invalid, invalid_start = model.invalid.numpy(), model.invalid_start.numpy()
    arrays = {
        "version": np.array(args.version),
        "words": np.frombuffer("\n".join(keys).encode(), np.uint8),
        "counts": np.array(words.counts, np.int32),
        "inputs": inputs,
        "stems": np.frombuffer("\n".join(stems.keys).encode(), np.uint8),
        "stem_inputs": np.rint(stem_inputs / largest[:, None] * 127).astype(np.int8),
        "stem_scales": (largest / 127).astype(np.float16),
        "alphabet": np.array("".join(alphabet)),
        "character": state["character.weight"],
        "filters": state["character_filters.weight"].T,
        "filter_bias": state["character_filters.bias"],
        "project": project[from_stem:],
        "project_bias": state["project.bias"],
        "dilations": np.array(DILATIONS),
        "convolutions": np.stack([state[f"convolutions.{i}.weight"].T for i in range(len(DILATIONS))]),
        "convolution_bias": np.stack([state[f"convolutions.{i}.bias"] for i in range(len(DILATIONS))]),
    }
    for scheme in SHIPPED:
        i = SCHEMES.index(scheme)
        arrays |= {
            f"head_{scheme}": state[f"heads.{i}.weight"].T,
            f"head_bias_{scheme}": state[f"heads.{i}.bias"],
            f"transitions_{scheme}": state[f"transitions.{i}"] + invalid,
            f"starts_{scheme}": state[f"starts.{i}"] + invalid_start,
        }
    np.savez(args.out, **{name: np.ascontiguousarray(value) for name, value in arrays.items()})
    print(f"{args.out}: {args.out.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
