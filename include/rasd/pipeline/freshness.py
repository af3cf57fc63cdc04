"""Which dates should have been ingested by now, and were not: also when no run was ever created for them."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from rasd.lake.reading import published_dates
from rasd.settings import Settings
from rasd.storage.paths import LakePaths, partition_folder


def missing_dates(settings: Settings, now: datetime) -> list[date]:
    """Dates of the last `freshness_days` that no run has finished, oldest first.

    A date counts as finished when it is published, or a run's report says that there was nothing new. Dates before the first published one
    are not expected; of a lake where nothing is published yet, only the day that has just ended is.

    Args:
        now: when to look, with its time zone.
    """
    paths = LakePaths(settings.lake)
    published = published_dates(paths)
    yesterday = now.astimezone(settings.zone).date() - timedelta(days=1)
    expected = [yesterday - timedelta(days=back) for back in reversed(range(settings.freshness_days))]
    first = min(published[0], yesterday) if published else yesterday
    finished = set(published)
    return [day for day in expected if day >= first and day not in finished and not _has_report(paths, day)]


def _has_report(paths: LakePaths, day: date) -> bool:
    return any((paths.root / "_reports" / partition_folder(day)).glob("*.json"))
