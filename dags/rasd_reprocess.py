"""Extraction anew over published partitions, as rasd_reprocess.md tells it: one task a partition."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from airflow.sdk import Param, dag, task

from rasd_airflow import ASSETS, BACKEND, DEFAULTS, SETTINGS, announce, documentation
from rasd_airflow.tasks import shown

DAG = "rasd_reprocess"

PARAMS = {
    "first_date": Param(None, type=["null", "string"], format="date", title="From · من", description_md="Empty: the oldest there is."),
    "last_date": Param(None, type=["null", "string"], format="date", title="To · إلى", description_md="Empty: the newest there is."),
    "extraction_backend": BACKEND,
}


@dag(
    schedule=None,
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(days=7),
    default_args=DEFAULTS | {"execution_timeout": timedelta(hours=6)},
    params=PARAMS,
    doc_md=documentation(__file__),
    dag_display_name="Rasd: extract anew · استخراج من جديد",
    tags=["rasd", "news", "arabic"],
)
def rasd_reprocess() -> None:
    @task(**shown(DAG, "list_partitions"))
    def list_partitions(params: dict[str, Any]) -> list[str]:
        from rasd.lake.reading import published_dates
        from rasd.storage.paths import LakePaths

        first, last = params["first_date"] or date.min.isoformat(), params["last_date"] or date.max.isoformat()
        return [str(day) for day in published_dates(LakePaths(SETTINGS.lake)) if first <= str(day) <= last]

    @task(
        pool=SETTINGS.pool,
        outlets=list(ASSETS.values()),
        map_index_template="{{ task.op_kwargs.ingest_date }}",
        **shown(DAG, "reprocess"),
    )
    def reprocess(ingest_date: str, params: dict[str, Any], dag_run: Any, *, outlet_events: Any) -> dict[str, Any]:
        from rasd.pipeline import PartitionRun
        from rasd.pipeline.reprocessing import reprocess_partition

        settings = {"extraction_backend": params["extraction_backend"]}
        result = reprocess_partition(PartitionRun(dag_run.run_id, date.fromisoformat(ingest_date), settings))
        announce(outlet_events, ingest_date, result["rows"])
        return result

    reprocess.expand(ingest_date=list_partitions())


rasd_reprocess()
