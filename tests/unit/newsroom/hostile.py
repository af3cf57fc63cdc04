"""A lake of texts that would rather be HTML, turn the direction of writing or are a megabyte long, and every kind of page over it."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from urllib.parse import urlencode

from rasd.quality import data_docs
from rasd.schema import VALIDATIONS
from rasd.storage.paths import LakePaths
from tests.unit.newsroom.lake import PERSON, Article, article_id, judge, publish

DAY = date(2026, 11, 20)
EVIL = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&amp;"
OVERRIDE = "\u202e\u2067عكس\u202d"
HUGE = "عنوان طويل " * 100_000
UNBROKEN = "ب" * 20_000


def publish_hostile(lake: Path) -> None:
    hostile = Article(
        title=EVIL + OVERRIDE,
        text=f"قال {EVIL} اليوم.\n{OVERRIDE} ثم «{EVIL} {OVERRIDE}».",
        source=EVIL,
        marks=(("اليوم", "00000000000000cc", "PERSON"),),
        speaker=("00000000000000cc", f"{EVIL}{OVERRIDE}"),
        more={
            "byline": EVIL,
            "subtitle": EVIL,
            "captions": EVIL,
            "removed_text": EVIL,
            "quality_flags": EVIL,
            "near_duplicate_cluster": "x",
        },
    )
    reject = {"reason": "not_text", "message": EVIL, "source_uri": f"file:///{EVIL}", "details": EVIL}
    publish(lake, DAY, [Article(), hostile, Article(title=HUGE), Article(title=None), Article(title=UNBROKEN, text=UNBROKEN)], [reject])
    for back in range(1, 35):
        publish(lake, DAY - timedelta(days=back), [Article()])
    judge(lake, DAY + timedelta(days=1), "manual__2", critical=1)
    page = LakePaths(lake).data_docs(DAY, "cli-1") / "index.html"
    data_docs.write(page, VALIDATIONS.arrow.empty_table())


PAGES = [
    "/",
    f"/?until={DAY - timedelta(days=31)}",
    f"/days/{DAY}",
    f"/days/{DAY + timedelta(days=1)}",
    "/articles",
    f"/articles?{urlencode({'q': 'المشروع', 'entity': PERSON, 'speaker': 'سلمى', 'source': 'alwaha', 'first': DAY, 'day': DAY})}",
    f"/articles?{urlencode({'q': EVIL, 'source': EVIL, 'entity': EVIL, 'speaker': EVIL})}",
    f"/articles/{DAY}/{article_id(DAY, 0)}",
    f"/articles/{DAY}/{article_id(DAY, 1)}",
    f"/articles/{DAY}/{article_id(DAY, 2)}",
    f"/articles/{DAY}/{article_id(DAY, 3)}?whole=1",
    f"/articles/{DAY}/{article_id(DAY, 4)}",
    "/entities",
    "/entities?q=script&type=PERSON",
    f"/entities/{PERSON}",
    f"/entities/{PERSON}?all=1",
    "/entities/00000000000000cc",
    f"/entities/{PERSON}/quotes",
    "/entities/00000000000000cc/quotes?by=others",
    "/rejects",
    f"/rejects?reason=not_text&day={DAY}",
    f"/data-docs/{DAY}/cli-1",
]
