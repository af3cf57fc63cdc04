"""Extraction anew over a published partition, from its articles: for when the extractor has changed and the landed files may be gone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from rasd.errors import PermanentError
from rasd.lake.manifests import partition_problems, read_manifest
from rasd.lake.reading import part_files
from rasd.pipeline.consolidation import open_writers, reject_ids
from rasd.pipeline.publication import publish, withdraw
from rasd.pipeline.reporting import report
from rasd.pipeline.run import PartitionRun
from rasd.pipeline.shares import SHARE, write_share
from rasd.pipeline.transformation import extract_checked
from rasd.pipeline.validation import validate
from rasd.schema import ARTICLES, ENTITIES, INGESTIONS, QUOTES, REJECTS, Dataset
from rasd.storage.files import read_parquet, remove_tree, write_json, write_parquet


def reprocess_partition(run: PartitionRun) -> dict[str, Any]:
    """Extract entities and quotes anew from the articles of a published partition, judge the result and publish it.

    Articles keep their ids and text. The partition's files in, duplicates and rejects stay as they are.

    Returns:
        The report, as `report` does.

    Raises:
        PermanentError: when the partition is not published, or does not stand as its manifest says.
        QualityGateFailed: for critical failures, unless the settings say to warn only. Nothing is published then.
    """
    withdraw(run)
    manifest = read_manifest(run.paths, run.ingest_date)
    if manifest is None:
        raise PermanentError(f"{run.ingest_date} is not published, so there is nothing to extract from anew")
    if problems := partition_problems(run.paths, run.ingest_date, contents=True):
        raise PermanentError(f"{run.ingest_date} is damaged, repair it first: {'; '.join(problems[:3])}")
    remove_tree(run.staging)
    write_json(run.staging / "run.json", run.as_dict())
    inputs = {"inputs": manifest["inputs"], "claims": manifest.get("claims", 0), "replaces": manifest["run"]}
    write_json(run.staging / "inputs.json", inputs)
    files = [table.select(["source_uri", "source_sha256"]) for table in _parts(run, INGESTIONS)]
    write_parquet(run.staging / "files.parquet", pa.concat_tables(files))
    _reextract(run)
    validate(run)
    publish(run)
    return report(run)


def _reextract(run: PartitionRun) -> None:
    settings = run.resolve_settings()
    with run.timed("reextract") as notes:
        with open_writers(run) as writers:
            for table in _parts(run, INGESTIONS):
                writers["ingestions"].write(table)
            for table in _parts(run, REJECTS):
                writers["rejects"].write(table.filter(pc.invert(_made_by_extraction(table))))
            for published in _parts(run, ARTICLES):
                # as the first extraction saw them: a date that nothing states is filled in later
                articles = _filled(published, "article_date", published["published_date"])
                tables, broken = extract_checked(articles, settings, filled_later=("ingested_on", "article_date"))
                day = pa.scalar(run.ingest_date, pa.date32())
                tables["articles"] = _filled(tables["articles"], "article_date", pc.coalesce(tables["articles"]["published_date"], day))
                tables["rejects"] = _filled(broken, "reject_id", pa.array(reject_ids(broken), pa.string()))
                for name, table in tables.items():
                    writers[name].write(_filled(table, "ingested_on", pa.repeat(day, table.num_rows)))
        notes |= {name: writer.rows for name, writer in writers.items()}
    write_share(run.staging / SHARE, read_parquet(run.staged / ENTITIES.name))


def _filled(table: pa.Table, column: str, values: pa.Array | pa.ChunkedArray) -> pa.Table:
    return table.set_column(table.column_names.index(column), column, values)


def _parts(run: PartitionRun, dataset: Dataset) -> Iterator[pa.Table]:
    """The published part files of a dataset, one at a time, so that memory holds no whole partition."""
    for path in part_files(run.paths, dataset.name, run.ingest_date):
        yield read_parquet(path, schema=dataset.arrow, partitioning=None)


def _made_by_extraction(rejects: pa.Table) -> pa.Array:
    """Which rejects are mentions and quotes that broke a rule for rows: extraction makes those anew."""
    children = (ENTITIES.name, QUOTES.name)
    return pa.array(
        [
            reason == "row_rule" and json.loads(details).get("dataset") in children
            for reason, details in zip(rejects["reason"].to_pylist(), rejects["details"].to_pylist(), strict=True)
        ],
        pa.bool_(),
    )
