"""The ingest date of a run, and its settings on their way between processes."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from rasd.pipeline.run import PartitionRun, settle_ingest_date
from rasd.settings import Settings

NOW = datetime(2026, 3, 10, 22, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("key", "parameter", "timezone", "settled"),
    [
        ("2026-03-01", None, "UTC", date(2026, 3, 1)),
        (None, "2026-03-02", "UTC", date(2026, 3, 2)),
        ("2026-03-03", "2026-03-03", "UTC", date(2026, 3, 3)),
        (None, None, "UTC", date(2026, 3, 9)),
        (None, None, "Asia/Riyadh", date(2026, 3, 10)),
        ("", "", "UTC", date(2026, 3, 9)),
    ],
)
def test_what_decides_the_ingest_date(key: str | None, parameter: str | None, timezone: str, settled: date) -> None:
    ingest_date, why = settle_ingest_date(key, parameter, NOW, Settings(timezone=timezone))
    assert ingest_date == settled
    assert str(settled) in why


@pytest.mark.parametrize(
    ("key", "parameter", "message"),
    [
        ("2026-03-01", "2026-03-02", "give one"),
        ("yesterday", None, "partition key"),
        (None, "2026-2-1", "ingest_date"),
        (None, "20260201", "not a date"),
    ],
)
def test_a_bad_date_is_refused(key: str | None, parameter: str | None, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        settle_ingest_date(key, parameter, NOW, Settings())


def test_a_run_survives_json(tmp_path: Path) -> None:
    run = PartitionRun("manual__2026-03-10T22:30:00+00:00", date(2026, 3, 9), {"lake": str(tmp_path), "shard_articles": 3})
    assert PartitionRun.from_dict(json.loads(json.dumps(run.as_dict()))) == run
    assert run.resolve_settings().shard_articles == 3
    staging = run.staging.relative_to(tmp_path).as_posix()
    assert staging.startswith("_staging/ingest_date=2026-03-09/manual__2026-03-10T22_30_00_00_00-"), "readable, and no other run's"
