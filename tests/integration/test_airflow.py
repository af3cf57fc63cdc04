"""The DAG in a real Airflow: triggered with a partition key and without, and backfilled."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from rasd.lake.reading import published_dates, read_partition
from rasd.storage.paths import LakePaths
from tests.integration.airflow_server import AirflowServer
from tests.synthetic import land_articles

pytestmark = pytest.mark.integration
DAG = "rasd_nightly"
KINDS = {"claim", "plan_shards", "transform", "consolidate", "validate", "release", "publish", "report"}


@pytest.fixture(scope="module")
def landing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("landing")


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("lake")


@pytest.fixture(scope="module")
def airflow(tmp_path_factory: pytest.TempPathFactory, landing: Path, lake: Path) -> Iterator[AirflowServer]:
    with AirflowServer(tmp_path_factory.mktemp("airflow") / "home", landing, lake) as server:
        server.wait_for_dag(DAG)
        yield server


def articles(lake: Path, day: date) -> int:
    return read_partition(lake, "articles", day, ["article_id"]).num_rows


def test_a_run_with_a_partition_key_publishes_that_partition(airflow: AirflowServer, landing: Path, lake: Path) -> None:
    land_articles(landing / "desk", first=0, count=5)
    run = airflow.trigger(DAG, partition_key="2026-03-01", shard_articles=2)
    assert run["state"] == "success"
    assert set(run["tasks"].values()) == {"success"}
    assert {task for task, _ in run["tasks"]} == KINDS
    assert sum(task == "transform" for task, _ in run["tasks"]) == 3
    assert articles(lake, date(2026, 3, 1)) == 5
    for name in ("articles", "entities", "quotes"):
        event = airflow.asset_events(name)[-1]
        assert event["partition_key"] == "2026-03-01"
        assert event["extra"]["rows"] == read_partition(lake, name, date(2026, 3, 1), ["ingested_on"]).num_rows


def test_a_run_without_a_key_settles_on_the_day_that_has_ended(airflow: AirflowServer, landing: Path, lake: Path) -> None:
    land_articles(landing / "desk", first=5, count=2)
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    run = airflow.trigger(DAG)
    assert run["state"] == "success"
    assert run["partition_key"] is None
    assert articles(lake, yesterday) == 2
    assert airflow.asset_events("articles")[-1]["partition_key"] == str(yesterday)


def test_a_run_takes_the_ingest_date_of_its_form(airflow: AirflowServer, landing: Path, lake: Path) -> None:
    land_articles(landing / "desk", first=7, count=1)
    run = airflow.trigger(DAG, ingest_date="2026-03-02")
    assert run["state"] == "success"
    assert articles(lake, date(2026, 3, 2)) == 1


def test_a_run_with_nothing_new_is_green_and_announces_nothing(airflow: AirflowServer, lake: Path) -> None:
    before = len(airflow.asset_events("articles"))
    run = airflow.trigger(DAG, partition_key="2026-03-01")
    assert run["state"] == "success"
    states = {task: state for (task, _), state in run["tasks"].items()}
    assert states == {
        "claim": "success",
        "plan_shards": "success",
        "transform": "skipped",
        "consolidate": "skipped",
        "validate": "skipped",
        "release": "skipped",
        "publish": "skipped",
        "report": "success",
    }
    assert len(airflow.asset_events("articles")) == before
    assert articles(lake, date(2026, 3, 1)) == 5


def test_a_backfill_puts_files_where_they_arrived(airflow: AirflowServer, landing: Path, lake: Path) -> None:
    days = [date(2026, 2, day) for day in (10, 11, 12)]
    for number, day in enumerate(days):
        arrived = datetime(day.year, day.month, day.day, 15, tzinfo=UTC).timestamp()
        for path in land_articles(landing / "archive", first=20 + 3 * number, count=number + 1):
            os.utime(path, (arrived, arrived))
    runs = airflow.backfill(DAG, "2026-02-10", "2026-02-12")
    assert [run["partition_key"] for run in runs] == ["2026-02-10", "2026-02-11", "2026-02-12"]
    assert {run["state"] for run in runs} == {"success"}
    assert [articles(lake, day) for day in days] == [1, 2, 3]
    assert set(days) <= set(published_dates(LakePaths(lake)))
    announced = [event["partition_key"] for event in airflow.asset_events("articles")]
    assert announced[-3:] == ["2026-02-10", "2026-02-11", "2026-02-12"]


def test_a_date_that_contradicts_itself_fails_without_retries(airflow: AirflowServer) -> None:
    run = airflow.trigger(DAG, partition_key="2026-03-01", ingest_date="2026-03-02")
    assert run["state"] == "failed"
    assert run["tasks"]["claim", -1] == "failed"


def test_two_thousand_files_take_few_tasks_and_little_memory(airflow: AirflowServer, landing: Path, lake: Path) -> None:
    land_articles(landing / "desk", first=1000, count=2000)
    with airflow.largest_process() as sizes:
        run = airflow.trigger(DAG, partition_key="2026-03-05")
    assert run["state"] == "success"
    assert articles(lake, date(2026, 3, 5)) == 2000
    assert len(run["tasks"]) <= 14
    assert 100e6 < max(sizes) < 1.5e9
