"""The whole recipe of the embedded tagger, from the corpora to the resource that Rasd ships.

    python -m train.ner SHARED WORK --version V

Every step leaves its result under WORK and is skipped where that exists, so an interrupted training goes on where it stopped. About forty
minutes of one free core. The figures of the model card stand in the logs of the runs with `--hold-back`.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

MODEL = Path(__file__).resolve().parent.parent / "include" / "rasd" / "resources" / "ner.npz"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("shared", type=Path, help="folder with gold/, ner/ and corpus/")
    arguments.add_argument("work", type=Path)
    arguments.add_argument("--version", required=True)
    args = arguments.parse_args()
    vectors = args.work / "vectors"

    def step(result: Path, module: str, *rest: str | Path) -> None:
        if result.exists():
            return
        print(module, *rest, flush=True)
        subprocess.run([sys.executable, "-m", f"train.{module}", *map(str, rest)], check=True)  # noqa: S603

    def tagger(name: str, *options: str | Path) -> Path:
        run = args.work / name
        step(run / "model.pt", "tagger", args.shared, vectors, run, *options)
        return run

    step(vectors / "words.npz", "vectors", args.shared, vectors)
    teachers = [tagger(f"teacher{seed}", "--hold-back", "--seed", str(seed), "--width", "256") for seed in (1, 2, 5)]
    taught = args.work / "taught"
    step(taught / "taught.anercorp.npz", "teach", args.shared, vectors, taught, *teachers)
    student = ("--epochs", "5", "--taught", taught, "--dropout", "0.7")
    # What is held back shows how good such a student is; the one that ships learns from everything.
    tagger("student", "--hold-back", "--seed", "3", *student)
    final = tagger("final", "--seed", "4", *student)
    subprocess.run([sys.executable, "-m", "train.export", vectors, final, MODEL, "--version", args.version], check=True)  # noqa: S603


if __name__ == "__main__":
    main()
