"""Fourth stage: Great Expectations judges the consolidated partition before anybody can see it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Any

from rasd.lake.manifests import read_manifest
from rasd.pipeline.run import PartitionRun
from rasd.quality import gate
from rasd.storage.files import on_disk, write_parquet
from rasd.storage.objects import on_object_store
from rasd.storage.paths import folder_name

log = logging.getLogger(__name__)


def validate(run: PartitionRun) -> dict[str, Any]:
    """Judge the staged partition; keep the results in `validations` and as HTML.

    Returns:
        Counts of expectations, critical failures and warnings, and where the HTML page lies.

    Raises:
        QualityGateFailed: for critical failures, unless the settings say to warn only.
    """
    with run.timed("validate") as notes:
        settings = run.resolve_settings()
        docs = run.paths.data_docs(run.ingest_date, run.run)
        # where superseded objects may lie beside those that count, the manifests know how many rows there are
        rows_of = partial(_rows_by_manifest, run) if on_object_store(run.paths.root) else None
        history = gate.published_days(run.paths.root, before=run.ingest_date, rows_of=rows_of)
        with on_disk(run.staged) as staged:
            verdict = gate.validate(staged, ingest_date=run.ingest_date, run=run.run, history=history, docs=docs)
        write_parquet(run.paths.partition("validations", run.ingest_date) / f"{folder_name(run.run)}.parquet", verdict.validations)
        notes |= {"expectations": verdict.validations.num_rows, "critical": len(verdict.critical), "warnings": len(verdict.warnings)}
        notes["data_docs"] = str(verdict.data_docs)
        log.log(logging.INFO if verdict.passed and not verdict.warnings else logging.WARNING, "%s", verdict.message())
        if settings.on_quality_failure == "stop":
            verdict.raise_for_failure()
    return notes


def _rows_by_manifest(run: PartitionRun, ingest_date: date) -> Mapping[str, int] | None:
    manifest = read_manifest(run.paths, ingest_date)
    return manifest["rows"] if manifest else None
