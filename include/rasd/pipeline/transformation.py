"""Second stage, once a shard: bytes become articles, entities and quotes, or rejects."""

from __future__ import annotations

import json
import logging
from collections.abc import Collection
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from rasd.cleaning import clean_files
from rasd.extraction import extract
from rasd.landing.claims import read_landed
from rasd.pipeline.run import PartitionRun
from rasd.quality import row_rules
from rasd.schema import ARTICLES, INGESTIONS, REJECT_REASONS, REJECTS
from rasd.settings import Settings
from rasd.storage.files import read_parquet, write_parquet

log = logging.getLogger(__name__)


def transform(run: PartitionRun, shard: dict[str, int]) -> dict[str, Any]:
    """Clean and extract one shard; the result lies in the run's staging area.

    Args:
        shard: one of those that `plan_shards` returned.

    Returns:
        Counts of articles, entities, quotes and rejects.
    """
    with run.timed(f"transform-{shard['index']:05}") as notes:
        settings = run.resolve_settings()
        files = read_parquet(run.staging / "files.parquet").slice(shard["first"], shard["stop"] - shard["first"])
        landed = read_landed(run.paths, run.ingest_date, files)
        readable = pc.is_valid(landed["content"])
        unread = _unread(landed.filter(pc.invert(readable)))

        cleaned = clean_files(landed.filter(readable), settings)
        ledger = _ledger(landed, cleaned.articles)
        firsts = _first_rows(cleaned.articles["article_id"].to_pylist())
        articles = cleaned.articles.take(firsts)
        signatures = pa.table({"article_id": articles["article_id"], "signature": cleaned.signatures.take(firsts)})
        tables, broken = _extract_around_failures(articles, settings)
        rejects = pa.concat_tables([unread, cleaned.rejects, broken, _copies_of_refused(broken, tables["articles"], ledger)])
        rejects = rejects.sort_by([(key, "ascending") for key in ("source_uri", "reason", "details")])

        folder = run.shard_folder(shard["index"])
        for name, table in (tables | {"rejects": rejects, "ingestions": ledger, "signatures": signatures}).items():
            write_parquet(folder / f"{name}.parquet", _with_nulls(table))
            notes[name] = table.num_rows
    log.info("shard %d: %s", shard["index"], notes)
    return notes


def _with_nulls(table: pa.Table) -> pa.Table:
    """The table in a schema that lets every column be null: consolidation fills what a shard can't know."""
    return table.cast(pa.schema([field.with_nullable(True) for field in table.schema]))


def _unread(landed: pa.Table) -> pa.Table:
    """Rejects for files that have no bytes to work on."""
    reasons = landed["reject_reason"].to_pylist()
    return REJECTS.table(
        {
            "stage": ["landing"] * len(reasons),
            "reason": reasons,
            "message": [REJECT_REASONS[reason] for reason in reasons],
            "source_uri": landed["source_uri"],
            "source_sha256": landed["source_sha256"],
            "details": [
                json.dumps({"cause": cause}, ensure_ascii=False) if cause else None for cause in landed["reject_details"].to_pylist()
            ],
        }
    )


def _extract_around_failures(articles: pa.Table, settings: Settings) -> tuple[dict[str, pa.Table], pa.Table]:
    """As `extract_checked`, but an article that makes extraction raise becomes a reject, and the others go on.

    The batch is halved until the culprits stand alone. When nothing at all can be extracted from several articles, the fault is not theirs,
    and the error is raised.
    """
    try:
        return extract_checked(articles, settings, filled_later=("ingested_on", "copies", "article_date"))
    except Exception as error:
        if articles.num_rows <= 1:
            log.exception("extraction failed for %s", articles["source_uri"].to_pylist())
            none = extract_checked(articles.slice(0, 0), settings, filled_later=())[0]
            return none, _failed(articles, error)
        middle = articles.num_rows // 2
        halves = [_extract_around_failures(half, settings) for half in (articles.slice(0, middle), articles.slice(middle))]
        if not any(tables["articles"].num_rows for tables, _ in halves):
            raise
        tables = {name: pa.concat_tables([half[0][name] for half in halves]) for name in halves[0][0]}
        return tables, pa.concat_tables([broken for _, broken in halves])


def _failed(articles: pa.Table, error: Exception) -> pa.Table:
    return REJECTS.table(
        {
            "stage": ["extraction"] * articles.num_rows,
            "reason": ["processing_failed"] * articles.num_rows,
            "message": [REJECT_REASONS["processing_failed"]] * articles.num_rows,
            "source_uri": articles["source_uri"],
            "source_sha256": articles["source_sha256"],
            "details": [json.dumps({"error": f"{type(error).__name__}: {error}"}, ensure_ascii=False)] * articles.num_rows,
        }
    )


def _copies_of_refused(rejects: pa.Table, kept: pa.Table, ledger: pa.Table) -> pa.Table:
    """Rejects for the other files that carried an article refused after cleaning: each file has a row that says what became of it."""
    article_of = dict(zip(ledger["source_uri"].to_pylist(), ledger["article_id"].to_pylist(), strict=True))
    gone = {*article_of.values()} - {*kept["article_id"].to_pylist()}
    refusal_of = {article_of[row["source_uri"]]: row for row in rejects.to_pylist() if article_of.get(row["source_uri"]) in gone}
    copies = [
        refusal_of[article] | {"source_uri": uri, "source_sha256": sha256}
        for uri, sha256, article in zip(*(ledger[name].to_pylist() for name in ("source_uri", "source_sha256", "article_id")), strict=True)
        if article in refusal_of and uri != refusal_of[article]["source_uri"]
    ]
    return pa.Table.from_pylist(copies, REJECTS.arrow)


def extract_checked(articles: pa.Table, settings: Settings, *, filled_later: Collection[str]) -> tuple[dict[str, pa.Table], pa.Table]:
    """Articles with their entities and quotes, by dataset, as far as they keep to the rules for rows; and the rejects of those that don't.

    Args:
        filled_later: required columns that are still null at this point.
    """
    extracted = extract(articles, settings.extraction_backend)
    version = pa.repeat(pa.scalar(extracted.version), articles.num_rows)
    articles = articles.set_column(articles.column_names.index("extractor_version"), ARTICLES["extractor_version"].arrow, version)
    tables = {"articles": articles, "entities": extracted.entities, "quotes": extracted.quotes}
    return row_rules.apply(tables, filled_later=filled_later)


def _first_rows(article_ids: list[str]) -> pa.Array:
    """Rows of the first copies: nothing is extracted twice."""
    first: dict[str, int] = {}
    for row, article in enumerate(article_ids):
        first.setdefault(article, row)
    return pa.array(first.values(), pa.int64())


def _ledger(landed: pa.Table, articles: pa.Table) -> pa.Table:
    """One row a file; consolidation turns all but the first carrier of an article into duplicates."""
    article_of = dict(zip(articles["source_uri"].to_pylist(), articles["article_id"].to_pylist(), strict=True))
    ids = [article_of.get(uri) for uri in landed["source_uri"].to_pylist()]
    columns = {name: landed[name] for name in ("source_id", "source_uri", "source_sha256", "bytes", "modified", "run")}
    return INGESTIONS.table(columns | {"article_id": ids, "status": ["article" if i else "rejected" for i in ids]})
