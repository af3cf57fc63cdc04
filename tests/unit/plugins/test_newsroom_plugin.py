"""The plugin as Airflow loads it: in every process, so it must be light; and its links."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PLUGIN = Path(__file__).resolve().parents[3] / "plugins" / "newsroom.py"
CODE = f"""
import importlib.util, sys
import airflow.sdk
from airflow.plugins_manager import AirflowPlugin
from airflow.providers.standard.decorators import python
before = set(sys.modules)
spec = importlib.util.spec_from_file_location("newsroom", {str(PLUGIN)!r})
plugin = importlib.util.module_from_spec(spec)
spec.loader.exec_module(plugin)
heavy = {{"duckdb", "pyarrow", "pandas", "jinja2"}} & (set(sys.modules) - before)
assert not heavy, heavy

from rasd_airflow import newsroom
assert newsroom.page_url("days/2026-11-20") == "/airflow/plugin/newsroom/airflow/newsroom/days/2026-11-20"
assert newsroom.claimed_run("somebody_elses_dag", "run") is None
(view,) = plugin.NewsroomPlugin.external_views
assert view["href"] == "newsroom/" and view["url_route"] == newsroom.ROUTE
import runpy
dag = runpy.run_path({str(PLUGIN.parents[1] / "dags" / "rasd_nightly.py")!r})["rasd_nightly"]()
for task in dag.tasks:
    kind = task.operator_class if task.is_mapped else type(task)
    for link in plugin.NewsroomPlugin.operator_extra_links:
        assert kind in link.operators, task.task_id
(app,) = plugin.NewsroomPlugin().fastapi_apps
assert app["url_prefix"] == newsroom.PREFIX
from fastapi.routing import APIRoute
for route in app["app"].routes:
    assert isinstance(route, APIRoute), route
    assert route.dependencies, route.path
    assert route.methods == {{"GET"}}, route.path
"""


def test_the_plugin_is_light_and_all_its_routes_are_guarded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path))
    monkeypatch.setenv("AIRFLOW__API__BASE_URL", "https://example.org/airflow/")
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
