"""What must hold for a staged partition: the checks, and the Great Expectations suites made of them.

A partition of a million articles has some twenty million rows, so Great Expectations is not handed the rows. Each check is a number that
DuckDB takes from the Parquet files (rows that break a rule, a sum that should agree, a rate), and the bounds that it must keep to; the
numbers of a dataset make one wide row, which a suite of `ExpectColumnMaxToBeBetween` judges. That row stays this small however large the
partition is.
"""
# ruff: noqa: S608  the SQL is put together from names and values of rasd.schema alone

from __future__ import annotations

import json
import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

import pyarrow as pa

from rasd.quality.row_rules import SPANS
from rasd.schema import ARTICLES, DIM_ENTITIES, ENTITIES, INGESTIONS, QUOTES, REJECTS, SECTIONS, STAGED_DATASETS, Column, Dataset

if TYPE_CHECKING:
    from great_expectations import ExpectationSuite

Severity = Literal["critical", "warning"]

PARTITION = "partition"
"""Stands for the dataset in checks on the partition as a whole."""

CLAIMED = "claimed"
"""The table of the files that the date has claimed, as SQL names it: source_uri and source_sha256."""

SAMPLE_ARTICLES = 2000
"""Articles whose text is read again to see that offsets still reproduce the words."""

MAX_REFUSED_ROWS = 0.05
"""Share of mentions, quotes and articles that row rules may refuse. A sound extractor makes none; more than this is a broken one."""

MAX_REJECTED_FILES, MIN_FILES = 0.2, 20
"""Share of files that may be rejected unremarked, and how many files there must be before a share means anything."""

LIFE_SIGN_ARTICLES = 100
"""So many articles without one mention, or without one quote, is no news but a fault."""

HISTORY_DAYS = 56
"""How far back «usual» reaches."""

MIN_HISTORY, MIN_WEEKDAYS, RECENT = 5, 4, 14
"""Good partitions needed before anything is said; needed of the same weekday to compare with those alone; compared with otherwise."""

HISTORY = pa.schema(
    [
        ("ingest_date", pa.date32()),
        *((name, pa.int64()) for name in ("files", "articles", "entities", "quotes")),
        ("mixes", pa.string()),
    ]
)
"""Good partitions of the past: the date, rows of `ingestions` (files) and of the datasets, and as JSON the rows by value of each of `MIXES`
by its name; null where a partition was judged before there were any."""

MIXES = ((ARTICLES, "source_id"), (ENTITIES, "entity_type"), (QUOTES, "quote_type"), (QUOTES, "attribution"))
"""Columns whose distribution is compared with that of the past."""

MIX_RULE = "usual_mix"
MIX_ROWS, MIX_VALUES, MIX_REST = 200, 12, "…"
"""Rows from which a distribution means anything; most values that are told apart, and the name of the others."""

MIX_DISTANCE = 0.15
"""Share of the rows that may have changed their value, however steady the past was."""


@dataclass(frozen=True)
class Check:
    """One number, and the bounds (inclusive) that it must keep to.

    The number is the count of rows that meet the SQL condition `breaks`, or the result of the SQL statement `query`. Where neither is given
    the gate knows it without SQL.
    """

    dataset: str
    rule: str
    column: str | None
    severity: Severity
    meaning: str
    breaks: str | None = None
    query: str | None = None
    minimum: float | None = None
    maximum: float | None = 0

    @property
    def measure(self) -> str:
        """Name of the number: the column that holds it in the frame that Great Expectations sees."""
        return f"{self.column}.{self.rule}" if self.column else self.rule


def readable(dataset: Dataset) -> Check:
    return Check(dataset.name, "readable", None, "critical", "Every staged Parquet file can be read.")


def one_schema(dataset: Dataset) -> Check:
    meaning = "All staged files have the same columns."
    return Check(dataset.name, "one_schema", None, "critical", meaning, maximum=1)


def types(dataset: Dataset) -> Check:
    return Check(dataset.name, "types", None, "critical", "Every column has the type of the contract.")


def row_checks(dataset: Dataset) -> list[Check]:
    """Checks that one scan of the dataset answers: each counts the rows that break a rule of the data contract or of this data."""
    checks: list[Check] = []

    def add(column: str | None, rule: str, meaning: str, breaks: str, severity: Severity = "critical") -> None:
        checks.append(Check(dataset.name, rule, column, severity, meaning, breaks=breaks))

    for column in dataset.columns:
        name = f'"{column.name}"'
        if column.required:
            add(column.name, "not_null", f"{column.name} is never null.", f"{name} IS NULL")
        if column.values:
            allowed = ", ".join(_literal(value) for value in column.values)
            add(column.name, "values", f"{column.name} is one of the values that the contract lists.", f"{name} NOT IN ({allowed})")
        if column.minimum is not None or column.maximum is not None:
            add(column.name, "range", f"{column.name} is {_range(column)}.", _outside(column))
    for start, end, words in SPANS.get(dataset.name, ()):
        add(words, "length", f"{words} is as long as {end} - {start}.", f'"{end}" - "{start}" <> length("{words}")')
    if dataset is QUOTES:
        add("parent_quote_id", "own_parent", "No quote is its own parent.", "parent_quote_id = quote_id")
    return checks


def query_checks(dataset: Dataset) -> list[Check]:
    """Checks that need a statement of their own: keys, references, sums, and a second look at the offsets of a sample.

    `dim_entities` is made from the rows of `entities` when the partition is published, so a reference to it is judged against those.
    """
    checks: list[Check] = []

    def add(column: str | None, rule: str, meaning: str, query: str, severity: Severity = "critical") -> None:
        checks.append(Check(dataset.name, rule, column, severity, meaning, query=query))

    for column in dataset.columns:
        name = f'"{column.name}"'
        if column.unique:
            add(column.name, "unique", f"No two rows have the same {column.name}.", _duplicates(dataset, column.name))
        if column.references:
            target, key = column.references.split(".")
            to_dimension = target == DIM_ENTITIES.name
            if to_dimension and dataset is ENTITIES:
                continue
            target = ENTITIES.name if to_dimension else target
            known = f"SELECT {key} FROM {target} WHERE {key} IS NOT NULL"
            query = f"SELECT count(*) FROM {dataset.name} WHERE {name} IS NOT NULL AND {name} NOT IN ({known})"
            # A speaker whose mention went with a line of boilerplate is named all the same; only a join finds nothing.
            add(
                column.name, "reference", f"Every {column.name} stands in {target}.{key}.", query, "warning" if to_dimension else "critical"
            )
    if dataset is ARTICLES:
        add("source_uri", "unique", "No two articles come from the same file.", _duplicates(ARTICLES, "source_uri"))
        for column_name, child in (("entity_count", ENTITIES), ("quote_count", QUOTES)):
            rows = f"SELECT article_id, count(*) AS n FROM {child.name} GROUP BY article_id"
            both = f"{ARTICLES.name} AS a LEFT JOIN ({rows}) AS c USING (article_id)"
            query = f"SELECT count(*) FROM {both} WHERE a.{column_name} <> coalesce(c.n, 0)"
            add(column_name, "sum", f"{column_name} is the number of the article's rows in {child.name}.", query)
    if dataset in (ENTITIES, QUOTES):
        for start, end, words in SPANS[dataset.name]:
            add(
                words,
                "offsets",
                f"In a sample of articles, {words} is what stands from {start} to {end}.",
                _offsets(dataset, start, end, words),
            )
    if dataset is ENTITIES:
        persons = "count_if(entity_type = 'PERSON') BETWEEN 1 AND count(*) - 1"
        query = f"SELECT count(*) FROM (SELECT entity_id FROM {dataset.name} GROUP BY entity_id HAVING {persons})"
        meaning = "No entity is a person in one mention and something else in another."
        checks.append(Check(dataset.name, "one_type", "entity_id", "warning", meaning, query=query))
    return checks


def partition_checks(ingest_date: date) -> list[Check]:
    """Checks on the partition as a whole, without history."""
    checks: list[Check] = []

    def add(rule: str, meaning: str, query: str, *, severity: Severity = "critical", maximum: float = 0) -> None:
        checks.append(Check(PARTITION, rule, None, severity, meaning, query=query, maximum=maximum))

    day = f"DATE {_literal(ingest_date.isoformat())}"
    foreign = " + ".join(f"(SELECT count(*) FROM {d.name} WHERE ingested_on <> {day})" for d in STAGED_DATASETS)
    add("ingested_on", f"Every row is of {ingest_date.isoformat()}.", f"SELECT {foreign}")

    status = {
        name: f"(SELECT count(*) FROM {INGESTIONS.name} WHERE status = {_literal(name)})" for name in ("article", "duplicate", "rejected")
    }
    first_files = f"(SELECT count(*) FROM {ARTICLES.name})"
    files = f"(SELECT count(*) FROM {INGESTIONS.name})"
    add(
        "files_sum",
        "Files in = articles' first files + duplicates + rejected files (the difference is 0).",
        f"SELECT abs({files} - {first_files} - {status['duplicate']} - {status['rejected']})",
    )
    listed = [f"SELECT source_uri, source_sha256 FROM {name}" for name in (CLAIMED, INGESTIONS.name)]
    differences = " UNION ALL ".join(f"({one} EXCEPT ALL {other})" for one, other in (listed, reversed(listed)))
    add(
        "claimed_files",
        "The ledger has the files that the date has claimed, each once, and no others.",
        f"SELECT count(*) FROM ({differences})",
    )
    same_file = "i.source_uri = a.source_uri AND i.status = 'article' AND i.article_id = a.article_id"
    without_file = f"(SELECT count(*) FROM {ARTICLES.name} AS a WHERE NOT EXISTS (FROM {INGESTIONS.name} AS i WHERE {same_file}))"
    add(
        "first_files",
        "The first file of every article is in the ledger with status article and its article_id, and nothing else has that status.",
        f"SELECT abs({status['article']} - {first_files}) + {without_file}",
    )
    add(
        "copies_sum",
        "The copies of all articles are the files with status article or duplicate (the difference is 0).",
        f"SELECT abs((SELECT coalesce(sum(copies), 0) FROM {ARTICLES.name}) - {status['article']} - {status['duplicate']})",
    )
    uris = {d.name: f"(SELECT source_uri FROM {d.name} WHERE source_uri IS NOT NULL)" for d in (REJECTS, INGESTIONS)}
    add(
        "rejected_explained",
        "Every rejected file has a row in rejects that says why.",
        f"SELECT count(*) FROM {INGESTIONS.name} WHERE status = 'rejected' AND source_uri NOT IN {uris['rejects']}",
    )
    add(
        "rejects_known",
        "Every row of rejects is about a file in the ledger.",
        f"SELECT count(*) FROM {REJECTS.name} WHERE source_uri NOT IN {uris['ingestions']}",
    )
    add(
        "status_article_id",
        "A file has an article_id exactly if it was not rejected.",
        f"SELECT count(*) FROM {INGESTIONS.name} WHERE (status = 'rejected') = (article_id IS NOT NULL)",
    )

    refused = f"(SELECT count(*) FROM {REJECTS.name} WHERE reason = 'row_rule')"
    judged = f"({refused} + {' + '.join(f'(SELECT count(*) FROM {d.name})' for d in (ARTICLES, ENTITIES, QUOTES))})"
    add(
        "refused_rows_share",
        f"Row rules refused at most {MAX_REFUSED_ROWS:.0%} of the rows.",
        f"SELECT coalesce({refused} / nullif({judged}, 0), 0)",
        maximum=MAX_REFUSED_ROWS,
    )
    add("refused_rows", "Row rules refused no row.", f"SELECT {refused}", severity="warning")
    add(
        "rejected_files_share",
        f"At most {MAX_REJECTED_FILES:.0%} of the files were rejected (judged from {MIN_FILES} files on).",
        f"SELECT CASE WHEN {files} < {MIN_FILES} THEN 0 ELSE {status['rejected']} / {files} END",
        severity="warning",
        maximum=MAX_REJECTED_FILES,
    )
    for child in (ENTITIES, QUOTES):
        add(
            f"no_{child.name}",
            f"{LIFE_SIGN_ARTICLES} articles or more have at least one row in {child.name}.",
            f"SELECT CASE WHEN {first_files} >= {LIFE_SIGN_ARTICLES} AND (SELECT count(*) FROM {child.name}) = 0 THEN 1 ELSE 0 END",
            severity="warning",
        )
    return checks


def history_checks(ingest_date: date, history: pa.Table) -> list[Check]:
    """Checks of volumes and rates against the good partitions of the past; none while these are fewer than `MIN_HISTORY`.

    News has a weekly rhythm, so a day is compared with the same weekdays where there are `MIN_WEEKDAYS` of them, else with the last
    `RECENT` partitions. «Usual» is three robust standard deviations around the median, of logarithms and at least 0.1 each (so that a
    steady past does not make every small change remarkable), widened to the second lowest and second highest value where there are ten
    or more. A halved volume is outside of that whenever the past was steadier than ±23 %.

    Args:
        history: rows of `HISTORY`, any order; dates from `ingest_date` on, or more than `HISTORY_DAYS` before it, are not used.
    """
    past, compared = _comparable(ingest_date, history.to_pylist())
    if not past:
        return []
    count = {d.name: f"(SELECT count(*) FROM {d.name})" for d in (ARTICLES, ENTITIES, QUOTES, INGESTIONS)}
    # What is compared: (rule, words, numerator, denominator or None) with the SQL of each beside the name in the history.
    volumes = (
        ("usual_files", "Files", ("files", count["ingestions"]), None),
        ("usual_articles", "Articles", ("articles", count["articles"]), None),
        ("usual_entities", "Mentions per article", ("entities", count["entities"]), ("articles", count["articles"])),
        ("usual_quotes", "Quotes per article", ("quotes", count["quotes"]), ("articles", count["articles"])),
    )
    checks = []
    for rule, words, (over, over_sql), under in volumes:
        values = [day[over] / (day[under[0]] if under else 1) for day in past if not under or day[under[0]]]
        low, high = usual(values)
        query = f"SELECT coalesce({over_sql} / nullif({under[1]}, 0), 0)" if under else f"SELECT {over_sql}"
        meaning = f"{words}: as many as usual, {low:,.4g} to {high:,.4g} (the last {len(values)} good {compared})."
        checks.append(Check(PARTITION, rule, None, "warning", meaning, query=query, minimum=low, maximum=high))
    return checks


def _comparable(ingest_date: date, days: Sequence[Mapping[str, Any]]) -> tuple[list[Mapping[str, Any]], str]:
    """The days that a day is compared with, and what they are called; none while there are fewer than `MIN_HISTORY`."""
    used = (day for day in days if 0 < (ingest_date - day["ingest_date"]).days <= HISTORY_DAYS)
    ordered = sorted(used, key=lambda day: day["ingest_date"])
    if len(ordered) < MIN_HISTORY:
        return [], ""
    same_weekday = [day for day in ordered if day["ingest_date"].weekday() == ingest_date.weekday()]
    return (same_weekday, "same weekdays") if len(same_weekday) >= MIN_WEEKDAYS else (ordered[-RECENT:], "partitions")


def mix_name(dataset: Dataset, column: str) -> str:
    """Name of a distribution in `HISTORY.mixes`."""
    return f"{dataset.name}.{column}"


def mix_query(dataset: Dataset, column: str) -> str:
    """Rows by value of a column, the most frequent values first."""
    return f'SELECT "{column}", count(*) FROM {dataset.name} GROUP BY 1 ORDER BY 2 DESC, 1'


def mix(rows: Sequence[tuple[Any, int]]) -> dict[str, int]:
    """The result of `mix_query` with all but the most frequent values taken together."""
    counts = {str(value): int(count) for value, count in rows[:MIX_VALUES]}
    rest = sum(count for _, count in rows[MIX_VALUES:])
    return counts | ({MIX_REST: int(rest)} if rest else {})


def mix_check(ingest_date: date, dataset: Dataset, column: str, today: Mapping[str, int], history: pa.Table | None) -> tuple[Check, float]:
    """The check that a column's values are spread as usual, and its number: the share of rows that would have to have another value.

    What is usual is the mean of the good partitions of the past, each with at least `MIX_ROWS` rows. The distance may be `MIX_DISTANCE`, or
    three times the median of theirs from the mean, or as much as the second most remarkable of them where there are ten or more. While
    there are too few of them, or today has too few rows, any distance passes, and the numbers are kept for later days.
    """
    name = mix_name(dataset, column)
    days = [
        {"ingest_date": day["ingest_date"], "shares": _shares(counts)}
        for day in (history.to_pylist() if history is not None else ())
        if day["mixes"] and sum((counts := json.loads(day["mixes"]).get(name, {})).values()) >= MIX_ROWS
    ]
    past, compared = _comparable(ingest_date, days)
    meaning = f"{column}: values are spread over the rows as usual"

    def checked(maximum: float, ending: str) -> Check:
        return Check(dataset.name, MIX_RULE, column, "warning", meaning + ending, maximum=maximum)

    if not past or sum(today.values()) < MIX_ROWS:
        return checked(1, " (not judged: too few rows, or too few good partitions to compare with)."), 0.0
    values = sorted({value for day in past for value in day["shares"]})
    usual_shares = {value: statistics.fmean(day["shares"].get(value, 0.0) for day in past) for value in values}
    distances = sorted(_distance(day["shares"], usual_shares) for day in past)
    limit = max(MIX_DISTANCE, 3 * statistics.median(distances), distances[-2] if len(distances) >= 10 else 0)
    told = ", ".join(f"{value} {share:.0%}" for value, share in sorted(usual_shares.items(), key=lambda item: -item[1])[:MIX_VALUES])
    ending = f": {told} (the last {len(past)} good {compared}); at most {limit:.0%} of the rows elsewhere."
    return checked(limit, ending), _distance(_shares(today), usual_shares)


def _shares(counts: Mapping[str, int]) -> dict[str, float]:
    return {value: count / sum(counts.values()) for value, count in counts.items()}


def _distance(first: Mapping[str, float], second: Mapping[str, float]) -> float:
    """Total variation: the share that would have to move to make one distribution the other."""
    return sum(abs(first.get(value, 0.0) - second.get(value, 0.0)) for value in {*first, *second}) / 2


def usual(values: Sequence[float]) -> tuple[float, float]:
    """The lowest and highest value that the past makes unremarkable (see `history_checks`); values are not negative."""
    if not values:
        return 0.0, math.inf
    centre = statistics.median(values)
    if centre == 0:
        return 0.0, max(values)
    logs = [math.log(max(value, centre / 100) / centre) for value in values]
    spread = max(1.4826 * statistics.median(map(abs, logs)), 0.1)
    low, high = centre * math.exp(-3 * spread), centre * math.exp(3 * spread)
    if len(values) >= 10:
        ordered = sorted(values)
        low, high = min(low, ordered[1]), max(high, ordered[-2])
    return low, high


def columns_suite(dataset: Dataset) -> ExpectationSuite:
    """Suite for a frame without rows that has a dataset's columns."""
    import great_expectations as gx
    from great_expectations import expectations as gxe

    order = gxe.ExpectTableColumnsToMatchOrderedList(
        column_list=[column.name for column in dataset.columns],
        severity="critical",
        meta={"rule": "columns", "column": None},
        description="The columns are those of the contract, in its order.",
    )
    return gx.ExpectationSuite(f"{dataset.name}.columns", expectations=[order])


def measure_suite(name: str, checks: Sequence[Check]) -> ExpectationSuite:
    """Suite for a frame with one row that has a column for each check, named `Check.measure`."""
    import great_expectations as gx
    from great_expectations import expectations as gxe

    return gx.ExpectationSuite(
        name,
        expectations=[
            gxe.ExpectColumnMaxToBeBetween(
                column=check.measure,
                min_value=check.minimum,
                max_value=check.maximum if check.maximum is None or math.isfinite(check.maximum) else None,
                severity=check.severity,
                meta={"rule": check.rule, "column": check.column},
                description=check.meaning,
            )
            for check in checks
        ],
    )


def measure_frame(measures: Mapping[str, float]) -> Any:
    """The pandas frame that `measure_suite` judges."""
    import pandas as pd

    return pd.DataFrame({name: [value] for name, value in measures.items()})


def _literal(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _range(column: Column) -> str:
    if column.minimum is None:
        return f"at most {column.maximum:g}"
    return f"at least {column.minimum:g}" if column.maximum is None else f"from {column.minimum:g} to {column.maximum:g}"


def _outside(column: Column) -> str:
    name = f'"{column.name}"'
    bounds = [f"{name} >= {column.minimum}"] * (column.minimum is not None) + [f"{name} <= {column.maximum}"] * (column.maximum is not None)
    # DuckDB sorts NaN above all numbers, so without an upper bound it would pass.
    finite = f" AND NOT isnan({name})" if pa.types.is_floating(column.type) else ""
    return f"NOT ({' AND '.join(bounds)}{finite})"


def _duplicates(dataset: Dataset, column: str) -> str:
    # Grouping spills to disk where count(DISTINCT ...) would need the memory.
    repeated = f'SELECT count(*) AS n FROM {dataset.name} WHERE "{column}" IS NOT NULL GROUP BY "{column}" HAVING n > 1'
    return f"SELECT coalesce(sum(n - 1), 0) FROM ({repeated})"


def _offsets(dataset: Dataset, start: str, end: str, words: str) -> str:
    """How many rows of a sample of articles (the same on every run) do not reproduce their words."""
    columns = " ".join(f"WHEN {_literal(section)} THEN a.{section}" for section in SECTIONS)
    chosen = f"SELECT article_id FROM {ARTICLES.name} ORDER BY hash(article_id), article_id LIMIT {SAMPLE_ARTICLES}"
    articles = f"SELECT article_id, {', '.join(SECTIONS)} FROM {ARTICLES.name} WHERE article_id IN (FROM chosen)"
    rows = f'SELECT article_id, section, "{start}", "{end}", "{words}" FROM {dataset.name} WHERE article_id IN (FROM chosen)'
    found = f'substring(CASE r.section {columns} END, r."{start}" + 1, r."{end}" - r."{start}")'
    return (
        f"WITH chosen AS MATERIALIZED ({chosen}) SELECT count(*) FROM ({rows}) AS r JOIN ({articles}) AS a USING (article_id) "
        f'WHERE r."{start}" IS NOT NULL AND {found} IS DISTINCT FROM r."{words}"'
    )
