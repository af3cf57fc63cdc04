"""Alerts: their words, their channels, and what they never say."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from email import message_from_string
from pathlib import Path
from types import SimpleNamespace

import pytest

from rasd.settings import get_settings
from rasd_airflow import documentation
from rasd_airflow.advice import ADVICE, LATE, advice, table
from rasd_airflow.alerts import late_run, on_failure, on_run_failure
from tests.local_servers import mail_server, webhook

ROOT = Path(__file__).resolve().parents[3]
SECRET = "s3cr3t-t0ken"


@pytest.fixture
def fresh_settings() -> Iterator[None]:
    """The settings of the process are read again, before and after."""
    get_settings.cache_clear()
    yield
    get_settings.cache_clear()


def failed(task: str = "claim", error: object = "disk on fire") -> dict[str, object]:
    ti = SimpleNamespace(dag_id="rasd_nightly", task_id=task, log_url="https://airflow.example/log")
    dag_run = SimpleNamespace(dag_id="rasd_nightly", run_id="manual__1", partition_key="2026-03-01", conf={})
    return {"ti": ti, "dag_run": dag_run, "exception": error if isinstance(error, BaseException) else OSError(error)}


def connect(monkeypatch: pytest.MonkeyPatch, name: str, **fields: object) -> None:
    monkeypatch.setenv(f"AIRFLOW_CONN_{name.upper()}", json.dumps(fields))


def test_an_alert_says_what_happened_to_what_and_what_to_do(fresh_settings: None, caplog: pytest.LogCaptureFixture) -> None:
    on_failure(failed())
    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    words = advice("rasd_nightly", "claim")
    assert words is not None
    for part in (
        "rasd_nightly, 2026-03-01: claim",
        "OSError: disk on fire",
        "manual__1",
        words.look_at,
        words.do,
        "https://airflow.example",
    ):
        assert part in record.getMessage()


def test_alerts_reach_a_webhook_and_a_mailbox(fresh_settings: None, monkeypatch: pytest.MonkeyPatch) -> None:
    with webhook() as (port, posts), mail_server() as (mail_port, mails):
        connect(monkeypatch, "pager", conn_type="http", host=f"http://127.0.0.1:{port}/hook", password=SECRET)
        extra = {"disable_ssl": True, "disable_tls": True, "from_email": "rasd@example.org"}
        connect(monkeypatch, "post", conn_type="smtp", host="127.0.0.1", port=mail_port, extra=extra)
        monkeypatch.setenv("RASD_ALERT_WEBHOOK", "pager")
        monkeypatch.setenv("RASD_ALERT_EMAIL", "post")
        monkeypatch.setenv("RASD_ALERT_EMAIL_TO", "desk@example.org, lead@example.org")
        on_failure(failed("validate", ValueError("<b>بيان</b>\nsecond line")))
        late_run(
            {"dag_run": {"dag_id": "rasd_nightly", "dag_run_id": "scheduled__1", "partition_key": "2026-03-02", "conf": {}}, "deadline": {}}
        )
    (headers, body), (_, late) = posts
    assert headers["Authorization"] == f"Bearer {SECRET}"
    assert (body["dag_id"], body["task"], body["partition"]) == ("rasd_nightly", "validate", "2026-03-01")
    assert "data docs" in body["look_at"]
    assert (late["task"], late["partition"], late["run_id"]) == (LATE, "2026-03-02", "scheduled__1")
    assert "120 minutes" in late["what"]
    assert SECRET not in json.dumps([body, late])
    mail = message_from_string(mails[0])
    assert mail["To"] == "desk@example.org, lead@example.org"
    assert mail["Subject"] == "Rasd: rasd_nightly, 2026-03-01: validate needs you"
    (part,) = (part for part in mail.walk() if part.get_content_type() == "text/html")
    text = part.get_payload(decode=True).decode()
    assert "&lt;b&gt;بيان&lt;/b&gt;" in text, "what comes from data is escaped"
    assert len(mails) == 2


def test_a_broken_channel_harms_nobody_and_tells_no_address(
    fresh_settings: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with webhook() as (port, posts):
        connect(monkeypatch, "pager", conn_type="http", host=f"http://127.0.0.1:{port}/broken/{SECRET}")
        monkeypatch.setenv("RASD_ALERT_WEBHOOK", "pager")
        on_failure(failed())
        assert len(posts) == 1
    on_failure(failed())  # nobody listens there now
    connect(monkeypatch, "pager", conn_type="http", host=f"file:///etc/{SECRET}")
    on_failure(failed())
    monkeypatch.setenv("RASD_ALERT_WEBHOOK", "unheard_of")
    get_settings.cache_clear()
    on_failure(failed())
    assert caplog.text.count("could not be sent through the connection") == 4
    assert SECRET not in caplog.text


def test_passwords_in_errors_are_taken_out(fresh_settings: None, caplog: pytest.LogCaptureFixture) -> None:
    on_failure(failed(error=f"listing ftp://desk:{SECRET}@host/landing failed"))
    assert SECRET not in caplog.text
    assert "ftp://***@host/landing" in caplog.text


def test_a_dag_that_failed_without_a_task_is_told_too(fresh_settings: None, caplog: pytest.LogCaptureFixture) -> None:
    told = failed("release") | {"reason": "task_failure"}
    on_run_failure(told)
    assert not caplog.records, "its task has told"
    on_run_failure(told | {"reason": "timed_out", "exception": None})
    assert "rasd_nightly, 2026-03-01: the run needs you" in caplog.text
    assert "timed_out" in caplog.text


def test_every_task_has_its_advice_and_the_documentation_says_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from airflow.dag_processing.dagbag import DagBag

    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path))
    page = (ROOT / "docs" / "alerts.md").read_text(encoding="utf-8")
    for path in sorted((ROOT / "dags").glob("*.py")):
        dag = DagBag(path).dags[path.stem]
        for task in dag.tasks:
            assert advice(dag.dag_id, task.task_id), f"{dag.dag_id}.{task.task_id} has no advice"
            assert task.on_failure_callback, f"{dag.dag_id}.{task.task_id} alerts nobody"
        named = {name for row in ADVICE[dag.dag_id] for name in row.tasks if " " not in name}
        assert named == {task.task_id for task in dag.tasks}
        assert table(dag.dag_id) in documentation(str(path))
        assert table(dag.dag_id) in page, "docs/alerts.md is not up to date"
