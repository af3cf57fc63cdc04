"""Third stage: what needs the whole partition. Shards come in order and leave as part files that no longer show the shards."""

from __future__ import annotations

import hashlib
import logging
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from rasd.cleaning import boilerplate
from rasd.cleaning.duplicates import near_duplicate_clusters
from rasd.extraction.tokens import sentence_ends
from rasd.pipeline.publication import withdraw
from rasd.pipeline.run import PartitionRun
from rasd.pipeline.shares import SHARE, write_share
from rasd.schema import ARTICLES, DATASETS, ENTITIES, QUOTES, STAGED_DATASETS, Dataset
from rasd.storage.files import PartWriter, read_parquet, remove_tree

log = logging.getLogger(__name__)

SPANS = {"entities": (("start", "end"),), "quotes": (("start", "end"), ("cue_start", "cue_end"), ("speaker_start", "speaker_end"))}
"""Columns that hold spans of a section, by dataset."""

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
    boilerplate: pa.Table
    """Lines that recur across the articles of a source, as `boilerplate.learn` gives them."""


def consolidate(run: PartitionRun) -> dict[str, Any]:
    """Join the shards to one partition without duplicates, in the run's staging area.

    Returns:
        Rows of each staged dataset.
    """
    with run.timed("consolidate") as notes:
        withdraw(run)
        shards = sorted((run.staging / "shards").iterdir())
        survey = _survey(shards, run)
        remove_tree(run.staged)
        with open_writers(run) as writers:
            for index, shard in enumerate(shards):
                for name, table in _settle(shard, index, survey, run).items():
                    writers[name].write(table)
        notes |= {name: writer.rows for name, writer in writers.items()}
        write_share(run.staging / SHARE, read_parquet(run.staged / ENTITIES.name))
    log.info("consolidated %s", notes)
    return notes


@contextmanager
def open_writers(run: PartitionRun) -> Iterator[dict[str, PartWriter]]:
    """Writers of the staged partition, one a dataset, by name."""
    with ExitStack() as stack:
        yield {d.name: stack.enter_context(PartWriter(run.staged / d.name, d.arrow, ROWS_PER_PART[d.name])) for d in STAGED_DATASETS}


def _survey(shards: list[Path], run: PartitionRun) -> _Survey:
    settings = run.resolve_settings()
    shard_of: dict[str, int] = {}
    file_of: dict[str, str] = {}
    copies: Counter[str] = Counter()
    signatures: list[pa.Table] = []
    lines: list[pa.Table] = []
    for index, shard in enumerate(shards):
        articles = read_parquet(shard / "articles.parquet", columns=["article_id", "source_id", "source_uri", "text"])
        for article, uri in zip(articles["article_id"].to_pylist(), articles["source_uri"].to_pylist(), strict=True):
            if article not in shard_of:
                shard_of[article], file_of[article] = index, uri
        copies.update(article for article in read_parquet(shard / "ingestions.parquet")["article_id"].to_pylist() if article)
        lines.append(boilerplate.line_occurrences(articles))
        signed = read_parquet(shard / "signatures.parquet")
        signatures.append(signed.filter(_stays(signed["article_id"], index, shard_of)))
    signed = pa.concat_tables(signatures).combine_chunks()
    clusters = near_duplicate_clusters(signed["article_id"].combine_chunks(), signed["signature"].combine_chunks(), settings)
    pairs = zip(signed["article_id"].to_pylist(), clusters.to_pylist(), strict=True)
    cluster_of = {article: cluster for article, cluster in pairs if cluster}
    return _Survey(shard_of, file_of, copies, cluster_of, boilerplate.learn(pa.concat_tables(lines), settings))


def _stays(article_ids: pa.ChunkedArray, shard: int, shard_of: dict[str, int]) -> pa.Array:
    """Which rows of a shard belong to articles whose copy in this shard stays."""
    return pa.array([shard_of.get(article) == shard for article in article_ids.to_pylist()], pa.bool_())


def _settle(shard: Path, index: int, survey: _Survey, run: PartitionRun) -> dict[str, pa.Table]:
    """The shard's share of the partition, by dataset: duplicates and learnt boilerplate gone, the columns of the whole partition filled."""
    tables = {d.name: read_parquet(shard / f"{d.name}.parquet") for d in STAGED_DATASETS}
    for dataset in (ARTICLES, ENTITIES, QUOTES):
        tables[dataset.name] = tables[dataset.name].filter(_stays(tables[dataset.name]["article_id"], index, survey.shard_of))
    tables |= _without_boilerplate(tables, survey.boilerplate)
    ids = tables["articles"]["article_id"].to_pylist()
    day = pa.scalar(run.ingest_date, pa.date32())
    filled = {
        "articles": {
            "article_date": pc.coalesce(tables["articles"]["published_date"], day),
            "copies": [survey.copies[article] for article in ids],
            "near_duplicate_cluster": [survey.cluster_of.get(article) for article in ids],
        },
        "rejects": {"reject_id": reject_ids(tables["rejects"])},
        "ingestions": _statuses(tables["ingestions"], survey),
    }
    return {
        d.name: _with_columns(tables[d.name], d, filled.get(d.name, {}) | {"ingested_on": pa.repeat(day, tables[d.name].num_rows)})
        for d in STAGED_DATASETS
    }


def _without_boilerplate(tables: dict[str, pa.Table], learnt: pa.Table) -> dict[str, pa.Table]:
    """Articles without the learnt lines; their mentions and quotes moved, or gone with the lines."""
    trimmed = boilerplate.remove(tables["articles"], learnt)
    if not trimmed.removed.num_rows:
        return {}
    articles, children = trimmed.articles, {}
    texts = dict(zip(articles["article_id"].to_pylist(), articles["text"].to_pylist(), strict=True))
    for dataset, spans in SPANS.items():
        table = tables[dataset]
        in_text = pc.equal(table["section"], "text")
        for start, end in spans:
            first, stop = (pc.if_else(in_text, table[name], None).combine_chunks() for name in (start, end))
            starts, ends, keep = boilerplate.shift_spans(table["article_id"].combine_chunks(), first, stop, trimmed.removed)
            table = _with_columns(table, DATASETS[dataset], {start: pc.coalesce(starts, table[start]), end: pc.coalesce(ends, table[end])})
            table, in_text = table.filter(keep), in_text.filter(keep)
        children[dataset] = _with_columns(table, DATASETS[dataset], {"sentence_index": _sentence_indexes(table, texts)})
    quotes = children["quotes"]
    gone = pc.invert(pc.is_in(quotes["parent_quote_id"], quotes["quote_id"].combine_chunks()))
    children["quotes"] = _with_columns(quotes, QUOTES, {"parent_quote_id": pc.if_else(gone, None, quotes["parent_quote_id"])})
    counts = {f"{kind}_count": _children_of(articles, children[name]) for kind, name in (("entity", "entities"), ("quote", "quotes"))}
    return {"articles": _with_columns(articles, ARTICLES, counts), **children}


def _sentence_indexes(rows: pa.Table, texts: dict[str, str]) -> list[int]:
    """The rows' sentence_index, counted anew for those in `text`."""
    ends = {article: sentence_ends(texts[article]) for article in set(rows["article_id"].to_pylist())}
    columns = (rows[name].to_pylist() for name in ("article_id", "section", "start", "sentence_index"))
    return [
        bisect_right(ends[article], start) if section == "text" else index for article, section, start, index in zip(*columns, strict=True)
    ]


def _children_of(articles: pa.Table, children: pa.Table) -> list[int]:
    counts = Counter(children["article_id"].to_pylist())
    return [counts[article] for article in articles["article_id"].to_pylist()]


def reject_ids(rejects: pa.Table) -> list[str]:
    """Ids of rows of schema.REJECTS, made from what was refused and why: stable across runs and machines."""
    keys = zip(*(rejects[name].to_pylist() for name in ("stage", "reason", "source_uri", "source_sha256", "details")), strict=True)
    return [hashlib.blake2b(repr(key).encode(), digest_size=16).hexdigest() for key in keys]


def _statuses(ingestions: pa.Table, survey: _Survey) -> dict[str, list[str | None]]:
    """What became of each file, now that it is known which file carried an article first."""
    articles = [article if article in survey.shard_of else None for article in ingestions["article_id"].to_pylist()]
    statuses: list[str | None] = [
        "rejected" if article is None else "article" if survey.file_of[article] == uri else "duplicate"
        for article, uri in zip(articles, ingestions["source_uri"].to_pylist(), strict=True)
    ]
    return {"article_id": articles, "status": statuses}


def _with_columns(table: pa.Table, dataset: Dataset, columns: dict[str, Any]) -> pa.Table:
    return dataset.table({name: table[name] for name in table.column_names} | columns)
