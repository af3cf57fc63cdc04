"""Extraction quality against annotated articles: write their texts out as files, run Rasd over them, score the lake.

    python bench/quality.py [dev|layout-dev|train] [--errors N] [--keep DIR]

Needs the development corpora in ../shared (articles, annotations and the scorer), which are not part of the repository.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path

from rasd.pipeline import PartitionRun, run_partition

SHARED = Path(__file__).resolve().parents[2] / "shared"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gold", nargs="?", default="dev", help="which annotations")
    parser.add_argument("--errors", type=int, default=0, help="also print so many misses of each kind")
    parser.add_argument("--keep", type=Path, help="keep landing area and lake here")
    options = parser.parse_args()
    gold = SHARED / "gold" / f"{options.gold}.json"
    if not gold.exists():
        print(f"{gold} is missing; the development corpora are not part of the repository", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.keep or Path(scratch)
        for document in json.loads(gold.read_text(encoding="utf-8")):
            path = folder / "landing" / document["doc"]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(document["text"].encode())
        settings = {"landing": str(folder / "landing"), "lake": str(folder / "lake"), "on_quality_failure": "warn"}
        run_partition(PartitionRun("quality", date(2026, 1, 1), settings), replay=False)
        score = [sys.executable, str(SHARED / "eval" / "score.py"), "--gold", str(gold), "--lake", str(folder / "lake")]
        return subprocess.run([*score, "--errors", str(options.errors)], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
