"""Every knob of Rasd, once. Set them as environment variables `RASD_<NAME>`, in a `.env` file, or in code.

An unknown `RASD_` variable is refused, so a misspelt knob never goes unnoticed.
"""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal, get_args
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from rasd.storage.paths import lake_root

MIB = 1024 * 1024


class Settings(BaseSettings):
    """Settings of one run. Instances are immutable; `model_copy(update=…)` makes a changed one.

    Raises:
        pydantic.ValidationError: for a value out of range, or an unknown name.
    """

    model_config = SettingsConfigDict(env_prefix="RASD_", extra="forbid", frozen=True)

    # Where
    landing: str = Field("seeds", description="Landing area: a folder or any fsspec URL (s3://…, gs://…, memory://…).")
    landing_roots: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Folders and URLs, separated by commas, that landing areas must lie in. Empty: any for the command line; "
        "for Airflow, whose runs may name a landing area, only RASD_LANDING and what lies in it.",
    )
    hard_links: Literal["inside", "any"] = Field(
        "inside", description="Whether landed files may be hard links to files that also have names outside of the landing area (any)."
    )
    lake: Path = Field(
        Path("lake"),
        description="Where the lake lies: a folder on a disk that all workers see, or s3://bucket/prefix (docs/storage.md).",
    )
    lexicons: Path | None = Field(
        None, description="Folder with your own lexicon files, added to those of rasd.resources of the same name."
    )
    timezone: str = Field("UTC", description="IANA time zone that ingest dates and the nightly schedule are counted in.")

    # Claiming
    source_id: str | None = Field(None, description="source_id of every file; by default the first folder under the landing area.")
    backfill_assignment: Literal["arrival", "dated_folder", "sidecar"] = Field(
        "arrival",
        description="Which files a backfill of a date takes: those last modified on it, those in a folder named YYYY-MM-DD, "
        "or those whose sidecar has that ingest_date.",
    )
    max_file_bytes: int = Field(16 * MIB, ge=1, description="Larger files are rejected unread.")

    # Shards
    shard_articles: int = Field(5000, ge=1, description="Most files in one transform task.")
    shard_bytes: int = Field(64 * MIB, ge=1, description="Most bytes of files in one transform task (one file may exceed it).")
    max_shards: int = Field(500, ge=1, description="Most transform tasks of a run; shards grow beyond the sizes above to keep to it.")

    # Cleaning
    min_article_words: int = Field(20, ge=0, description="Articles with fewer words are rejected.")
    max_article_words: int = Field(
        100_000,
        ge=1,
        description="Articles with more words are rejected, so that no single file fills a worker's memory.",
    )
    min_arabic_ratio: float = Field(0.5, ge=0, le=1, description="Articles with a smaller share of Arabic letters are rejected.")
    near_duplicate_containment: float = Field(0.8, gt=0, le=1, description="Share of word 5-grams from which two articles are one cluster.")

    boilerplate_min_articles: int = Field(
        5, ge=2, description="A line that no list names is boilerplate from so many articles of its source."
    )
    boilerplate_min_share: float = Field(0.02, gt=0, le=1, description="And from this share of the source's articles in the partition.")

    # Extraction
    extraction_backend: Literal["statistical", "rules", "camel"] = Field(
        "statistical", description="What recognises names: the embedded tagger, lexicons and triggers, or camel_tools (docs/entities.md)."
    )

    # Maintenance
    grace_minutes: int = Field(
        60,
        ge=5,
        description="On an object store: how long objects that a newer manifest does not name any more stay for those who still read them.",
    )
    staging_days: int = Field(3, ge=1, description="Days after which the staging area of a run that died is swept.")
    report_days: int = Field(90, ge=1, description="Days that run reports and data docs are kept.")

    # Airflow
    pool: str = Field("default_pool", description="Airflow pool of the transform tasks; it must exist, or runs wait for ever.")

    # Alerts (docs/alerts.md)
    alert_webhook: str | None = Field(None, description="Airflow connection (http) that alerts are posted to as JSON.")
    alert_email: str | None = Field(None, description="Airflow connection (smtp) that alerts are mailed through.")
    alert_email_to: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Addresses that alerts are mailed to, separated by commas."
    )
    late_after_minutes: float = Field(120, ge=0, description="Minutes from queueing after which a nightly run is late; 0: never.")
    freshness_days: int = Field(7, ge=1, description="Days back that rasd_freshness looks for dates that no run has finished.")

    # Quality
    on_quality_failure: Literal["stop", "warn", "ask"] = Field(
        "stop",
        description="What a critical failure does: it stops publishing; it warns and publishes; or, in rasd_nightly, it asks a person "
        "(elsewhere ask stops).",
    )
    ask_hours: int = Field(24, ge=1, description="Hours that a person has to answer before a run that asks fails.")

    @field_validator("timezone")
    @classmethod
    def _known_timezone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError) as error:
            raise ValueError(f"{value!r} is not an IANA time zone such as Africa/Cairo") from error
        return value

    @field_validator("landing_roots", "alert_email_to", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("lake", mode="wrap")
    @classmethod
    def _root(cls, value: Any, _: Any) -> Path:
        return lake_root(str(value))

    @field_validator("lexicons")
    @classmethod
    def _absolute(cls, value: Path | None) -> Path | None:
        if value is not None and ":/" in str(value):  # what Path leaves of s3://…
            raise ValueError("must be a folder, not a URL")
        return value.expanduser().absolute() if value is not None else None

    @model_validator(mode="before")
    @classmethod
    def _refuse_unknown_variables(cls, data: Any) -> Any:
        known = {f"RASD_{name.upper()}" for name in cls.model_fields}
        unknown = sorted(name for name in os.environ if name.upper().startswith("RASD_") and name.upper() not in known)
        if unknown:
            raise ValueError(f"unknown setting {', '.join(unknown)}; known: {', '.join(sorted(known))}")
        return data

    @classmethod
    def choices(cls, name: str) -> tuple[str, ...]:
        """The values that a setting may take. Raises KeyError for an unknown setting."""
        return get_args(cls.model_fields[name].annotation)

    @model_validator(mode="after")
    def _email_has_readers(self) -> Settings:
        if self.alert_email and not self.alert_email_to:
            raise ValueError("RASD_ALERT_EMAIL needs RASD_ALERT_EMAIL_TO: who is to get the mails?")
        return self

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


@lru_cache
def get_settings() -> Settings:
    """The settings of this process's environment."""
    return Settings()
