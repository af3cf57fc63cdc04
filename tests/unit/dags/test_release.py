"""The question to a person, and what becomes of the answer."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from rasd.errors import PermanentError
from rasd.pipeline import PartitionRun
from rasd.quality.gate import _has_failed, _last_judgement
from rasd.schema import VALIDATIONS
from rasd.storage.files import write_parquet
from rasd_airflow.release import AskForRelease

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PartitionRun:
    """A run whose validation has failed critically."""
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path / "airflow"))
    run = PartitionRun("r", date(2026, 3, 1), {"lake": str(tmp_path / "lake")})
    row: dict[str, Any] = {"run": ["r"], "ingested_on": [run.ingest_date], "dataset": ["partition"], "expectation": ["refused_rows_share"]}
    row |= {"severity": ["critical"], "success": [False], "validated_at": [datetime(2026, 3, 2, tzinfo=UTC)]}
    write_parquet(run.paths.partition("validations", run.ingest_date) / "r.parquet", VALIDATIONS.table(row))
    return run


def ask(run: PartitionRun, *, needs_release: bool = True) -> AskForRelease:
    verdict = {"needs_release": needs_release, "failures": ["partition: Row rules refused at most 5%."], "data_docs": "/docs/index.html"}
    return AskForRelease(task_id="release", claimed={"run": run.as_dict()}, verdict=verdict, wait=timedelta(hours=24))


def answered(option: str) -> dict[str, Any]:
    return {"chosen_options": [option], "params_input": {}, "responded_at": AT, "responded_by_user": {"id": "7", "name": "ليلى"}}


def words(run: PartitionRun) -> list[dict[str, Any]]:
    rows = pq.read_table(run.paths.partition("validations", run.ingest_date) / "r.parquet", partitioning=None).to_pylist()
    return [row for row in rows if row["expectation"] == "released"]


def test_nobody_is_asked_when_nothing_needs_a_release(run: PartitionRun) -> None:
    assert ask(run, needs_release=False).execute({}) is None


def test_the_person_reads_what_failed(run: PartitionRun) -> None:
    question = ask(run).question()
    for part in ("2026-03-01", "Row rules refused at most 5%", "/docs/index.html"):
        assert part in question


def test_an_approval_is_kept_with_who_and_when(run: PartitionRun) -> None:
    operator = ask(run)
    assert operator.execute_complete({}, answered("Approve")) == "ليلى"
    operator.execute_complete({}, answered("Approve"))  # a second try of the task
    (row,) = words(run)
    assert row["success"]
    assert json.loads(row["observed"]) == {"by": "ليلى", "at": AT.isoformat(), "approved": True}
    note = json.loads((run.staging / "stages" / "release.json").read_text(encoding="utf-8"))
    assert note["by"] == "ليلى"
    assert _has_failed(_last_judgement(run.paths.partition("validations", run.ingest_date))), (
        "what was released is no good day to compare with"
    )


def test_a_refusal_fails_for_good(run: PartitionRun) -> None:
    with pytest.raises(PermanentError, match="ليلى refused"):
        ask(run).execute_complete({}, answered("Reject"))
    assert [row["success"] for row in words(run)] == [False]


def test_no_answer_fails_for_good(run: PartitionRun) -> None:
    with pytest.raises(PermanentError, match="nobody released"):
        ask(run).execute_complete({}, {"error": "The timeout has passed", "error_type": "timeout"})
    assert words(run) == []


def test_the_wait_is_the_settings_and_not_the_limit_of_a_task(run: PartitionRun) -> None:
    assert ask(run).response_timeout == timedelta(hours=24)
