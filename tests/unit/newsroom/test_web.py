"""The pages: what they show, that data is only ever text in them, and that every route asks the guard first."""

from __future__ import annotations

import re
import string
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi import Depends, FastAPI, HTTPException
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from rasd.newsroom import language, web
from rasd.schema import REJECT_REASONS
from tests.unit.newsroom.hostile import DAY, PAGES, publish_hostile
from tests.unit.newsroom.lake import PERSON, Article, article_id, publish


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    lake = tmp_path_factory.mktemp("lake")
    publish_hostile(lake)
    return lake


@pytest.fixture(scope="module")
def client(lake: Path) -> TestClient:
    return TestClient(web.create_app(lake), headers={"accept-language": "en"})


@pytest.mark.parametrize("lang", ["en", "ar"])
@pytest.mark.parametrize("path", PAGES)
def test_every_page_shows_data_as_text_only(client: TestClient, path: str, lang: str) -> None:
    answer = client.get(path, cookies={"rasd_language": lang})
    assert answer.status_code == 200
    html = answer.text
    assert "<img" not in html
    assert re.findall(r"<script[^>]*>", html) == ([] if "data-docs" in path else re.findall(r'<script src="/static/[^"]+" defer>', html))
    assert " onerror" not in re.sub(r">[^<]*<|\"[^\"]*\"", "", html)
    assert " style=" not in html
    assert "None" not in re.sub(r"<[^>]+>", " ", html).split()
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    if "data-docs" not in path:
        assert f'<html lang="{lang}" dir="{"rtl" if lang == "ar" else "ltr"}">' in html
        assert len(html) < 3_000_000
        for place in re.findall(r'(?:src|href|action)="([^"]*)"', html):
            assert place.startswith(("/", "?", "#")), place
            assert not place.startswith("//")


def test_characters_that_turn_directions_are_isolated(client: TestClient) -> None:
    html = client.get(f"/articles/{DAY}/{article_id(DAY, 1)}").text
    turned = re.compile(r"[\u202a-\u202e\u2066-\u2069]")
    assert turned.search(html)
    assert not turned.search(re.search("<title>(.*?)</title>", html, re.DOTALL)[1])
    for element in re.findall(r"<[^>]*[\u202a-\u202e\u2066-\u2069][^>]*>", html):
        raise AssertionError(f"in an attribute: {element}")
    for outside in re.split(r"<bdi>.*?</bdi>|<(\w+)[^>]*dir=\"auto\"[^>]*>.*?</\1>", html, flags=re.DOTALL):
        assert not turned.search(outside or ""), outside


def test_a_title_of_a_megabyte(client: TestClient) -> None:
    assert len(client.get("/articles").text) < 60_000
    html = client.get(f"/articles/{DAY}/{article_id(DAY, 2)}").text
    assert 100_000 < len(html) < 400_000


def test_overview_day_and_paging(client: TestClient) -> None:
    overview = client.get("/").text
    assert overview.count('class="column"') == 30
    assert "Stopped by the quality gate" in overview
    assert "All 2 checks met" in overview
    older = re.search(r'href="(/\?until=[^"]+)"', overview)[1]
    assert client.get(older).text.count('class="column"') == 5
    day = client.get(f"/days/{DAY}").text
    assert "سلمى النجار" in day
    assert "Not text" in day
    assert "There are rows." in day
    assert f"/data-docs/{DAY}/cli-1" in day
    stopped = client.get(f"/days/{DAY + timedelta(days=1)}").text
    assert "Stopped by the quality gate" in stopped
    assert "critical" in stopped
    first = client.get("/articles").text
    second = re.search(r'rel="next" href="([^"]+)"', first)[1].replace("&amp;", "&")
    links = r'<h2 dir="auto"><a href="([^"]+)"'
    assert not set(re.findall(links, first)) & set(re.findall(links, client.get(f"/articles{second}").text))


def test_an_article_marks_its_quote_and_names_its_speaker(client: TestClient) -> None:
    html = client.get(f"/articles/{DAY}/{article_id(DAY, 0)}").text
    assert '<q class="quote" data-quote="0">المشروع يخدم سكان الأحياء القديمة</q>' in html
    assert f'<a class="entity person" href="/entities/{PERSON}">سلمى النجار</a>' in html
    assert re.search(rf'<li id="s0".*?<a href="/entities/{PERSON}"><bdi>سلمى النجار</bdi>', html, re.DOTALL)


def test_rejects_say_what_to_do(client: TestClient) -> None:
    assert "Export the text of the document" in client.get("/rejects").text
    for code in language.LANGUAGES:
        messages = language.messages(code)
        for reason in REJECT_REASONS:
            assert messages[f"reason.{reason}"]
            assert len(messages[f"advice.{reason}"]) > 20


def test_messages_are_whole_and_alike_in_both_languages() -> None:
    english, arabic = (language.messages(code) for code in ("en", "ar"))
    assert english.keys() == arabic.keys()
    for key, text in english.items():
        assert text and arabic[key], key
        fields = [{name for _, name, _, _ in string.Formatter().parse(value) if name} for value in (text, arabic[key])]
        assert fields[0] == fields[1], key
    used = set()
    for template in (web.HERE / "templates").iterdir():
        used |= set(re.findall(r"say\('([^']+)'[,)]", template.read_text()))
    assert used <= english.keys()


@pytest.mark.parametrize(
    "path",
    [
        "/days/2026-13-01",
        "/days/x",
        "/articles?first=tomorrow",
        "/articles?cursor=2026-11-20",
        "/articles?cursor=a.b",
        "/articles?day=%00",
        "/rejects?reason=nothing",
        "/entities?type=PET",
        "/entities?page=-1",
        "/entities?page=x",
        f"/entities/{PERSON}/quotes?by=me",
    ],
)
def test_a_wrong_address_is_said_to_be_wrong(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 400
    assert "The address is wrong" in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/static/nothing.js",
        "/static/..%2Fweb.py",
        "/days/2020-01-01",
        f"/articles/{DAY}/nope",
        f"/articles/2020-01-01/{'0' * 32}",
        "/entities/nope",
        "/entities/nope/quotes",
        f"/data-docs/{DAY}/..",
        f"/data-docs/{DAY}/..%2F..%2F..",
        f"/data-docs/{DAY}/nope",
    ],
)
def test_what_is_not_there_is_not_found(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert "content-security-policy" in answer.headers


def test_the_newsroom_is_read_only(client: TestClient) -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        assert client.request(method, "/articles").status_code == 405


def test_a_file_that_is_missing_is_an_error_with_advice(tmp_path: Path) -> None:
    publish(tmp_path, DAY, [Article()])
    next((tmp_path / "articles").rglob("*.parquet")).unlink()
    answer = TestClient(web.create_app(tmp_path)).get("/articles")
    assert answer.status_code == 503
    assert "lake_maintenance" in answer.text


def test_an_empty_lake_says_what_to_do(tmp_path: Path) -> None:
    client = TestClient(web.create_app(tmp_path / "nothing"))
    assert "Trigger the DAG" in client.get("/").text
    for path in ("/articles", "/entities", "/rejects"):
        assert client.get(path).status_code == 200


def test_the_language_is_chosen_kept_or_guessed(lake: Path) -> None:
    client = TestClient(web.create_app(lake))
    assert 'lang="ar" dir="rtl" data-guessed>' in client.get("/", headers={"accept-language": "fr, ar-EG;q=0.8, en;q=0.5"}).text[:100]
    assert 'lang="en"' in client.get("/", headers={"accept-language": "fr"}).text[:100]
    chosen = client.get("/?lang=ar")
    assert "httponly" in chosen.headers["set-cookie"].lower()
    assert 'lang="ar" dir="rtl">' in client.get("/articles", headers={"accept-language": "en"}).text[:100]
    assert 'lang="en"' in client.get("/?lang=en").text[:100]
    assert client.get("/?lang=<script>").status_code == 200


@pytest.mark.parametrize("status", [401, 403])
def test_every_route_asks_the_guard_first(lake: Path, status: int) -> None:
    def refuse() -> None:
        raise HTTPException(status)

    app = web.create_app(lake, [Depends(refuse)], login_url=lambda request: "/auth/login")
    routes = [route for route in app.routes if isinstance(route, APIRoute)]
    assert len(routes) == len(app.routes), "a route that is no APIRoute has no guard"
    client = TestClient(app)
    others = ["/static/newsroom.css", "/static/newsroom.js", "/enter", "/nothing/at/all", "/docs", "/openapi.json", "/entities?page=x"]
    for path in [*PAGES, *others]:
        answer = client.get(path)
        assert answer.status_code == status, path
        assert ("/auth/login" in answer.text) == (status == 401)
        assert "alwaha" not in answer.text.partition("<main")[2]


def test_whoever_has_logged_in_is_led_where_the_host_shows_the_newsroom(lake: Path) -> None:
    for entrance, place in ((lambda: None, "/airflow/newsroom/"), (lambda: "/airflow/frame", "/airflow/frame")):
        host = FastAPI(root_path="/airflow")
        host.mount("/newsroom", web.create_app(lake, entrance=entrance))
        answer = TestClient(host).get("/airflow/newsroom/enter", follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, place)
        assert "no-store" in answer.headers["cache-control"]


def test_the_pages_of_names_lead_on_and_back(tmp_path: Path) -> None:
    names = [(f"{letter}حمد", f"{number:016x}", "PERSON") for number, letter in enumerate("ابتثجحخدذرزسشصضطظعغفقكلمنهوي")]
    publish(tmp_path, DAY, [Article(text=" ".join(name for name, _, _ in names), marks=names)])
    client = TestClient(web.create_app(tmp_path))
    first, second = client.get("/entities?type=PERSON").text, client.get("/entities?type=PERSON&page=1").text
    assert ('rel="next"' in first, 'rel="prev"' in first) == (True, False)
    assert ('rel="next"' in second, 'rel="prev"' in second) == (False, True)
    assert "?type=PERSON&amp;page=0" in second


def test_paths_break_after_slashes_only(client: TestClient) -> None:
    assert "file:/<wbr>/<wbr>/<wbr>landing/<wbr>alwaha/<wbr>" in client.get(f"/articles/{DAY}/{article_id(DAY, 0)}").text
    assert "file:/<wbr>/<wbr>/<wbr>&lt;script&gt;" in client.get("/rejects").text


def test_addresses_follow_the_mount(lake: Path) -> None:
    host = FastAPI(root_path="/airflow")
    host.mount("/newsroom", web.create_app(lake))
    html = TestClient(host, root_path="/airflow").get("/newsroom/").text
    places = re.findall(r'(?:src|href)="(/[^"]*)"', html)
    assert places
    assert all(place.startswith("/airflow/newsroom/") for place in places), places
