"""A search that is cut short goes on by itself in the browser, over many requests."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from rasd.newsroom import queries
from tests.browser.chromium import SLOW_MS
from tests.browser.serving import newsroom
from tests.unit.newsroom.lake import Article, publish

pytestmark = pytest.mark.integration
LAST = date(2026, 11, 20)
DAYS = 6
OLD = Article("طريق جديد", "افتتحت البلدية طريقا.", marks=())


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A Newsroom whose requests read one day each; only the oldest day has a road."""
    monkeypatch.setattr(queries, "BUDGET_SECONDS", 0)
    monkeypatch.setattr(queries, "FIRST_ROWS", 1)
    for back in range(DAYS):
        publish(tmp_path, LAST - timedelta(days=back), [Article()] + ([OLD] if back == DAYS - 1 else []))
    with newsroom(tmp_path) as address:
        yield address


def test_a_search_goes_on_to_the_oldest_day(server: str, browser: Browser) -> None:
    page = browser.new_page(locale="en-GB")
    page.set_default_timeout(SLOW_MS)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{server}/articles?q=طريق")
    expect(page.locator(".results > li")).to_have_count(1)
    expect(page.locator(".onward .button")).to_have_count(0)
    assert sum("cursor=" in url for url in asked) == DAYS - 1

    page.goto(f"{server}/articles?q=لاشيء")
    expect(page.get_by_text("No article matches.")).to_be_visible()
