"""Entities: the people, places and organisations that articles name, with offsets, roles and the things they stand for."""

from __future__ import annotations

import hashlib
from functools import lru_cache

import pyarrow as pa

from rasd import schema
from rasd.extraction.backend import EntityTagger
from rasd.extraction.entities.coreference import resolve
from rasd.extraction.entities.dimension import dimension, merge_dimensions
from rasd.extraction.entities.linking import Link, Linker
from rasd.extraction.entities.mentions import Mention, mentions_of
from rasd.extraction.entities.proclitics import Splitter
from rasd.extraction.entities.roles import find_roles, resolve_roles
from rasd.extraction.entities.rules import RuleTagger
from rasd.extraction.tokens import Tokens, tokenise

__all__ = ["dimension", "extract_entities", "load_tagger", "merge_dimensions"]

_BATCH = 200


@lru_cache(4)
def load_tagger(name: str) -> EntityTagger:
    """The tagger of that name (`settings.extraction_backend`), loaded once a process.

    Raises:
        ValueError: for an unknown name.
    """
    if name == "rules":
        return RuleTagger()
    raise ValueError(f"unknown extraction backend {name!r}; known: rules")


@lru_cache(1)
def _linker() -> Linker:
    return Linker()


@lru_cache(1)
def _splitter() -> Splitter:
    return Splitter(lambda word: 0)


def extract_entities(articles: pa.Table, tagger: EntityTagger) -> pa.Table:
    """The mentions of a batch of articles.

    Args:
        articles: schema.ARTICLES; article_id, title, subtitle, captions and text are read.
        tagger: what `load_tagger` gives.

    Returns:
        schema.ENTITIES in the order of the articles, then of reading (title, subtitle, text, captions); `ingested_on` is null. Offsets are
        code points into the section, and `section[start:end] == surface`.
    """
    order = ("title", "subtitle", "text", "captions")
    ids = articles.column("article_id").to_pylist()
    texts = [articles.column(name).to_pylist() for name in order]
    rows = _Rows(tagger.name)
    for begin in range(0, len(ids), _BATCH):
        sections: list[tuple[int, str, str, Tokens, range]] = []
        sentences: list[list[str]] = []
        for i in range(begin, min(begin + _BATCH, len(ids))):
            for name, column in zip(order, texts, strict=True):
                text = column[i]
                if text:
                    tokens = tokenise(text)
                    first = len(sentences)
                    sentences.extend(_by_sentence(tokens))
                    sections.append((i, name, text, tokens, range(first, len(sentences))))
        tagged = tagger.tag(sentences)
        mentions: dict[int, list[Mention]] = {}
        tokens_of: dict[int, list[Tokens]] = {}
        for i, name, text, tokens, numbers in sections:
            found = mentions_of(name, text, tokens, tagged, numbers, _splitter())
            find_roles(found, text, tokens)
            mentions.setdefault(i, []).extend(found)
            tokens_of.setdefault(i, []).append(tokens)
        for i, found in mentions.items():
            resolve(found)
            resolve_roles(found)
            rows.article(ids[i], found, _linker().link(ids[i], found, tokens_of[i]))
    return schema.ENTITIES.table(rows.columns)


def _by_sentence(tokens: Tokens) -> list[list[str]]:
    found: list[list[str]] = []
    previous = -1
    for word, number in zip(tokens.words, tokens.sentences, strict=True):
        if number != previous:
            found.append([])
            previous = number
        found[-1].append(word)
    return found


class _Rows:
    """The result, column by column."""

    def __init__(self, extractor: str) -> None:
        self._extractor = extractor
        self.columns: dict[str, list[object]] = {column.name: [] for column in schema.ENTITIES.columns if column.name != "ingested_on"}

    def article(self, article_id: str, mentions: list[Mention], links: list[Link]) -> None:
        add = self.columns
        for mention, link in zip(mentions, links, strict=True):
            identity = f"{article_id}|{mention.section}|{mention.start}|{mention.end}"
            add["mention_id"].append(hashlib.blake2b(identity.encode(), digest_size=10).hexdigest())
            add["article_id"].append(article_id)
            add["entity_id"].append(link.entity_id)
            add["entity_type"].append(mention.kind)
            add["surface"].append(mention.surface)
            add["proclitic"].append(mention.proclitic or None)
            add["canonical_name"].append(mention.canonical)
            add["section"].append(mention.section)
            add["start"].append(mention.start)
            add["end"].append(mention.end)
            add["sentence_index"].append(mention.sentence)
            add["role_text"].append(mention.role or None)
            add["role_resolved"].append(mention.role_resolved or None)
            add["country_code"].append(link.country_code)
            add["geonames_id"].append(link.geonames_id)
            add["latitude"].append(link.latitude)
            add["longitude"].append(link.longitude)
            add["extractor"].append(self._extractor)
            add["confidence"].append(round(mention.score, 4))
