"""A landing area in a bucket of a real S3 server (moto's, over HTTP)."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import fsspec

from rasd.lake.reading import read_partition
from rasd.pipeline import PartitionRun, run_partition
from tests.synthetic import article

DAY = date(2026, 3, 1)


def test_files_of_a_bucket_become_articles(bucket: fsspec.AbstractFileSystem, tmp_path: Path) -> None:
    bucket.pipe({f"news/landing/desk/{n}.txt": article(n).encode() for n in range(3)})
    bucket.pipe("news/landing/desk/2.json", '{"source": "محطة", "published_at": "2026-02-27"}'.encode())
    settings = {"landing": "s3://news/landing", "lake": str(tmp_path / "lake")}
    run_partition(PartitionRun("first", DAY, settings))
    bucket.pipe("news/landing/desk/3.txt", article(3).encode())
    result = run_partition(PartitionRun("second", DAY, settings))
    assert result["files"] == {"files": 4, "new_files": 1, "resent_files": 0}
    articles = read_partition(tmp_path / "lake", "articles", DAY).to_pylist()
    assert [a["source_uri"] for a in articles] == [f"s3://news/landing/desk/{n}.txt" for n in range(4)]
    assert [(a["source_id"], a["published_date"]) for a in articles] == [
        ("desk", None),
        ("desk", None),
        ("محطة", date(2026, 2, 27)),
        ("desk", None),
    ]
