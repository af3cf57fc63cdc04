"""Debian's Chromium as a person's browser, and what it should not do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from fastapi.routing import APIRoute
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Request, expect, sync_playwright

from rasd.newsroom.web import create_app

CHROMIUM = Path("/usr/bin/chromium")
SLOW_MS = 240_000
"""How long the browser waits for Airflow, which may share its machine."""

SERIOUS = {"serious", "critical"}
"""Impacts of axe's findings that no page may have."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless browser; skips the test where none is installed."""
    if not CHROMIUM.exists():
        pytest.skip(f"needs {CHROMIUM} (Debian's package chromium)")
    expect.set_options(timeout=SLOW_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


class Watcher:
    """Notes what a browser should not do: errors in its console, requests to anywhere but the server."""

    def __init__(self, context: BrowserContext, server: str) -> None:
        self.errors: list[str] = []
        self.requests: list[str] = []
        self._server = server
        context.on("console", self._console)
        context.on("weberror", lambda error: self.errors.append(str(error.error)))
        context.on("request", self._request)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(f"{message.location['url']}: {message.text}")

    def _request(self, request: Request) -> None:
        self.requests.append(request.url)

    def check(self) -> None:
        assert not self.errors, self.errors
        assert self.requests
        elsewhere = [url for url in self.requests if not url.startswith((f"{self._server}/", "data:", "blob:"))]
        assert not elsewhere, elsewhere


def addresses(client: httpx.Client, day: str) -> list[str]:
    """One address of every kind of page, with real ids; `client` may read the Newsroom, and has its address as base."""
    article = re.search(rf"/newsroom(/articles/{day}/\w+)", client.get("/articles").text)
    assert article
    entity = re.search(r"/newsroom(/entities/\w+)", client.get(article[1]).text)
    assert entity
    return ["/", f"/days/{day}", "/articles", article[1], "/entities", entity[1], f"{entity[1]}/quotes", "/rejects"]


def places(client: httpx.Client, day: str, folder: Path) -> list[str]:
    """Every route of the Newsroom, with and without real ids, its static files, and what FastAPI adds to an application by itself.

    Args:
        folder: an empty one.
    """
    routes = {route.path for route in create_app(folder).routes if isinstance(route, APIRoute)}
    invented = [re.sub(r"\{[^}]+\}", "x", path) for path in sorted(routes)]
    return [*invented, *addresses(client, day), "/static/newsroom.css", "/static/newsroom.js", "/static/icon.svg", "/docs", "/openapi.json"]
