"""Small lakes with invented articles for the tests of the Newsroom: published as a run publishes them, without a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from rasd.arabic import fold_all
from rasd.extraction.entities import merge_dimensions
from rasd.extraction.entities.dimension import dimension
from rasd.lake.manifests import make_manifest, write_dimension_manifest, write_manifest
from rasd.schema import DATASETS, STAGED_DATASETS, VALIDATIONS
from rasd.storage.files import PartWriter, remove_tree, write_json, write_parquet
from rasd.storage.paths import LakePaths

PERSON, PLACE = "00000000000000aa", "00000000000000bb"
SPEAKER, TOWN = "سلمى النجار", "الواحة"
TITLE = "سلمى النجار: نبدأ العمل غدا"
TEXT = "قالت الوزيرة سلمى النجار إن العمل يبدأ غدا في مدينة الواحة.\nوأضافت أن «المشروع يخدم سكان الأحياء القديمة»."


@dataclass
class Article:
    """One article; `marks` are (words in the text, entity_id, type), and the last «…» of the text is a quote of `speaker`."""

    title: str | None = TITLE
    text: str = TEXT
    source: str = "alwaha"
    published: date | None = None
    marks: Sequence[tuple[str, str, str]] = ((SPEAKER, PERSON, "PERSON"), (TOWN, PLACE, "LOCATION"))
    speaker: tuple[str | None, str | None] = (PERSON, SPEAKER)
    more: dict[str, Any] = field(default_factory=dict)


def article_id(day: date, number: int) -> str:
    return f"{day:%Y%m%d}{number:024x}"


def publish(lake: Path, day: date, articles: Sequence[Article], rejects: Sequence[dict[str, Any]] = (), run: str = "cli-1") -> None:
    """Publish a partition with these articles, judged by one check of each severity, which hold."""
    paths = LakePaths(lake)
    for name, table in _tables(day, articles, rejects, run).items():
        folder = paths.partition(name, day)
        remove_tree(folder)
        with PartWriter(folder, DATASETS[name].arrow, 1000) as writer:
            writer.write(table)
        if name == "entities":
            write_parquet(paths.dimension(day), dimension(table))
    parts = {d.name: sorted(paths.partition(d.name, day).glob("*.parquet")) for d in STAGED_DATASETS}
    write_manifest(paths, make_manifest(day, run, "0" * 64, 1, parts, paths.dimension(day)), None)
    judge(lake, day, run)
    write_json(paths.report(day, run), {"run": run, "ingest_date": str(day), "outcome": "published", "seconds": {"transform-00000": 2.5}})
    remove_tree(lake / "dim_entities")
    with PartWriter(lake / "dim_entities", DATASETS["dim_entities"].arrow, 1000) as writer:
        writer.write(merge_dimensions(lake / "_dimension"))
    write_dimension_manifest(paths, run, sorted((lake / "dim_entities").glob("*.parquet")), None)


def judge(lake: Path, day: date, run: str, *, critical: int = 0) -> None:
    """Add a judgement of a run: two checks, of which `critical` fail."""
    rows = {
        "run": [run] * 2,
        "ingested_on": [day] * 2,
        "dataset": ["articles", "quotes"],
        "expectation": ["expect_table_row_count_to_be_between"] * 2,
        "severity": ["critical"] * 2,
        "success": [i >= critical for i in range(2)],
        "observed": ["<b>7</b>"] * 2,
        "parameters": ['{"meaning": "There are rows."}'] * 2,
        "validated_at": [datetime.now(UTC)] * 2,
    }
    write_parquet(LakePaths(lake).partition("validations", day) / f"{run}.parquet", VALIDATIONS.table(rows))


def _tables(day: date, articles: Sequence[Article], rejects: Sequence[dict[str, Any]], run: str) -> dict[str, Any]:
    rows: dict[str, list[dict[str, Any]]] = {d.name: [] for d in STAGED_DATASETS}
    for number, article in enumerate(articles):
        key = article_id(day, number)
        uri = f"file:///landing/{article.source}/{key}.txt"
        same = {"article_id": key, "ingested_on": day}
        for words, entity, kind in article.marks:
            start = article.text.find(words)
            if start >= 0:
                rows["entities"].append(
                    same
                    | {"mention_id": f"{key}{start}", "entity_id": entity, "entity_type": kind, "surface": words, "canonical_name": words}
                    | {
                        "section": "text",
                        "start": start,
                        "end": start + len(words),
                        "sentence_index": 0,
                        "extractor": "t",
                        "confidence": 1.0,
                    }
                    | {"role_text": "الوزيرة" if entity == PERSON else None}
                )
        if "«" in article.text:
            start, end = article.text.rindex("«") + 1, article.text.rindex("»")
            rows["quotes"].append(
                same
                | {"quote_id": f"{key}q", "ordinal": 0, "quote_text": article.text[start:end], "quote_type": "direct"}
                | {"is_headline": False, "is_citation": False, "is_repaired": False, "is_negated": False, "modality": "said"}
                | {"section": "text"}
                | {"start": start, "end": end, "cue_text": "أضافت", "cue_class": "add", "attribution": "pronoun", "sentence_index": 1}
                | {"speaker_entity_id": article.speaker[0], "speaker_name": article.speaker[1], "speaker_role": "الوزيرة"}
                | {"extractor": "t", "confidence": 0.9}
            )
        counts = {"entity_count": len(article.marks), "quote_count": int("«" in article.text), "copies": 1, "arabic_ratio": 1.0}
        counts |= dict.fromkeys(("paragraph_count", "sentence_count", "word_count", "character_count"), 1)
        rows["articles"].append(
            same
            | {"source_id": article.source, "source_uri": uri, "source_sha256": "0" * 64, "source_encoding": "utf-8", "language": "ar"}
            | {"title": article.title, "text": article.text, "text_normalized": fold_all([article.text])[0], "extractor_version": "t"}
            | {"article_date": article.published or day, "published_date": article.published}
            | counts
            | article.more
        )
        rows["ingestions"].append({"ingested_on": day, "source_id": article.source, "source_uri": uri, "status": "article", "run": run})
    for number, reject in enumerate(rejects):
        rows["rejects"].append(
            {"reject_id": f"{day}{number}", "ingested_on": day, "stage": "landing", "message": "Mend it.", "source_uri": "file:///x.txt"}
            | reject
        )
    return {
        name: DATASETS[name].table({column: [row.get(column) for row in found] for column in DATASETS[name].arrow.names})
        if found
        else DATASETS[name].arrow.empty_table()
        for name, found in rows.items()
    }
