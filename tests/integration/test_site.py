"""The documentation as a site: it builds without a warning, takes nothing from elsewhere, its search works in a page opened as a file, and
what its first page claims is what comes out."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pytest

from rasd.lake.reading import open_dataset
from rasd.pipeline import PartitionRun, run_partition

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = shutil.which("chromium")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)], cwd=ROOT, capture_output=True, text=True
    )
    assert built.returncode == 0, built.stderr
    return folder


class Resources(HTMLParser):
    """Addresses of everything that a browser fetches to show a page; what a reader may click on is no part of it."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        if tag != "a":
            self.found += [given[name] or "" for name in ("src", "href", "srcset", "data", "poster", "action") if name in given]
        self.found += re.findall(r"url\(([^)]+)\)", given.get("style") or "")


def test_no_page_takes_anything_from_elsewhere(site: Path) -> None:
    pages = sorted(site.rglob("*.html"))
    assert len(pages) > 15
    for page in pages:
        resources = Resources()
        resources.feed(page.read_text(encoding="utf-8"))
        assert [address for address in resources.found if re.match(r"(?i)\s*['\"]?(https?:)?//", address)] == [], page.name
    for sheet in site.rglob("*.css"):
        assert not re.search(r"(@import|url\()\s*['\"]?(https?:)?//", sheet.read_text(encoding="utf-8")), sheet.name


def test_a_bar_in_a_meaning_does_not_end_its_cell(site: Path) -> None:
    assert "separated by « | »." in (site / "data-dictionary.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    from playwright.sync_api import sync_playwright

    if CHROMIUM is None:
        pytest.skip("needs chromium")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.mark.integration
def test_search_works_from_disk_and_asks_nobody(site: Path, browser) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    asked, complaints = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto((site / "index.html").as_uri())
    page.click("input[name=query]")
    page.wait_for_selector("text=Type to start searching", timeout=30_000)
    page.locator("input[name=query]").press_sequentially("backfill")
    page.wait_for_selector(".md-search-result__link[href*='operations.html']", timeout=30_000)
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []
    assert complaints == []


@pytest.mark.integration
def test_no_page_is_wider_than_a_phone_and_arabic_runs_from_right_to_left(site: Path, browser) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844})
    for file in sorted(site.rglob("*.html")):
        page.goto(file.as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, file.name
    page.goto((site / "index.html").as_uri())
    quoted = page.locator("blockquote p").first
    box = quoted.evaluate(
        "p => { const r = document.createRange(); r.setStart(p.firstChild, 0); r.setEnd(p.firstChild, 1); "
        "return [r.getBoundingClientRect().right, p.getBoundingClientRect().right] }"
    )
    assert abs(box[0] - box[1]) < 4, "the first letter stands at the right edge"


def test_the_sentence_on_the_first_page_is_read_as_it_says(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    (sentence,) = re.findall(r"^> (.+)$", text, re.MULTILINE)
    filler = "وتقع المحطة على شاطئ البحر شمالي المدينة، ويعمل فيها عشرات المهندسين والعمال منذ الربيع الماضي، وتنتج الماء العذب."
    (tmp_path / "landing").mkdir()
    (tmp_path / "landing" / "a.txt").write_text(f"محطة مياه جديدة\n\n{sentence}\n\n{filler}\n", encoding="utf-8")
    settings = {"landing": str(tmp_path / "landing"), "lake": str(tmp_path / "lake")}
    run_partition(PartitionRun("site", date(2026, 3, 1), settings), workers=1)
    (quote,) = open_dataset(tmp_path / "lake", "quotes").to_table().to_pylist()
    entities = open_dataset(tmp_path / "lake", "entities").to_table().to_pylist()
    claims = re.findall(r"^\| (?:`(\w+)`)? ?\| (.+?) \| (.+?) \|$", text, re.MULTILINE)
    dataset = ""
    checked = 0
    for named, columns, values in claims:
        dataset = named or dataset
        if dataset not in ("quotes", "entities"):
            continue
        expected = dict(zip(re.findall(r"`(\w+)`", columns), values.split(", "), strict=True))
        rows = [quote] if dataset == "quotes" else entities
        assert any(expected.items() <= {name: str(value) for name, value in row.items()}.items() for row in rows), expected
        checked += 1
    assert checked == 7
