"""Server time of every page of the Newsroom over an invented lake of a million articles in 365 partitions.

    python bench/newsroom.py [--articles 1000000] [--days 365] [--lake FOLDER] [--repeat 5]

FOLDER (by default a temporary one) is filled when it holds no lake yet, which takes some minutes and about 2.5 GB per million articles;
naming it lets a second run start at once. Texts are made of invented sentences over Rasd's own lexicons; names and their frequencies follow
Zipf's law, so that there are entities with a hundred thousand mentions and entities with one.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from rasd.arabic import fold_all
from rasd.extraction.entities import merge_dimensions
from rasd.extraction.entities.dimension import dimension
from rasd.lake.manifests import make_manifest, write_manifest
from rasd.pipeline.shares import SHARE_ROWS_PER_GROUP
from rasd.resources import lexicon
from rasd.schema import CUE_CLASSES, DATASETS, DIM_ENTITIES, REJECT_REASONS, VALIDATIONS
from rasd.storage.files import PartWriter, write_json, write_parquet
from rasd.storage.paths import LakePaths

LAST_DAY = date(2026, 11, 20)
SENTENCES, WORDS_PER_SENTENCE, SENTENCES_PER_ARTICLE = 40_000, 18, 15
MENTIONS, QUOTES, REJECTS, CHECKS = 10, 5, 12, 150
POPULATION = {"PERSON": 120_000, "LOCATION": 40_000, "ORGANIZATION": 30_000, "MISC": 10_000}
RARE = "خنفشار"
"""A word that only the oldest article has: the search that has to read the whole lake."""

RUN = "bench"
LIMIT_MS = 300


class Population:
    """Invented sentences and entities to draw from."""

    def __init__(self, chance: np.random.Generator) -> None:
        words = [row["word"] for row in lexicon("common_words") if row.get("word")] + [row["name"] for row in lexicon("given_names")]
        words += [f"{a}{b}" for a in words[:90] for b in words[90:180]]
        ranks = _zipf(chance, len(words), (SENTENCES, WORDS_PER_SENTENCE), 1.05)
        self.sentences = np.array([" ".join(words[i] for i in row) + "." for row in ranks], dtype=object)
        given = [row["name"] for row in lexicon("given_names")]
        self.names: list[str] = []
        self.types: list[str] = []
        for kind, count in POPULATION.items():
            first = chance.integers(0, len(given), count)
            last = chance.integers(0, len(words), count)
            self.names += [f"{given[a]} {words[b]} {kind[0]}{i}" for i, (a, b) in enumerate(zip(first, last, strict=True))]
            self.types += [kind] * count
        self.ids = [f"{i * 0x9E3779B97F4A7C15 % 2**64:016x}" for i in range(len(self.names))]
        self.order = chance.permutation(len(self.names))


def _zipf(chance: np.random.Generator, size: int, shape: tuple[int, ...], exponent: float) -> np.ndarray:
    weights = 1 / np.arange(1, size + 1) ** exponent
    return np.searchsorted(np.cumsum(weights) / weights.sum(), chance.random(shape)).clip(0, size - 1)


def build(lake: Path, articles: int, days: int) -> None:
    """Fill a lake with `articles` articles in `days` partitions, the newest being LAST_DAY."""
    chance = np.random.default_rng(7)
    population = Population(chance)
    paths = LakePaths(lake)
    for number in range(days):
        day = LAST_DAY - timedelta(days=days - 1 - number)
        count = articles * (number + 1) // days - articles * number // days
        tables = _partition(population, chance, day, count, rare=number == 0)
        for name, table in tables.items():
            if name == "validations":
                write_parquet(paths.partition(name, day) / f"{RUN}.parquet", table)
                continue
            with PartWriter(paths.partition(name, day), DATASETS[name].arrow, 25_000 if name == "articles" else 250_000) as writer:
                writer.write(table)
        write_parquet(paths.dimension(day), dimension(tables["entities"]), SHARE_ROWS_PER_GROUP)
        parts = {name: sorted(paths.partition(name, day).glob("part-*.parquet")) for name in tables if name != "validations"}
        manifest = make_manifest(day, RUN, "0" * 64, 1, parts, paths.dimension(day))
        write_manifest(paths, manifest, None)
        write_json(paths.report(day, RUN), {"run": RUN, "ingest_date": str(day), "outcome": "published", "rows": manifest["rows"]})
    with PartWriter(lake / DIM_ENTITIES.name, DIM_ENTITIES.arrow, 500_000) as writer:
        writer.write(merge_dimensions(lake / "_dimension"))


def _partition(population: Population, chance: np.random.Generator, day: date, count: int, *, rare: bool) -> dict[str, pa.Table]:
    drawn = chance.integers(0, SENTENCES, (count, SENTENCES_PER_ARTICLE))
    texts = ["\n".join(row) for row in population.sentences[drawn]]
    if rare:
        texts[-1] += f"\n{RARE}"
    ids = [f"{chance.integers(0, 2**63):032x}" for _ in range(count)]
    titles = [population.sentences[row[0]][:70] for row in drawn]
    lengths = [len(text) for text in texts]
    articles = {
        "article_id": ids,
        "ingested_on": [day] * count,
        "source_id": [f"newsroom_{i}" for i in chance.integers(0, 24, count)],
        "source_uri": [f"file:///landing/{day}/{i}.txt" for i in range(count)],
        "source_sha256": [f"{article}{article}" for article in ids],
        "source_encoding": ["utf-8"] * count,
        "copies": [1] * count,
        "title": titles,
        "article_date": [day - timedelta(days=int(back)) for back in chance.integers(0, 3, count)],
        "language": ["ar"] * count,
        "text": texts,
        "text_normalized": fold_all(texts),
        "paragraph_count": [SENTENCES_PER_ARTICLE] * count,
        "sentence_count": [SENTENCES_PER_ARTICLE] * count,
        "word_count": [SENTENCES_PER_ARTICLE * WORDS_PER_SENTENCE] * count,
        "character_count": lengths,
        "arabic_ratio": [1.0] * count,
        "entity_count": [MENTIONS] * count,
        "quote_count": [QUOTES] * count,
        "extractor_version": ["bench"] * count,
    }
    who = population.order[_zipf(chance, len(population.ids), (count * MENTIONS,), 1.0)]
    starts = chance.integers(0, 1000, count * MENTIONS)
    entities = {
        "mention_id": [f"{chance.integers(0, 2**63):020x}" for _ in range(count * MENTIONS)],
        "ingested_on": [day] * (count * MENTIONS),
        "article_id": np.repeat(ids, MENTIONS).tolist(),
        "entity_id": [population.ids[i] for i in who],
        "entity_type": [population.types[i] for i in who],
        "surface": [population.names[i] for i in who],
        "canonical_name": [population.names[i] for i in who],
        "section": ["text"] * len(who),
        "start": starts,
        "end": starts + 12,
        "sentence_index": [1] * len(who),
        "role_text": [None if i % 3 else f"وزير {population.names[i].split()[0]}" for i in who],
        "extractor": ["bench"] * len(who),
        "confidence": [0.9] * len(who),
    }
    speakers = who.reshape(count, MENTIONS)[:, :QUOTES].ravel()
    said = population.sentences[chance.integers(0, SENTENCES, count * QUOTES)]
    total = count * QUOTES
    quotes = {
        "quote_id": [f"{chance.integers(0, 2**63):020x}" for _ in range(total)],
        "ingested_on": [day] * total,
        "article_id": np.repeat(ids, QUOTES).tolist(),
        "ordinal": np.tile(np.arange(QUOTES), count),
        "quote_text": said.tolist(),
        "quote_type": ["direct"] * total,
        "is_headline": [False] * total,
        "is_citation": [False] * total,
        "section": ["text"] * total,
        "start": np.tile(np.arange(QUOTES) * 150, count),
        "end": np.tile(np.arange(QUOTES) * 150 + 90, count),
        "is_repaired": [False] * total,
        "cue_text": ["قال"] * total,
        "cue_lemma": ["قال"] * total,
        "cue_class": [CUE_CLASSES[i] for i in chance.integers(0, len(CUE_CLASSES), total)],
        "is_negated": [False] * total,
        "modality": ["said"] * total,
        "speaker_text": [population.names[i] for i in speakers],
        "speaker_entity_id": [population.ids[i] for i in speakers],
        "speaker_name": [population.names[i] for i in speakers],
        "speaker_type": [population.types[i] for i in speakers],
        "attribution": ["explicit"] * total,
        "sentence_index": [1] * total,
        "extractor": ["bench"] * total,
        "confidence": [0.8] * total,
    }
    reasons = list(REJECT_REASONS)
    rejects = {
        "reject_id": [f"{chance.integers(0, 2**63):032x}" for _ in range(REJECTS)],
        "ingested_on": [day] * REJECTS,
        "stage": ["landing"] * REJECTS,
        "reason": [reasons[i] for i in chance.integers(0, len(reasons), REJECTS)],
        "message": ["The file holds no text."] * REJECTS,
        "source_uri": [f"file:///landing/{day}/bad-{i}.txt" for i in range(REJECTS)],
    }
    ingestions = {
        "ingested_on": [day] * count,
        "source_id": articles["source_id"],
        "source_uri": articles["source_uri"],
        "source_sha256": articles["source_sha256"],
        "bytes": lengths,
        "status": ["article"] * count,
        "article_id": ids,
        "run": [RUN] * count,
    }
    validations = {
        "run": [RUN] * CHECKS,
        "ingested_on": [day] * CHECKS,
        "dataset": ["articles"] * CHECKS,
        "expectation": ["expect_column_values_to_not_be_null"] * CHECKS,
        "column": ["article_id"] * CHECKS,
        "severity": ["warning"] * CHECKS,
        "success": [i % 50 > 0 for i in range(CHECKS)],
        "observed": ["{}"] * CHECKS,
        "parameters": ['{"meaning": "invented"}'] * CHECKS,
        "validated_at": [datetime(day.year, day.month, day.day, 3, tzinfo=UTC)] * CHECKS,
    }
    columns: dict[str, dict[str, Any]] = {
        "articles": articles,
        "entities": entities,
        "quotes": quotes,
        "rejects": rejects,
        "ingestions": ingestions,
    }
    return {name: DATASETS[name].table(values) for name, values in columns.items()} | {"validations": VALIDATIONS.table(validations)}


def pages(lake: Path) -> dict[str, str]:
    """The address of one page of each kind: those that ask most of the lake."""
    from rasd.newsroom.queries import Newsroom

    newsroom = Newsroom(lake)
    common, rare = newsroom.entities(rows=1)[0], newsroom.entities(page=50_000, rows=1)[0]
    article = pq.read_table(next(LakePaths(lake).partition("articles", LAST_DAY).glob("*.parquet")), columns=["article_id"])["article_id"][
        500
    ]
    half_a_year = LAST_DAY - timedelta(days=180)
    name = quote(common["name_ar"].split()[0])
    words = Population(np.random.default_rng(7)).sentences[0].split()
    return {
        "overview": "/",
        "overview, a year back": f"/?until={LAST_DAY - timedelta(days=300)}",
        "day": f"/days/{LAST_DAY}",
        "articles": "/articles",
        "articles of a source and month": f"/articles?source=newsroom_3&first={half_a_year}&last={half_a_year + timedelta(days=30)}",
        "search, a common word": f"/articles?q={quote(words[0])}",
        "search, three words": f"/articles?q={quote(' '.join(words[:3]))}",
        "search, a word that one old article has": f"/articles?q={quote(RARE)}",
        "articles of an entity": f"/articles?entity={common['entity_id']}",
        "articles of a rare entity": f"/articles?entity={rare['entity_id']}",
        "articles of a name and a speaker": f"/articles?entity={name}&speaker={name}",
        "article": f"/articles/{LAST_DAY}/{article}",
        "entities": "/entities",
        "entities of a name": f"/entities?q={quote(rare['name_ar'].split()[0])}",
        "entity, the most mentioned": f"/entities/{common['entity_id']}",
        "entity, all days": f"/entities/{common['entity_id']}?all=1",
        "entity, rare": f"/entities/{rare['entity_id']}",
        "what it said": f"/entities/{common['entity_id']}/quotes",
        "what others said": f"/entities/{common['entity_id']}/quotes?by=others",
        "rejects": "/rejects",
        "rejects of a reason": "/rejects?reason=not_text",
    }


def measure(lake: Path, repeat: int) -> None:
    """Print for each page what its first request takes and the median of the next: milliseconds of the clock and of the processors."""
    from fastapi.testclient import TestClient

    from rasd.newsroom.web import create_app

    addresses = pages(lake)
    client = TestClient(create_app(lake))
    client.get("/nothing")
    print(f"{'page':42}{'first':>9}{'median':>9}{'CPU':>9}   (ms)")
    slow = []
    for name, address in addresses.items():
        clock, processors = [], []
        for _ in range(repeat + 1):
            started = time.perf_counter(), time.process_time()
            answer = client.get(address)
            clock.append(1000 * (time.perf_counter() - started[0]))
            processors.append(1000 * (time.process_time() - started[1]))
            assert answer.status_code == 200, (name, answer.status_code)
        print(f"{name:42}{clock[0]:9.0f}{statistics.median(clock[1:]):9.0f}{statistics.median(processors[1:]):9.0f}")
        if statistics.median(clock[1:]) > LIMIT_MS:
            slow.append(name)
    print(f"slower than {LIMIT_MS} ms: {', '.join(slow) or 'none'}")

    address, requests, started_at = addresses["search, a word that one old article has"], 0, time.perf_counter()
    while True:
        html, requests = client.get(address).text, requests + 1
        if "data-continue" not in html:
            break
        address = "/articles" + html.split('data-continue="')[1].split('"')[0].replace("&amp;", "&")
    found = html.count("<article ")
    print(f"that search to the end of the lake: {requests} requests, {time.perf_counter() - started_at:.1f} s, {found} found")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=1_000_000)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--lake", type=Path)
    parser.add_argument("--repeat", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        lake = (options.lake or Path(temporary) / "lake").absolute()
        if not (lake / "_manifests").is_dir():
            build(lake, options.articles, options.days)
        measure(lake, options.repeat)


if __name__ == "__main__":
    main()
