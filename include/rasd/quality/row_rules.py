"""Rules that judge single rows: what breaks one leaves its table and becomes a row of `rejects`, the rest goes on.

Most rules are those of the data contract (`Column.required`, `values`, `minimum`, `maximum` in `rasd.schema`). The others only this data
has: a row's `start` and `end` must reproduce its words in the section it names, and an article's length must be that of its text. Rules on
whole datasets (unique keys, references, sums, volumes) belong to `rasd.quality.gate`.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from rasd.schema import ARTICLES, ENTITIES, QUOTES, REJECT_REASONS, REJECTS, SECTIONS, Dataset

Mask = npt.NDArray[np.bool_]

FILLED_LATER = ("ingested_on",)
"""Required columns that are still null when a shard is judged."""

COUNTED = {"entity_count": ENTITIES.name, "quote_count": QUOTES.name}
"""Columns of `articles` that count the rows of a child dataset."""

SPANS = {
    ENTITIES.name: (("start", "end", "surface"),),
    QUOTES.name: (("start", "end", "quote_text"), ("cue_start", "cue_end", "cue_text"), ("speaker_start", "speaker_end", "speaker_text")),
}
"""Per dataset the columns that hold a start, an end and the words between them."""

LONG_COLUMNS = ("text", "text_normalized", "removed_text")
"""Columns of `articles` that a reject's details leave out: the file itself still has them."""


def apply(tables: Mapping[str, pa.Table], *, filled_later: Collection[str] = FILLED_LATER) -> tuple[dict[str, pa.Table], pa.Table]:
    """Takes the rows that break a rule out of the articles, entities and quotes of one shard.

    An article that breaks a rule takes its mentions and quotes with it; its reject says how many. A quote whose parent was taken out stays,
    with a null `parent_quote_id`. `entity_count` and `quote_count` are set to the rows that stay, whatever they held before. A mention or
    quote whose article is not in the shard can't be judged here: it stays, and the gate's reference check stops the run.

    Args:
        tables: `articles`, `entities` and `quotes`, in the schemas of `rasd.schema`.
        filled_later: required columns that may still be null.

    Returns:
        The three tables without the refused rows, in their order; and the refused ones as rows of `schema.REJECTS` with stage `quality` and
        reason `row_rule`, whose `details` are JSON: `dataset`, `rules` (each as «rule:column»), `row`, for an offset rule `found` (what
        stands there), and for an article `dropped` (rows that went with it, by dataset). `reject_id` and `ingested_on` are null.
    """
    articles, entities, quotes = (tables[d.name] for d in (ARTICLES, ENTITIES, QUOTES))

    broken = _contract_rules(ARTICLES, articles, {*filled_later, *COUNTED}) | _article_rules(articles)
    bad = _any(broken, articles.num_rows)
    rejects = _Rejects()
    refused_ids = articles["article_id"].filter(pa.array(bad))
    children = {}
    dropped: dict[str, dict[str | None, int]] = {}
    for dataset, table in ((ENTITIES, entities), (QUOTES, quotes)):
        with_refused = pc.is_in(table["article_id"], value_set=refused_ids)
        dropped[dataset.name] = _counts(table["article_id"].filter(with_refused))
        children[dataset.name] = table.filter(pc.invert(with_refused))
    rejects.add_articles(articles, bad, broken, dropped)
    articles = articles.filter(pa.array(~bad))

    for dataset in (ENTITIES, QUOTES):
        table = children[dataset.name]
        of_article = _positions(table["article_id"], articles["article_id"])
        broken = _contract_rules(dataset, table, filled_later)
        found: dict[str, dict[int, str | None]] = {}
        for start, end, words in SPANS[dataset.name]:
            broken[f"offsets:{words}"], found[words] = _offset_rule(table, articles, of_article, start, end, words)
        bad = _any(broken, table.num_rows)
        rejects.add_children(dataset, table, bad, broken, found, articles, of_article)
        children[dataset.name] = table.filter(pa.array(~bad))
        if dataset is QUOTES and bad.any():
            children[dataset.name] = _forget_parents(children[dataset.name], table["quote_id"].filter(pa.array(bad)))

    for column, name in COUNTED.items():
        counts = _counts(children[name]["article_id"])
        values = pa.array([counts.get(i, 0) for i in articles["article_id"].to_pylist()], ARTICLES[column].type)
        articles = articles.set_column(articles.schema.get_field_index(column), ARTICLES[column].arrow, values)
    return {ARTICLES.name: articles, **children}, rejects.table()


def _contract_rules(dataset: Dataset, table: pa.Table, skip: Collection[str]) -> dict[str, Mask]:
    """Which rows break the rules that the data contract states, by «rule:column»."""
    broken: dict[str, Mask] = {}
    for column in dataset.columns:
        if column.name in skip:
            continue
        values = table[column.name]
        if column.required and values.null_count:
            broken[f"required:{column.name}"] = _mask(pc.is_null(values))
        if column.values:
            allowed = pa.array(column.values, column.type)
            broken[f"values:{column.name}"] = _mask(pc.and_(pc.is_valid(values), pc.invert(pc.is_in(values, value_set=allowed))))
        if column.minimum is not None or column.maximum is not None:
            # Written so that NaN, which compares as false with everything, is outside.
            inside = pc.is_valid(values)
            if column.minimum is not None:
                inside = pc.and_kleene(inside, pc.greater_equal(values, column.minimum))
            if column.maximum is not None:
                inside = pc.and_kleene(inside, pc.less_equal(values, column.maximum))
            broken[f"range:{column.name}"] = _mask(pc.and_(pc.is_valid(values), pc.invert(pc.fill_null(inside, False))))
    return broken


def _article_rules(articles: pa.Table) -> dict[str, Mask]:
    length = pc.utf8_length(articles["text"])
    return {
        "length:character_count": _mask(pc.not_equal(length, articles["character_count"])),
        "blank:text": _mask(pc.equal(pc.utf8_length(pc.utf8_trim_whitespace(articles["text"])), 0)),
    }


def _offset_rule(
    table: pa.Table, articles: pa.Table, of_article: Sequence[int | None], start: str, end: str, words: str
) -> tuple[Mask, dict[int, str | None]]:
    """Rows whose section does not hold their words between start and end; and what it holds there instead, by row.

    Rows that give neither start nor end claim nothing and pass; so do rows of an article that is not in the shard.
    """
    texts = {section: articles[section].to_pylist() for section in SECTIONS}
    found: dict[int, str | None] = {}
    columns = (table["section"].to_pylist(), table[start].to_pylist(), table[end].to_pylist(), table[words].to_pylist())
    for row, (position, section, first, last, expected) in enumerate(zip(of_article, *columns, strict=True)):
        if position is None or (first is None and last is None):
            continue
        text = texts[section][position] if section in texts else None
        if text is None or first is None or last is None or not 0 <= first < last <= len(text):
            found[row] = None
        elif text[first:last] != expected:
            found[row] = text[first:last]
    mask = np.zeros(table.num_rows, dtype=np.bool_)
    mask[list(found)] = True
    return mask, found


def _forget_parents(quotes: pa.Table, refused: pa.ChunkedArray) -> pa.Table:
    column = QUOTES["parent_quote_id"]
    parents = quotes[column.name]
    parents = pc.if_else(pc.is_in(parents, value_set=refused), pa.scalar(None, column.type), parents)
    return quotes.set_column(quotes.schema.get_field_index(column.name), column.arrow, parents)


class _Rejects:
    """Collects refused rows column by column."""

    def __init__(self) -> None:
        self._columns: dict[str, list[str | None]] = {name: [] for name in ("message", "source_uri", "source_sha256", "details")}

    def add_articles(
        self, articles: pa.Table, bad: Mask, broken: Mapping[str, Mask], dropped: Mapping[str, Mapping[str | None, int]]
    ) -> None:
        rows = np.flatnonzero(bad)
        for row, values in zip(rows.tolist(), articles.drop_columns(list(LONG_COLUMNS)).take(rows).to_pylist(), strict=True):
            went_along = {name: counts.get(values["article_id"], 0) for name, counts in dropped.items()}
            self._add(ARTICLES, _rules(broken, row), values, values["source_uri"], values["source_sha256"], {"dropped": went_along})

    def add_children(
        self,
        dataset: Dataset,
        table: pa.Table,
        bad: Mask,
        broken: Mapping[str, Mask],
        found: Mapping[str, Mapping[int, str | None]],
        articles: pa.Table,
        of_article: Sequence[int | None],
    ) -> None:
        rows = np.flatnonzero(bad)
        for row, values in zip(rows.tolist(), table.take(rows).to_pylist(), strict=True):
            position = of_article[row]
            uri, sha = (None, None) if position is None else (articles[c][position].as_py() for c in ("source_uri", "source_sha256"))
            instead = {words: at[row] for words, at in found.items() if row in at}
            self._add(dataset, _rules(broken, row), values, uri, sha, {"found": instead} if instead else {})

    def _add(self, dataset: Dataset, rules: list[str], row: dict[str, Any], uri: str | None, sha: str | None, more: dict[str, Any]) -> None:
        given = {name: value for name, value in row.items() if value is not None}
        details = {"dataset": dataset.name, "rules": rules, **more, "row": given}
        columns = self._columns
        columns["message"].append(f"{REJECT_REASONS['row_rule']} Here: {dataset.name}, {', '.join(rules)}.")
        columns["source_uri"].append(uri or f"unknown file of article {row.get('article_id')}")
        columns["source_sha256"].append(sha)
        columns["details"].append(json.dumps(details, ensure_ascii=False, default=str))

    def table(self) -> pa.Table:
        length = len(self._columns["details"])
        return REJECTS.table({"stage": ["quality"] * length, "reason": ["row_rule"] * length, **self._columns})


def _rules(broken: Mapping[str, Mask], row: int) -> list[str]:
    return [rule for rule, mask in broken.items() if mask[row]]


def _positions(ids: pa.ChunkedArray, among: pa.ChunkedArray) -> list[int | None]:
    positions: list[int | None] = pc.index_in(ids, value_set=among).to_pylist()
    return positions


def _counts(ids: pa.ChunkedArray) -> dict[str | None, int]:
    counted = pc.value_counts(ids)
    return dict(zip(counted.field("values").to_pylist(), counted.field("counts").to_pylist(), strict=True))


def _mask(condition: pa.ChunkedArray) -> Mask:
    mask: Mask = pc.fill_null(condition, False).to_numpy().astype(np.bool_)
    return mask


def _any(broken: Mapping[str, Mask], length: int) -> Mask:
    result = np.zeros(length, dtype=np.bool_)
    for mask in broken.values():
        result |= mask
    return result
