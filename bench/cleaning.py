"""Cleaning against the text normalisation of camel_tools and a plain decode, on the same files in the same process and on one core.

    python bench/cleaning.py CORPUS.jsonl.zst [--articles N] [--rounds N] [--cost-curve]

CORPUS holds one JSON object with `title` and `text` a line. Every article becomes the bytes of a UTF-8 file (title, blank line, text); then
three ways to work on all of them are timed in turn, round after round, and the best round of each counts:

  plain decode    bytes.decode("utf-8") and nothing else
  camel_tools     decode, then normalize_unicode, dediac_ar and the alef, alef maksura and ta marbuta normalisers: no layout, no dates,
                  no language, no signatures
  rasd            clean_files: all of cleaning, articles and signatures as Arrow tables

`--cost-curve` prints rasd's microseconds per article for growing numbers of files.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
from camel_tools.utils.dediac import dediac_ar
from camel_tools.utils.normalize import normalize_alef_ar, normalize_alef_maksura_ar, normalize_teh_marbuta_ar, normalize_unicode

from rasd.cleaning import clean_files
from rasd.schema import LANDED_FILES
from rasd.settings import Settings


def read(corpus: Path, count: int) -> Iterator[bytes]:
    """Files of the corpus' first `count` articles."""
    with subprocess.Popen(["zstdcat", str(corpus)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        for number, line in enumerate(process.stdout):
            if number == count:
                process.kill()
                return
            article = json.loads(line)
            yield f"{article['title']}\n\n{article['text']}\n".encode()


def landed(contents: list[bytes]) -> pa.Table:
    """The files as claiming leaves them."""
    count = len(contents)
    return pa.table(
        {
            "source_id": ["bench"] * count,
            "source_uri": [f"bench/{number}.txt" for number in range(count)],
            "source_sha256": [hashlib.sha256(content).hexdigest() for content in contents],
            "bytes": [len(content) for content in contents],
            "modified": [datetime(2026, 1, 1, tzinfo=UTC)] * count,
            "run": ["bench"] * count,
            "content": contents,
            "sidecar": [None] * count,
            "reject_reason": [None] * count,
            "reject_details": [None] * count,
        },
        schema=LANDED_FILES,
    )


def camel_chain(contents: list[bytes]) -> int:
    """Characters left after camel_tools' normalisers."""
    total = 0
    for content in contents:
        text = normalize_unicode(content.decode("utf-8"))
        text = dediac_ar(text)
        text = normalize_teh_marbuta_ar(normalize_alef_maksura_ar(normalize_alef_ar(text)))
        total += len(text)
    return total


def seconds(work: Callable[[], object]) -> float:
    """Processor time of one call."""
    start = time.process_time()
    work()
    return time.process_time() - start


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--articles", type=int, default=37710)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cost-curve", action="store_true")
    args = parser.parse_args()
    contents = list(read(args.corpus, args.articles))
    files = landed(contents)
    settings = Settings()
    clean_files(files.slice(0, 300), settings)  # tables are built, lexicons read
    best: dict[str, float] = {}
    for _ in range(args.rounds):
        for name, work in (
            ("plain decode", lambda: [content.decode("utf-8") for content in contents]),
            ("camel_tools", lambda: camel_chain(contents)),
            ("rasd", lambda: clean_files(files, settings)),
        ):
            best[name] = min(best.get(name, float("inf")), seconds(work))
    print(f"{len(contents)} articles, processor time, best of {args.rounds}")
    for name, value in best.items():
        print(f"{name:14} {value:8.2f} s {1e6 * value / len(contents):8.1f} µs/article")
    print(f"rasd takes {best['rasd'] / best['camel_tools']:.2f} of camel_tools' time")
    if args.cost_curve:
        for count in (1000, 2000, 5000, 10000, 20000, len(contents)):
            if count <= len(contents):
                # evenly spaced, because the corpus' sources follow one another and differ in length
                part = files.take(np.linspace(0, len(contents) - 1, count).astype(int))
                value = min(seconds(lambda part=part: clean_files(part, settings)) for _ in range(args.rounds))
                print(f"{count:6} articles {1e6 * value / count:8.1f} µs/article")
    return 0


if __name__ == "__main__":
    sys.exit(main())
