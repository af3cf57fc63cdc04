"""Views over a lake for people who know SQL: each with its query and the meaning of its columns, once.

`write_views` puts them into a DuckDB file, `views_page` makes docs/views.md of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from inspect import cleandoc
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from rasd.lake.reading import LakeError
from rasd.schema import DATASETS, Column, Dataset
from rasd.storage.files import atomic_path
from rasd.storage.objects import on_object_store
from rasd.storage.paths import PARTITION_KEY

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

LAKE_VARIABLE = "lake"
"""Session variable of DuckDB that tells the views of another place of the lake than the one that they were written with."""

_STORAGE_VERSION = "v1.0.0"
"""The oldest format that can hold the views: the drivers of BI tools are older than the DuckDB here."""

DATE, TEXT, COUNT, NUMBER, BOOLEAN, TIME = "DATE", "VARCHAR", "BIGINT", "DOUBLE", "BOOLEAN", "TIMESTAMP WITH TIME ZONE"


@dataclass(frozen=True)
class ViewColumn:
    """One column of a view; `type` is DuckDB's name of it."""

    name: str
    type: str
    doc: str


@dataclass(frozen=True)
class View:
    """One view. `doc` says what one row is, and what has to be known to count with it."""

    name: str
    doc: str
    columns: tuple[ViewColumn, ...]
    sql: str


_DAY = ViewColumn("day", DATE, "Day that the article is dated: when it was published, else when it was ingested.")
_SOURCE = ViewColumn("source_id", TEXT, "Newsroom that the article came from.")
_ARTICLE = ViewColumn("article_id", TEXT, "The article; key of `distinct_articles`.")
_INGEST_DATE = ViewColumn("ingest_date", DATE, "Day that the article was first taken in.")
_SPEAKER = (
    ViewColumn("speaker_id", TEXT, "The speaker; key of `dim_entities`. Null for unnamed sources, groups and names that stand alone."),
    ViewColumn("speaker_name", TEXT, "The speaker's name, or the words that describe him («مصدر أمني»)."),
    ViewColumn("speaker_name_en", TEXT, "The name in English, where known."),
    ViewColumn("speaker_type", TEXT, "PERSON, ORGANIZATION, LOCATION (a government) or MISC; SOURCE is unnamed, GROUP is several."),
)
_QUOTES = ViewColumn("quotes", COUNT, "Quotes, counted as in `statements`.")
_VERBATIM = ViewColumn("verbatim_quotes", COUNT, "Those among them with the speaker's own words.")
_ARTICLES = ViewColumn("articles", COUNT, "Articles. An article has one day, so they can be added up over days.")
_MENTIONS = ViewColumn("mentions", COUNT, "How often articles name it.")

DISTINCT_ARTICLES = View(
    "distinct_articles",
    "One row per article. One that was landed again on a later day (the same text in another file) is here once, as it first came. "
    "All views below count by this one.",
    (
        _ARTICLE,
        _INGEST_DATE,
        _DAY,
        _SOURCE,
        ViewColumn("title", TEXT, "Headline."),
        ViewColumn("story_id", TEXT, "The same on articles that tell the same text with small changes, such as reprints of an agency."),
        ViewColumn("words", COUNT, "Words of the text."),
    ),
    """
    SELECT article_id, ingest_date, article_date AS day, source_id, title,
        coalesce(near_duplicate_cluster, article_id) AS story_id, word_count::BIGINT AS words
    FROM articles
    WHERE (article_id, ingest_date) IN (SELECT (article_id, min(ingest_date)) FROM articles GROUP BY article_id)
    """,
)

STATEMENTS = View(
    "statements",
    "One row per quote that counts as something said. Left out are headlines (they repeat the text), scripture, verse and documents, "
    "and what somebody is reported not to have said, or not yet, or only perhaps. `quotes` has them all.",
    (
        _DAY,
        _SOURCE,
        _ARTICLE,
        _INGEST_DATE,
        ViewColumn("title", TEXT, "Headline of the article."),
        ViewColumn("quote_id", TEXT, "The quote; key of `quotes`."),
        ViewColumn("parent_quote_id", TEXT, "The quote that these words stand inside of."),
        *_SPEAKER,
        ViewColumn("speaker_role", TEXT, "Title or office that the article gives the speaker."),
        ViewColumn("quote_text", TEXT, "What was said."),
        ViewColumn("quote_type", TEXT, "direct (verbatim), indirect (reported), or mixed."),
        ViewColumn("polarity", TEXT, "Whether the reporting verb approves: positive, neutral or negative."),
        ViewColumn("confidence", NUMBER, "How sure Rasd is of the speaker, 0 to 1: filter by it where a wrong name would hurt."),
    ),
    """
    SELECT a.day, a.source_id, q.article_id, q.ingest_date, a.title, q.quote_id, q.parent_quote_id,
        q.speaker_entity_id AS speaker_id, coalesce(d.name_ar, q.speaker_name) AS speaker_name, d.name_en AS speaker_name_en,
        coalesce(d.entity_type, q.speaker_type) AS speaker_type, q.speaker_role,
        q.quote_text, q.quote_type, q.polarity, q.confidence
    FROM quotes q
    JOIN distinct_articles a USING (article_id, ingest_date)
    LEFT JOIN dim_entities d ON d.entity_id = q.speaker_entity_id
    WHERE NOT (q.is_headline OR q.is_citation OR q.is_negated) AND q.modality = 'said'
    """,
)

ARTICLE_DAILY = View(
    "article_daily",
    "One row per day: how much was published.",
    (
        _DAY,
        _ARTICLES,
        ViewColumn("stories", COUNT, "Articles with reprints counted once."),
        ViewColumn("sources", COUNT, "Newsrooms that published."),
        ViewColumn("words", COUNT, "Words of their texts."),
        ViewColumn("mentions", COUNT, "Persons, places and organisations named, each time counted."),
        _QUOTES,
        ViewColumn("articles_with_quotes", COUNT, "Articles that quote anybody."),
        ViewColumn("speakers", COUNT, "Different speakers. Not to be added up over days: many speak again."),
    ),
    """
    SELECT day, count(*) AS articles, count(DISTINCT story_id) AS stories, count(DISTINCT source_id) AS sources,
        sum(words)::BIGINT AS words, coalesce(sum(e.mentions), 0)::BIGINT AS mentions, coalesce(sum(s.quotes), 0)::BIGINT AS quotes,
        count(s.article_id) AS articles_with_quotes, coalesce(any_value(speakers), 0) AS speakers
    FROM distinct_articles a
    LEFT JOIN (SELECT article_id, ingest_date, count(*) AS mentions FROM entities GROUP BY ALL) e USING (article_id, ingest_date)
    LEFT JOIN (SELECT article_id, count(*) AS quotes FROM statements GROUP BY ALL) s USING (article_id)
    LEFT JOIN (SELECT day, count(DISTINCT coalesce(speaker_id, speaker_name)) AS speakers FROM statements GROUP BY ALL) USING (day)
    GROUP BY ALL
    """,
)

TOP_SPEAKERS = View(
    "top_speakers",
    "One row per speaker and day: who spoke how often. Add up over the days that you ask about, and order by quotes.",
    (_DAY, *_SPEAKER, _QUOTES, _VERBATIM, _ARTICLES),
    """
    SELECT day, speaker_id, speaker_name, speaker_name_en, speaker_type,
        count(*) AS quotes, count(*) FILTER (quote_type <> 'indirect') AS verbatim_quotes, count(DISTINCT article_id) AS articles
    FROM statements
    WHERE speaker_name IS NOT NULL
    GROUP BY ALL
    """,
)

WHO_QUOTES_WHOM = View(
    "who_quotes_whom",
    "One row per day, newsroom, speaker and, for words inside another's words, the one who repeats them.",
    (
        _DAY,
        _SOURCE,
        ViewColumn("quoting_speaker_id", TEXT, "Who repeats the words («قال فلان إن فلانا أكد …»); null where the newsroom itself does."),
        ViewColumn("quoting_speaker_name", TEXT, "Their name; null where the newsroom itself quotes."),
        *_SPEAKER,
        _QUOTES,
        _VERBATIM,
        ViewColumn("articles", COUNT, "Articles with such quotes."),
    ),
    """
    SELECT s.day, s.source_id, outer_quote.speaker_id AS quoting_speaker_id, outer_quote.speaker_name AS quoting_speaker_name,
        s.speaker_id, s.speaker_name, s.speaker_name_en, s.speaker_type,
        count(*) AS quotes, count(*) FILTER (s.quote_type <> 'indirect') AS verbatim_quotes, count(DISTINCT s.article_id) AS articles
    FROM statements s
    LEFT JOIN statements outer_quote ON outer_quote.quote_id = s.parent_quote_id AND outer_quote.ingest_date = s.ingest_date
    WHERE s.speaker_name IS NOT NULL
    GROUP BY ALL
    """,
)

ENTITY_TREND = View(
    "entity_trend",
    "One row per person, place or organisation and day on which it was named. Days without a mention have no row.",
    (
        _DAY,
        ViewColumn("entity_id", TEXT, "The thing named; key of `dim_entities`."),
        ViewColumn("name", TEXT, "Its preferred name."),
        ViewColumn("name_en", TEXT, "Its name in English, where known."),
        ViewColumn("entity_type", TEXT, "PERSON, LOCATION, ORGANIZATION or MISC."),
        ViewColumn("country_code", TEXT, "ISO 3166-1 alpha-2 code of a country, or of the country that it belongs to."),
        _MENTIONS,
        ViewColumn("articles", COUNT, "Articles that name it."),
        ViewColumn("articles_of_day", COUNT, "All articles of the day."),
        ViewColumn("share_of_articles", NUMBER, "The one by the other, 0 to 1: rises and falls with interest, not with volume."),
    ),
    """
    SELECT a.day, e.entity_id, coalesce(d.name_ar, min(e.canonical_name)) AS name, d.name_en,
        coalesce(d.entity_type, min(e.entity_type)) AS entity_type, coalesce(d.country_code, min(e.country_code)) AS country_code,
        count(*) AS mentions, count(DISTINCT e.article_id) AS articles, any_value(day_articles) AS articles_of_day,
        count(DISTINCT e.article_id) / any_value(day_articles) AS share_of_articles
    FROM entities e
    JOIN distinct_articles a USING (article_id, ingest_date)
    JOIN (SELECT day, count(*) AS day_articles FROM distinct_articles GROUP BY ALL) USING (day)
    LEFT JOIN dim_entities d USING (entity_id)
    GROUP BY a.day, e.entity_id, d.name_ar, d.name_en, d.entity_type, d.country_code
    """,
)

QUOTES_ABOUT = View(
    "quotes_about",
    "One row per quote and thing that is named in it. A quote that names two things has two rows: count with "
    "`count(DISTINCT quote_id)`. To ask about a country, take `about_country_code`: it holds its towns and offices too.",
    (
        _DAY,
        _SOURCE,
        _ARTICLE,
        ViewColumn("title", TEXT, "Headline of the article."),
        ViewColumn("quote_id", TEXT, "The quote; key of `quotes`."),
        ViewColumn("about_id", TEXT, "What is named in the quote; key of `dim_entities`."),
        ViewColumn("about_name", TEXT, "Its preferred name."),
        ViewColumn("about_name_en", TEXT, "Its name in English, where known."),
        ViewColumn("about_type", TEXT, "PERSON, LOCATION, ORGANIZATION or MISC."),
        ViewColumn("about_country_code", TEXT, "ISO 3166-1 alpha-2 code of a country, or of the country that it belongs to."),
        *_SPEAKER,
        ViewColumn("quote_text", TEXT, "What was said."),
        ViewColumn("quote_type", TEXT, "direct (verbatim), indirect (reported), or mixed."),
        ViewColumn("polarity", TEXT, "Whether the reporting verb approves: positive, neutral or negative."),
        ViewColumn("confidence", NUMBER, "How sure Rasd is of the speaker, 0 to 1."),
    ),
    """
    SELECT DISTINCT s.day, s.source_id, s.article_id, s.title, s.quote_id,
        e.entity_id AS about_id, coalesce(d.name_ar, e.canonical_name) AS about_name, d.name_en AS about_name_en,
        coalesce(d.entity_type, e.entity_type) AS about_type, coalesce(d.country_code, e.country_code) AS about_country_code,
        s.speaker_id, s.speaker_name, s.speaker_name_en, s.speaker_type, s.quote_text, s.quote_type, s.polarity, s.confidence
    FROM statements s
    JOIN quotes q USING (quote_id, article_id, ingest_date)
    JOIN entities e ON e.article_id = q.article_id AND e.ingest_date = q.ingest_date AND e.section = q.section
        AND e.start >= q.start AND e."end" <= q."end"
    LEFT JOIN dim_entities d USING (entity_id)
    """,
)

COVERAGE_BY_SOURCE = View(
    "coverage_by_source",
    "One row per newsroom and day: how much it published, and how much of it Rasd could read out.",
    (
        _DAY,
        _SOURCE,
        _ARTICLES,
        ViewColumn("words", COUNT, "Words of their texts."),
        ViewColumn("mentions", COUNT, "Persons, places and organisations named, each time counted."),
        _QUOTES,
        ViewColumn("articles_with_quotes", COUNT, "Articles that quote anybody."),
        ViewColumn("speakers", COUNT, "Different speakers of the day. Not to be added up over days or newsrooms."),
    ),
    """
    SELECT a.day, a.source_id, count(*) AS articles, sum(words)::BIGINT AS words,
        coalesce(sum(e.mentions), 0)::BIGINT AS mentions, coalesce(sum(s.quotes), 0)::BIGINT AS quotes,
        count(s.article_id) AS articles_with_quotes, coalesce(any_value(p.speakers), 0) AS speakers
    FROM distinct_articles a
    LEFT JOIN (SELECT article_id, ingest_date, count(*) AS mentions FROM entities GROUP BY ALL) e USING (article_id, ingest_date)
    LEFT JOIN (SELECT article_id, count(*) AS quotes FROM statements GROUP BY ALL) s USING (article_id)
    LEFT JOIN (
        SELECT day, source_id, count(DISTINCT coalesce(speaker_id, speaker_name)) AS speakers FROM statements GROUP BY ALL
    ) p ON p.day = a.day AND p.source_id = a.source_id
    GROUP BY a.day, a.source_id
    """,
)

GEO_MENTIONS = View(
    "geo_mentions",
    "One row per place and day on which it was named, for maps: points by coordinates, areas by country code. "
    "Places of which neither is known are left out.",
    (
        _DAY,
        ViewColumn("place_id", TEXT, "The place; key of `dim_entities`."),
        ViewColumn("name", TEXT, "Its preferred name."),
        ViewColumn("name_en", TEXT, "Its name in English, where known."),
        ViewColumn("country_code", TEXT, "ISO 3166-1 alpha-2 code of the country, or of the country that the place lies in."),
        ViewColumn("latitude", NUMBER, "Degrees north (WGS 84). Null for countries: a point would be arbitrary."),
        ViewColumn("longitude", NUMBER, "Degrees east (WGS 84). Null for countries."),
        _MENTIONS,
        ViewColumn("articles", COUNT, "Articles that name it."),
    ),
    """
    SELECT a.day, e.entity_id AS place_id, coalesce(d.name_ar, min(e.canonical_name)) AS name, d.name_en,
        coalesce(d.country_code, min(e.country_code)) AS country_code,
        coalesce(d.latitude, min(e.latitude)) AS latitude, coalesce(d.longitude, min(e.longitude)) AS longitude,
        count(*) AS mentions, count(DISTINCT e.article_id) AS articles
    FROM entities e
    JOIN distinct_articles a USING (article_id, ingest_date)
    LEFT JOIN dim_entities d USING (entity_id)
    WHERE coalesce(d.entity_type, e.entity_type) = 'LOCATION'
    GROUP BY a.day, e.entity_id, d.name_ar, d.name_en, d.country_code, d.latitude, d.longitude
    HAVING coalesce(d.country_code, min(e.country_code)) IS NOT NULL OR coalesce(d.latitude, min(e.latitude)) IS NOT NULL
    """,
)

DELIVERY_BY_SOURCE = View(
    "delivery_by_source",
    "One row per newsroom and ingest date: what became of the files that it delivered.",
    (
        ViewColumn("ingest_date", DATE, "Day that the files were taken in."),
        ViewColumn("source_id", TEXT, "Newsroom that the files came from."),
        ViewColumn("files", COUNT, "Files delivered: the sum of the three columns that follow."),
        ViewColumn("articles", COUNT, "Files that became articles."),
        ViewColumn("duplicates", COUNT, "Files whose article another file of the day carried already."),
        ViewColumn("rejected", COUNT, "Files refused; `rejects` says why."),
        ViewColumn("bytes", COUNT, "Size of the files, where known."),
    ),
    """
    SELECT ingest_date, source_id, count(*) AS files, count(*) FILTER (status = 'article') AS articles,
        count(*) FILTER (status = 'duplicate') AS duplicates, count(*) FILTER (status = 'rejected') AS rejected,
        coalesce(sum(bytes), 0)::BIGINT AS bytes
    FROM ingestions
    GROUP BY ALL
    """,
)

QUALITY_CHECKS = View(
    "quality_checks",
    "One row per ingest date and quality check of the last run that judged the date; `validations` has the earlier runs too.",
    (
        ViewColumn("ingest_date", DATE, "Day that was judged."),
        ViewColumn("dataset", TEXT, "Dataset that was judged."),
        ViewColumn("check_name", TEXT, "What was expected; docs/quality.md explains each."),
        ViewColumn("column_name", TEXT, "Column that it is about; null for the dataset."),
        ViewColumn("severity", TEXT, "critical stops publishing, warning does not."),
        ViewColumn("success", BOOLEAN, "Whether it held."),
        ViewColumn("observed", TEXT, "What was seen."),
        ViewColumn("run", TEXT, "The run that judged."),
        ViewColumn("validated_at", TIME, "When it judged."),
    ),
    """
    SELECT ingest_date, dataset, expectation AS check_name, "column" AS column_name, severity, success, observed, run, validated_at
    FROM validations
    WHERE (ingest_date, run) IN (SELECT (ingest_date, arg_max(run, validated_at)) FROM validations GROUP BY ingest_date)
    """,
)

VIEWS = (
    DISTINCT_ARTICLES,
    STATEMENTS,
    ARTICLE_DAILY,
    TOP_SPEAKERS,
    WHO_QUOTES_WHOM,
    ENTITY_TREND,
    QUOTES_ABOUT,
    COVERAGE_BY_SOURCE,
    GEO_MENTIONS,
    DELIVERY_BY_SOURCE,
    QUALITY_CHECKS,
)  # fmt: skip
"""All views, each after those that it reads."""

EXAMPLES = (
    (
        "Who spoke most about Syria this week?",
        """
        SELECT speaker_name, count(DISTINCT quote_id) AS quotes, count(DISTINCT source_id) AS newsrooms
        FROM quotes_about
        WHERE about_country_code = 'SY' AND speaker_type = 'PERSON'
            AND day > (SELECT max(day) FROM article_daily) - 7
        GROUP BY ALL
        ORDER BY quotes DESC, speaker_name
        LIMIT 10
        """,
    ),
    (
        "Who was quoted most in each of the last four weeks?",
        """
        SELECT date_trunc('week', day)::DATE AS week, speaker_name, sum(quotes)::BIGINT AS times
        FROM top_speakers
        WHERE day > (SELECT max(day) FROM article_daily) - 28
        GROUP BY week, speaker_name
        QUALIFY row_number() OVER (PARTITION BY week ORDER BY sum(quotes) DESC, speaker_name) <= 5
        ORDER BY week, times DESC, speaker_name
        """,
    ),
    (
        "Which newsrooms quote whom?",
        """
        SELECT source_id, speaker_name, sum(quotes)::BIGINT AS quotes, sum(verbatim_quotes)::BIGINT AS verbatim
        FROM who_quotes_whom
        WHERE quoting_speaker_name IS NULL
        GROUP BY ALL
        ORDER BY quotes DESC, source_id, speaker_name
        LIMIT 20
        """,
    ),
    (
        "Is interest in a person growing? (share of all articles, day by day)",
        """
        SELECT day, articles, round(100 * share_of_articles, 1) AS percent
        FROM entity_trend
        WHERE name LIKE '%لافروف%'
        ORDER BY day
        """,
    ),
    (
        "What was said about an organisation, with the article that it stands in?",
        """
        SELECT day, source_id, speaker_name, quote_text, title
        FROM quotes_about
        WHERE about_name = 'الأمم المتحدة' AND confidence >= 0.8
        ORDER BY day DESC, quote_id
        LIMIT 20
        """,
    ),
    (
        "Which countries does the news speak of?",
        """
        SELECT country_code, sum(mentions)::BIGINT AS mentions
        FROM geo_mentions
        WHERE country_code IS NOT NULL
        GROUP BY ALL
        ORDER BY mentions DESC, country_code
        LIMIT 10
        """,
    ),
    (
        "Which newsrooms delivered nothing, or much that was refused, on the last day?",
        """
        SELECT source_id, coalesce(files, 0) AS files, coalesce(rejected, 0) AS rejected
        FROM (SELECT DISTINCT source_id FROM delivery_by_source)
        LEFT JOIN (FROM delivery_by_source WHERE ingest_date = (SELECT max(ingest_date) FROM delivery_by_source)) USING (source_id)
        WHERE files IS NULL OR rejected > files / 5
        ORDER BY source_id
        """,
    ),
)  # fmt: skip
"""Questions and the SQL that answers them; docs/views.md shows them, and the tests run them."""


def write_views(file: Path, lake: Path) -> int:
    """Write a DuckDB file of views: one per dataset of the lake, and VIEWS. A file of such views that is there already is replaced.

    The file holds no data. It remembers the absolute path of the lake, so it may be moved, and the lake may not; a reader for whom the
    lake lies elsewhere says so with `SET VARIABLE lake = '…'`. Readers that have the file open are not disturbed.

    Returns:
        The number of views.

    Raises:
        LakeError: when the lake lacks a dataset.
        ValueError: when `file` exists and is something else, or holds more than these views; or when the lake lies on an object store.
    """
    import duckdb

    if on_object_store(lake):
        raise ValueError(
            f"{lake} lies on an object store, where views could count superseded files beside those that replaced them; "
            "`rasd files DATASET` lists the files to read (docs/storage.md)"
        )
    for dataset in DATASETS.values():
        if not any((lake / dataset.name).glob(_files(dataset))):
            raise LakeError(f"there is no dataset {dataset.name} in {lake}; has a run published there yet?")
    if file.exists():
        _refuse_foreign(file)
    with atomic_path(file) as temporary, duckdb.connect() as db:
        db.execute(f"ATTACH {_literal(str(temporary))} AS views (STORAGE_VERSION '{_STORAGE_VERSION}')")
        db.execute("USE views")
        db.execute(f"CREATE MACRO lake() AS coalesce(getvariable('{LAKE_VARIABLE}'), {_literal(_pattern(lake))})")
        for dataset in DATASETS.values():
            _create(db, dataset.name, _dataset_sql(dataset), _dataset_doc(dataset), _dataset_columns(dataset))
        for view in VIEWS:
            _create(db, view.name, view.sql, view.doc, view.columns)
        db.execute("USE memory")
        db.execute("DETACH views")
    return len(DATASETS) + len(VIEWS)


def _refuse_foreign(file: Path) -> None:
    import duckdb

    ours = {*DATASETS, *(view.name for view in VIEWS)}
    try:
        with duckdb.connect(str(file), read_only=True) as db:
            tables = "SELECT table_name, table_type FROM information_schema.tables"
            foreign = sorted(name for name, kind in db.execute(tables).fetchall() if name not in ours or kind != "VIEW")
    except duckdb.Error as error:
        raise ValueError(f"{file} exists and is no DuckDB file that can be replaced ({error}); name another file") from error
    if foreign:
        raise ValueError(f"{file} holds {', '.join(foreign)}, which would be lost; name another file and ATTACH it")


def _create(db: DuckDBPyConnection, name: str, sql: str, doc: str, columns: tuple[ViewColumn, ...]) -> None:
    db.execute(f"CREATE VIEW {name} AS {sql}")
    db.execute(f"COMMENT ON VIEW {name} IS {_literal(doc)}")
    for column in columns:
        db.execute(f'COMMENT ON COLUMN {name}."{column.name}" IS {_literal(column.doc)}')


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _pattern(folder: Path) -> str:
    """The folder's path as a pattern that matches it alone."""
    return re.sub(r"[*?\[]", r"[\g<0>]", str(folder.absolute()))


def _files(dataset: Dataset) -> str:
    return f"{PARTITION_KEY}=*/*.parquet" if dataset.partitioned else "*.parquet"


def _dataset_sql(dataset: Dataset) -> str:
    # union_by_name: partitions that an older version wrote may lack a column
    options = "union_by_name = true"
    if dataset.partitioned:
        options += f", hive_partitioning = true, hive_types = {{'{PARTITION_KEY}': DATE}}"
    return f"FROM read_parquet(lake() || '/{dataset.name}/{_files(dataset)}', {options})"


def _dataset_doc(dataset: Dataset) -> str:
    return f"{dataset.grain[0].upper()}{dataset.grain[1:]}."


def _dataset_columns(dataset: Dataset) -> tuple[ViewColumn, ...]:
    columns = tuple(ViewColumn(column.name, _sql_type(column), column.doc) for column in dataset.columns)
    partition = ViewColumn(PARTITION_KEY, DATE, "The partition: the day that the row was ingested for.")
    return (*columns, partition) if dataset.partitioned else columns


def _sql_type(column: Column) -> str:
    names = {pa.string(): TEXT, pa.int32(): "INTEGER", pa.int64(): COUNT, pa.float64(): NUMBER, pa.bool_(): BOOLEAN, pa.date32(): DATE}
    return names.get(column.type, TIME)


_INTRODUCTION = """# Views for analysts

`rasd views FILE.duckdb` writes a DuckDB file of views over the lake. It holds no data, so it is always up to date, and any tool that speaks
DuckDB (1.1 or newer) opens it ([how](bi.md)). Beside the views below it has one for each dataset of the
[data dictionary](data-dictionary.md). Every view and column carries its meaning as a comment, which DuckDB and many tools show.

```console
$ rasd views news.duckdb
$ duckdb -readonly news.duckdb
```

This page is made from `include/rasd/lake/views.py`; don't edit it by hand (`make docs` makes it anew).

## Good to know

* **The file remembers the lake's absolute path.** It may be moved or copied; when the lake moves, write it again. Where you see the lake
  under another path (a mount, a container), say so at the beginning of the session: `SET VARIABLE lake = '/mnt/lake'`. That works in a file
  opened read-only, too.
* **The lake has to lie on a disk.** On an [object store](storage.md) views would count superseded files, so `rasd views` refuses.
* **Open it read-only** (`access_mode=read_only`, `-readonly`), so that any number of people can have it open at once.
* **Keep your own views elsewhere.** `rasd views` replaces its file, and refuses one that holds anything else. In a file of your own:
  `ATTACH 'news.duckdb' AS rasd (READ_ONLY)`, then `rasd.top_speakers`.
* **`day` is the article's day, `ingest_date` the lake's partition.** A filter on `ingest_date` in a dataset's view opens those
  partitions alone; views that count over articles read all partitions, because an article counts where it first came.
* While a partition is being replaced, one query may see its articles as they are after and its quotes as they were before. Nobody ever sees
  half a file.

## Questions and answers

The day «today» is the newest in the lake here; for the calendar's put `current_date` in the place of `(SELECT max(day) …)`.
"""


def views_page() -> str:
    """docs/views.md: every view with its columns, and questions with the SQL that answers them."""
    examples = "\n".join(f"**{question}**\n\n```sql\n{cleandoc(sql)};\n```\n" for question, sql in EXAMPLES)
    return "\n".join([_INTRODUCTION, examples, "## The views", "", *(_view_section(view) for view in VIEWS)])


def _view_section(view: View) -> str:
    rows = "".join(f"| `{column.name}` | {column.type} | {column.doc} |\n" for column in view.columns)
    return f"### {view.name}\n\n{view.doc}\n\n| column | type | meaning |\n|---|---|---|\n{rows}"
