"""A person at a real Airflow with a real browser: triggers the run, watches it go green, reads the Newsroom; others are refused."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.chromium import SERIOUS, SLOW_MS, Watcher, addresses, places
from tests.integration.airflow_server import AirflowServer

pytestmark = [pytest.mark.integration, pytest.mark.long]
ROOT = Path(__file__).resolve().parents[2]
DAY = "2026-11-18"
SPEAKER = "سيرغي لافروف"
QUOTE = "لن نوقع على أي وثيقة قبل أن تتفق الدول الخمس على خرائط الموانئ"
ARTICLE = f"""موسكو: المحادثات حول الملاحة تبدأ الأسبوع المقبل

موسكو، 18 نوفمبر 2026 (صدى) - أعلن وزير الخارجية الروسي {SPEAKER} أن المحادثات حول سلامة الملاحة في بحر قزوين ستبدأ الأسبوع المقبل.

وقال لافروف في مؤتمر صحفي: "{QUOTE}".

وتشارك في المحادثات وفود من خمس دول، وتستمر ثلاثة أيام في مدينة أستراخان.
"""
LANDED = ("alwaha_news/desalination-plant.txt", "alwaha_news/empty.txt", "sada_agency/indirect-chain.txt")
RUN_MS = 600_000
"""How long it waits for the run to go green."""

LOOKS = {
    "English": {"locale": "en-GB", "color_scheme": "light", "viewport": {"width": 1280, "height": 900}},
    "English, dark": {"locale": "en-GB", "color_scheme": "dark", "viewport": {"width": 1280, "height": 900}},
    "English, narrow": {"locale": "en-GB", "color_scheme": "light", "viewport": {"width": 390, "height": 800}},
    "Arabic": {"locale": "ar", "color_scheme": "light", "viewport": {"width": 1280, "height": 900}},
    "Arabic, dark, narrow": {"locale": "ar", "color_scheme": "dark", "viewport": {"width": 390, "height": 800}},
}


@pytest.fixture(scope="module")
def airflow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AirflowServer]:
    """An Airflow with an administrator, and a guest who may log in and nothing else; its lake is empty."""
    folder = tmp_path_factory.mktemp("newsroom")
    for name in LANDED:
        (folder / "landing" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "seeds" / name, folder / "landing" / name)
    (folder / "landing" / "sada_agency" / "moscow.txt").write_text(ARTICLE, encoding="utf-8")
    users = {"AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": "admin:admin,guest:"}
    with AirflowServer(folder / "home", folder / "landing", folder / "lake", **users) as server:
        server.wait_for_dag("rasd_nightly", unpause=False)
        yield server


@pytest.fixture(scope="module")
def reader(airflow: AirflowServer, browser: Browser) -> Iterator[Page]:
    """The page of a person who has logged in, unpaused the DAG, filled its trigger form in and watched the run go green."""
    server = f"http://127.0.0.1:{airflow.port}"
    context = browser.new_context(**LOOKS["English"], base_url=server)
    watcher = Watcher(context, server)
    page = context.new_page()
    page.set_default_timeout(SLOW_MS)
    page.goto("/dags/rasd_nightly")
    page.fill('input[name="username"]', "admin")
    page.fill('input[name="password"]', airflow.passwords["admin"])
    page.keyboard.press("Enter")
    page.wait_for_url("**/dags/rasd_nightly")
    watcher.errors.clear()  # Airflow asks for its settings before anybody has logged in

    page.get_by_test_id("trigger-dag-button").click()
    form = page.get_by_role("dialog")
    expect(form.get_by_role("checkbox", name=re.compile("Unpause"))).to_be_checked()
    form.locator('input[name="element_ingest_date"]').fill(DAY)
    form.get_by_role("button", name="Trigger", exact=True).click()
    run = page.locator('a[href*="/runs/manual__"]').first
    run.wait_for()
    page.goto((run.get_attribute("href") or "").rstrip("/"))
    header = page.get_by_test_id("header-card")
    expect(header.get_by_text(re.compile("^(Success|Failed)$"))).to_be_visible(timeout=RUN_MS)
    expect(header.get_by_text("Success", exact=True)).to_be_visible()
    yield page
    watcher.check()
    context.close()


def test_from_a_task_to_its_day_and_back_to_the_run(reader: Page) -> None:
    run = reader.url.rstrip("/")
    for task in ("claim", "transform/mapped/0", "release", "publish"):
        reader.goto(f"{run}/tasks/{task}/details")
        expect(reader.get_by_role("link", name="Data docs")).to_be_visible()
    reader.locator(f'a[href$="/days/{DAY}"]').click()
    reader.wait_for_url(f"**/plugin/newsroom/newsroom/days/{DAY}")
    newsroom = reader.frame_locator('iframe[title="Newsroom"]')
    expect(newsroom.get_by_role("heading", level=1)).to_contain_text("18 November 2026")
    expect(newsroom.get_by_text("Empty file")).to_be_visible()
    newsroom.get_by_role("link", name="Data docs").click()
    expect(newsroom.get_by_role("heading", level=1)).to_contain_text(f"Quality of {DAY}")
    reader.goto(f"/plugin/newsroom/newsroom/days/{DAY}")
    newsroom.locator("a[data-host]").click()
    # Airflow writes some characters of a run's id in another way than the link does
    reader.wait_for_url(lambda url: unquote(url).startswith(unquote(run)))
    expect(reader.get_by_test_id("header-card")).to_be_visible()


def test_search_an_article_and_see_who_says_what(reader: Page) -> None:
    reader.goto("/")
    reader.get_by_role("link", name="Newsroom").click()
    newsroom = reader.frame_locator('iframe[title="Newsroom"]')
    newsroom.get_by_role("link", name="Articles", exact=True).click()
    newsroom.get_by_label("Words in title or text").fill("سيدينَا الموريتانيه")  # as nobody writes it, and it is found
    newsroom.get_by_role("button", name="Search").click()
    expect(newsroom.locator("mark").filter(has_text="سيدينا").first).to_be_visible()
    newsroom.get_by_label("Words in title or text").fill("لافروف")
    newsroom.get_by_role("button", name="Search").click()
    expect(newsroom.locator("mark").filter(has_text="لافروف").first).to_be_visible()
    newsroom.get_by_role("heading", level=2).get_by_role("link").click()

    quote = newsroom.locator("q.quote").filter(has_text=QUOTE)
    expect(quote).to_have_css("text-decoration-line", "underline")
    expect(quote.locator("xpath=ancestor::p")).to_have_css("direction", "rtl")
    expect(newsroom.get_by_role("tooltip")).to_be_hidden()
    quote.hover()
    expect(newsroom.get_by_role("tooltip")).to_contain_text(SPEAKER)
    quote.click(position={"x": 5, "y": 5})
    expect(newsroom.locator("li.lit")).to_contain_text(SPEAKER)
    newsroom.locator(".story .ref").last.focus()  # the same with the keyboard
    expect(newsroom.get_by_role("tooltip")).to_contain_text(SPEAKER)

    newsroom.locator("a.entity.person").filter(has_text=SPEAKER).first.click()
    expect(newsroom.get_by_role("heading", level=1)).to_contain_text(SPEAKER)
    expect(newsroom.locator("blockquote").filter(has_text=QUOTE)).to_be_visible()

    newsroom.get_by_role("link", name="العربية").click()
    expect(newsroom.locator("html")).to_have_attribute("dir", "rtl")
    newsroom.get_by_role("link", name="المرفوضات").click()
    expect(newsroom.get_by_text("اطلب من المصدر إرسال الملف ثانية")).to_be_visible()
    newsroom.get_by_role("link", name="English").click()
    expect(newsroom.locator("html")).to_have_attribute("dir", "ltr")


def newsroom_client(reader: Page) -> httpx.Client:
    """Asks for pages of the Newsroom as the person who is logged in there."""
    cookies = {cookie["name"]: cookie["value"] for cookie in reader.context.cookies()}
    server = httpx.URL(reader.url).copy_with(path="/newsroom", query=None)
    return httpx.Client(base_url=server, cookies=cookies, timeout=60)


@pytest.mark.parametrize("look", LOOKS)
def test_pages_are_accessible_and_fit(reader: Page, browser: Browser, look: str) -> None:
    server = f"http://127.0.0.1:{httpx.URL(reader.url).port}"
    context = browser.new_context(**LOOKS[look], base_url=server, storage_state=reader.context.storage_state())
    context.clear_cookies(name="rasd_language")
    watcher = Watcher(context, server)
    page = context.new_page()
    page.set_default_timeout(SLOW_MS)
    for path in addresses(newsroom_client(reader), DAY):
        answer = page.goto(f"/newsroom{path}")
        assert answer is not None
        assert answer.status == 200
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), path
        faults = [fault for fault in Axe().run(page).response["violations"] if fault["impact"] in SERIOUS]
        assert faults == [], path
    watcher.check()
    context.close()


def test_whoever_may_not_view_the_dag_is_refused_everywhere(airflow: AirflowServer, reader: Page, tmp_path: Path) -> None:
    tokens = {user: {"Authorization": f"Bearer {airflow.token(user, airflow.passwords[user])}"} for user in ("admin", "guest")}
    with httpx.Client(base_url=f"http://127.0.0.1:{airflow.port}/newsroom", timeout=60) as client:
        for place in places(newsroom_client(reader), DAY, tmp_path):
            assert client.get(place).status_code == 401, place
            assert client.get(place, headers={"Authorization": "Bearer forged"}).status_code in (401, 403), place
            assert client.get(place, headers=tokens["guest"]).status_code == 403, place
            assert client.get(place, headers=tokens["admin"]).status_code not in (401, 403), place
        assert "/auth/login" in client.get("/articles").text


def test_a_guest_is_told_why(airflow: AirflowServer, browser: Browser) -> None:
    context = browser.new_context(base_url=f"http://127.0.0.1:{airflow.port}", locale="en-GB")
    page = context.new_page()
    page.set_default_timeout(SLOW_MS)
    page.goto("/newsroom/")
    page.get_by_role("link", name="Log in").click()
    page.fill('input[name="username"]', "guest")
    page.fill('input[name="password"]', airflow.passwords["guest"])
    with page.expect_response(lambda answer: answer.status == 403 and "/newsroom/" in answer.url):
        page.keyboard.press("Enter")
    expect(page.get_by_text("Your account may not see the Newsroom")).to_be_visible()
    expect(page.get_by_text(SPEAKER)).to_have_count(0)
    context.close()
