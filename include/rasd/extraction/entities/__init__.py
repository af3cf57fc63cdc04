"""Entities: the people, places and organisations that articles name, with offsets, roles and the things they stand for."""

from __future__ import annotations

import hashlib
from functools import lru_cache

import pyarrow as pa

from rasd import schema
from rasd.extraction.backend import EntityTagger
from rasd.extraction.collector import without_collector
from rasd.extraction.entities.coreference import resolve
from rasd.extraction.entities.dimension import dimension, merge_dimensions
from rasd.extraction.entities.linking import Link, Linker, cities
from rasd.extraction.entities.mentions import Harmoniser, Mention, Section, mentions_of, read_section
from rasd.extraction.entities.proclitics import Splitter
from rasd.extraction.entities.roles import find_roles, resolve_roles
from rasd.extraction.entities.rules import RuleTagger
from rasd.extraction.entities.statistical import StatisticalTagger
from rasd.extraction.entities.vocabulary import count
from rasd.extraction.tokens import Tokens, tokenise

__all__ = ["dimension", "extract_entities", "load_tagger", "merge_dimensions"]

_BATCH = 200


@lru_cache(4)
def load_tagger(name: str) -> EntityTagger:
    """The tagger of that name (`settings.extraction_backend`), loaded once a process.

    Raises:
        ValueError: for an unknown name.
        rasd.extraction.entities.camel.BackendUnavailableError: when the neural backend is not installed; the message says what to do.
    """
    with without_collector():
        if name == "statistical":
            return StatisticalTagger()
        if name == "rules":
            return RuleTagger()
        if name == "camel":
            from rasd.extraction.entities.camel import CamelTagger

            return CamelTagger()
    raise ValueError(f"unknown extraction backend {name!r}; known: statistical, rules, camel")


@lru_cache(1)
def _linker() -> Linker:
    return Linker()


@lru_cache(1)
def _splitter() -> Splitter:
    return Splitter(count, cities()[1].keys())


@lru_cache(1)
def _harmoniser() -> Harmoniser:
    return Harmoniser(_splitter(), count, {name: {city.country_code for city in found} for name, found in cities()[1].items()})


def extract_entities(articles: pa.Table, tagger: EntityTagger) -> pa.Table:
    """The mentions of a batch of articles.

    Args:
        articles: schema.ARTICLES; article_id, title, subtitle, captions and text are read.
        tagger: what `load_tagger` gives.

    Returns:
        schema.ENTITIES in the order of the articles, then of reading (title, subtitle, text, captions); `ingested_on` is null. Offsets are
        code points into the section, and `section[start:end] == surface`.
    """
    with without_collector():
        return _extract(articles, tagger)


def _extract(articles: pa.Table, tagger: EntityTagger) -> pa.Table:
    order = ("title", "subtitle", "text", "captions")
    ids = articles.column("article_id").to_pylist()
    texts = [articles.column(name).to_pylist() for name in order]
    rows = _Rows(tagger.name)
    for begin in range(0, len(ids), _BATCH):
        read: list[tuple[int, str, str, Tokens, slice]] = []
        sentences: list[list[str]] = []
        for i in range(begin, min(begin + _BATCH, len(ids))):
            for name, column in zip(order, texts, strict=True):
                text = column[i]
                if text:
                    tokens = tokenise(text)
                    first = len(sentences)
                    sentences += tokens.by_sentence()
                    read.append((i, name, text, tokens, slice(first, len(sentences))))
        names = tagger.tag(sentences)
        sections: dict[int, list[Section]] = {}
        for i, name, text, tokens, own in read:
            sections.setdefault(i, []).append(read_section(name, text, tokens, sentences[own], names[own]))
        for i, parts in sections.items():
            rows.article(ids[i], *_understand(ids[i], parts))
    return schema.ENTITIES.table(rows.columns)


def _understand(article_id: str, sections: list[Section]) -> tuple[list[Mention], list[Link]]:
    """The mentions of one article and what they stand for."""
    splitter = _splitter()
    _harmoniser().harmonise(sections)
    mentions: list[Mention] = []
    for section in sections:
        found = mentions_of(section, splitter)
        find_roles(found, section)
        mentions += found
    resolve(mentions)
    resolve_roles(mentions)
    return mentions, _linker().link(article_id, mentions, sections)


class _Rows:
    """The result, column by column."""

    def __init__(self, extractor: str) -> None:
        self._extractor = extractor
        self.columns: dict[str, list[object]] = {column.name: [] for column in schema.ENTITIES.columns if column.name != "ingested_on"}

    def article(self, article_id: str, mentions: list[Mention], links: list[Link]) -> None:
        add = self.columns
        places = [f"{article_id}|{m.section}|{m.start}|{m.end}" for m in mentions]
        add["mention_id"] += [hashlib.blake2b(place.encode(), digest_size=10).hexdigest() for place in places]
        add["article_id"] += [article_id] * len(mentions)
        add["entity_type"] += [m.kind for m in mentions]
        add["surface"] += [m.surface for m in mentions]
        add["proclitic"] += [m.proclitic or None for m in mentions]
        add["canonical_name"] += [m.canonical for m in mentions]
        add["section"] += [m.section for m in mentions]
        add["start"] += [m.start for m in mentions]
        add["end"] += [m.end for m in mentions]
        add["sentence_index"] += [m.sentence for m in mentions]
        add["role_text"] += [m.role or None for m in mentions]
        add["role_resolved"] += [m.role_resolved or None for m in mentions]
        add["extractor"] += [self._extractor] * len(mentions)
        add["confidence"] += [round(m.score, 4) for m in mentions]
        for name in ("entity_id", "country_code", "geonames_id", "latitude", "longitude"):
            add[name] += [getattr(link, name) for link in links]
