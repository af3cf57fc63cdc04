"""Fourth stage: Great Expectations judges the consolidated partition before anybody can see it."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from datetime import date, datetime
from functools import partial
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from rasd.lake.manifests import read_manifest
from rasd.pipeline.run import PartitionRun
from rasd.quality import gate
from rasd.quality.suites import PARTITION
from rasd.schema import VALIDATIONS
from rasd.storage.files import on_disk, read_parquet, write_parquet
from rasd.storage.paths import folder_name

log = logging.getLogger(__name__)

RELEASED = "released"
MOST_FAILURES, MOST_CHARACTERS = 20, 400
"""Critical failures that go through XCom, and characters of each."""


def validate(run: PartitionRun, *, can_ask: bool = False) -> dict[str, Any]:
    """Judge the staged partition; keep the results in `validations` and as HTML.

    Args:
        can_ask: the caller asks a person before it publishes what `needs_release`. Who can't ask has to stop.

    Returns:
        Counts of expectations, critical failures and warnings; `failures`, the critical ones in words; where the HTML page lies; and
        `needs_release`, whether a person has to agree before this may be published.

    Raises:
        QualityGateFailed: for critical failures, unless the settings say to warn only, or to ask and the caller can.
    """
    with run.timed("validate") as notes:
        settings = run.resolve_settings()
        docs = run.paths.data_docs(run.ingest_date, run.run)
        history = gate.published_days(run.paths.root, before=run.ingest_date, rows_of=partial(_rows_by_manifest, run))
        with on_disk(run.staged) as staged:
            claimed = read_parquet(run.staging / "files.parquet", columns=["source_uri", "source_sha256"])
            verdict = gate.validate(staged, ingest_date=run.ingest_date, run=run.run, claimed=claimed, history=history, docs=docs)
        write_parquet(run.paths.partition("validations", run.ingest_date) / f"{folder_name(run.run)}.parquet", verdict.validations)
        notes |= {"expectations": verdict.validations.num_rows, "critical": len(verdict.critical), "warnings": len(verdict.warnings)}
        notes["data_docs"] = str(verdict.data_docs)
        log.log(logging.INFO if verdict.passed and not verdict.warnings else logging.WARNING, "%s", verdict.message())
        asks = settings.on_quality_failure == "ask" and can_ask
        if settings.on_quality_failure != "warn" and not asks:
            verdict.raise_for_failure()
        notes |= {"failures": [failure[:MOST_CHARACTERS] for failure in verdict.critical[:MOST_FAILURES]]}
        notes["needs_release"] = asks and not verdict.passed
    return notes


def _rows_by_manifest(run: PartitionRun, ingest_date: date) -> Mapping[str, int] | None:
    manifest = read_manifest(run.paths, ingest_date)
    return manifest["rows"] if manifest else None


def record_release(run: PartitionRun, *, by: str, at: datetime, approved: bool) -> None:
    """Keep a person's word on a partition that the gate has stopped: as a row of `validations`, and for the run's report.

    The row has the time of the judgement that it is about, so that what was released does not count as a good day later.
    """
    with run.timed("release") as notes:
        notes |= {"by": by, "at": at.isoformat(), "approved": approved}
        path = run.paths.partition("validations", run.ingest_date) / f"{folder_name(run.run)}.parquet"
        judged = pq.read_table(pa.BufferReader(path.read_bytes()))
        judged = judged.filter(pc.not_equal(judged["expectation"], RELEASED))
        row = {
            "run": [run.run],
            "ingested_on": [run.ingest_date],
            "dataset": [PARTITION],
            "expectation": [RELEASED],
            "severity": ["warning"],
            "success": [approved],
            "observed": [json.dumps(notes, ensure_ascii=False)],
            "parameters": [json.dumps({"meaning": "A person has agreed to publish it in spite of what failed."})],
            "validated_at": [pc.max(judged["validated_at"]).as_py()],
        }
        write_parquet(path, pa.concat_tables([judged, VALIDATIONS.table(row)]))
    log.warning("%s: %s by %s", run.ingest_date, "released" if approved else "refused", by)
