"""A real Airflow, started by `make airflow` as a user starts it, and spoken to through its REST API."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 900
RUN_SECONDS = 900
ANSWER_SECONDS = 300
FINISHED = {"success", "failed"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class AirflowApi:
    """A running Airflow's REST API, spoken to by a user who has logged in."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._token = ""
        self._second: subprocess.Popen[bytes] | None = None

    def login(self, user: str, password: str) -> None:
        self._token = self.token(user, password)

    def token(self, user: str, password: str) -> str:
        """What proves to Airflow that one is this user."""
        return str(self.call("POST", "/auth/token", {"username": user, "password": password})["access_token"])

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """The answer of Airflow's API as Python values; raises AssertionError with the server's words when it refuses."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}",
            method=method,
            data=json.dumps(body).encode() if body is not None else None,
            headers={"Content-Type": "application/json", "Authorization": f"Bearer {self._token}"},
        )
        try:
            with urllib.request.urlopen(request, timeout=ANSWER_SECONDS) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{method} {path}: {error.code} {error.read().decode()}") from error

    def wait_for_dag(self, dag_id: str, *, unpause: bool = True) -> None:
        """Wait until the DAG is parsed, and unpause it unless told not to."""
        deadline = time.monotonic() + START_SECONDS
        while dag_id not in {d["dag_id"] for d in self.call("GET", "/api/v2/dags")["dags"]}:
            assert time.monotonic() < deadline, f"{dag_id} was not parsed"
            time.sleep(1)
        if unpause:
            self.call("PATCH", f"/api/v2/dags/{dag_id}", {"is_paused": False})

    def trigger(self, dag_id: str, *, partition_key: str | None = None, **conf: Any) -> dict[str, Any]:
        """Trigger a run and wait for its end; returns the run with its `tasks` by (task_id, map_index) → state."""
        body = {"logical_date": None, "conf": conf} | ({"partition_key": partition_key} if partition_key else {})
        run = self.call("POST", f"/api/v2/dags/{dag_id}/dagRuns", body)
        return self.wait_for_run(dag_id, run["dag_run_id"])

    def wait_for_run(self, dag_id: str, run_id: str, seconds: float = RUN_SECONDS) -> dict[str, Any]:
        deadline = time.monotonic() + seconds
        path = f"/api/v2/dags/{dag_id}/dagRuns/{urllib.request.quote(run_id, safe='')}"  # type: ignore[attr-defined]
        while (run := self.call("GET", path))["state"] not in FINISHED:
            assert time.monotonic() < deadline, f"{run_id} is still {run['state']}"
            time.sleep(1)
        tasks = self.call("GET", f"{path}/taskInstances")["task_instances"]
        return run | {"tasks": {(t["task_id"], t["map_index"]): t["state"] for t in tasks}}

    def backfill(self, dag_id: str, first: str, last: str) -> list[dict[str, Any]]:
        """Backfill the partitions from `first` to `last` and wait; returns the runs, oldest partition first."""
        body = {"dag_id": dag_id, "from_date": f"{first}T00:00:00Z", "to_date": f"{last}T00:00:00Z", "max_active_runs": 1}
        self.call("POST", "/api/v2/backfills", body)
        deadline = time.monotonic() + RUN_SECONDS
        while True:
            runs = self.call("GET", f"/api/v2/dags/{dag_id}/dagRuns?run_type=backfill")["dag_runs"]
            if runs and all(run["state"] in FINISHED for run in runs):
                finished = [self.wait_for_run(dag_id, run["dag_run_id"]) for run in runs]
                return sorted(finished, key=lambda run: run["partition_key"])
            assert time.monotonic() < deadline, f"the backfill is still running: {[run['state'] for run in runs]}"
            time.sleep(1)

    def wait_for_scheduled_run(self, dag_id: str) -> None:
        """Wait for the run that Airflow makes of the last midnight once a DAG is unpaused; what lands later is not for it.

        It makes one only while midnight is less than a tenth of a day ago; at other times there is nothing to wait for.
        """
        deadline = time.monotonic() + START_SECONDS
        path = f"/api/v2/dags/{dag_id}"
        while True:
            next_run = datetime.fromisoformat(self.call("GET", path)["next_dagrun_run_after"])
            runs = self.call("GET", f"{path}/dagRuns?run_type=scheduled")["dag_runs"]
            if all(run["state"] in FINISHED for run in runs) if runs else next_run > datetime.now(UTC):
                return
            assert time.monotonic() < deadline, "the scheduled run did not end"
            time.sleep(0.5)

    def running_tasks(self, dag_id: str) -> list[str]:
        """Ids of the tasks of a DAG that are at work right now."""
        tasks = self.call("GET", f"/api/v2/dags/{dag_id}/dagRuns/~/taskInstances?state=running")["task_instances"]
        return [task["task_id"] for task in tasks]

    def kill_scheduler(self) -> None:
        """SIGKILL the scheduler and every process under it, tasks at work among them: what is left when a machine dies."""
        scheduler = self._scheduler()
        self._scheduler_environment = scheduler.environ()
        for process in [scheduler, *scheduler.children(recursive=True)]:
            with suppress(psutil.NoSuchProcess):
                process.kill()

    def start_scheduler(self) -> None:
        """Start a new scheduler in the place of the one that was killed."""
        with (self.home / "second-scheduler.log").open("w") as log:
            self._second = subprocess.Popen(
                ["airflow", "scheduler"],
                cwd=ROOT,
                env=self._scheduler_environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _scheduler(self) -> psutil.Process:
        """The oldest process that is a scheduler."""
        children = psutil.Process(self._process.pid).children(recursive=True)
        schedulers = [child for child in children if "scheduler" in " ".join(child.cmdline()[:4])]
        return min(schedulers, key=psutil.Process.create_time)

    def asset_events(self, asset: str) -> list[dict[str, Any]]:
        """Events of one asset, oldest first."""
        events = self.call("GET", "/api/v2/assets/events?limit=100&order_by=timestamp")["asset_events"]
        return [event for event in events if event["name"] == asset]


class AirflowServer(AirflowApi):
    """`make airflow` in a process group of its own; a context manager that stops all of it."""

    def __init__(self, home: Path, landing: Path, lake: Path, **environment: str) -> None:
        super().__init__(free_port())
        self.home = home
        self._variables = {"AIRFLOW_HOME": home, "PORT": self.port, "LANDING": landing, "LAKE": lake}
        self._environment = os.environ | environment

    def __enter__(self) -> AirflowServer:
        command = ["make", "airflow", *(f"{name}={value}" for name, value in self._variables.items())]
        self._output = (self.home.parent / "make-airflow.out").open("w+")
        self._process = subprocess.Popen(
            command, cwd=ROOT, env=self._environment, stdout=self._output, stderr=subprocess.STDOUT, start_new_session=True
        )
        deadline = time.monotonic() + START_SECONDS
        while "Login" not in (printed := self.printed()):
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.__exit__()
                raise RuntimeError(f"Airflow did not start:\n{printed}")
            time.sleep(1)
        users = printed.split("Login (user: password): ")[1].splitlines()[0].split(", ")
        self.passwords = dict(user.split(": ") for user in users)
        self.login("admin", self.passwords["admin"])
        return self

    def __exit__(self, *_: object) -> None:
        if self._second:
            os.killpg(self._second.pid, signal.SIGKILL)
            self._second.wait()
        os.killpg(self._process.pid, signal.SIGINT)
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._output.close()

    @contextmanager
    def largest_process(self) -> Iterator[list[int]]:
        """While the block runs, note the bytes of memory of the largest process of this Airflow; the list holds them afterwards."""
        sizes = [0]
        done = threading.Event()

        def watch() -> None:
            while not done.wait(0.2):
                for process in psutil.Process(self._process.pid).children(recursive=True):
                    with suppress(psutil.Error):
                        sizes.append(process.memory_info().rss)

        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            yield sizes
        finally:
            done.set()
            watcher.join()

    def printed(self) -> str:
        """What `make airflow` has printed so far."""
        return Path(self._output.name).read_text()
