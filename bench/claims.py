"""Claiming beside ledgers of growing size: seconds and peak memory of one claim of 1,000 new files.

    python bench/claims.py [ROWS ...]        (default: 10,000 1,000,000 10,000,000)

Each ledger is synthetic: so many rows of files claimed before, without their bytes, in claim files of a million rows. Each claim runs in a
process of its own, so that peaks do not mix.
"""

from __future__ import annotations

import multiprocessing
import resource
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from rasd.landing.claims import claim
from rasd.schema import LANDED_FILES
from rasd.settings import Settings
from rasd.storage.paths import LakePaths

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from tests.synthetic import land_articles

NEW_FILES = 1000
ROWS_PER_CLAIM = 1_000_000
FIRST_DAY = date(2020, 1, 1)


def write_ledger(lake: Path, rows: int) -> None:
    chance = np.random.default_rng(1)
    for number, first in enumerate(range(0, rows, ROWS_PER_CLAIM)):
        count = min(ROWS_PER_CLAIM, rows - first)
        hashes = chance.bytes(32 * count).hex()
        columns = {
            "source_id": pa.repeat("desk", count),
            "source_uri": [f"file:///archive/desk/{n:012}.txt" for n in range(first, first + count)],
            "source_sha256": [hashes[64 * n : 64 * n + 64] for n in range(count)],
            "bytes": chance.integers(500, 9000, count),
            "modified": pa.array(np.arange(count) * 1_000_000, pa.timestamp("us", tz="UTC")),
            "run": pa.repeat("bench", count),
        }
        table = pa.table({f.name: columns.get(f.name, pa.nulls(count, f.type)) for f in LANDED_FILES}).cast(LANDED_FILES)
        folder = LakePaths(lake).claims(FIRST_DAY + timedelta(days=number))
        folder.mkdir(parents=True)
        pq.write_table(table, folder / "claim-00001.parquet", compression="zstd")


def timed_claim(landing: str, lake: str, result: multiprocessing.queues.Queue[tuple[float, float, int]]) -> None:
    began = time.monotonic()
    claimed = claim(Settings(landing=landing, lake=Path(lake)), date(2026, 1, 1), "bench")
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    result.put((time.monotonic() - began, megabytes, claimed.new_files))


def main() -> None:
    sizes = [int(size.replace(",", "")) for size in sys.argv[1:]] or [10_000, 1_000_000, 10_000_000]
    print(f"{'ledger rows':>12} {'seconds':>8} {'peak MB':>8}")
    context = multiprocessing.get_context("spawn")
    for rows in sizes:
        with tempfile.TemporaryDirectory() as scratch:
            land_articles(Path(scratch) / "landing", first=0, count=NEW_FILES)
            write_ledger(Path(scratch) / "lake", rows)
            result = context.Queue()
            process = context.Process(target=timed_claim, args=(f"{scratch}/landing", f"{scratch}/lake", result))
            process.start()
            seconds, megabytes, new_files = result.get()
            process.join()
            assert new_files == NEW_FILES
            print(f"{rows:>12,} {seconds:>8.1f} {megabytes:>8.0f}", flush=True)


if __name__ == "__main__":
    main()
