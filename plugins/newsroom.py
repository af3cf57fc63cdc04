"""The Newsroom in Airflow's navigation, and links from the tasks of rasd_nightly to the pages of their partition.

Every component of Airflow imports this file, tasks too: what is heavy waits until the API server asks for it.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from airflow.plugins_manager import AirflowPlugin
from airflow.providers.standard.decorators.python import _PythonDecoratedOperator
from airflow.sdk import BaseOperatorLink

from rasd_airflow.newsroom import PREFIX, ROUTE, claimed_run, create_app, page_url
from rasd_airflow.release import AskForRelease

OPERATORS = (_PythonDecoratedOperator, AskForRelease)
"""What the tasks of rasd_nightly are."""


class DayLink(BaseOperatorLink):
    """To the page of the partition that a task works on."""

    name = "Newsroom"
    operators = OPERATORS

    def get_link(self, operator: Any, *, ti_key: Any) -> str:
        run = claimed_run(ti_key.dag_id, ti_key.run_id)
        return page_url(f"days/{run['ingest_date']}") if run else ""


class DataDocsLink(BaseOperatorLink):
    """To the data docs of the run that a task belongs to."""

    name = "Data docs"
    operators = OPERATORS

    def get_link(self, operator: Any, *, ti_key: Any) -> str:
        run = claimed_run(ti_key.dag_id, ti_key.run_id)
        return page_url(f"data-docs/{run['ingest_date']}/{quote(run['run'], safe=':+')}") if run else ""


class NewsroomPlugin(AirflowPlugin):
    name = "rasd_newsroom"
    external_views = [  # noqa: RUF012 (Airflow's own attribute)
        {
            "name": "Newsroom",
            "href": f"{PREFIX.strip('/')}/",
            "destination": "nav",
            "icon": f"{PREFIX.strip('/')}/static/icon.svg",
            "icon_dark_mode": f"{PREFIX.strip('/')}/static/icon-dark.svg",
            "url_route": ROUTE,
            "nav_top_level": True,
        }
    ]
    operator_extra_links = [DayLink(), DataDocsLink()]  # noqa: RUF012

    @property
    def fastapi_apps(self) -> list[dict[str, Any]]:  # type: ignore[override]
        return [{"app": create_app(), "url_prefix": PREFIX, "name": "Newsroom"}]
