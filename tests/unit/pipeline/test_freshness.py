"""Dates that should be in the lake and are not."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from rasd.pipeline.freshness import missing_dates
from rasd.settings import Settings
from rasd.storage.files import write_json
from rasd.storage.paths import LakePaths

NOW = datetime(2026, 3, 10, 7, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(lake=tmp_path, freshness_days=4)


def publish(settings: Settings, *days: int) -> None:
    for day in days:
        write_json(LakePaths(settings.lake).manifest(date(2026, 3, day)), {})


def test_a_complete_lake_misses_nothing(settings: Settings) -> None:
    publish(settings, 6, 7, 8, 9)
    assert missing_dates(settings, NOW) == []


def test_a_run_that_was_never_created_is_noticed(settings: Settings) -> None:
    publish(settings, 1, 6, 8)
    assert missing_dates(settings, NOW) == [date(2026, 3, 7), date(2026, 3, 9)]


def test_a_day_with_nothing_new_counts(settings: Settings) -> None:
    publish(settings, 6, 7, 8)
    write_json(LakePaths(settings.lake).report(date(2026, 3, 9), "r"), {"outcome": "nothing new"})
    assert missing_dates(settings, NOW) == []


def test_dates_before_the_lake_began_are_not_expected(settings: Settings) -> None:
    assert missing_dates(settings, NOW) == [date(2026, 3, 9)]
    publish(settings, 8)
    assert missing_dates(settings, NOW) == [date(2026, 3, 9)]


def test_a_day_ends_in_its_own_time_zone(settings: Settings) -> None:
    publish(settings, 8)
    late = datetime(2026, 3, 9, 23, tzinfo=UTC)
    assert missing_dates(settings, late) == []
    assert missing_dates(settings.model_copy(update={"timezone": "Asia/Riyadh"}), late) == [date(2026, 3, 9)]
