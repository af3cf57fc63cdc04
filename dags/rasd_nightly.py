"""The nightly run, as rasd_nightly.md tells the person on call: claim, transform (once a shard), consolidate, validate, publish, report."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from airflow.sdk import Asset, CronPartitionTimetable, ExceptionRetryPolicy, Param, RetryAction, RetryRule, TriggerRule, dag, task

from rasd.errors import PermanentError
from rasd.settings import Settings, get_settings

log = logging.getLogger(__name__)

SETTINGS = get_settings()
ASSETS = {name: Asset(name, uri=f"file://{SETTINGS.lake}/{name}", group="rasd") for name in ("articles", "entities", "quotes")}

PARAMS = {
    "landing": Param(SETTINGS.landing, type="string", title="Landing area", description_md="Folder or fsspec URL with `.txt` files."),
    "ingest_date": Param(
        None,
        type=["null", "string"],
        format="date",
        title="Ingest date",
        description_md="Partition to write, when the run has no partition key. Empty: the day that has just ended.",
    ),
    "replay": Param(False, type="boolean", title="Replay", description_md="Take nothing new: make the date again from its files."),
    "shard_articles": Param(
        SETTINGS.shard_articles, type="integer", minimum=1, title="Shard size", description_md="Most files in one task."
    ),
    "extraction_backend": Param(
        SETTINGS.extraction_backend,
        enum=list(Settings.choices("extraction_backend")),
        title="Extraction backend",
        description_md="What recognises entities.",
    ),
    "on_quality_failure": Param(
        SETTINGS.on_quality_failure,
        enum=list(Settings.choices("on_quality_failure")),
        title="On quality failure",
        description_md="`stop`: a critical failure publishes nothing. `warn`: publish all the same.",
    ),
}

DEFAULTS = {
    "owner": "rasd",
    "retries": 3,
    "retry_delay": timedelta(seconds=30),
    "retry_exponential_backoff": 2.0,
    "max_retry_delay": timedelta(minutes=15),
    "retry_policy": ExceptionRetryPolicy([RetryRule([PermanentError, ValueError], RetryAction.FAIL, reason="trying again can't help")]),
    "execution_timeout": timedelta(hours=1),
}


@dag(
    schedule=CronPartitionTimetable("0 0 * * *", timezone=SETTINGS.timezone, run_offset=-1, key_format="%Y-%m-%d"),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=6),
    default_args=DEFAULTS,
    params=PARAMS,
    doc_md=Path(__file__).with_suffix(".md").read_text(encoding="utf-8"),
    dag_display_name="Rasd: nightly news",
    tags=["rasd", "news", "arabic"],
)
def rasd_nightly() -> None:
    @task
    def claim(params: dict[str, Any], dag_run: Any) -> dict[str, Any]:
        from rasd import pipeline

        settings = {name: params[name] for name in ("landing", "shard_articles", "extraction_backend", "on_quality_failure")}
        ingest_date, why = pipeline.settle_ingest_date(
            dag_run.partition_key, params["ingest_date"], datetime.now(UTC), Settings(**settings)
        )
        log.info(why)
        run = pipeline.PartitionRun(dag_run.run_id, ingest_date, settings)
        claimed = pipeline.claim(run, replay=params["replay"], backfill=dag_run.run_type == "backfill")
        return {"run": run.as_dict(), "counts": claimed}

    @task
    def plan_shards(claimed: dict[str, Any]) -> list[dict[str, int]]:
        from rasd import pipeline

        return pipeline.plan_shards(pipeline.PartitionRun.from_dict(claimed["run"]), claimed["counts"])

    @task(pool=SETTINGS.pool, execution_timeout=timedelta(hours=2))
    def transform(shard: dict[str, int], claimed: dict[str, Any]) -> dict[str, Any]:
        return _stage("transform", claimed, shard)

    @task
    def consolidate(claimed: dict[str, Any]) -> dict[str, Any]:
        return _stage("consolidate", claimed)

    @task
    def validate(claimed: dict[str, Any]) -> dict[str, Any]:
        return _stage("validate", claimed)

    @task(outlets=list(ASSETS.values()))
    def publish(claimed: dict[str, Any], *, outlet_events: Any) -> dict[str, Any]:
        rows = _stage("publish", claimed)
        for name, asset in ASSETS.items():
            # a run without a partition key would announce no partition
            outlet_events[asset].add_partitions(claimed["run"]["ingest_date"])
            outlet_events[asset].extra = {"ingest_date": claimed["run"]["ingest_date"], "rows": rows[name]}
        return rows

    @task(trigger_rule=TriggerRule.NONE_FAILED)
    def report(claimed: dict[str, Any]) -> dict[str, Any]:
        return _stage("report", claimed)

    claimed = claim()
    shards = transform.partial(claimed=claimed).expand(shard=plan_shards(claimed))
    shards >> consolidate(claimed) >> validate(claimed) >> publish(claimed) >> report(claimed)


def _stage(name: str, claimed: dict[str, Any], *arguments: Any) -> dict[str, Any]:
    from rasd import pipeline

    return getattr(pipeline, name)(pipeline.PartitionRun.from_dict(claimed["run"]), *arguments)


rasd_nightly()
