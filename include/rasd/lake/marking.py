"""An article with its entities and quotes marked, for a terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.dataset as ds

from rasd.lake.reading import LakeError, open_dataset
from rasd.schema import SECTIONS
from rasd.storage.paths import PARTITION_KEY

_COLOURS = {"PERSON": "\x1b[36m", "LOCATION": "\x1b[32m", "ORGANIZATION": "\x1b[35m", "MISC": "\x1b[33m"}
_QUOTE, _END = "\x1b[1m", "\x1b[0m"
_LETTERS = {"PERSON": "P", "LOCATION": "L", "ORGANIZATION": "O", "MISC": "M"}
_METADATA = ("source_uri", "article_date", "byline", "dateline", "source_credit", "language", "quality_flags")


def find_article(lake: Path, wanted: str) -> dict[str, Any]:
    """The newest article whose id begins with `wanted` or whose source_uri ends with it, as a dict of its columns.

    Raises:
        LakeError: when there is none.
    """
    id_or_uri = pc.starts_with(ds.field("article_id"), wanted) | pc.ends_with(ds.field("source_uri"), wanted)
    found = open_dataset(lake, "articles").to_table(filter=id_or_uri).sort_by([(PARTITION_KEY, "descending"), ("source_uri", "ascending")])
    if not found.num_rows:
        raise LakeError(f"no article of {lake} has an id that begins with {wanted!r}, or a file name that ends with it")
    article: dict[str, Any] = found.slice(0, 1).to_pylist()[0]
    return article


def marked_article(lake: Path, article: dict[str, Any], *, colour: bool) -> str:
    """The article as lines of text: metadata, its sections with entities and quotes marked, then one line a quote with its speaker.

    With colour, entities are coloured by type and quotes bold; without, entities are [P …], [L …], [O …] or [M …]. Quotes stand in
    ⟦number … ⟧ either way.
    """
    same = (ds.field("article_id") == article["article_id"]) & (ds.field(PARTITION_KEY) == article[PARTITION_KEY])
    entities = open_dataset(lake, "entities").to_table(filter=same).to_pylist()
    quotes = sorted(open_dataset(lake, "quotes").to_table(filter=same).to_pylist(), key=lambda q: q["ordinal"])
    lines = [f"{name}: {article[name]}" for name in ("article_id", *_METADATA) if article[name]]
    for section in SECTIONS:
        if article[section]:
            inside = [e for e in entities if e["section"] == section], [q for q in quotes if q["section"] == section]
            lines += ["", f"── {section}", _mark(article[section], *inside, colour=colour)]
    if quotes:
        lines += ["", "── quotes"]
    for quote in quotes:
        speaker = quote["speaker_name"] or "(nobody named)"
        lines.append(f"{quote['ordinal']}. {speaker} [{quote['quote_type']}, {quote['cue_text'] or 'no cue'}, {quote['confidence']:.2f}]")
    return "\n".join(lines)


def _mark(text: str, entities: list[dict[str, Any]], quotes: list[dict[str, Any]], *, colour: bool) -> str:
    # (position, closing before opening, inner closes first and outer opens first, mark)
    marks: list[tuple[int, int, int, str]] = []
    for quote in quotes:
        opening, closing = f"⟦{quote['ordinal']} ", " ⟧"
        if colour:
            opening, closing = _QUOTE + opening + _END, _QUOTE + closing + _END
        marks += [(quote["start"], 1, -quote["end"], opening), (quote["end"], 0, -quote["start"], closing)]
    for entity in entities:
        kind = entity["entity_type"]
        opening, closing = (_COLOURS[kind], _END) if colour else (f"[{_LETTERS[kind]} ", "]")
        marks += [(entity["start"], 1, -entity["end"], opening), (entity["end"], 0, -entity["start"], closing)]
    marks.sort(key=lambda mark: mark[:3])
    pieces, position = [], 0
    for at, _, _, mark in marks:
        pieces += [text[position:at], mark]
        position = at
    return "".join([*pieces, text[position:]])
