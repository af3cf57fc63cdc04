"""Quotes: who said what, in which words, and how the article reports it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import pyarrow as pa

from rasd import schema
from rasd.extraction.collector import without_collector
from rasd.extraction.quotes.circumstances import Circumstances, circumstances_of
from rasd.extraction.quotes.finder import Finder, Report
from rasd.extraction.quotes.model import Models, shipped
from rasd.extraction.quotes.sections import Section
from rasd.extraction.quotes.selection import find_reports
from rasd.extraction.quotes.speakers import Resolver, Speaker

EXTRACTOR = "rules"
_SECTIONS = ("title", "subtitle", "text")

_Mention = tuple[int, int, str, str, str, str, str, str]


def extract_quotes(articles: pa.Table, entities: pa.Table, models: Models | None = None) -> pa.Table:
    """The quotes of a batch of articles.

    Args:
        articles: schema.ARTICLES; article_id, title, subtitle, text, published_date and article_date are read.
        entities: schema.ENTITIES of the same articles.
        models: those that ship with Rasd where none are given.

    Returns:
        schema.QUOTES in the order of the articles, then of reading (title, subtitle, text); `ingested_on` is null. Offsets are code
        points into the section, and `section[start:end] == quote_text`.
    """
    with without_collector():
        return _extract(articles, entities, models or shipped())


def _extract(articles: pa.Table, entities: pa.Table, models: Models) -> pa.Table:
    rows = _Rows()
    days = [
        published or day
        for published, day in zip(articles.column("published_date").to_pylist(), articles.column("article_date").to_pylist(), strict=True)
    ]
    for article_id, day, sections in zip(articles.column("article_id").to_pylist(), days, sections_of(articles, entities), strict=True):
        # The text first: a headline speaks of those whom the text introduces.
        finders = [Finder(section, headline=section.name != "text") for section in sorted(sections, key=lambda s: s.name != "text")]
        reported = [find_reports(finder, models) for finder in finders]
        if not any(reports for reports, _ in reported):
            continue
        resolver = Resolver(models.speaker, models.confidence)
        for finder in finders:
            resolver.read(finder.s)
        found: dict[str, list[tuple[Report, int, Speaker, Circumstances]]] = {}
        for number, (finder, (reports, attributions)) in enumerate(zip(finders, reported, strict=True), 1):
            section = finder.s
            speakers = resolver.resolve(section, reports, finder.cues, more=any(later for later, _ in reported[number:]))
            around = circumstances_of(section, reports, speakers, attributions, day)
            found[section.name] = [*zip(reports, map(finder.lead, reports), speakers, around, strict=True)]
        rows.article(article_id)
        for section in sections:
            for report in found[section.name]:
                rows.add(section, *report)
    return schema.QUOTES.table(rows.columns())


def sections_of(articles: pa.Table, entities: pa.Table) -> Iterator[list[Section]]:
    """The sections of each article, in the order of reading."""
    mentions: dict[tuple[str, str], list[_Mention]] = {}
    columns = (
        "article_id",
        "section",
        "start",
        "end",
        "entity_id",
        "entity_type",
        "canonical_name",
        "surface",
        "proclitic",
        "role_text",
        "role_resolved",
    )
    for article, section, start, end, *names, role, resolved in zip(*(entities.column(c).to_pylist() for c in columns), strict=True):
        mentions.setdefault((article, section), []).append((start, end, *(value or "" for value in names), resolved or role or ""))
    texts = [articles.column(name).to_pylist() for name in _SECTIONS]
    for article_id, *contents in zip(articles.column("article_id").to_pylist(), *texts, strict=True):
        yield [Section(name, text, mentions.get((article_id, name), ())) for name, text in zip(_SECTIONS, contents, strict=True) if text]


class _Rows:
    """The result."""

    def __init__(self) -> None:
        self.rows: list[dict[str, object]] = []
        self.article_id = ""
        self.ordinal = 0

    def columns(self) -> dict[str, list[object]]:
        return {column.name: [row[column.name] for row in self.rows] for column in schema.QUOTES.columns if column.name != "ingested_on"}

    def article(self, article_id: str) -> None:
        self.article_id, self.ordinal = article_id, 0
        self.around: list[tuple[str, int, int, str]] = []
        self.spans: set[tuple[str, int, int]] = set()

    def add(self, s: Section, report: Report, lead: int, speaker: Speaker, around: Circumstances) -> None:
        start, end = s.slice(report.first, report.last)
        start += lead
        if (s.name, start, end) in self.spans:  # two cues report the same words: «أشار …، وفق ما أوردت الوكالة، إلى أن …»
            return
        self.spans.add((s.name, start, end))
        quote_id = hashlib.sha256(f"{self.article_id}\x1f{s.name}\x1f{start}\x1f{end}".encode()).hexdigest()[:32]
        while self.around and (self.around[-1][0] != s.name or self.around[-1][2] < end):
            self.around.pop()
        cue = report.cue
        cue_span = s.slice(cue.first, cue.last) if cue else None
        cue_text = s.text[slice(*cue_span)] if cue_span else None
        if cue_span and cue and cue_text and cue.reading.conjunction:
            cue_span = (cue_span[0] + 1, cue_span[1])
            cue_text = cue_text[1:]
        span = s.spans[report.span] if report.span >= 0 else s.spans[report.spans[0]] if report.spans else None
        speaker_span = s.slice(speaker.first, speaker.last) if speaker.first >= 0 else (None, None)
        row: dict[str, object] = {
            "quote_id": quote_id,
            "article_id": self.article_id,
            "parent_quote_id": self.around[-1][3] if self.around else None,
            "ordinal": self.ordinal,
            "quote_text": s.text[start:end],
            "quote_type": report.quote_type,
            "is_headline": s.name != "text",
            "is_citation": around.is_citation,
            "section": s.name,
            "start": start,
            "end": end,
            "mark_style": span.style if span else report.mended or None,
            "is_repaired": bool(report.mended or (span and span.repaired)),
            "cue_text": cue_text,
            "cue_start": cue_span[0] if cue_span else None,
            "cue_end": cue_span[1] if cue_span else None,
            "cue_lemma": cue.reading.lemma if cue else None,
            "cue_class": cue.reading.cue_class if cue else None,
            "polarity": cue.reading.polarity if cue else None,
            "is_negated": around.is_negated,
            "modality": around.modality,
            "speaker_text": speaker.text,
            "speaker_start": speaker_span[0],
            "speaker_end": speaker_span[1],
            "speaker_entity_id": speaker.entity_id,
            "speaker_name": speaker.name,
            "speaker_type": speaker.type,
            "speaker_role": speaker.role,
            "attribution": speaker.attribution,
            "resolution_rule": speaker.rule,
            "addressee": around.addressee,
            "venue": around.venue,
            "said_date": around.said_date,
            "reported_via": around.reported_via,
            "sentence_index": s.token_sentences[report.first],
            "extractor": EXTRACTOR,
            "confidence": speaker.confidence,
        }
        self.rows.append(row)
        self.around.append((s.name, start, end, quote_id))
        self.ordinal += 1
