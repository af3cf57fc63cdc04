"""Time and memory of the quality gate on a large staged partition, which is invented: the rows of one sound article many times over.

    python bench/gate.py [--articles 1000000] [--mentions 16] [--quotes 4] [--folder FOLDER]

FOLDER (by default a temporary one) needs about 0.8 GB per million articles. The peak includes what Python and all libraries take.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from rasd.schema import DATASETS

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from tests.unit.quality.days import DAY, build

ARTICLES_PER_PART = 25_000
FILLER = "repeat(' كلمة من حشو نص طويل لا يقول شيئا', 50)"


def stage(folder: Path, articles: int, mentions: int, quotes: int) -> None:
    """Write the staged datasets of a partition with so many articles, and so many mentions (an even number) and quotes of each."""
    db = duckdb.connect()
    for name, table in build(1).items():
        db.register(f"one_{name}", table)
    for part, first in enumerate(range(0, articles, ARTICLES_PER_PART)):
        rows = f"range({first}, {min(articles, first + ARTICLES_PER_PART)}) AS r(i)"
        file, article = "'seeds/' || i || '.txt'", "md5(i::varchar)"
        statements = {
            "articles": f"""* REPLACE ({article} AS article_id, {file} AS source_uri, 1 AS copies, text || {FILLER} || {article} AS text,
                length(text || {FILLER}) + 32 AS character_count, text_normalized || {FILLER} AS text_normalized,
                {mentions} AS entity_count, {quotes} AS quote_count) FROM one_articles, {rows}""",
            "entities": f"""* REPLACE (md5(i || '-' || j || '-' || mention_id) AS mention_id, {article} AS article_id,
                md5((hash(i * j) % 300000) || entity_type) AS entity_id) FROM one_entities, {rows}, range({mentions // 2}) AS s(j)""",
            "quotes": f"""* REPLACE (md5(i || 'q' || j) AS quote_id, {article} AS article_id)
                FROM one_quotes, {rows}, range({quotes}) AS s(j)""",
            "ingestions": f"""* REPLACE ({file} AS source_uri, {article} AS article_id)
                FROM (FROM one_ingestions WHERE status = 'article'), {rows}""",
        }
        for name, columns in statements.items():
            table = db.sql(f"SELECT {columns}").to_arrow_table()
            table = DATASETS[name].table({column: table[column] for column in DATASETS[name].arrow.names})
            (folder / name).mkdir(parents=True, exist_ok=True)
            pq.write_table(table, folder / name / f"part-{part:05}.parquet", compression="zstd", row_group_size=ARTICLES_PER_PART)


def judge(folder: Path) -> None:
    from rasd.quality.gate import validate

    started = time.monotonic()
    claimed = pq.read_table(folder / "ingestions", columns=["source_uri", "source_sha256"])
    verdict = validate(folder, ingest_date=DAY, run="bench", claimed=claimed, docs=folder / "docs")
    seconds, peak = time.monotonic() - started, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{verdict.message()}\n{seconds:.1f} s, peak {peak:.0f} MiB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=1_000_000)
    parser.add_argument("--mentions", type=int, default=16)
    parser.add_argument("--quotes", type=int, default=4)
    parser.add_argument("--folder", type=Path, help="where to write the partition; one that is there already is judged as it is")
    parser.add_argument("--judge", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.judge:
        judge(options.judge)
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        if not (folder / "articles").is_dir():
            stage(folder, options.articles, options.mentions, options.quotes)
        # In a process of its own, so that its peak is not that of making the partition.
        subprocess.run([sys.executable, __file__, "--judge", str(folder)], check=True)


if __name__ == "__main__":
    main()
