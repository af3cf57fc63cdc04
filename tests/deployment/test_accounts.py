"""The Newsroom under the accounts of docker-compose.yaml: whoever may view the DAG finds it in Airflow's navigation, no one else."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.chromium import SLOW_MS, Watcher, addresses, chromium, places
from tests.deployment.files import ROOT
from tests.deployment.stack import Stack, missing_programs

pytestmark = [pytest.mark.integration, pytest.mark.long]
DAY = "2026-11-18"
LANDED = ("alwaha_news/desalination-plant.txt", "alwaha_news/empty.txt", "sada_agency/indirect-chain.txt")
ROLES = {"viewer": "Viewer", "editor": "User", "operator": "Op", "guest": "Public", "columnist": "Columnist"}
"""Account → its role; beside them stands the administrator that `airflow-init` makes."""

OWN_ROLE = {"name": "Columnist", "actions": [{"action": {"name": "can_read"}, "resource": {"name": "DAGs"}}]}
"""A role of somebody's own, which may view DAGs and nothing else, Airflow's list of plugins neither."""

READERS = ("admin", "viewer", "editor", "operator")


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """A stack with an account for each role, and one published day."""
    if missing := missing_programs():
        pytest.skip(f"needs {' and '.join(missing)}: apt-get install postgresql redis-server")
    folder = Path(tempfile.mkdtemp(prefix="rasd-accounts-"))
    folder.chmod(0o755)  # the account of Postgres has to get in
    (folder / "lake").mkdir()
    for name in LANDED:
        (folder / "landing" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "seeds" / name, folder / "landing" / name)
    with Stack(folder / "stack", folder / "landing", folder / "lake", executor="LocalExecutor") as stack:
        stack.call("POST", "/auth/fab/v1/roles", OWN_ROLE)
        for name, role in ROLES.items():
            person = {
                "username": name,
                "first_name": name,
                "last_name": role,
                "email": f"{name}@localhost",
                "password": password(stack, name),
            }
            stack.call("POST", "/auth/fab/v1/users", person | {"roles": [{"name": role}]})
        stack.wait_for_dag("rasd_nightly")
        assert stack.trigger("rasd_nightly", partition_key=DAY)["state"] == "success"
        yield stack
    shutil.rmtree(folder)


def password(stack: Stack, name: str) -> str:
    return stack.admin[1] if name == stack.admin[0] else f"the password of {name}"


def newsroom(stack: Stack, name: str) -> httpx.Client:
    """Asks for pages of the Newsroom with a person's token."""
    token = stack.token(name, password(stack, name))
    return httpx.Client(base_url=f"http://127.0.0.1:{stack.port}/newsroom", timeout=60, headers={"Authorization": f"Bearer {token}"})


def log_in(page: Page, stack: Stack, name: str) -> None:
    """Open Airflow as somebody who has bookmarked it, and log in."""
    page.goto("/")
    fill_in(page, stack, name)
    page.get_by_role("link", name="Home").first.wait_for()


def fill_in(page: Page, stack: Stack, name: str) -> None:
    """Fill in Airflow's login form; anew while Airflow, which takes five logins in 40 seconds, refuses."""
    while True:
        page.fill('input[name="username"]', name)
        page.fill('input[name="password"]', password(stack, name))
        with page.expect_response(lambda answer: answer.request.method == "POST" and "/auth/login" in answer.url) as answer:
            page.keyboard.press("Enter")
        if answer.value.status != HTTPStatus.TOO_MANY_REQUESTS:
            return
        page.wait_for_timeout(10_000)
        page.goto(page.url)


def log_in_from_the_newsroom(page: Page, stack: Stack, name: str) -> None:
    page.goto("/newsroom/")
    page.get_by_role("link", name="Log in").click()
    fill_in(page, stack, name)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


def test_every_route_answers_those_who_may_read_and_refuses_the_others(stack: Stack, tmp_path: Path) -> None:
    clients = {name: newsroom(stack, name) for name in ("guest", *READERS)}
    with httpx.Client(base_url=f"http://127.0.0.1:{stack.port}/newsroom", timeout=60) as anonymous:
        for place in places(clients["admin"], DAY, tmp_path):
            assert anonymous.get(place).status_code == 401, place
            assert anonymous.get(place, headers={"Authorization": "Bearer forged"}).status_code in (401, 403), place
            assert clients["guest"].get(place).status_code == 403, place
            answers = {clients[name].get(place).status_code for name in READERS}
            assert len(answers) == 1, place
            assert answers.isdisjoint({401, 403, 500}), place
    for address in addresses(clients["viewer"], DAY):
        assert clients["viewer"].get(address).status_code == 200, address


@pytest.mark.parametrize("name", READERS)
def test_a_reader_finds_the_newsroom_in_the_navigation(stack: Stack, browser: Browser, name: str) -> None:
    server = f"http://127.0.0.1:{stack.port}"
    context = browser.new_context(base_url=server, locale="en-GB")
    watcher = Watcher(context, server)
    page = context.new_page()
    page.set_default_timeout(SLOW_MS)
    log_in(page, stack, name)
    watcher.errors.clear()  # Airflow asks for its settings before anybody has logged in
    page.get_by_role("link", name="Newsroom").click()
    frame = page.frame_locator('iframe[title="Newsroom"]')
    expect(frame.get_by_role("heading", level=1)).to_contain_text("What came in")
    frame.get_by_role("link", name="Articles", exact=True).click()
    frame.get_by_role("heading", level=2).get_by_role("link").first.click()
    expect(frame.locator("q.quote").first).to_be_visible()
    page.goto(f"/plugin/newsroom/newsroom/days/{DAY}")  # where the links of tasks lead
    expect(frame.get_by_role("heading", level=1)).to_contain_text("18 November 2026")
    frame.locator("a[data-host]").click()
    expect(page.get_by_test_id("header-card")).to_be_visible()
    # a viewer may not ask for the list of backfills' states and the like; what counts are the Newsroom's own pages
    watcher.errors = [error for error in watcher.errors if "/newsroom" in error]
    watcher.check()
    context.close()


def test_a_stranger_logs_in_first_and_then_sees_what_was_asked_for(stack: Stack, browser: Browser) -> None:
    context = browser.new_context(base_url=f"http://127.0.0.1:{stack.port}", locale="en-GB")
    page = context.new_page()
    page.set_default_timeout(SLOW_MS)
    log_in_from_the_newsroom(page, stack, "viewer")
    expect(page.frame_locator('iframe[title="Newsroom"]').get_by_role("heading", level=1)).to_contain_text("What came in")
    context.close()


def test_a_guest_is_refused_and_told_what_right_is_missing(stack: Stack, browser: Browser) -> None:
    context = browser.new_context(base_url=f"http://127.0.0.1:{stack.port}", locale="en-GB")
    page = context.new_page()
    page.set_default_timeout(SLOW_MS)
    with page.expect_response(lambda answer: answer.status == HTTPStatus.FORBIDDEN):
        log_in_from_the_newsroom(page, stack, "guest")
    expect(page.get_by_text("it has no right to view the DAG rasd_nightly. An administrator of Airflow can give it")).to_be_visible()
    page.goto("/")
    page.get_by_role("link", name="Home").first.wait_for()
    expect(page.get_by_role("link", name="Newsroom")).to_have_count(0)
    context.close()


def test_a_reader_whom_airflow_shows_no_plugins_sees_the_newsroom_without_its_frame(stack: Stack, browser: Browser) -> None:
    context = browser.new_context(base_url=f"http://127.0.0.1:{stack.port}", locale="en-GB")
    page = context.new_page()
    page.set_default_timeout(SLOW_MS)
    log_in_from_the_newsroom(page, stack, "columnist")
    page.wait_for_url("**/newsroom/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("What came in")
    context.close()
