"""Tables stay tables to those who listen, though a telephone shows their rows as cards."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.browser.chromium import SERIOUS, SLOW_MS
from tests.browser.serving import newsroom
from tests.unit.newsroom.lake import Article, publish

pytestmark = pytest.mark.integration
DAY = date(2026, 11, 20)
PAGES = ("/", f"/days/{DAY}", "/entities", "/rejects")
SCREEN, TELEPHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 800}
ROLES = ("table", "row", "columnheader", "rowheader", "cell")
WITHOUT_ROLE = """[...document.querySelectorAll('table, table *')]
    .filter(e => /^(TABLE|THEAD|TBODY|TR|TH|TD)$/.test(e.tagName) && !/^table/.test(getComputedStyle(e).display) && !e.hasAttribute('role'))
    .map(e => e.outerHTML)"""
"""What is a part of a table by its name alone, while it is not laid out as one: some browsers take the role from the layout."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    lake = tmp_path_factory.mktemp("tables")
    publish(lake, DAY, [Article()], [{"reason": "not_text", "details": "{}"}])
    with newsroom(lake) as address:
        yield address


def heard(page: Page) -> list[tuple[str, str]]:
    """The tables of a page as Chromium hands them to screen readers: each part's role and name."""
    nodes = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    parts = [(node["role"]["value"], node.get("name", {}).get("value", "")) for node in nodes if not node["ignored"]]
    return [(role, name) for role, name in parts if role in ROLES]


@pytest.mark.parametrize("path", PAGES)
def test_cards_are_a_table_to_those_who_listen(server: str, browser: Browser, path: str) -> None:
    page = browser.new_page(locale="en-GB", viewport=SCREEN)
    page.set_default_timeout(SLOW_MS)
    page.goto(f"{server}{path}")
    for details in page.locator("details").all():
        details.evaluate("element => { element.open = true }")
    wide = heard(page)
    assert {role for role, _ in wide} >= {"table", "row", "columnheader", "cell"}
    page.set_viewport_size(TELEPHONE)
    assert page.locator("table").first.evaluate("element => getComputedStyle(element).display") == "block"
    assert heard(page) == wide
    assert page.evaluate(WITHOUT_ROLE) == []
    assert [fault for fault in Axe().run(page).response["violations"] if fault["impact"] in SERIOUS] == []
    page.close()
