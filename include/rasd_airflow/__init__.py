"""What the DAGs share: the assets they announce, how their tasks fail, where their documentation lies. Imports nothing heavy."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from airflow.sdk import Asset, ExceptionRetryPolicy, Param, RetryAction, RetryRule
from airflow.sdk.definitions.callback import SyncCallback
from airflow.sdk.definitions.deadline import DeadlineAlert, DeadlineReference

from rasd.errors import PermanentError
from rasd.landing.roots import has_credentials, require_allowed, without_credentials
from rasd.settings import Settings, get_settings
from rasd_airflow.advice import table
from rasd_airflow.alerts import late_run, on_failure

SETTINGS = get_settings()

LANDING = without_credentials(SETTINGS.landing)
"""The landing area of the settings, as forms and logs may show it."""

ASSETS = {name: Asset(name, uri=f"rasd://lake/{name}", group="rasd") for name in ("articles", "entities", "quotes")}
"""The datasets that analysts read, by name. Their partition key is the ingest date.

Their URIs do not say where the lake lies (events do): an asset whose URI changes is another asset to Airflow, and the old one blocks it.
"""

DEFAULTS: dict[str, Any] = {
    "owner": "rasd",
    "retries": 3,
    "retry_delay": timedelta(seconds=30),
    "retry_exponential_backoff": 2.0,
    "max_retry_delay": timedelta(minutes=15),
    "retry_policy": ExceptionRetryPolicy([RetryRule([PermanentError, ValueError], RetryAction.FAIL, reason="trying again can't help")]),
    "execution_timeout": timedelta(hours=1),
    "on_failure_callback": on_failure,
}
"""Default arguments of all tasks: transient errors are tried again, permanent ones fail at once; what has failed for good is alerted."""

LATE_ALERT = (
    DeadlineAlert(
        name="late",
        reference=DeadlineReference.DAGRUN_QUEUED_AT,  # a partitioned run has no logical date
        interval=timedelta(minutes=SETTINGS.late_after_minutes),
        callback=SyncCallback(late_run),
    )
    if SETTINGS.late_after_minutes
    else None
)
"""For a run that is not done in time, whatever keeps it."""


def choice(setting: str, title: str, description: str) -> Param:
    """A parameter that picks one of the values that a setting may take; the default is the setting's own."""
    return Param(getattr(SETTINGS, setting), enum=list(Settings.choices(setting)), title=title, description_md=description)


BACKEND = choice(
    "extraction_backend",
    "Extraction backend · المستخرِج",
    "What finds the names: `statistical` (trained; the default), `rules` (lexicons alone), `camel` (neural; needs its own requirements).",
)


def run_settings(params: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that a run's parameters change.

    They go through XCom, so the landing area of the settings, which may hold a password, stays out.

    Raises:
        PermanentError: for a landing area outside of the allowed roots, or one with a password in it.
    """
    settings = {name: params[name] for name in ("shard_articles", "extraction_backend", "on_quality_failure")}
    landing = params["landing"]
    if landing in (LANDING, SETTINGS.landing):
        return settings
    if has_credentials(landing):
        raise PermanentError(
            "a password does not belong in a parameter, where everybody reads it: set RASD_LANDING, or the bucket's own variables"
        )
    require_allowed(landing, SETTINGS.landing_roots or (SETTINGS.landing,))
    return settings | {"landing": landing}


def documentation(dag_file: str) -> str:
    """The Markdown file beside a DAG file, with the advice for its tasks: what the person on call reads."""
    path = Path(dag_file).with_suffix(".md")
    return path.read_text(encoding="utf-8").replace("<!-- advice -->", table(path.stem))


def announce(outlet_events: Any, ingest_date: str, rows: Mapping[str, int]) -> None:
    """Give the events of all assets the partition and its row counts; a run without a partition key would announce no partition."""
    for name, asset in ASSETS.items():
        outlet_events[asset].add_partitions(ingest_date)
        outlet_events[asset].extra = {"ingest_date": ingest_date, "rows": rows[name], "path": f"{SETTINGS.lake}/{name}"}
