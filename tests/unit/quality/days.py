"""An invented day, sound in every respect: for tests to break, and for benchmarks to multiply."""

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa

from rasd.schema import ARTICLES, ENTITIES, INGESTIONS, QUOTES, REJECTS

TITLE = "سلمى النجار: نبدأ العمل غدا"
TEXT = "قالت الوزيرة سلمى النجار إن العمل يبدأ غدا في مدينة الواحة.\nوأضافت أن «المشروع يخدم سكان الأحياء القديمة»."
DAY = date(2026, 11, 20)


def _span(text: str, words: str) -> tuple[int, int]:
    start = text.index(words)
    return start, start + len(words)


def build(articles: int, ingested_on: date | None = DAY) -> dict[str, pa.Table]:
    """All staged datasets of a day with so many articles; each has two mentions and one quote; one duplicate and one rejected file."""
    ids = [f"a{i:06}" for i in range(articles)]
    files = [f"seeds/alwaha/{i}.txt" for i in ids]
    mentions: dict[str, list[Any]] = {name: [] for name in ("surface", "entity_type", "section", "start", "end", "entity_id")}
    for section, text, words, kind in (("title", TITLE, "سلمى النجار", "PERSON"), ("text", TEXT, "الواحة", "LOCATION")):
        start, end = _span(text, words)
        for name, value in {"surface": words, "entity_type": kind, "section": section, "start": start, "end": end}.items():
            mentions[name].append(value)
        mentions["entity_id"].append(f"e-{kind}")
    start, end = _span(TEXT, "المشروع يخدم سكان الأحياء القديمة")
    cue_start, cue_end = _span(TEXT, "أضافت")
    return {
        "articles": ARTICLES.table(
            {
                "article_id": ids,
                "ingested_on": [ingested_on] * articles,
                "source_id": ["alwaha"] * articles,
                "source_uri": files,
                "source_sha256": [f"{i:064x}" for i in range(articles)],
                "source_encoding": ["utf-8"] * articles,
                "copies": [2] * min(articles, 1) + [1] * (articles - 1),
                "title": [TITLE] * articles,
                "article_date": [DAY] * articles,
                "language": ["ar"] * articles,
                "text": [TEXT] * articles,
                "text_normalized": [TEXT] * articles,
                "paragraph_count": [2] * articles,
                "sentence_count": [2] * articles,
                "word_count": [len(TEXT.split())] * articles,
                "character_count": [len(TEXT)] * articles,
                "arabic_ratio": [1.0] * articles,
                "entity_count": [2] * articles,
                "quote_count": [1] * articles,
                "extractor_version": ["0"] * articles,
            }
        ),
        "entities": ENTITIES.table(
            {
                "mention_id": [f"{i}-{n}" for i in ids for n in (0, 1)],
                "ingested_on": [ingested_on] * 2 * articles,
                "article_id": [i for i in ids for _ in (0, 1)],
                "canonical_name": mentions["surface"] * articles,
                "sentence_index": [0, 0] * articles,
                "extractor": ["rules"] * 2 * articles,
                "confidence": [0.9] * 2 * articles,
                **{name: values * articles for name, values in mentions.items()},
            }
        ),
        "quotes": QUOTES.table(
            {
                "quote_id": [f"{i}-q" for i in ids],
                "ingested_on": [ingested_on] * articles,
                "article_id": ids,
                "ordinal": [0] * articles,
                "quote_text": [TEXT[start:end]] * articles,
                "quote_type": ["mixed"] * articles,
                "is_headline": [False] * articles,
                "is_citation": [False] * articles,
                "section": ["text"] * articles,
                "start": [start] * articles,
                "end": [end] * articles,
                "is_repaired": [False] * articles,
                "cue_text": ["أضافت"] * articles,
                "cue_start": [cue_start] * articles,
                "cue_end": [cue_end] * articles,
                "is_negated": [False] * articles,
                "modality": ["said"] * articles,
                "speaker_name": ["سلمى النجار"] * articles,
                "attribution": ["pronoun"] * articles,
                "sentence_index": [1] * articles,
                "extractor": ["rules"] * articles,
                "confidence": [0.9] * articles,
            }
        ),
        "rejects": REJECTS.table(
            {
                "reject_id": ["r0"],
                "ingested_on": [ingested_on],
                "stage": ["landing"],
                "reason": ["empty_file"],
                "message": ["empty"],
                "source_uri": ["seeds/alwaha/empty.txt"],
            }
        ),
        "ingestions": INGESTIONS.table(
            {
                "ingested_on": [ingested_on] * (articles + 2),
                "source_id": ["alwaha"] * (articles + 2),
                "source_uri": [*files, "seeds/alwaha/copy.txt", "seeds/alwaha/empty.txt"],
                "status": ["article"] * articles + ["duplicate", "rejected"],
                "article_id": [*ids, ids[0], None],
                "run": ["run-1"] * (articles + 2),
            }
        ),
    }
