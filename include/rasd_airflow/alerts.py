"""Alerts: what happened, to which partition, and what to do, to the log and to the channels that the settings name.

A channel that fails is a line in the log and nothing more: an alert never fails a task. What could hold a secret (the URL of a webhook, the
password of a mail server, a landing area's) is in no message.
"""

from __future__ import annotations

import json
import logging
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from rasd.landing.roots import without_credentials
from rasd.settings import get_settings
from rasd_airflow.advice import LATE, advice

log = logging.getLogger(__name__)

MOST_CHARACTERS = 1500
TIMEOUT_S = 20


@dataclass(frozen=True)
class Alert:
    """One alert. `partition` is an ingest date, or words where none is known yet."""

    dag_id: str
    task: str
    run_id: str
    partition: str
    what: str
    look_at: str
    do: str
    link: str | None = None

    @property
    def subject(self) -> str:
        return f"Rasd: {self.dag_id}, {self.partition}: {self.task} needs you"

    @property
    def text(self) -> str:
        lines = [self.subject, f"What happened: {self.what}", f"Run: {self.run_id}", f"Look at: {self.look_at}", f"Do: {self.do}"]
        return "\n".join([*lines, f"Link: {self.link}"] if self.link else lines)


def on_failure(context: Mapping[str, Any]) -> None:
    """Callback of a task that failed: in its own process, or in the DAG processor's when that was killed."""
    _failed(context, context.get("ti") or context.get("task_instance"))


def on_run_failure(context: Mapping[str, Any]) -> None:
    """Callback of a run that failed, in the DAG processor's process: for what no task has told already."""
    if context.get("reason") != "task_failure":
        _failed(context, None)


def _failed(context: Mapping[str, Any], ti: Any) -> None:
    dag_run = context.get("dag_run")
    dag_id = _of(ti, "dag_id") or _of(dag_run, "dag_id") or _of(context.get("dag"), "dag_id") or "?"
    error = context.get("exception")
    reason = f"{type(error).__name__}: {error}" if isinstance(error, BaseException) else str(error or context.get("reason") or "it failed")
    _send(dag_id, _of(ti, "task_id") or "the run", dag_run, reason, _of(ti, "log_url"))


def late_run(context: Mapping[str, Any]) -> None:
    """Callback of a deadline (in an executor's process): the run of the context, a dict as in the REST API, is not done in time."""
    dag_run = context["dag_run"]
    minutes = get_settings().late_after_minutes
    _send(dag_run["dag_id"], LATE, dag_run, f"it was not done {minutes:g} minutes after it was queued", None)


def _send(dag_id: str, task: str, dag_run: Any, what: str, link: str | None) -> None:
    found = advice(dag_id, task)
    partition = _of(dag_run, "partition_key") or (_of(dag_run, "conf") or {}).get("ingest_date") or "the newest partition"
    send(
        Alert(
            dag_id,
            task,
            str(_of(dag_run, "run_id") or _of(dag_run, "dag_run_id") or "?"),
            str(partition),
            _short(what),
            found.look_at if found else "the run in Airflow: which task failed first",
            found.do if found else "Do what that task's alert says.",
            link,
        )
    )


def _of(thing: Any, name: str) -> Any:
    """A field of an object or of the dict that stands for it."""
    return thing.get(name) if isinstance(thing, Mapping) else getattr(thing, name, None)


def _short(text: str) -> str:
    text = without_credentials(text)
    return text if len(text) <= MOST_CHARACTERS else f"{text[:MOST_CHARACTERS]} …"


def send(alert: Alert) -> None:
    """Hand an alert to the log and to every channel that the settings name."""
    log.error("%s", alert.text)
    settings = get_settings()
    channels: list[tuple[str | None, Callable[[Alert, str], None]]] = [
        (settings.alert_webhook, _send_to_webhook),
        (settings.alert_email, _send_by_email),
    ]
    for connection_id, channel in channels:
        if connection_id:
            try:
                channel(alert, connection_id)
            except Exception as error:
                # only its kind: what a server or library says of itself may hold the address, and the address may be the secret
                log.error("the alert could not be sent through the connection %s: %s", connection_id, type(error).__name__)


def _send_to_webhook(alert: Alert, connection_id: str) -> None:
    """POST the alert as JSON. The connection's host is the URL, its password a bearer token."""
    from airflow.sdk import BaseHook

    connection = BaseHook.get_connection(connection_id)
    url = connection.host or ""
    if "://" not in url:
        port = f":{connection.port}" if connection.port else ""
        url = f"{connection.schema or 'https'}://{url}{port}{connection.extra_dejson.get('path', '')}"
    if not url.startswith(("http://", "https://")):
        raise ValueError("not an HTTP address")
    fields = {"dag_id": alert.dag_id, "task": alert.task, "run_id": alert.run_id, "partition": alert.partition, "link": alert.link}
    body = {"text": alert.text, **fields, "what": alert.what, "look_at": alert.look_at, "do": alert.do}
    headers = {"Content-Type": "application/json"}
    if connection.password:
        headers["Authorization"] = f"Bearer {connection.password}"
    request = urllib.request.Request(url, json.dumps(body, ensure_ascii=False).encode(), headers, method="POST")  # noqa: S310  checked above
    with urllib.request.urlopen(request, timeout=TIMEOUT_S):  # noqa: S310
        pass


def _send_by_email(alert: Alert, connection_id: str) -> None:
    from airflow.providers.smtp.hooks.smtp import SmtpHook

    with SmtpHook(connection_id) as hook:
        hook.send_email_smtp(
            to=list(get_settings().alert_email_to),
            subject=alert.subject.replace("\n", " "),
            html_content=f"<pre>{escape(alert.text)}</pre>",
            smtp_conn_id=connection_id,
        )
