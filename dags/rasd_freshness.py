"""Notices dates that should be in the lake and are not, as rasd_freshness.md tells the person on call; also where no run was created."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from airflow.sdk import CronTriggerTimetable, dag, task

from rasd_airflow import DEFAULTS, SETTINGS, documentation
from rasd_airflow.tasks import shown


@dag(
    schedule=CronTriggerTimetable("0 7 * * *", timezone=SETTINGS.timezone),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=1),
    default_args=DEFAULTS | {"execution_timeout": timedelta(minutes=10)},
    doc_md=documentation(__file__),
    dag_display_name="Rasd: freshness · حداثة الأخبار",
    tags=["rasd", "maintenance"],
)
def rasd_freshness() -> None:
    @task(**shown("rasd_freshness", "check"))
    def check() -> None:
        from rasd.errors import PermanentError
        from rasd.pipeline.freshness import missing_dates

        if missing := missing_dates(SETTINGS, datetime.now(UTC)):
            raise PermanentError(f"no run has finished {', '.join(map(str, missing))}: these dates are not in the lake")

    check()


rasd_freshness()
