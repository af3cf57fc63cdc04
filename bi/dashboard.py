"""Superset's dashboard on the views, as the YAML files in bi/superset/ that `superset import-dashboards` takes (zipped by bi/bundle.py).

    python bi/dashboard.py    writes them anew; `make docs` does

Datasets, their columns and what these mean come from `rasd.lake.views`. Nothing of it needs a map service: the map is drawn from outlines
of countries that Superset carries itself.
"""

from __future__ import annotations

import shutil
import uuid
from pathlib import Path
from typing import Any

import yaml

from rasd.lake.views import COUNT, DATE, NUMBER, TIME, VIEWS, View

FOLDER = Path(__file__).parent / "superset"
VIEWS_FILE = "/rasd/views/news.duckdb"
"""Where the bundle looks for the views' file unless bi/bundle.py is told another place."""

NAMESPACE = uuid.UUID("5d4e7c2a-6f4b-4c0e-9c1d-1f7c6d1b2a90")
DASHBOARD = "Rasd: who said what"

Yaml = dict[str, Any]


def chart(title: str, view: str, kind: str, width: int, height: int = 50, **settings: Any) -> Yaml:
    """A chart: `settings` are Superset's form data. Width in twelfths of the page, height in units of eight pixels."""
    day = "ingest_date" if view in ("delivery_by_source", "quality_checks") else "day"
    within = {"clause": "WHERE", "expressionType": "SIMPLE", "operator": "TEMPORAL_RANGE", "subject": day, "comparator": "No filter"}
    filters = [within, *settings.pop("filters", [])]
    settings = {
        "viz_type": kind,
        "granularity_sqla": day,
        "time_range": "No filter",
        "adhoc_filters": filters,
        "row_limit": 1000,
    } | settings
    return {"title": title, "view": view, "kind": kind, "width": width, "height": height, "settings": settings}


def where(sql: str) -> Yaml:
    return {"clause": "WHERE", "expressionType": "SQL", "sqlExpression": sql}


def bars(x: str, *metrics: str, **settings: Any) -> Yaml:
    return {"x_axis": x, "metrics": list(metrics), "rich_tooltip": True, "show_legend": True} | settings


BY_DAY = {"time_grain_sqla": "P1D", "x_axis_time_format": "%Y-%m-%d"}
ROWS = (
    (
        chart("Articles", "article_daily", "big_number_total", 3, 18, metric="articles"),
        chart("Quotes", "article_daily", "big_number_total", 3, 18, metric="quotes"),
        chart("Names", "article_daily", "big_number_total", 3, 18, metric="mentions"),
        chart("Files rejected", "delivery_by_source", "big_number_total", 3, 18, metric="rejected"),
    ),
    (
        chart(
            "Who spoke most", "top_speakers", "echarts_timeseries_bar", 6, 64, **bars(
                "speaker_name", "quotes", orientation="horizontal", row_limit=15, x_axis_sort="quotes", order_desc=True,
                x_axis_sort_asc=True, show_legend=False, xAxisForceCategorical=True, truncateXAxis=True,
                filters=[where("speaker_type = 'PERSON'")],
            ),
        ),
        chart("Where the news is", "geo_mentions", "world_map", 6, 64, entity="country_code", country_fieldtype="cca2", metric="mentions",
              secondary_metric="mentions", show_bubbles=True, max_bubble_size="10", color_by="metric",
              linear_color_scheme="blue_white_yellow", filters=[where("country_code IS NOT NULL")]),
    ),
    (
        chart("Volume by newsroom", "coverage_by_source", "echarts_timeseries_bar", 6, **bars(
            "day", "articles", groupby=["source_id"], stack="Stack", **BY_DAY)),
        chart("Names that rise and fall", "entity_trend", "echarts_timeseries_line", 6, **bars(
            "day", "mentions", groupby=["name"], limit=10, series_limit=10, series_limit_metric="mentions", markerEnabled=True, **BY_DAY)),
    ),
    (
        chart("Who quotes whom", "who_quotes_whom", "table", 6, query_mode="aggregate", groupby=["source_id", "speaker_name"],
              metrics=["quotes", "verbatim_quotes"], order_desc=True, row_limit=100, show_cell_bars=True, page_length=20),
        chart("Places named most", "geo_mentions", "table", 6, query_mode="aggregate", groupby=["name", "name_en", "country_code"],
              metrics=["mentions", "articles"], order_desc=True, row_limit=100, show_cell_bars=True, page_length=20),
    ),
    (
        chart("Latest quotes", "statements", "table", 12, 60, query_mode="raw", row_limit=200, page_length=20,
              order_by_cols=['["day", false]'],
              all_columns=["day", "source_id", "speaker_name", "speaker_role", "quote_text", "title", "confidence"],
              table_timestamp_format="%Y-%m-%d", column_config={"confidence": {"d3NumberFormat": ".2f", "showCellBars": False}}),
    ),
    (
        chart("What became of the files", "delivery_by_source", "echarts_timeseries_bar", 6, **bars(
            "ingest_date", "articles", "duplicates", "rejected", stack="Stack", **BY_DAY)),
        chart("Quality checks by result", "quality_checks", "table", 6, query_mode="aggregate",
              groupby=["ingest_date", "severity", "success"], metrics=["checks"], order_desc=True, row_limit=100,
              table_timestamp_format="%Y-%m-%d"),
    ),
)  # fmt: skip

METRICS = {"quality_checks": {"checks": "COUNT(*)"}}
"""Metrics by view, where they are not the sums of its counts."""


def identity(kind: str, name: str) -> str:
    """The same on every run, so that importing again replaces what is there."""
    return str(uuid.uuid5(NAMESPACE, f"{kind}/{name}"))


def database() -> Yaml:
    return {
        "database_name": "Rasd",
        "sqlalchemy_uri": f"duckdb:///{VIEWS_FILE}?access_mode=read_only",
        "expose_in_sqllab": True,
        "allow_ctas": False,
        "allow_cvas": False,
        "allow_dml": False,
        "extra": {"allows_virtual_table_explore": True},
        "uuid": identity("database", "rasd"),
        "version": "1.0.0",
    }


def dataset(view: View) -> Yaml:
    metrics = METRICS.get(view.name) or {c.name: f"CAST(SUM({c.name}) AS BIGINT)" for c in view.columns if c.type == COUNT}
    times = [column.name for column in view.columns if column.type == DATE]
    return {
        "table_name": view.name,
        "schema": "main",
        "description": view.doc,
        "main_dttm_col": times[0] if times else None,
        "columns": [
            {
                "column_name": column.name,
                "verbose_name": column.name.replace("_", " "),
                "type": column.type,
                "is_dttm": column.type in (DATE, TIME),
                "groupby": column.type not in (COUNT, NUMBER),
                "filterable": True,
                "description": column.doc,
            }
            for column in view.columns
        ],
        "metrics": [{"metric_name": name, "verbose_name": name.replace("_", " "), "expression": sql} for name, sql in metrics.items()],
        "uuid": identity("dataset", view.name),
        "database_uuid": identity("database", "rasd"),
        "version": "1.0.0",
    }


def chart_file(given: Yaml) -> Yaml:
    return {
        "slice_name": given["title"],
        "viz_type": given["kind"],
        "params": given["settings"],
        "uuid": identity("chart", given["title"]),
        "dataset_uuid": identity("dataset", given["view"]),
        "version": "1.0.0",
    }


def dashboard_file() -> Yaml:
    position: Yaml = {
        "DASHBOARD_VERSION_KEY": "v2",
        "ROOT_ID": {"type": "ROOT", "id": "ROOT_ID", "children": ["GRID_ID"]},
        "HEADER_ID": {"type": "HEADER", "id": "HEADER_ID", "meta": {"text": DASHBOARD}},
        "GRID_ID": {"type": "GRID", "id": "GRID_ID", "children": [], "parents": ["ROOT_ID"]},
    }
    number = 0
    for row_number, row in enumerate(ROWS, start=1):
        row_id, parents = f"ROW-{row_number}", ["ROOT_ID", "GRID_ID"]
        position["GRID_ID"]["children"].append(row_id)
        children = []
        for given in row:
            number += 1
            children.append(f"CHART-{number}")
            meta = {
                "chartId": number,
                "uuid": identity("chart", given["title"]),
                "sliceName": given["title"],
                "width": given["width"],
                "height": given["height"],
            }
            position[f"CHART-{number}"] = {
                "type": "CHART",
                "id": f"CHART-{number}",
                "children": [],
                "parents": [*parents, row_id],
                "meta": meta,
            }
        look = {"background": "BACKGROUND_TRANSPARENT"}
        position[row_id] = {"type": "ROW", "id": row_id, "children": children, "parents": parents, "meta": look}
    return {
        "dashboard_title": DASHBOARD,
        "slug": "rasd",
        "published": True,
        "metadata": {"native_filter_configuration": filters(), "cross_filters_enabled": True, "color_scheme": "supersetColors"},
        "position": position,
        "uuid": identity("dashboard", "rasd"),
        "version": "1.0.0",
    }


def filters() -> list[Yaml]:
    """The time range, and the newsroom, on top of the page."""
    scope = {"rootPath": ["ROOT_ID"], "excluded": []}
    shared = {"type": "NATIVE_FILTER", "scope": scope, "cascadeParentIds": [], "defaultDataMask": {"extraFormData": {}, "filterState": {}}}
    newsroom = {"column": {"name": "source_id"}, "datasetUuid": identity("dataset", "coverage_by_source")}
    several = {"multiSelect": True, "enableEmptyFilter": False, "searchAllOptions": False, "inverseSelection": False}
    return [
        shared | {"id": "NATIVE_FILTER-days", "name": "Days", "filterType": "filter_time", "targets": [{}], "controlValues": {}},
        shared
        | {
            "id": "NATIVE_FILTER-newsroom",
            "name": "Newsroom",
            "filterType": "filter_select",
            "targets": [newsroom],
            "controlValues": several,
        },
    ]


def bundle() -> dict[str, str]:
    """Text of each file of the bundle by its path."""
    used = {given["view"] for row in ROWS for given in row}
    files: dict[str, Yaml] = {"metadata.yaml": {"version": "1.0.0", "type": "Dashboard"}, "databases/rasd.yaml": database()}
    files |= {f"datasets/rasd/{view.name}.yaml": dataset(view) for view in VIEWS if view.name in used}
    charts = [given for row in ROWS for given in row]
    files |= {f"charts/{given['title'].lower().replace(' ', '_')}.yaml": chart_file(given) for given in charts}
    files["dashboards/rasd.yaml"] = dashboard_file()
    return {path: yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=140) for path, content in files.items()}


def main() -> None:
    shutil.rmtree(FOLDER, ignore_errors=True)
    for path, text in bundle().items():
        (FOLDER / path).parent.mkdir(parents=True, exist_ok=True)
        (FOLDER / path).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
