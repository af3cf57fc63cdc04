"""A real Airflow that pages people, asks them, is late, and reads a landing area with a password that nobody else learns."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from rasd.lake.reading import open_dataset
from rasd.storage.paths import LakePaths
from tests.integration.airflow_server import FINISHED, ROOT, RUN_SECONDS, AirflowServer
from tests.local_servers import Posts, file_server, mail_server, webhook
from tests.synthetic import land_articles

pytestmark = [pytest.mark.integration, pytest.mark.long]
DAG = "rasd_nightly"
PASSWORD = "Pa55-of-the-archive"
TOKEN = "T0ken-of-the-hook"
BROKEN = """
try:
    from rasd.quality import suites
except ImportError:  # a Python that is not Airflow's
    pass
else:
    suites.MAX_REFUSED_ROWS = -1
"""


class Desk:
    """A running Airflow, what it reads, and what it has sent."""

    def __init__(self, airflow: AirflowServer, landing: Path, lake: Path, home: Path, posts: Posts, mails: list[str]) -> None:
        self.airflow, self.landing, self.lake, self.home, self.posts, self.mails = airflow, landing, lake, home, posts, mails

    def alerts(self, run_id: str, task: str) -> list[dict[str, Any]]:
        return [body for _, body in list(self.posts) if body["run_id"] == run_id and body["task"] == task]

    def wait_for_alert(self, run_id: str, task: str) -> dict[str, Any]:
        deadline = time.monotonic() + RUN_SECONDS
        while not (found := self.alerts(run_id, task)):
            assert time.monotonic() < deadline, f"no alert of {task} among {[body['task'] for _, body in self.posts]}"
            time.sleep(0.5)
        return found[0]

    def start(self, day: str, **conf: Any) -> str:
        body = {"logical_date": None, "partition_key": day, "conf": conf}
        return str(self.airflow.call("POST", f"/api/v2/dags/{DAG}/dagRuns", body)["dag_run_id"])

    def answer(self, run_id: str, option: str) -> dict[str, Any]:
        """Wait until the run asks, give the answer, and wait for the run's end."""
        path = f"/api/v2/dags/{DAG}/dagRuns/{run_id.replace('+', '%2B')}"
        deadline = time.monotonic() + RUN_SECONDS
        while self.airflow.call("GET", f"{path}/taskInstances/release")["state"] != "awaiting_input":
            assert self.airflow.call("GET", path)["state"] not in FINISHED, "the run did not ask"
            assert time.monotonic() < deadline, "the run did not ask"
            time.sleep(1)
        # Airflow takes an answer in the very second of the question for a task that has died, and asks again
        time.sleep(10)
        asked = self.airflow.call("GET", f"{path}/taskInstances/release/-1/hitlDetails")
        assert "Row rules refused at most" in asked["body"], "the person reads which check failed"
        self.airflow.call("PATCH", f"{path}/taskInstances/release/-1/hitlDetails", {"chosen_options": [option], "params_input": {}})
        return self.airflow.wait_for_run(DAG, run_id)

    def released(self, day: date) -> list[dict[str, Any]]:
        rows = open_dataset(self.lake, "validations").to_table().to_pylist()
        return [row for row in rows if row["expectation"] == "released" and row["ingested_on"] == day]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("desk")
    landing = folder / "landing"
    landing.mkdir()
    (landing / "notes.md").touch()  # over HTTP an empty folder is no folder
    broken = folder / "broken"  # a gate that every partition fails, in every process of this Airflow
    broken.mkdir()
    (broken / "sitecustomize.py").write_text(BROKEN)
    with webhook() as (port, posts), mail_server() as (mail_port, mails), file_server(folder, "desk", PASSWORD) as files:
        smtp = {"disable_ssl": True, "disable_tls": True, "from_email": "rasd@example.org"}
        server = AirflowServer(
            folder / "home",
            f"http://desk:{PASSWORD}@127.0.0.1:{files}/landing",
            folder / "lake",
            PYTHONPATH=str(broken),
            RASD_ON_QUALITY_FAILURE="ask",
            RASD_LATE_AFTER_MINUTES="0.05",
            RASD_ALERT_WEBHOOK="pager",
            RASD_ALERT_EMAIL="post",
            RASD_ALERT_EMAIL_TO="desk@example.org",
            AIRFLOW_CONN_PAGER=json.dumps({"conn_type": "http", "host": f"http://127.0.0.1:{port}/{TOKEN}", "password": TOKEN}),
            AIRFLOW_CONN_POST=json.dumps({"conn_type": "smtp", "host": "127.0.0.1", "port": mail_port, "extra": smtp}),
        )
        with server:
            server.wait_for_dag(DAG)
            server.wait_for_scheduled_run(DAG)
            land_articles(landing / "desk", first=0, count=3)
            yield Desk(server, landing, folder / "lake", folder / "home", posts, mails)


def test_a_stopped_partition_is_published_when_a_person_approves(desk: Desk) -> None:
    run_id = desk.start("2026-03-01")
    late = desk.wait_for_alert(run_id, "a late run")
    assert late["partition"] == "2026-03-01"
    assert "RASD_POOL" in late["do"]
    run = desk.answer(run_id, "Approve")
    assert run["state"] == "success"
    day = date(2026, 3, 1)
    assert open_dataset(desk.lake, "articles").to_table().num_rows == 3
    (released,) = desk.released(day)
    word = json.loads(released["observed"])
    assert released["success"]
    assert word["by"] == "admin"
    assert word["at"].startswith("20")
    report = json.loads(next(LakePaths(desk.lake).report(day, "x").parent.glob("*.json")).read_text())
    assert report["release"] == word
    assert not desk.alerts(run_id, "release")


def test_a_refused_partition_is_not_published(desk: Desk) -> None:
    land_articles(desk.landing / "desk", first=3, count=2)
    run = desk.answer(run_id := desk.start("2026-03-02"), "Reject")
    assert run["state"] == "failed"
    assert run["tasks"]["release", -1] == "failed", "without retries: nobody wants to be asked again"
    alert = desk.wait_for_alert(run_id, "release")
    assert "admin refused the partition" in alert["what"]
    assert alert["partition"] == "2026-03-02"
    assert any("release needs you" in mail for mail in desk.mails)
    assert open_dataset(desk.lake, "articles").to_table().num_rows == 3
    assert [row["success"] for row in desk.released(date(2026, 3, 2))] == [False]
    assert len(desk.alerts(run_id, "release")) == 1
    assert not desk.alerts(run_id, "the run"), "one incident, one alert"


def test_a_run_that_is_not_to_ask_does_not(desk: Desk) -> None:
    stopped = desk.airflow.trigger(DAG, partition_key="2026-03-02", on_quality_failure="stop")
    assert stopped["state"] == "failed"
    assert stopped["tasks"]["validate", -1] == "failed"
    warned = desk.airflow.trigger(DAG, partition_key="2026-03-02", on_quality_failure="warn")
    assert warned["state"] == "success"
    assert open_dataset(desk.lake, "articles").to_table().num_rows == 5


def test_a_place_outside_of_the_roots_is_refused_at_once(desk: Desk) -> None:
    run = desk.airflow.trigger(DAG, partition_key="2026-03-03", landing=str(ROOT / "seeds"), lake="/elsewhere")
    assert run["tasks"]["claim", -1] == "failed"
    assert "RASD_LANDING_ROOTS" in desk.wait_for_alert(run["dag_run_id"], "claim")["what"]


def test_no_secret_is_anywhere_but_in_the_settings(desk: Desk) -> None:
    said = [*(json.dumps(body) for _, body in desk.posts), *desk.mails]
    for run in desk.airflow.call("GET", f"/api/v2/dags/{DAG}/dagRuns")["dag_runs"]:
        path = f"/api/v2/dags/{DAG}/dagRuns/{run['dag_run_id'].replace('+', '%2B')}"
        said.append(json.dumps([run, desk.airflow.call("GET", f"{path}/taskInstances")]))  # with rendered fields
        said.append(
            json.dumps(
                desk.airflow.call("GET", f"{path}/taskInstances/claim/xcomEntries/return_value?deserialize=false")
                if run["state"] == "success"
                else ""
            )
        )
    said.append(json.dumps(desk.airflow.call("GET", f"/api/v2/dags/{DAG}/details")))
    logs = [path for path in desk.home.rglob("*") if path.is_file() and path.suffix == ".log"]
    assert logs
    said += [path.read_text(errors="replace") for path in logs]
    lake = [path for path in desk.lake.rglob("*") if path.is_file()]
    assert lake
    for path in lake:
        said.append(path.read_bytes().decode("utf-8", "replace"))
        if path.suffix == ".parquet":
            table = pq.read_table(path, partitioning=None)
            strings = [name for name in table.column_names if table[name].type == "string"]
            said.append(repr([table.schema.metadata, *(pc.unique(table[name]).to_pylist() for name in strings)]))
    assert any("http://***@127.0.0.1" in text for text in said), "the address itself is told"
    for secret in (PASSWORD, TOKEN):
        assert not [text[max(0, text.find(secret) - 200) :][:400] for text in said if secret in text]
