"""Lines that recur across the articles of one source: boilerplate that no list names.

Three steps, so that the result does not depend on shards: `line_occurrences` per shard, `learn` once over all shards' occurrences,
`remove` per shard (or over the partition) with what was learnt. `shift_spans` then moves the offsets of mentions and quotes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from rasd.arabic import code_points, fold_all, word_counts
from rasd.cleaning.articles import measures
from rasd.cleaning.duplicates import text_hashes
from rasd.settings import Settings

OCCURRENCES = pa.schema([pa.field("source_id", pa.string()), pa.field("line", pa.uint64()), pa.field("article", pa.uint64())])
"""One row per line of an article's text: its source, the hash of the folded line, the hash of the article_id."""

LEARNT = pa.schema([pa.field("source_id", pa.string()), pa.field("line", pa.uint64())])
"""One row per line (as its hash) that is boilerplate in its source."""

REMOVED = pa.schema([pa.field("article_id", pa.string()), pa.field("start", pa.int32()), pa.field("end", pa.int32())])
"""One row per stretch of code points taken out of an article's text: [start, end) in the text before. Sorted by article and start."""

LONGEST_LINE = 400
"""Code points; a longer line is prose, however often it recurs."""


@dataclass(frozen=True)
class Trimmed:
    """Articles without boilerplate, and what was taken out of which (`REMOVED`)."""

    articles: pa.Table
    removed: pa.Table


def line_occurrences(articles: pa.Table) -> pa.Table:
    """Where the lines of a shard's articles stand (`OCCURRENCES`); concatenate the tables of all shards for `learn`.

    Args:
        articles: columns source_id, article_id and text of `ARTICLES`.
    """
    lines: list[str] = []
    rows: list[int] = []
    for row, text in enumerate(articles["text"].to_pylist()):
        for line in set(text.split("\n")):
            if len(line) <= LONGEST_LINE:
                lines.append(line)
                rows.append(row)
    taken = pa.array(rows, pa.int64())
    return pa.table(
        [
            articles["source_id"].take(taken).combine_chunks(),
            pa.array(text_hashes(fold_all(lines))),
            pa.array(text_hashes(articles["article_id"].to_pylist())).take(taken),
        ],
        schema=OCCURRENCES,
    )


def learn(occurrences: pa.Table, settings: Settings) -> pa.Table:
    """The lines that are boilerplate in their source (`LEARNT`, sorted), from the occurrences of all shards.

    A line is boilerplate when at least `boilerplate_min_articles` distinct articles of the source hold it, and at least the share
    `boilerplate_min_share` of all its articles. A file that came twice counts once.
    """
    distinct = occurrences.group_by(["source_id", "line", "article"]).aggregate([])
    counts = distinct.group_by(["source_id", "line"]).aggregate([([], "count_all")])
    totals = distinct.group_by(["source_id"]).aggregate([("article", "count_distinct")]).rename_columns(["source_id", "articles"])
    joined = counts.join(totals, "source_id")
    enough = pc.and_(
        pc.greater_equal(joined["count_all"], settings.boilerplate_min_articles),
        pc.greater_equal(joined["count_all"], pc.multiply(joined["articles"].cast(pa.float64()), settings.boilerplate_min_share)),
    )
    found = joined.filter(enough).select(["source_id", "line"]).sort_by([("source_id", "ascending"), ("line", "ascending")])
    return found.cast(LEARNT).combine_chunks()


def remove(articles: pa.Table, learnt: pa.Table) -> Trimmed:
    """The articles without the lines in `learnt`; text, text_normalized, removed_text and all counts are right afterwards.

    article_id stays, so that an article's id never depends on its neighbours. An article of boilerplate alone, or one that would have no
    word left, is left as it is.

    Args:
        articles: `ARTICLES`.
        learnt: what `learn` gave.
    """
    known: dict[str, set[int]] = {}
    for source, line in zip(learnt["source_id"].to_pylist(), learnt["line"].to_pylist(), strict=True):
        known.setdefault(source, set()).add(line)
    columns = {name: articles[name].to_pylist() for name in ("article_id", "source_id", "text", "removed_text")}
    changed: dict[int, str] = {}
    removed: dict[str, list[int | str]] = {"article_id": [], "start": [], "end": []}
    for row, (source, text) in enumerate(zip(columns["source_id"], columns["text"], strict=True)):
        if source not in known:
            continue
        lines = text.split("\n")
        hashes = text_hashes(fold_all(lines)).tolist()
        out = {i for i, (line, value) in enumerate(zip(lines, hashes, strict=True)) if value in known[source] and len(line) <= LONGEST_LINE}
        if not out or len(out) == len(lines):
            continue
        rest = "\n".join(line for i, line in enumerate(lines) if i not in out)
        if not word_counts(*code_points([rest]))[0]:
            continue
        changed[row] = rest
        taken = [columns["removed_text"][row]] if columns["removed_text"][row] else []
        columns["removed_text"][row] = "\n".join([*taken, *(f"boilerplate\t{lines[i]}" for i in sorted(out))])
        position = 0
        last = max(i for i in range(len(lines)) if i not in out)
        for i, line in enumerate(lines):
            if i in out:
                # The line break goes with its line; after the last kept line it is the one before.
                start, end = (position, position + len(line) + 1) if i < last else (position - 1, position + len(line))
                removed["article_id"].append(columns["article_id"][row])
                removed["start"].append(start)
                removed["end"].append(end)
            position += len(line) + 1
    if changed:
        texts = [changed.get(row, text) for row, text in enumerate(columns["text"])]
        replaced = {"text": texts, "text_normalized": fold_all(texts), **measures(*code_points(texts))}
        replaced["removed_text"] = columns["removed_text"]
        for name, values in replaced.items():
            index = articles.schema.get_field_index(name)
            articles = articles.set_column(index, articles.schema.field(index), pa.array(values, articles.schema.field(index).type))
    return Trimmed(articles, pa.table(removed, schema=REMOVED))


def shift_spans(article_ids: pa.Array, starts: pa.Array, ends: pa.Array, removed: pa.Table) -> tuple[pa.Array, pa.Array, pa.Array]:
    """Spans of `text` moved to the text that `remove` left.

    Args:
        article_ids, starts, ends: equally long; spans [start, end) in the text before. Null starts and ends stay null.
        removed: `Trimmed.removed`.

    Returns:
        starts and ends (int32) in the text after, and a boolean array: false where the span touches removed code points, so that its row
        has to go (its start and end are then meaningless).
    """
    ids = article_ids.to_pylist()
    first = np.asarray(pc.fill_null(starts, -1), np.int64).copy()
    last = np.asarray(pc.fill_null(ends, -1), np.int64).copy()
    keep = np.ones(len(ids), bool)
    cuts: dict[str, list[tuple[int, int]]] = {}
    for article, start, end in zip(*(removed[name].to_pylist() for name in REMOVED.names), strict=True):
        cuts.setdefault(article, []).append((start, end))
    for i, article in enumerate(ids):
        if article in cuts and first[i] >= 0:
            begin, stop = int(first[i]), int(last[i])
            keep[i] = not any(start < stop and begin < end for start, end in cuts[article])
            shift = sum(end - start for start, end in cuts[article] if end <= begin)
            first[i], last[i] = begin - shift, stop - shift
    null = pa.array(np.asarray(pc.is_null(starts)))
    return pa.array(first, pa.int32(), mask=np.asarray(null)), pa.array(last, pa.int32(), mask=np.asarray(null)), pa.array(keep)
