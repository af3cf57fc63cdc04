"""The Newsroom in Airflow: who may see it, and links between its pages and Airflow's own.

Airflow guards no plugin's routes, so every route of the Newsroom asks Airflow's auth manager itself: whoever may view the DAG
`rasd_nightly` may read what it has published. Runs in the API server only.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from airflow.configuration import conf

from rasd_airflow import SETTINGS

if TYPE_CHECKING:
    from fastapi import FastAPI, Request

DAG = "rasd_nightly"
RASD_DAGS = (DAG, "rasd_reprocess", "lake_maintenance")
PREFIX = "/newsroom"
ROUTE = "newsroom"
"""Airflow shows the Newsroom in a frame under /plugin/ROUTE, and a page of it under /plugin/ROUTE/path-of-the-page."""


def airflow_path() -> str:
    """The path that Airflow is served under: "" or "/something"."""
    return urlsplit(conf.get("api", "base_url", fallback="")).path.rstrip("/")


def page_url(path: str) -> str:
    """Where Airflow shows a page of the Newsroom with its own navigation around it."""
    base = airflow_path()
    return f"{base}/plugin/{ROUTE}{base}{PREFIX}/{path}"


def create_app() -> FastAPI:
    """The Newsroom over the lake of this Airflow, for those who may view the DAG."""
    from airflow.api_fastapi.app import get_auth_manager
    from airflow.api_fastapi.auth.managers.models.resource_details import AccessView
    from airflow.api_fastapi.core_api.security import get_user, requires_access_dag
    from fastapi import Depends

    from rasd.newsroom.web import create_app

    guard, reader = Depends(requires_access_dag("GET", param_dag_id=DAG)), Depends(get_user)

    def entrance(user: Any = reader) -> str | None:
        """Airflow's frame; whoever may not read the list of plugins would find Airflow's own 404 page there."""
        return page_url("") if get_auth_manager().is_authorized_view(access_view=AccessView.PLUGINS, user=user) else None

    return create_app(SETTINGS.lake, [guard], run_url, login_url, entrance)


def login_url(request: Request) -> str:
    """Airflow's login, and back to the Newsroom, which lets in or refuses: Airflow's frame would say 404 to those who may not see it."""
    from airflow.api_fastapi.app import get_auth_manager

    return get_auth_manager().get_url_login(next_url=f"{airflow_path()}{PREFIX}/enter")


def run_url(run: str) -> str | None:
    """Airflow's page of a run of our DAGs; None for one that Airflow does not know (any more), such as those of the command line."""
    from airflow.models.dagrun import DagRun
    from airflow.utils.session import create_session
    from sqlalchemy import select

    with create_session() as session:
        dag = session.scalar(select(DagRun.dag_id).where(DagRun.run_id == run, DagRun.dag_id.in_(RASD_DAGS)))
    return f"{airflow_path()}/dags/{dag}/runs/{quote(run, safe='')}" if dag else None


def claimed_run(dag_id: str, run_id: str) -> dict[str, Any] | None:
    """The partition run that the task `claim` of a run of the nightly DAG has settled on (`PartitionRun.as_dict`); None before it has."""
    from airflow.models.xcom import XComModel
    from airflow.utils.session import create_session

    if dag_id != DAG:
        return None
    with create_session() as session:
        query = XComModel.get_many(key="return_value", run_id=run_id, dag_ids=dag_id, task_ids="claim")
        found = session.execute(query.with_only_columns(XComModel.value)).first()
    if found is None:
        return None
    value = json.loads(found.value) if isinstance(found.value, str) else found.value
    run: dict[str, Any] = value["run"]
    return run
