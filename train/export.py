"""Write a trained tagger as the resource that Rasd ships.

python -m train.export VECTORS RUN OUT.npz --version V
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch

from rasd.extraction.entities.features import SCHEMES
from train.tagger import DILATIONS, Tagger, Vectors, WordTable

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
    saved = torch.load(args.run / "model.pt", weights_only=True)
    model = Tagger(torch.from_numpy(words.table), torch.from_numpy(stems.table), len(saved["alphabet"]))
    model.load_state_dict(saved["state"], strict=False)
    model.eval()
    keys = words.keys
    table = WordTable(keys, words, stems, saved["alphabet"])
    with torch.no_grad():
        rows = torch.arange(len(keys)).split(4096)
        inputs = torch.cat([torch.round(model.words(table, part) * 127).to(torch.int8) for part in rows]).numpy()
    state = {name: value.numpy() for name, value in saved["state"].items()}
    size = words.table.shape[1]
    largest = np.abs(stems.table[:-1]).max(1)
    project = state["project.weight"].T[size:]
    invalid, invalid_start = model.invalid.numpy(), model.invalid_start.numpy()
    arrays = {
        "version": np.array(args.version),
        "words": np.frombuffer("\n".join(keys).encode(), np.uint8),
        "counts": np.array(words.counts, np.int32),
        "inputs": inputs,
        "stems": np.frombuffer("\n".join(stems.keys).encode(), np.uint8),
        "stem_vectors": np.rint(stems.table[:-1] / largest[:, None] * 127).astype(np.int8),
        "stem_scales": (largest / 127).astype(np.float16),
        "alphabet": np.array("".join(saved["alphabet"])),
        "character": state["character.weight"],
        "filters": np.concatenate([state["character_filters.weight"][:, :, k].T for k in range(3)]),
        "filter_bias": state["character_filters.bias"],
        "project": project,
        "project_bias": state["project.bias"],
        "dilations": np.array(DILATIONS),
        "convolutions": np.stack(
            [np.concatenate([state[f"convolutions.{i}.weight"][:, :, k].T for k in range(3)]) for i in range(len(DILATIONS))]
        ),
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
