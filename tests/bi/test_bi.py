"""What docs/bi.md tells analysts to do, done: its snippets for Python and Spark, and Superset with the dashboard of bi/superset/."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import duckdb
import pytest

from bi.dashboard import FOLDER, ROWS, bundle
from rasd.lake.views import write_views
from rasd.pipeline import PartitionRun, run_partition

ROOT = Path(__file__).resolve().parents[2]
SUPERSET, SPARK = ROOT / ".venv-superset", ROOT / ".venv-spark"
PAGE = (ROOT / "docs" / "bi.md").read_text(encoding="utf-8")
PYTHON = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
SNIPPETS = {re.search(r"\b(duckdb|pandas|polars|pyspark|pyarrow)\b", code)[1]: code for code in PYTHON}
PASSWORD = "a password for this test"


@pytest.fixture(scope="module")
def news(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the lake made from seeds/ and the file of its views, as the snippets name them."""
    folder = tmp_path_factory.mktemp("bi")
    settings = {"landing": str(ROOT / "seeds"), "lake": str(folder / "lake"), "on_quality_failure": "warn"}
    run_partition(PartitionRun("bi", date(2026, 11, 20), settings), workers=1)
    write_views(folder / "news.duckdb", folder / "lake")
    return folder


def ask(news: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(news / "news.duckdb"), read_only=True) as db:
        return db.execute(sql).fetchall()


def test_each_tool_has_its_snippet() -> None:
    assert SNIPPETS.keys() == {"duckdb", "pandas", "polars", "pyarrow", "pyspark"}


@pytest.mark.parametrize("tool", ["duckdb", "pandas", "polars", "pyarrow"])
def test_a_snippet_counts_what_the_views_count(tool: str, news: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(news)
    names: dict[str, Any] = {}
    exec(SNIPPETS[tool], names)
    quotes = ask(news, "SELECT count(*) FILTER (NOT is_headline), count(*) FROM quotes")[0]
    counted = {
        "duckdb": lambda: names["speakers"]["quotes"].sum() == ask(news, "SELECT sum(quotes) FROM top_speakers")[0][0],
        "pandas": lambda: names["speakers"].sum() == quotes[0],
        "polars": lambda: names["speakers"]["len"].sum() == quotes[0],
        "pyarrow": lambda: names["quotes"].num_rows == quotes[1],
    }
    assert counted[tool]()


def test_the_sql_of_the_page_runs(news: Path) -> None:
    statements = re.findall(r"```sql\n(.*?);?\n```", PAGE, re.DOTALL) + re.findall(r"`(SELECT [^`]*)`", PAGE)
    assert len(statements) >= 3
    for sql in statements:
        assert ask(news, sql), sql


def test_the_bundle_in_the_repository_is_fresh() -> None:
    there = {path.relative_to(FOLDER).as_posix(): path.read_text(encoding="utf-8") for path in FOLDER.rglob("*.yaml")}
    assert there == bundle(), "make docs makes it anew"


@pytest.mark.long
def test_spark_counts_what_the_views_count(news: Path) -> None:
    if not (SPARK / "bin" / "python").exists():
        pytest.skip("needs .venv-spark: make test-bi")
    if shutil.which("java") is None:
        pytest.skip("needs Java 17 or newer")
    tell = """
from pyspark.sql.functions import sum as total
print("QUOTES", speakers.agg(total("count")).first()[0])
print("DATE", dict(quotes.dtypes)["ingest_date"])
"""
    java = {"SPARK_LOCAL_IP": "127.0.0.1", "JAVA_TOOL_OPTIONS": "-Xmx1g"}
    command = [SPARK / "bin" / "python", "-c", SNIPPETS["pyspark"] + tell]
    done = subprocess.run(command, cwd=news, env=os.environ | java, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert f"QUOTES {ask(news, 'SELECT count(*) FROM quotes WHERE NOT is_headline')[0][0]}" in done.stdout
    assert "DATE date" in done.stdout


@pytest.fixture(scope="module")
def superset(news: Path) -> Iterator[str]:
    """Address of a fresh Superset that bi/provision.sh has set up."""
    if not (SUPERSET / "bin" / "superset").exists():
        pytest.skip("needs .venv-superset: make test-bi")
    home = news / "superset"
    home.mkdir()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))} | {
        "PATH": f"{SUPERSET / 'bin'}:{os.environ['PATH']}",
        "SUPERSET_HOME": str(home),
        "SUPERSET_CONFIG_PATH": str(ROOT / "bi" / "superset_config.py"),
        "SUPERSET_SECRET_KEY": "a key for this test, long enough to be taken",
        "SUPERSET_ADMIN_PASSWORD": PASSWORD,
        "RASD_VIEWS": str(news / "news.duckdb"),
    }
    for _ in ("a fresh one", "again, which changes nothing"):
        done = subprocess.run([ROOT / "bi" / "provision.sh"], env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    command = ["gunicorn", "--bind", f"127.0.0.1:{port}", "--threads", "4", "--timeout", "300", "superset.app:create_app()"]
    with (home / "log").open("w") as log, subprocess.Popen(command, env=environment, stdout=log, stderr=log) as server:
        try:
            deadline = time.monotonic() + 300
            while True:
                try:
                    urlopen(f"http://127.0.0.1:{port}/health", timeout=5)
                    break
                except (URLError, ConnectionError, TimeoutError):
                    assert server.poll() is None and time.monotonic() < deadline, (home / "log").read_text()[-3000:]
                    time.sleep(1)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(60)


@pytest.mark.long
def test_every_chart_of_the_dashboard_shows_rows(superset: str, news: Path) -> None:
    """In a browser, since it is the page that turns a chart's settings into its query."""
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("needs chromium")
    titles = [given["title"] for row in ROWS for given in row]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1440, "height": 2600})
        page.set_default_timeout(120_000)
        blocked: dict[str, str] = {}
        answers: dict[str, Any] = {}
        elsewhere = lambda url: not url.startswith((superset, "data:", "blob:"))  # noqa: E731
        page.on("request", lambda request: blocked.setdefault(request.url, "no") if elsewhere(request.url) else None)
        page.on("requestfailed", lambda request: blocked.update({request.url: request.failure}) if elsewhere(request.url) else None)
        page.goto(f"{superset}/login/")
        page.fill("#username", "admin")
        page.fill("#password", PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url: "/login" not in url)

        def note(response: Any) -> None:
            if "/api/v1/chart/data" in response.url or "/explore_json" in response.url:
                answers[response.url + str(response.request.post_data)] = response

        page.on("response", note)
        page.goto(f"{superset}/superset/dashboard/rasd/")
        for title in titles:
            page.wait_for_selector(f"[data-test='dashboard-component-chart-holder']:has-text('{title}')")
        page.wait_for_function(
            "n => document.querySelectorAll('[data-test=dashboard-component-chart-holder]').length === n"
            " && !document.querySelector('[data-test=dashboard-component-chart-holder] [data-test=loading-indicator]')",
            arg=len(titles),
        )
        page.wait_for_timeout(3_000)
        page.screenshot(path=news / "superset" / "dashboard.png")
        shown = page.inner_text("body")
        rows = [row_counts(response) for response in answers.values()]
        browser.close()
    assert len(rows) >= len(titles)
    assert all(count > 0 for counts in rows for count in counts), list(zip(answers, rows, strict=True))
    assert "Unexpected error" not in shown
    (articles,) = ask(news, "SELECT sum(articles)::BIGINT FROM article_daily")[0]
    assert re.search(rf"Articles\s+{articles}\b", shown)
    assert set(blocked.values()) <= {"csp"}, blocked  # what Superset's pages ask of others, its configuration here keeps in


def row_counts(response: Any) -> list[int]:
    assert response.status == 200, response.text()[:2000]
    answer = response.json()
    if "result" in answer:
        return [result["rowcount"] for result in answer["result"]]
    return [len(answer["data"])]
