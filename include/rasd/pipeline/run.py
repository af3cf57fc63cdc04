"""What the stages of one run share: which partition, under which settings, and where its work lies."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from rasd.settings import Settings
from rasd.storage.files import write_json
from rasd.storage.paths import LakePaths


@dataclass(frozen=True)
class PartitionRun:
    """One run of one partition. `as_dict` and `from_dict` carry it between processes as plain JSON values.

    `settings` holds the settings that differ from those of the environment.
    """

    run: str
    ingest_date: date
    settings: dict[str, Any]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self) | {"ingest_date": self.ingest_date.isoformat()}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> PartitionRun:
        return cls(values["run"], date.fromisoformat(values["ingest_date"]), values["settings"])

    def resolve_settings(self) -> Settings:
        return Settings(**self.settings)

    @cached_property
    def paths(self) -> LakePaths:
        return LakePaths(self.resolve_settings().lake)

    @property
    def staging(self) -> Path:
        return self.paths.staging(self.ingest_date, self.run)

    @property
    def staged(self) -> Path:
        """The consolidated partition, one folder a dataset, before it is published."""
        return self.staging / "partition"

    def shard_folder(self, index: int) -> Path:
        return self.staging / "shards" / f"{index:05}"

    @contextmanager
    def timed(self, stage: str) -> Iterator[dict[str, Any]]:
        """Note in staging how long a stage took, with whatever the block puts into the dict."""
        note = self.staging / "stages" / f"{stage}.json"
        note.unlink(missing_ok=True)  # an earlier try's
        notes: dict[str, Any] = {}
        started = time.monotonic()
        yield notes
        write_json(note, notes | {"seconds": round(time.monotonic() - started, 3)})


def settle_ingest_date(partition_key: str | None, parameter: str | None, now: datetime, settings: Settings) -> tuple[date, str]:
    """The ingest date of a run, and a sentence that says what decided it.

    The partition key of the run wins; else the parameter; else the day that has just ended in the configured time zone.

    Raises:
        ValueError: when key or parameter is not a date as YYYY-MM-DD, or the two differ.
    """
    for name, value in (("partition key", partition_key), ("parameter ingest_date", parameter)):
        if value and not _is_date(value):
            raise ValueError(f"the {name} {value!r} is not a date as YYYY-MM-DD")
    if partition_key and parameter and partition_key != parameter:
        raise ValueError(
            f"the partition key says {partition_key}, the parameter ingest_date says {parameter}; give one of them, or the same"
        )
    if partition_key:
        return date.fromisoformat(partition_key), f"ingest date {partition_key}: the run's partition key"
    if parameter:
        return date.fromisoformat(parameter), f"ingest date {parameter}: the parameter ingest_date"
    yesterday = now.astimezone(settings.zone).date() - timedelta(days=1)
    return yesterday, f"ingest date {yesterday}: the run names none, so it takes the day that has just ended ({settings.timezone})"


def _is_date(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False
