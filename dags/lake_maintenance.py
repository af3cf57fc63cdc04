"""The lake's housekeeping, as lake_maintenance.md tells the person on call: sweep, verify."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import CronTriggerTimetable, Param, dag, task

from rasd_airflow import DEFAULTS, SETTINGS, documentation
from rasd_airflow.tasks import shown

DAG = "lake_maintenance"

PARAMS = {
    "repair": Param(
        False,
        type="boolean",
        title="Repair · إصلاح",
        description_md="Mend what is unsound before verifying: finish interrupted publications, or go back and make the dates again.",
    ),
}


@dag(
    schedule=CronTriggerTimetable("30 6 * * 5", timezone=SETTINGS.timezone),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=6),
    default_args=DEFAULTS | {"execution_timeout": timedelta(hours=3)},
    params=PARAMS,
    doc_md=documentation(__file__),
    dag_display_name="Rasd: housekeeping · صيانة",
    tags=["rasd", "maintenance"],
)
def lake_maintenance() -> None:
    @task(**shown(DAG, "repair"))
    def repair(params: dict[str, Any], dag_run: Any) -> list[str]:
        from rasd.errors import PermanentError
        from rasd.pipeline import maintenance

        if not params["repair"]:
            return []
        done, failed = maintenance.repair(SETTINGS, dag_run.run_id)
        if failed:
            raise PermanentError("; ".join(failed))
        return done

    @task(**shown(DAG, "sweep"))
    def sweep() -> dict[str, int]:
        from rasd.pipeline import maintenance

        return maintenance.sweep(SETTINGS)

    @task(**shown(DAG, "verify"))
    def verify() -> None:
        from rasd.errors import PermanentError
        from rasd.pipeline import maintenance

        if problems := maintenance.verify(SETTINGS.lake):
            raise PermanentError("The lake is not what its manifests say:\n" + "\n".join(problems))

    repair() >> sweep() >> verify()


lake_maintenance()
