"""The views give what the same questions give when they are asked in pandas over the Parquet files.

The lakes are invented and hold every awkward thing: articles that come again on another day, reprints, inner quotes, headlines, citations,
speakers and places that nothing is known of."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from rasd.lake.reading import LakeError
from rasd.lake.views import EXAMPLES, LAKE_VARIABLE, VIEWS, views_page, write_views
from rasd.schema import ARTICLES, DATASETS, DIM_ENTITIES, ENTITIES, INGESTIONS, QUOTES, REJECTS, VALIDATIONS, Dataset
from rasd.storage.paths import LakePaths

ROOT = Path(__file__).resolve().parents[3]
DAYS = [date(2026, 3, day) for day in range(1, 6)]
SOURCES = ("waha", "nour", "sada")
KINDS = ("PERSON", "LOCATION", "ORGANIZATION", "MISC")
DEFAULTS = {
    pa.string(): "",
    pa.int32(): 1,
    pa.int64(): 1,
    pa.float64(): 0.5,
    pa.bool_(): False,
    pa.date32(): DAYS[0],
    pa.timestamp("us", tz="UTC"): datetime(2026, 3, 1, tzinfo=UTC),
}

Row = dict[str, Any]


def table(dataset: Dataset, rows: list[Row]) -> pa.Table:
    """The rows with what they leave out filled in where it may not be null."""
    filled = [{c.name: row.get(c.name, DEFAULTS[c.type] if c.required else None) for c in dataset.columns} for row in rows]
    return pa.Table.from_pylist(filled, schema=dataset.arrow)


def make_lake(folder: Path, seed: int) -> Path:
    """A lake of a few days with about 60 articles."""
    draw = random.Random(seed)
    things = []
    for number in range(14):
        kind = KINDS[number % len(KINDS)]
        located = kind == "LOCATION" and number % 3
        country = draw.choice(("SY", "EG")) if located or number % 5 == 0 else None
        point = (draw.uniform(20, 40), draw.uniform(10, 50)) if located and number % 2 else (None, None)
        things.append(
            {"entity_id": f"e{number}", "entity_type": kind, "country_code": country, "latitude": point[0], "longitude": point[1]}
        )
    known = [
        thing | {"name_ar": f"اسم {thing['entity_id']}", "name_en": draw.choice((None, f"Name {n}"))} for n, thing in enumerate(things)
    ]
    del known[3], known[0]  # two that the dimension does not have (yet)

    contents = [content(draw, number, things) for number in range(60)]
    partitions: dict[date, dict[str, list[Row]]] = {day: {name: [] for name in DATASETS} for day in DAYS}
    for article, mentions, quotes in contents:
        for day in sorted(draw.sample(DAYS, draw.choice((1, 1, 1, 2, 3)))):
            dated = {"article_date": article["published_date"] or day}
            rows = partitions[day]
            rows["articles"].append(article | dated | {"ingested_on": day})
            rows["entities"] += [mention | {"ingested_on": day} for mention in mentions]
            rows["quotes"] += [quote | {"ingested_on": day} for quote in quotes]
    for day, rows in partitions.items():
        for number in range(draw.randrange(3, 40)):
            status = draw.choice(("article", "article", "duplicate", "rejected"))
            size = draw.choice((None, 10, 2000))
            rows["ingestions"].append(
                {"ingested_on": day, "source_id": draw.choice(SOURCES), "source_uri": f"{day}/{number}", "status": status, "bytes": size}
            )
    paths = LakePaths(folder)
    for day, rows in partitions.items():
        for dataset in (ARTICLES, ENTITIES, QUOTES, INGESTIONS, REJECTS):
            write(paths.partition(dataset.name, day) / "part-00000.parquet", table(dataset, rows[dataset.name]))
        for hour in draw.sample(range(24), 2):
            checks = [{"run": f"run-{draw.random()}", "ingested_on": day, "expectation": f"c{n}", "severity": "warning"} for n in range(3)]
            judged = {"run": f"run-{hour}-{draw.random()}", "validated_at": datetime(2026, 3, 9, hour, tzinfo=UTC)}
            verdicts = [check | judged | {"success": draw.random() < 0.8, "dataset": "articles"} for check in checks]
            write(paths.partition("validations", day) / f"{hour}.parquet", table(VALIDATIONS, verdicts))
    write(folder / "dim_entities" / "part-00000.parquet", table(DIM_ENTITIES, known))
    return folder


def content(draw: random.Random, number: int, things: list[Row]) -> tuple[Row, list[Row], list[Row]]:
    """An article with its mentions and quotes, all that is the same on every day that it comes."""
    article = {
        "article_id": f"a{number}",
        "source_id": draw.choice(SOURCES),
        "title": f"عنوان {number}",
        "word_count": draw.randrange(20, 500),
        "published_date": draw.choice((None, DAYS[0] - timedelta(days=2), DAYS[1])),
        "near_duplicate_cluster": draw.choice((None, None, "reprint-1", "reprint-2")),
    }
    mentions = []
    for index in range(draw.randrange(0, 9)):
        thing = draw.choice(things)
        start = draw.randrange(0, 200)
        where = {"mention_id": f"m{number}-{index}", "article_id": f"a{number}", "section": draw.choice(("title", "text"))}
        mentions.append(thing | where | {"canonical_name": thing["entity_id"], "start": start, "end": start + 9})
    quotes: list[Row] = []
    for ordinal in range(draw.randrange(0, 6)):
        start = draw.randrange(0, 150)
        speaker = draw.choice(things)
        named = {"speaker_entity_id": speaker["entity_id"], "speaker_name": "كما كتب", "speaker_type": speaker["entity_type"]}
        unnamed = {"speaker_name": draw.choice(("مصدر أمني", "مسؤولون")), "speaker_type": "SOURCE"}
        quote = {
            "quote_id": f"q{number}-{ordinal}",
            "article_id": f"a{number}",
            "parent_quote_id": draw.choice((None, quotes[-1]["quote_id"])) if quotes else None,
            "quote_type": draw.choice(("direct", "indirect", "mixed")),
            "is_headline": draw.random() < 0.1,
            "is_citation": draw.random() < 0.1,
            "is_negated": draw.random() < 0.1,
            "modality": "future" if ordinal == 4 else "said",
            "section": draw.choice(("title", "text")),
            "start": start,
            "end": start + draw.randrange(10, 120),
        }
        quotes.append(quote | draw.choice((named, named, named, unnamed, {})))
    return article, mentions, quotes


def write(path: Path, rows: pa.Table) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(rows, path)


class Asked:
    """A lake and its views, and the same lake as data frames."""

    def __init__(self, lake: Path, db: duckdb.DuckDBPyConnection) -> None:
        self.db = db
        frames = {
            d.name: pd.concat([pd.read_parquet(path) for path in sorted((lake / d.name).rglob("*.parquet"))]) for d in DATASETS.values()
        }
        self.dim = frames["dim_entities"].set_index("entity_id")
        self.ingestions, self.validations = frames["ingestions"], frames["validations"]
        self.articles = frames["articles"].sort_values("ingested_on").drop_duplicates("article_id").reset_index(drop=True)
        self.articles["story"] = self.articles["near_duplicate_cluster"].fillna(self.articles["article_id"])
        first = self.articles[["article_id", "ingested_on", "article_date", "source_id", "title"]]
        self.entities = self._described(
            frames["entities"].merge(first, on=["article_id", "ingested_on"]), "entity_id", "canonical_name", "entity_type"
        )
        self.all_quotes = frames["quotes"].merge(first, on=["article_id", "ingested_on"])
        unsaid = self.all_quotes.is_headline | self.all_quotes.is_citation | self.all_quotes.is_negated
        said = self.all_quotes[~unsaid & (self.all_quotes.modality == "said")]
        self.said = self._described(said, "speaker_entity_id", "speaker_name", "speaker_type")

    def _described(self, rows: pd.DataFrame, key: str, name: str, kind: str) -> pd.DataFrame:
        known = self.dim[["name_ar", "entity_type", "country_code", "latitude", "longitude"]].add_prefix("known_")
        rows = rows.join(known, on=key).reset_index(drop=True)
        rows["name"] = rows["known_name_ar"].fillna(rows[name])
        rows["kind"] = rows["known_entity_type"].fillna(rows[kind])
        return rows

    def view(self, columns: str, view: str, group: str = "") -> list[tuple[Any, ...]]:
        return ordered(self.db.execute(f"SELECT {columns} FROM {view} {group}").fetchall())


def ordered(rows: Any) -> list[tuple[Any, ...]]:
    """Sorted, with NULL, NaN and None all None."""
    plain = [tuple(None if value is None or value is pd.NaT or value != value else value for value in row) for row in rows]
    return sorted(plain, key=lambda row: [(value is not None, str(value)) for value in row])


@pytest.fixture(scope="module", params=[1, 2])
def asked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    folder = tmp_path_factory.mktemp("views")
    lake = make_lake(folder / "lake", request.param)
    write_views(folder / "news.duckdb", lake)
    with duckdb.connect(str(folder / "news.duckdb"), read_only=True) as db:
        yield Asked(lake, db)


def test_the_lake_is_awkward_enough(asked: Asked) -> None:
    landed = asked.db.execute("SELECT count(*), count(DISTINCT article_id) FROM articles").fetchone()
    assert landed[0] > landed[1]
    assert len(asked.all_quotes) > len(asked.said)
    assert asked.said["parent_quote_id"].notna().any()
    assert asked.said["speaker_name"].isna().any()
    assert asked.entities["known_name_ar"].isna().any()
    assert asked.articles["story"].nunique() < len(asked.articles)


def test_distinct_articles(asked: Asked) -> None:
    expected = asked.articles[["article_id", "ingested_on", "article_date", "source_id", "title", "story", "word_count"]]
    assert asked.view("*", "distinct_articles") == ordered(expected.itertuples(index=False))


def test_statements(asked: Asked) -> None:
    expected = asked.said[["quote_id", "article_date", "source_id", "title", "speaker_entity_id", "name", "kind"]]
    columns = "quote_id, day, source_id, title, speaker_id, speaker_name, speaker_type"
    assert asked.view(columns, "statements") == ordered(expected.itertuples(index=False))


@pytest.mark.parametrize(("view", "by"), [("article_daily", ["day"]), ("coverage_by_source", ["day", "source_id"])])
def test_volumes(asked: Asked, view: str, by: list[str]) -> None:
    expected = []
    articles = asked.articles.rename(columns={"article_date": "day"})
    for key, group in articles.groupby(by):
        ids = set(group["article_id"])
        mentions = asked.entities[asked.entities["article_id"].isin(ids)]
        said = asked.said[asked.said["article_id"].isin(ids)]
        speakers = said["speaker_entity_id"].fillna(said["speaker_name"]).dropna().nunique()
        counts = (len(group), int(group["word_count"].sum()), len(mentions), len(said), said["article_id"].nunique(), speakers)
        more = (group["story"].nunique(), group["source_id"].nunique()) if view == "article_daily" else ()
        expected.append((*key, *counts, *more))
    columns = f"{', '.join(by)}, articles, words, mentions, quotes, articles_with_quotes, speakers"
    assert asked.view(columns + (", stories, sources" if view == "article_daily" else ""), view) == ordered(expected)


def test_top_speakers(asked: Asked) -> None:
    named = asked.said[asked.said["name"].notna()]
    expected = [
        (*key, len(group), int((group["quote_type"] != "indirect").sum()), group["article_id"].nunique())
        for key, group in named.groupby(["article_date", "speaker_entity_id", "name", "kind"], dropna=False)
    ]
    columns = "day, speaker_id, speaker_name, speaker_type, quotes, verbatim_quotes, articles"
    assert asked.view(columns, "top_speakers") == ordered(expected)


def test_who_quotes_whom(asked: Asked) -> None:
    outer = asked.said.set_index("quote_id")["name"]
    named = asked.said[asked.said["name"].notna()].copy()
    named["outer"] = named["parent_quote_id"].map(outer)
    assert named["outer"].notna().any()
    expected = [
        (*key, len(group), int((group["quote_type"] != "indirect").sum()), group["article_id"].nunique())
        for key, group in named.groupby(["article_date", "source_id", "outer", "name", "kind"], dropna=False)
    ]
    columns = "day, source_id, quoting_speaker_name, speaker_name, speaker_type, quotes, verbatim_quotes, articles"
    assert asked.view(columns, "who_quotes_whom") == ordered(expected)


def test_entity_trend(asked: Asked) -> None:
    volume = asked.articles["article_date"].value_counts()
    expected = [
        (day, thing, group["name"].iloc[0], group["kind"].iloc[0], len(group), group["article_id"].nunique(), volume[day])
        for (day, thing), group in asked.entities.groupby(["article_date", "entity_id"])
    ]
    columns = "day, entity_id, name, entity_type, mentions, articles, articles_of_day"
    assert asked.view(columns, "entity_trend") == ordered(expected)
    assert all(share == few / all_ for share, few, all_ in asked.view("share_of_articles, articles, articles_of_day", "entity_trend"))


def test_quotes_about(asked: Asked) -> None:
    expected = set()
    mentions = dict(list(asked.entities.groupby("article_id")))
    for quote in asked.said.itertuples():
        for mention in mentions.get(quote.article_id, asked.entities[:0]).itertuples():
            if mention.section == quote.section and quote.start <= mention.start and mention.end <= quote.end:
                country = mention.known_country_code if isinstance(mention.known_country_code, str) else mention.country_code
                expected.add((quote.quote_id, quote.name, mention.entity_id, mention.name, mention.kind, country))
    assert expected
    columns = "quote_id, speaker_name, about_id, about_name, about_type, about_country_code"
    assert asked.view(columns, "quotes_about") == ordered(expected)


def test_geo_mentions(asked: Asked) -> None:
    places = asked.entities[asked.entities["kind"] == "LOCATION"].copy()
    for column in ("country_code", "latitude", "longitude"):
        places[column] = places[f"known_{column}"].where(places[f"known_{column}"].notna(), places[column])
    places = places[places["country_code"].notna() | places["latitude"].notna()]
    expected = [
        (*key, len(group), group["article_id"].nunique())
        for key, group in places.groupby(["article_date", "entity_id", "name", "country_code", "latitude", "longitude"], dropna=False)
    ]
    assert asked.view("day, place_id, name, country_code, latitude, longitude, mentions, articles", "geo_mentions") == ordered(expected)


def test_delivery_by_source(asked: Asked) -> None:
    expected = [
        (
            *key,
            len(group),
            *(int((group["status"] == status).sum()) for status in ("article", "duplicate", "rejected")),
            group["bytes"].sum(),
        )
        for key, group in asked.ingestions.groupby(["ingested_on", "source_id"])
    ]
    columns = "ingest_date, source_id, files, articles, duplicates, rejected, bytes"
    assert asked.view(columns, "delivery_by_source") == ordered(expected)


def test_quality_checks_are_those_of_the_last_run(asked: Asked) -> None:
    newest = asked.validations.groupby("ingested_on")["validated_at"].transform("max")
    last = asked.validations[asked.validations["validated_at"] == newest]
    expected = last[["ingested_on", "expectation", "run", "success"]].itertuples(index=False)
    assert asked.view("ingest_date, check_name, run, success", "quality_checks") == ordered(expected)


def test_every_column_is_documented_and_typed_as_the_documentation_says(asked: Asked) -> None:
    columns = "SELECT column_name, data_type, comment FROM duckdb_columns() WHERE table_name = ? ORDER BY column_index"
    for view in VIEWS:
        assert asked.db.execute(columns, [view.name]).fetchall() == [(c.name, c.type, c.doc) for c in view.columns], view.name
    for dataset in DATASETS.values():
        described = {name: comment for name, _, comment in asked.db.execute(columns, [dataset.name]).fetchall()}
        assert {c.name: c.doc for c in dataset.columns}.items() <= described.items()
        assert all(described.values())
    comments = dict(asked.db.execute("SELECT view_name, comment FROM duckdb_views() WHERE NOT internal").fetchall())
    assert comments.keys() == {*DATASETS, *(view.name for view in VIEWS)}
    assert all(comments.values())


@pytest.mark.parametrize(("question", "sql"), EXAMPLES, ids=[question for question, _ in EXAMPLES])
def test_an_example_runs(asked: Asked, question: str, sql: str) -> None:
    names = "name LIKE '%لافروف%'", "about_name = 'الأمم المتحدة' AND confidence >= 0.8", "files IS NULL OR rejected > files / 5"
    for name in names:
        sql = sql.replace(name, "true")
    assert asked.db.execute(sql).fetchall(), question


def test_who_spoke_most_about_syria_this_week(asked: Asked) -> None:
    people = asked.said[asked.said["kind"] == "PERSON"]
    people = people[people["article_date"] > asked.articles["article_date"].max() - timedelta(days=7)]
    pairs = people.merge(asked.entities, on=["article_id", "section"], suffixes=("", "_of_mention"))
    inside = pairs[(pairs["start"] <= pairs["start_of_mention"]) & (pairs["end_of_mention"] <= pairs["end"])]
    syrian = inside["known_country_code_of_mention"].fillna(inside["country_code"]) == "SY"
    counts = inside[syrian].groupby("name").agg(quotes=("quote_id", "nunique"), newsrooms=("source_id", "nunique")).reset_index()
    expected = counts.sort_values(["quotes", "name"], ascending=[False, True]).head(10)
    assert len(expected)
    assert asked.db.execute(EXAMPLES[0][1]).fetchall() == list(expected.itertuples(index=False, name=None))


def test_the_page_in_docs_is_fresh() -> None:
    assert (ROOT / "docs" / "views.md").read_text(encoding="utf-8") == views_page(), "make docs makes it anew"


def test_the_file_may_be_moved_and_attached_and_the_lake_may_lie_elsewhere(tmp_path: Path) -> None:
    lake = make_lake(tmp_path / "a [b] lake*, 'quoted'", seed=4)
    make_lake(tmp_path / "a b lake, quoted", seed=5)  # what the name would match if it were a pattern
    write_views(tmp_path / "news.duckdb", lake)
    moved = (tmp_path / "news.duckdb").rename(tmp_path / "elsewhere.duckdb")
    with duckdb.connect() as db:
        db.execute(f"ATTACH '{moved}' AS rasd (READ_ONLY)")
        before = db.execute("SELECT count(*) FROM rasd.statements").fetchone()
        lake.rename(tmp_path / "mounted")
        with pytest.raises(duckdb.IOException):
            db.execute("FROM rasd.statements").fetchall()
        db.execute(f"SET VARIABLE {LAKE_VARIABLE} = '{tmp_path / 'mounted'}'")
        assert db.execute("SELECT count(*) FROM rasd.statements").fetchone() == before
        assert before[0]


def test_a_partition_that_comes_later_is_seen(tmp_path: Path) -> None:
    lake = make_lake(tmp_path / "lake", seed=6)
    write_views(tmp_path / "news.duckdb", lake)
    later = table(ARTICLES, [{"article_id": "new", "ingested_on": date(2026, 4, 1), "article_date": date(2026, 4, 1)}])
    # and one that an older version wrote, without a column that was added since
    write(lake / "articles" / "ingest_date=2026-04-01" / "part-00000.parquet", later.drop_columns(["near_duplicate_cluster"]))
    with duckdb.connect(str(tmp_path / "news.duckdb"), read_only=True) as db:
        assert db.execute("SELECT articles FROM article_daily WHERE day = DATE '2026-04-01'").fetchall() == [(1,)]


def test_views_are_replaced_but_nothing_else_is(tmp_path: Path) -> None:
    lake = make_lake(tmp_path / "lake", seed=7)
    file = tmp_path / "news.duckdb"
    write_views(file, lake)
    with duckdb.connect(str(file), read_only=True) as reader:  # who reads is not disturbed
        assert write_views(file, lake) == len(DATASETS) + len(VIEWS)
        assert reader.execute("SELECT count(*) FROM statements").fetchone()[0]
    with duckdb.connect(str(file)) as db:
        db.execute("CREATE TABLE my_notes AS SELECT 1 AS note")
    with pytest.raises(ValueError, match="my_notes"):
        write_views(file, lake)
    (tmp_path / "letter.txt").write_text("keep me", encoding="utf-8")
    with pytest.raises(ValueError, match="name another file"):
        write_views(tmp_path / "letter.txt", lake)
    assert (tmp_path / "letter.txt").read_text(encoding="utf-8") == "keep me"


def test_a_lake_without_a_dataset_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(LakeError, match="articles"):
        write_views(tmp_path / "news.duckdb", tmp_path / "nowhere")
    assert list(tmp_path.iterdir()) == []
