"""What the lists find, and that they walk through a lake without losing or doubling anything."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from rasd.newsroom import queries
from rasd.newsroom.queries import Cursor, Filters, Newsroom, words_of
from tests.unit.newsroom.lake import PERSON, PLACE, Article, article_id, judge, publish

LAST = date(2026, 11, 20)
DAYS = [LAST - timedelta(days=back) for back in range(4)]
ROAD = Article("طريق جديد", "افتتحت البلديّة طريقًا في مدينة أخرى.", source="nour", marks=(), published=date(2026, 1, 2))
OTHER = Article("رد النقابة", "زار الوفد مدينة الواحة.\nوقال نقيب المهندسين «ننتظر التفاصيل».", speaker=(None, "نقيب المهندسين"))


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    lake = tmp_path_factory.mktemp("lake")
    for number, day in enumerate(DAYS):
        publish(lake, day, [Article()] * (9 + number) + [OTHER] + ([ROAD] if number == 2 else []), [{"reason": "empty_file"}])
    return lake


@pytest.fixture(scope="module")
def newsroom(lake: Path) -> Newsroom:
    return Newsroom(lake)


def found(newsroom: Newsroom, rows: int = 1000, **filters: object) -> list[str]:
    return [row["article_id"] for row in newsroom.articles(newsroom.snapshot(), Filters(**filters), rows=rows).rows]


@pytest.mark.parametrize("budget", [0, 60], ids=["always out of time", "in time"])
@pytest.mark.parametrize("rows", [1, 4, 7, 100])
def test_pages_follow_one_another_without_gap_or_overlap(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch, rows: int, budget: float
) -> None:
    monkeypatch.setattr(queries, "BUDGET_SECONDS", budget)
    monkeypatch.setattr(queries, "FIRST_ROWS", 5)
    snapshot, seen, cursor = newsroom.snapshot(), [], None
    for _ in range(200):
        page = newsroom.articles(snapshot, Filters(), cursor, rows=rows)
        assert len(page.rows) <= rows
        assert page.cut_short or len(page.rows) == rows or page.cursor is None
        seen += [row["article_id"] for row in page.rows]
        if (cursor := page.cursor) is None:
            break
    assert cursor is None
    assert len(seen) == len(set(seen)) == snapshot.total("articles")
    days = [article[:8] for article in seen]
    assert days == sorted(days, reverse=True)


def test_a_page_that_was_cut_short_says_how_far_it_looked(newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "BUDGET_SECONDS", 0)
    monkeypatch.setattr(queries, "FIRST_ROWS", 1)
    snapshot = newsroom.snapshot()
    page = newsroom.articles(snapshot, Filters(words="طريق"))
    newest = snapshot.day(DAYS[0])
    assert newest
    assert page.searched_share == pytest.approx(newest.rows["articles"] / snapshot.total("articles"))
    assert (page.rows, page.cut_short, page.searched_until, page.cursor) == ([], True, DAYS[0], Cursor(DAYS[1], 0))


def test_search_folds_spelling(newsroom: Newsroom) -> None:
    road = [article_id(DAYS[2], 12)]
    for search in ("البلدية", "اَلبَلدِيّه", "«مدينه اخري»", "طريق جديد", "طَريقًا", "جديد البلديه"):
        assert found(newsroom, words=search) == road, search
    assert found(newsroom, words="«اخرى مدينة»") == []
    assert found(newsroom, words="لا شيء كهذا") == []


@pytest.mark.parametrize("search", ["%", "_", "'", '"', "\\", "(", "[", "أ(?i)", "; DROP TABLE x; --", "«»", " "])
def test_signs_of_other_languages_are_letters_here(newsroom: Newsroom, search: str) -> None:
    expected = 0 if words_of(search) else newsroom.snapshot().total("articles")
    assert len(found(newsroom, words=search)) == expected
    if words_of(search):
        assert newsroom.entities(search) == []
        assert found(newsroom, entity=search) == []
    assert found(newsroom, speaker=search.strip() or "x") == []


def test_filters(newsroom: Newsroom) -> None:
    assert found(newsroom, source="nour") == [article_id(DAYS[2], 12)]
    assert found(newsroom, last=date(2026, 1, 31)) == [article_id(DAYS[2], 12)]
    assert len(found(newsroom, first=date(2026, 2, 1))) == newsroom.snapshot().total("articles") - 1
    assert len(found(newsroom, day=DAYS[0])) == 10
    assert found(newsroom, day=date(2020, 1, 1)) == []
    assert len(found(newsroom, entity=PERSON)) == len(found(newsroom, entity="سلمي")) == 9 + 10 + 11 + 12
    assert len(found(newsroom, speaker="نقيب")) == 4
    assert len(found(newsroom, speaker=PERSON, entity=PLACE, source="alwaha", words="المشروع")) == 42
    assert found(newsroom, speaker=PERSON, entity="نقيب") == []


def test_an_entity_and_what_is_said(newsroom: Newsroom) -> None:
    snapshot = newsroom.snapshot()
    place = newsroom.entities("واحه", "LOCATION")[0]
    assert (place["entity_id"], place["article_count"]) == (PLACE, 46)
    assert newsroom.entities("واحه", "PERSON") == []
    assert newsroom.mentions_by_day(snapshot.partitions, PLACE) == {day: (10 + i, 10 + i) for i, day in enumerate(DAYS)}
    assert newsroom.roles(snapshot.partitions, PERSON)[0]["role"] == "الوزيرة"
    assert len(newsroom.quotes_by(snapshot, PERSON, rows=1000).rows) == 42
    others = newsroom.quotes_about(snapshot, PERSON, rows=1000).rows
    assert others == []
    about_place = newsroom.quotes_about(snapshot, PLACE, rows=1000).rows
    assert {row["speaker_name"] for row in about_place} == {"سلمى النجار", "نقيب المهندسين"}
    assert newsroom.entity("ffffffffffffffff") is None


def test_a_publication_in_between_is_asked_again(tmp_path: Path) -> None:
    publish(tmp_path, LAST, [Article()])
    newsroom = Newsroom(tmp_path)
    before = newsroom.snapshot()
    publish(tmp_path, LAST, [Article(), OTHER], run="cli-2")
    asked = iter([before, newsroom.snapshot()])
    newsroom.snapshot = lambda fresh=False: next(asked)  # type: ignore[method-assign]
    assert len(newsroom.consistently(lambda state: newsroom.articles(state, Filters())).rows) == 2


def test_a_damaged_or_missing_manifest_hides_its_partition_only(tmp_path: Path) -> None:
    for day in DAYS[:2]:
        publish(tmp_path, day, [Article()])
    newsroom = Newsroom(tmp_path)
    assert len(newsroom.snapshot().partitions) == 2
    newsroom.paths.manifest(DAYS[0]).write_text("{")
    assert [p.day for p in newsroom.snapshot().partitions] == [DAYS[1]]
    newsroom.paths.manifest(DAYS[1]).unlink()
    assert newsroom.snapshot().partitions == ()


def test_only_the_lake_can_be_read(newsroom: Newsroom) -> None:
    with pytest.raises(Exception, match="Permission"):
        newsroom._database.rows("SELECT * FROM read_text('/etc/hostname')")
    with pytest.raises(Exception, match="locked"):
        newsroom._database.rows("SET enable_external_access = true")


def test_a_day_that_the_gate_stopped(tmp_path: Path) -> None:
    judge(tmp_path, LAST, "manual__1", critical=1)
    newsroom = Newsroom(tmp_path)
    assert newsroom.judged_days() == [LAST]
    assert newsroom.verdicts([LAST])[LAST][0]["critical"] == 1
    checks = newsroom.checks(LAST, "manual__1")
    assert [check["success"] for check in checks] == [False, True]
    assert checks[0]["meaning"] == "There are rows."
