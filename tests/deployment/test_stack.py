"""A night under CeleryExecutor with a worker killed in its midst gives the same rows as under LocalExecutor.

The processes, environments and health checks are those of docker-compose.yaml. STACK_ARTICLES=400 makes a short night; with STACK_FOLDER
the lakes and the logs of all processes stay in that folder.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from rasd.lake.reading import open_dataset, read_partition
from rasd.pipeline.maintenance import verify
from rasd.schema import DATASETS, DIM_ENTITIES, STAGED_DATASETS
from tests.deployment.stack import Stack, kill_tree, missing_programs
from tests.synthetic import land_long_articles

pytestmark = [pytest.mark.integration, pytest.mark.long]
DAG = "rasd_nightly"
DAY = date(2026, 3, 1)
ARTICLES = int(os.environ.get("STACK_ARTICLES", "20000"))
SECONDS = 3 * 3600
"""How long a night may take; it takes minutes, but not on a busy machine."""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that the account of Postgres can enter, unlike pytest's own."""
    if missing := missing_programs():
        pytest.skip(f"needs {' and '.join(missing)}: apt-get install postgresql redis-server")
    path = Path(tempfile.mkdtemp(prefix="rasd-stack-", dir=os.environ.get("STACK_FOLDER")))
    path.chmod(0o755)
    yield path
    if "STACK_FOLDER" not in os.environ:
        shutil.rmtree(path)


def rows(lake: Path, dataset: str) -> pa.Table:
    """All rows in a fixed order, less what names the run."""
    table = open_dataset(lake, dataset).to_table() if dataset == DIM_ENTITIES.name else read_partition(lake, dataset, DAY)
    table = table.drop_columns([name for name in ("run",) if name in table.column_names])
    keys = [(column.name, "ascending") for column in DATASETS[dataset].columns if column.required and column.name in table.column_names]
    return table.sort_by(keys).combine_chunks()


def run_night(stack: Stack, shard_articles: int, disturb: Callable[[Stack], None] | None = None) -> tuple[dict[str, Any], float]:
    """Trigger the night and wait for its end; returns the run with all its task instances, and the seconds it took."""
    stack.wait_for_dag(DAG)
    body = {"logical_date": None, "partition_key": str(DAY), "conf": {"shard_articles": shard_articles}}
    run = stack.call("POST", f"/api/v2/dags/{DAG}/dagRuns", body)
    started = time.monotonic()
    if disturb:
        disturb(stack)
    done = stack.wait_for_run(DAG, run["dag_run_id"], SECONDS)
    seconds = time.monotonic() - started
    tasks = stack.call("GET", f"/api/v2/dags/{DAG}/dagRuns/{run['dag_run_id']}/taskInstances?limit=100")["task_instances"]
    return done | {"instances": tasks}, seconds


def kill_a_busy_worker(stack: Stack) -> None:
    """Kill the first worker and all its processes once it runs a shard and another shard is done."""
    path = f"/api/v2/dags/{DAG}/dagRuns/~/taskInstances?task_id=transform&limit=100"
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        states = [task["state"] for task in stack.call("GET", path)["task_instances"]]
        if "success" in states and "running" in states and stack.tasks_of("airflow-worker-1"):
            kill_tree(stack.processes.pop("airflow-worker-1"))
            return
        time.sleep(0.5)
    raise AssertionError("the first worker never ran a shard")


@pytest.mark.timeout(2 * SECONDS)
def test_a_killed_worker_loses_nothing(folder: Path) -> None:
    landing, shard_articles = folder / "landing", max(ARTICLES // 8, 1)
    land_long_articles(landing, first=0, count=ARTICLES)
    lakes = {name: folder / f"lake-{name}" for name in ("celery", "local")}
    for lake in lakes.values():
        lake.mkdir()

    with Stack(folder / "celery", landing, lakes["celery"], executor="CeleryExecutor", workers=2, WORKER_CONCURRENCY="1") as stack:
        celery, celery_seconds = run_night(stack, shard_articles, kill_a_busy_worker)
        stack.wait_until_healthy()
    assert celery["state"] == "success"
    tries = {(task["task_id"], task["map_index"]): task["try_number"] for task in celery["instances"]}
    assert max(tries.values()) > 1, "no task was tried again: the worker was killed in vain"

    with Stack(folder / "local", landing, lakes["local"], executor="LocalExecutor") as stack:
        local, local_seconds = run_night(stack, shard_articles)
    assert local["state"] == "success"
    assert {task["try_number"] for task in local["instances"]} == {1}

    for dataset in (*(d.name for d in STAGED_DATASETS), DIM_ENTITIES.name):
        assert rows(lakes["celery"], dataset).equals(rows(lakes["local"], dataset)), dataset
    assert read_partition(lakes["celery"], "ingestions", DAY).num_rows == ARTICLES
    assert verify(lakes["celery"]) == []
    print(f"{ARTICLES} articles: LocalExecutor {local_seconds:.0f} s; CeleryExecutor, two workers, one killed {celery_seconds:.0f} s")
