"""Third stage: what needs the whole partition. Shards come in order and leave as part files that no longer show the shards."""

from __future__ import annotations

import hashlib
import logging
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from rasd.cleaning.duplicates import near_duplicate_clusters
from rasd.extraction.entities import dimension
from rasd.pipeline.run import PartitionRun
from rasd.schema import ARTICLES, ENTITIES, INGESTIONS, QUOTES, REJECTS, Dataset
from rasd.storage.files import remove_tree, write_parquet, write_parts

log = logging.getLogger(__name__)

ROWS_PER_PART = {"articles": 25_000, "entities": 500_000, "quotes": 250_000, "rejects": 250_000, "ingestions": 250_000}


@dataclass(frozen=True)
class _Survey:
    """What the first pass over all shards found out about the articles of the partition, by article_id."""

    shard_of: dict[str, int]
    """The shard whose copy of the article stays: the first one that has it."""
    file_of: dict[str, str]
    """The first file that carried it."""
    copies: dict[str, int]
    cluster_of: dict[str, str]


def consolidate(run: PartitionRun) -> dict[str, Any]:
    """Join the shards to one partition without duplicates, in the run's staging area.

    Returns:
        Rows of each staged dataset.
    """
    with run.timed("consolidate") as notes:
        shards = sorted((run.staging / "shards").iterdir())
        survey = _survey(shards, run)
        remove_tree(run.staged)
        for dataset, tables in (
            (ARTICLES, _articles(shards, survey, run)),
            (ENTITIES, _children(shards, ENTITIES, survey, run)),
            (QUOTES, _children(shards, QUOTES, survey, run)),
            (REJECTS, _rejects(shards, run)),
            (INGESTIONS, _ingestions(shards, survey, run)),
        ):
            notes[dataset.name] = write_parts(run.staged / dataset.name, dataset.arrow, tables, ROWS_PER_PART[dataset.name])
        entities = pq.read_table(run.staged / ENTITIES.name)
        write_parquet(run.staging / "dimension.parquet", dimension(entities))
    log.info("consolidated %s", notes)
    return notes


def _survey(shards: list[Path], run: PartitionRun) -> _Survey:
    shard_of: dict[str, int] = {}
    file_of: dict[str, str] = {}
    copies: Counter[str] = Counter()
    distinct: list[pa.Table] = []
    for index, shard in enumerate(shards):
        articles = pq.read_table(shard / "articles.parquet", columns=["article_id", "source_uri"])
        for article, uri in zip(articles["article_id"].to_pylist(), articles["source_uri"].to_pylist(), strict=True):
            if article not in shard_of:
                shard_of[article], file_of[article] = index, uri
        copies.update(article for article in pq.read_table(shard / "ingestions.parquet")["article_id"].to_pylist() if article)
        signatures = pq.read_table(shard / "signatures.parquet")
        distinct.append(signatures.filter(_stays(signatures["article_id"], index, shard_of)))
    signatures = pa.concat_tables(distinct)
    clusters = near_duplicate_clusters(signatures["article_id"], signatures["signature"], run.resolve_settings())
    pairs = zip(signatures["article_id"].to_pylist(), clusters.to_pylist(), strict=True)
    return _Survey(shard_of, file_of, copies, {article: cluster for article, cluster in pairs if cluster})


def _stays(article_ids: pa.ChunkedArray, shard: int, shard_of: dict[str, int]) -> pa.Array:
    """Which rows of a shard belong to articles whose copy in this shard stays."""
    return pa.array([shard_of.get(article) == shard for article in article_ids.to_pylist()], pa.bool_())


def _articles(shards: list[Path], survey: _Survey, run: PartitionRun) -> Iterator[pa.Table]:
    for index, shard in enumerate(shards):
        table = pq.read_table(shard / "articles.parquet")
        table = table.filter(_stays(table["article_id"], index, survey.shard_of))
        ids = table["article_id"].to_pylist()
        yield _with_columns(
            table,
            ARTICLES,
            {
                "ingested_on": _days(run, len(ids)),
                "article_date": pc.coalesce(table["published_date"], pa.scalar(run.ingest_date, pa.date32())),
                "copies": [survey.copies[article] for article in ids],
                "near_duplicate_cluster": [survey.cluster_of.get(article) for article in ids],
            },
        )


def _children(shards: list[Path], dataset: Dataset, survey: _Survey, run: PartitionRun) -> Iterator[pa.Table]:
    for index, shard in enumerate(shards):
        table = pq.read_table(shard / f"{dataset.name}.parquet")
        table = table.filter(_stays(table["article_id"], index, survey.shard_of))
        yield _with_columns(table, dataset, {"ingested_on": _days(run, table.num_rows)})


def _rejects(shards: list[Path], run: PartitionRun) -> Iterator[pa.Table]:
    for shard in shards:
        table = pq.read_table(shard / "rejects.parquet")
        keys = zip(*(table[name].to_pylist() for name in ("stage", "reason", "source_uri", "source_sha256", "details")), strict=True)
        ids = [hashlib.blake2b(repr(key).encode(), digest_size=16).hexdigest() for key in keys]
        yield _with_columns(table, REJECTS, {"reject_id": ids, "ingested_on": _days(run, table.num_rows)})


def _ingestions(shards: list[Path], survey: _Survey, run: PartitionRun) -> Iterator[pa.Table]:
    for shard in shards:
        table = pq.read_table(shard / "ingestions.parquet")
        articles = [article if article in survey.shard_of else None for article in table["article_id"].to_pylist()]
        status = [
            "rejected" if article is None else "article" if survey.file_of[article] == uri else "duplicate"
            for article, uri in zip(articles, table["source_uri"].to_pylist(), strict=True)
        ]
        yield _with_columns(table, INGESTIONS, {"article_id": articles, "status": status, "ingested_on": _days(run, table.num_rows)})


def _days(run: PartitionRun, rows: int) -> pa.Array:
    return pa.repeat(pa.scalar(run.ingest_date, pa.date32()), rows)


def _with_columns(table: pa.Table, dataset: Dataset, columns: dict[str, Any]) -> pa.Table:
    return dataset.table({name: table[name] for name in table.column_names} | columns)
