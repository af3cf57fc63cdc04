"""The Newsroom over a lake in a bucket of a real S3 server."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import fsspec
import pytest
from fastapi.testclient import TestClient

from rasd.newsroom import catalogue
from rasd.newsroom.web import create_app
from rasd.storage.paths import lake_root
from tests.unit.newsroom.lake import PERSON, Article, article_id, publish

pytestmark = pytest.mark.integration
DAYS = [date(2026, 11, 19), date(2026, 11, 20)]


def test_pages_of_a_lake_in_a_bucket(bucket: fsspec.AbstractFileSystem, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "OBJECT_STORE_SECONDS", 0)
    publish(tmp_path, DAYS[0], [Article()], [{"reason": "empty_file"}])
    bucket.put(f"{tmp_path}/", "news/lake/", recursive=True)
    client = TestClient(create_app(lake_root("s3://news/lake")), headers={"accept-language": "en"})
    assert client.get("/articles").text.count("<article") == 1

    publish(tmp_path, DAYS[1], [Article()] * 2)
    bucket.put(f"{tmp_path}/", "news/lake/", recursive=True)
    assert client.get("/articles").text.count("<article") == 3
    pages = ["/", f"/days/{DAYS[0]}", f"/articles/{DAYS[1]}/{article_id(DAYS[1], 0)}", "/entities", f"/entities/{PERSON}?all=1"]
    for path in pages:
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert "سلمى النجار" in answer.text, path
    assert "Empty file" in client.get("/rejects").text

    for file in bucket.glob(f"news/lake/articles/ingest_date={DAYS[0]}/*.parquet"):
        bucket.rm(file)
    assert client.get("/articles").status_code == 503
