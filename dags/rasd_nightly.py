"""The nightly run, as rasd_nightly.md tells the person on call: claim, transform a shard each, consolidate, validate, publish, report."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.sdk import CronPartitionTimetable, Param, TriggerRule, dag, task

from rasd.settings import Settings
from rasd_airflow import ASSETS, BACKEND, DEFAULTS, LANDING, LATE_ALERT, SETTINGS, announce, choice, documentation, run_settings
from rasd_airflow.alerts import on_run_failure
from rasd_airflow.release import AskForRelease
from rasd_airflow.tasks import shown

log = logging.getLogger(__name__)
DAG = "rasd_nightly"

PARAMS = {
    "landing": Param(LANDING, type="string", title="Landing area · مجلد الوارد", description_md="Folder or URL of `.txt` files."),
    "ingest_date": Param(
        None,
        type=["null", "string"],
        format="date",
        title="Ingest date · يوم الإدخال",
        description_md="Files the articles under this date. Empty: the day that has just ended. A partition key comes first.",
    ),
    "replay": Param(False, type="boolean", title="Replay · إعادة", description_md="No new files: make the date again from its own."),
    "shard_articles": Param(SETTINGS.shard_articles, type="integer", minimum=1, title="Shard size · دفعة", description_md="Files a task."),
    "extraction_backend": BACKEND,
    "on_quality_failure": choice(
        "on_quality_failure",
        "On quality failure · عند إخفاق الفحص",
        "A critical check fails: `stop` publishes nothing, `warn` publishes all the same, `ask` waits for a person's approval.",
    ),
}
WAIT, FILES = timedelta(hours=SETTINGS.ask_hours), "{{ task.op_kwargs.shard.first + 1 }}–{{ task.op_kwargs.shard.stop }}"


@dag(
    schedule=CronPartitionTimetable("0 0 * * *", timezone=SETTINGS.timezone, run_offset=-1, key_format="%Y-%m-%d"),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=6) + WAIT * (SETTINGS.on_quality_failure == "ask"),
    deadline=LATE_ALERT,
    on_failure_callback=on_run_failure,
    default_args=DEFAULTS,
    params=PARAMS,
    doc_md=documentation(__file__),
    dag_display_name="Rasd: nightly news · أخبار الليل",
    tags=["rasd", "news", "arabic"],
)
def rasd_nightly() -> None:
    @task(**shown(DAG, "claim"))
    def claim(params: dict[str, Any], dag_run: Any, ti: Any) -> dict[str, Any]:
        from rasd import pipeline

        settings = run_settings(params)
        now = datetime.now(UTC)
        ingest_date, why = pipeline.settle_ingest_date(dag_run.partition_key, params["ingest_date"], now, Settings(**settings))
        log.info(why)
        run = pipeline.PartitionRun(dag_run.run_id, ingest_date, settings)
        # a scheduled run in the midst of a backfill must not take the files that the backfill's other dates are waiting for
        others_wait = dag_run.run_type == "scheduled" and ti.get_dr_count(dag_run.dag_id, states=["queued"]) > 0
        own_date_only = dag_run.run_type == "backfill" or others_wait
        claimed = pipeline.claim(run, replay=params["replay"], own_date_only=own_date_only)
        return {"run": run.as_dict(), "counts": claimed}

    @task(**shown(DAG, "plan_shards"))
    def plan_shards(claimed: dict[str, Any]) -> list[dict[str, int]]:
        return _stage("plan_shards", claimed, claimed["counts"])

    @task(pool=SETTINGS.pool, execution_timeout=timedelta(hours=2), map_index_template=FILES, **shown(DAG, "transform"))
    def transform(shard: dict[str, int], claimed: dict[str, Any]) -> dict[str, Any]:
        return _stage("transform", claimed, shard)

    @task(**shown(DAG, "consolidate"))
    def consolidate(claimed: dict[str, Any]) -> dict[str, Any]:
        return _stage("consolidate", claimed)

    @task(**shown(DAG, "validate"))
    def validate(claimed: dict[str, Any]) -> dict[str, Any]:
        return _stage("validate", claimed, can_ask=True)

    @task(outlets=list(ASSETS.values()), **shown(DAG, "publish"))
    def publish(claimed: dict[str, Any], *, outlet_events: Any) -> dict[str, int]:
        rows: dict[str, int] = _stage("publish", claimed)
        announce(outlet_events, claimed["run"]["ingest_date"], rows)
        return rows

    @task(trigger_rule=TriggerRule.NONE_FAILED, **shown(DAG, "report"))
    def report(claimed: dict[str, Any]) -> dict[str, Any]:
        return _stage("report", claimed)

    claimed = claim()
    shards = transform.partial(claimed=claimed).expand(shard=plan_shards(claimed))
    verdict = validate(claimed)
    release = AskForRelease(task_id="release", claimed=claimed, verdict=verdict, wait=WAIT, **shown(DAG, "release"))
    shards >> consolidate(claimed) >> verdict >> release >> publish(claimed) >> report(claimed)


def _stage(name: str, claimed: dict[str, Any], *arguments: Any, **options: Any) -> Any:
    """Call a stage of the library; imported here, because the DAG file itself has to stay light."""
    from rasd import pipeline

    return getattr(pipeline, name)(pipeline.PartitionRun.from_dict(claimed["run"]), *arguments, **options)


rasd_nightly()
