"""The whole recipe of the embedded tagger, from the corpora to the resource that Rasd ships.

    python -m train.ner SHARED WORK --version V

Every step leaves its result under WORK and is skipped where that exists, so an interrupted training goes on where it stopped. About two
hours of one core. The figures of the model card stand in the logs of the runs with `--hold-back`.
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

    def teach(name: str, *teachers: Path) -> tuple[Path, Path]:
        out = args.work / name
        step(out / "taught.anercorp.conll", "teach", args.shared, vectors, out, *teachers)
        return out / "taught.news.conll", out / "taught.anercorp.conll"

    step(vectors / "counts.npz", "vectors", args.shared, vectors)
    first, second = tagger("teacher1", "--hold-back", "--seed", "1"), tagger("teacher2", "--hold-back", "--seed", "2")
    student = tagger("student", "--hold-back", "--seed", "3", "--epochs", "5", "--extra", *teach("taught", first, second))
    taught = teach("taught-again", first, second, student)
    final = tagger("final", "--seed", "4", "--epochs", "5", "--extra", *taught)
    subprocess.run([sys.executable, "-m", "train.export", vectors, final, MODEL, "--version", args.version], check=True)  # noqa: S603


if __name__ == "__main__":
    main()
