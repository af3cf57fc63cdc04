"""How fast quotes are found: the whole stage over a folder of articles beside the entities stage, and over fuzzed marks of growing number.

    python bench/quotes.py FOLDER [--articles N] [--backend statistical]

FOLDER holds articles as UTF-8 text files. Both stages run on one core in the same process, BLAS with one thread. The fuzzed texts mix marks
of all styles, cues and words at random (the seed is fixed); time over 1,000, 10,000 and 100,000 marks should grow about tenfold a step.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import time
from pathlib import Path
from typing import Any

for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from tests.unit.extraction.quotes.pieces import MARKS, WORDS  # noqa: E402


def articles_of(texts: list[str]) -> Any:
    from rasd import schema

    return schema.ARTICLES.table({"article_id": [str(i) for i in range(len(texts))], "text": texts})


def stages(texts: list[str], backend: str) -> dict[str, Any]:
    """Words a second of both stages on the same articles, by the processor's clock; the first article warms up the caches."""
    from rasd.extraction.entities import extract_entities, load_tagger
    from rasd.extraction.quotes import extract_quotes
    from rasd.extraction.tokens import tokenise

    articles = articles_of(texts)
    words = sum(len(tokenise(text).words) for text in texts)
    tagger = load_tagger(backend)
    extract_quotes(articles.slice(0, 1), extract_entities(articles.slice(0, 1), tagger))
    began = time.process_time()
    entities = extract_entities(articles, tagger)
    middle = time.process_time()
    quotes = extract_quotes(articles, entities)
    ended = time.process_time()
    return {
        "articles": len(texts),
        "words": words,
        "mentions": entities.num_rows,
        "quotes": quotes.num_rows,
        "entities_words_per_cpu_second": round(words / (middle - began)),
        "quotes_words_per_cpu_second": round(words / (ended - middle)),
        "quotes_over_entities": round((ended - middle) / (middle - began), 3),
    }


def fuzzed(marks: int, seed: int = 7) -> str:
    """A text with so many marks, mostly badly placed, and three words to a mark."""
    chance = random.Random(seed)
    parts = []
    for _ in range(marks):
        mark = chance.choice(MARKS)
        parts.append(chance.choice((f" {mark}", f"{mark} ", mark, f" {mark} ")))
        parts += [f"{chance.choice(WORDS)} " for _ in range(3)]
    return "".join(parts)


def growth() -> list[dict[str, float]]:
    """Seconds of the quotes stage over one text with ever more marks."""
    from rasd import schema
    from rasd.extraction.quotes import extract_quotes

    rows = []
    for marks in (1_000, 10_000, 100_000):
        articles = articles_of([fuzzed(marks)])
        began = time.process_time()
        quotes = extract_quotes(articles, schema.ENTITIES.table({"article_id": []}))
        seconds = time.process_time() - began
        rows.append(
            {
                "marks": marks,
                "seconds": round(seconds, 3),
                "microseconds_per_mark": round(seconds / marks * 1e6, 1),
                "quotes": quotes.num_rows,
            }
        )
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--articles", type=int, default=500)
    parser.add_argument("--backend", default="statistical")
    args = parser.parse_args()
    files = sorted(args.folder.rglob("*.txt"))[: args.articles]
    texts = [file.read_text(encoding="utf-8") for file in files]
    print(json.dumps({"stages": stages(texts, args.backend), "growth": growth()}, indent=2))


if __name__ == "__main__":
    main()
