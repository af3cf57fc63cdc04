"""Texts that would rather be something else stay text in a real browser: nothing runs, nothing is fetched, no page is torn apart."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.chromium import SLOW_MS, Watcher
from tests.browser.serving import newsroom
from tests.unit.newsroom.hostile import DAY, EVIL, OVERRIDE, PAGES, publish_hostile
from tests.unit.newsroom.lake import article_id

pytestmark = pytest.mark.integration
WIDTHS = {"a screen": 1280, "a telephone": 390}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    lake = tmp_path_factory.mktemp("hostile")
    publish_hostile(lake)
    with newsroom(lake) as address:
        yield address


@pytest.mark.parametrize("width", WIDTHS.values(), ids=list(WIDTHS))
def test_no_page_runs_fetches_or_overflows(server: str, browser: Browser, width: int) -> None:
    context = browser.new_context(base_url=server, locale="en-GB", viewport={"width": width, "height": 800})
    watcher = Watcher(context, server)
    alerts: list[str] = []
    page = context.new_page()
    page.set_default_timeout(SLOW_MS)
    page.on("dialog", lambda dialog: (alerts.append(dialog.message), dialog.dismiss()))
    for path in PAGES:
        page.goto(path)
        assert page.locator("main img, main script").count() == 0, path
        if "data-docs" not in path:
            assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), path
    assert alerts == []
    watcher.check()
    context.close()


def test_a_title_reads_as_it_was_written(server: str, browser: Browser) -> None:
    page = browser.new_page(locale="en-GB")
    page.set_default_timeout(SLOW_MS)
    page.goto(f"{server}/articles/{DAY}/{article_id(DAY, 1)}")
    expect(page.get_by_role("heading", level=1)).to_contain_text(EVIL)
    # what turns the direction of writing turns nothing outside of the title: the words of the page stand as they do elsewhere
    assert OVERRIDE[0] in (page.get_by_role("heading", level=1).text_content() or "")
    label = page.get_by_text("Who says what")
    assert label.evaluate("element => getComputedStyle(element).direction") == "ltr"
    page.close()
