"""What every DAG of the house must keep to."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

DAGS = sorted((Path(__file__).resolve().parents[3] / "dags").glob("*.py"))
HEAVY = ("pandas", "great_expectations", "camel_tools", "torch", "duckdb")
IMPORT_SECONDS = 1.0
MOST_LINES = 110

dag_files = pytest.mark.parametrize("path", DAGS, ids=[path.stem for path in DAGS])


@pytest.fixture(scope="module", autouse=True)
def airflow_home(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Airflow writes its configuration where AIRFLOW_HOME points; a test must not touch the user's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AIRFLOW_HOME", str(tmp_path_factory.mktemp("airflow")))
        yield


def load(path: Path):
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(path)
    assert not bag.import_errors
    assert len(bag.dags) == 1, "one DAG a file, so that it is found by its name"
    return next(iter(bag.dags.values()))


def test_there_are_dags() -> None:
    assert DAGS


@dag_files
def test_a_dag_says_what_it_is(path: Path) -> None:
    dag = load(path)
    assert dag.dag_id == path.stem
    assert dag.tags
    assert len(dag.doc_md) > 300
    assert dag.dag_display_name != dag.dag_id
    for name in dag.params:
        param = dag.params.get_param(name)
        assert param.schema.get("title"), name
        assert param.schema.get("description_md"), name
        assert param.schema.get("type") or param.schema.get("enum"), name
    for task in dag.tasks:
        assert re.fullmatch(rf"{task.task_id} · [ء-ي ]+", task.task_display_name), task.task_id
        assert task.doc_md, task.task_id


@dag_files
def test_a_task_fails_and_ends_on_purpose(path: Path) -> None:
    dag = load(path)
    assert dag.catchup is False
    assert dag.dagrun_timeout
    assert len(dag.tasks) <= 10
    for task in dag.tasks:
        assert task.retries >= 1, task.task_id
        assert task.retry_delay >= timedelta(seconds=10), task.task_id
        assert task.retry_exponential_backoff, task.task_id
        assert task.execution_timeout, task.task_id
        assert task.owner != "airflow", task.task_id


def test_what_trying_again_cant_help_is_not_tried_again() -> None:
    from airflow.sdk import RetryAction
    from filelock import Timeout

    from rasd.errors import LockLost, PermanentError
    from rasd.landing.discovery import LandingError
    from rasd.landing.roots import PlaceNotAllowed
    from rasd.quality.gate import QualityGateFailed
    from rasd.settings import Settings
    from rasd_airflow import DEFAULTS

    with pytest.raises(ValueError, match="extra") as refused:
        Settings(nonsense=1)
    permanent = (PermanentError("x"), QualityGateFailed("x"), PlaceNotAllowed("x"), ValueError("not a date"), refused.value)
    passing = (OSError(28, "No space left on device"), OSError(5, "I/O"), ConnectionError("reset"), LandingError("not mounted"))
    passing += (Timeout("publish.lock"), LockLost("silent"), MemoryError(), FileNotFoundError("staging"))
    for errors, action in ((permanent, RetryAction.FAIL), (passing, RetryAction.DEFAULT)):
        for error in errors:
            assert DEFAULTS["retry_policy"].evaluate(error, 1, DEFAULTS["retries"]).action == action, repr(error)


@dag_files
def test_a_dag_file_is_wiring(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert len(source.splitlines()) <= MOST_LINES
    for banned in ("logical_date", "execution_date", "{{ ds", "airflow.models", "airflow.settings", "create_session", "provide_session"):
        assert banned not in source, f"{banned}: partitioned runs have no logical date, and tasks keep away from Airflow's database"


@dag_files
def test_a_dag_file_imports_fast(path: Path) -> None:
    """Airflow imports every DAG file again and again; what it costs beyond Airflow itself must stay small."""
    code = f"""
import runpy, sys, time
import airflow.sdk
from airflow.sdk import dag, task, Asset, CronPartitionTimetable, Param, TriggerRule
before = time.process_time()
runpy.run_path({str(path)!r})
seconds = time.process_time() - before
heavy = sorted(set({HEAVY!r}) & set(sys.modules))
assert not heavy, heavy
assert seconds < {IMPORT_SECONDS}, seconds
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_no_task_is_described_that_is_not_there() -> None:
    from rasd_airflow.tasks import TASKS

    assert {task.task_id for path in DAGS for task in load(path).tasks} == set(TASKS)


def test_the_library_knows_nothing_of_airflow() -> None:
    include = DAGS[0].parents[1] / "include"
    offenders = [str(p) for p in (include / "rasd").rglob("*.py") if "import airflow" in p.read_text() or "from airflow" in p.read_text()]
    assert not offenders


def test_stages_import_only_what_comes_before_them() -> None:
    order = ("landing", "cleaning", "extraction", "quality", "lake", "pipeline", "newsroom")
    package = DAGS[0].parents[1] / "include" / "rasd"
    for position, stage in enumerate(order):
        for path in (package / stage).rglob("*.py"):
            source = path.read_text()
            for later in order[position + 1 :]:
                assert f"rasd.{later}" not in source, f"{path} uses rasd.{later}, which comes after {stage}"
