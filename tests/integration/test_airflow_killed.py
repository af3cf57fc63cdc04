"""A backfill whose scheduler, with every task that it runs, is killed in the middle and started again: the lake is as without."""

from __future__ import annotations

import time
from datetime import date
from pathlib import Path

import pytest

from rasd.lake.reading import published_dates, read_partition
from rasd.pipeline import PartitionRun, run_partition
from rasd.pipeline.maintenance import verify
from rasd.schema import STAGED_DATASETS
from rasd.storage.paths import LakePaths
from tests.integration.airflow_server import FINISHED, RUN_SECONDS, AirflowServer
from tests.synthetic import article, land_articles

pytestmark = [pytest.mark.integration, pytest.mark.long]
DAG = "rasd_nightly"
DAYS = [date(2026, 2, day) for day in range(1, 6)]


def rows(lake: Path) -> dict[tuple[str, date], list[dict[str, object]]]:
    """What readers see, but for the column that names the run."""
    names = {d.name: [column.name for column in d.columns if column.name != "run"] for d in STAGED_DATASETS}
    return {(name, day): read_partition(lake, name, day, columns).to_pylist() for name, columns in names.items() for day in DAYS}


def test_a_backfill_survives_the_death_of_the_scheduler(tmp_path: Path) -> None:
    landing = tmp_path / "landing"
    for number, day in enumerate(DAYS):
        land_articles(landing / str(day) / "desk", first=10 * number, count=3 + number)
        (landing / str(day) / "desk" / "empty.txt").write_text(" " * number)
        (landing / str(day) / "desk" / "copy.txt").write_text(article(10 * number) + "\n\n" * (number + 1), encoding="utf-8")
    settings = {"landing": str(landing), "lake": str(tmp_path / "undisturbed"), "backfill_assignment": "dated_folder"}
    for day in DAYS:
        run_partition(PartitionRun(f"r-{day}", day, settings), own_date_only=True)

    aside = landing.rename(tmp_path / "aside")  # from the run that Airflow makes of the last midnight
    landing.mkdir()
    impatient = {"TASK_INSTANCE_HEARTBEAT_TIMEOUT": "30", "TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "5"}
    with AirflowServer(
        tmp_path / "home",
        landing,
        tmp_path / "lake",
        RASD_BACKFILL_ASSIGNMENT="dated_folder",
        **{f"AIRFLOW__SCHEDULER__{name}": value for name, value in impatient.items()},
    ) as airflow:
        airflow.wait_for_dag(DAG)
        airflow.wait_for_scheduled_run(DAG)
        for folder in aside.iterdir():
            folder.rename(landing / folder.name)
        body = {"dag_id": DAG, "from_date": f"{DAYS[0]}T00:00:00Z", "to_date": f"{DAYS[-1]}T00:00:00Z", "max_active_runs": 1}
        airflow.call("POST", "/api/v2/backfills", body)
        deadline = time.monotonic() + RUN_SECONDS
        while len(published_dates(LakePaths(tmp_path / "lake"))) < 2 or not airflow.running_tasks(DAG):
            assert time.monotonic() < deadline, "the backfill did not get to its third day"
            time.sleep(0.2)
        airflow.kill_scheduler()
        assert len(published_dates(LakePaths(tmp_path / "lake"))) < len(DAYS)
        time.sleep(5)
        airflow.start_scheduler()
        deadline = time.monotonic() + 2 * RUN_SECONDS
        while True:
            runs = airflow.call("GET", f"/api/v2/dags/{DAG}/dagRuns?run_type=backfill")["dag_runs"]
            if len(runs) == len(DAYS) and all(run["state"] in FINISHED for run in runs):
                break
            assert time.monotonic() < deadline, f"the backfill is still running: {[run['state'] for run in runs]}"
            time.sleep(1)
    assert {run["state"] for run in runs} == {"success"}
    assert verify(tmp_path / "lake") == []
    expected, found = rows(tmp_path / "undisturbed"), rows(tmp_path / "lake")
    assert found == expected
    entities = [(tmp_path / lake / "dim_entities").glob("*.parquet") for lake in ("undisturbed", "lake")]
    assert [path.read_bytes() for path in entities[0]] == [path.read_bytes() for path in entities[1]]
