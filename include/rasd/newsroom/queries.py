"""The questions that the pages ask of the lake.

A lake has years of partitions, so no question reads all of it. Lists walk from the newest partition back, a few files at a time, and
stop when the page is full or their time is up; `Page.cursor` then says where to go on, and `Page.searched_until` how far they came.
Overviews look at a window of partitions. Totals come from manifests, and from `dim_entities`.
"""

from __future__ import annotations

import json
import re
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

from rasd.arabic import DIACRITICS, TATWEEL, fold
from rasd.lake.manifests import read_dimension_manifest
from rasd.newsroom.catalogue import Catalogue, Partition, Snapshot, files_of
from rasd.newsroom.database import Database, LakeChangedError
from rasd.schema import DIM_ENTITIES
from rasd.storage.objects import on_object_store
from rasd.storage.paths import LakePaths, partition_folder

Row = dict[str, Any]
Answer = TypeVar("Answer")

PAGE_ROWS = 20
WINDOW = 30
"""Partitions that overviews look at."""

BUDGET_SECONDS = 0.12
"""A list begins to read no further partition after this time."""

FIRST_ROWS = 2_000
"""Articles that a list reads first; then twice as many, and so on."""

NAMES_RESOLVED = 50
TOP = 10
ROLES = 12
RETRIES = 3

_ENTITY_ID = re.compile(r"[0-9a-f]{16}")
_ARTICLE_COLUMNS = "article_id, ingested_on, source_id, title, byline, article_date, published_date, word_count, entity_count, quote_count"
_VARIANTS = {"ا": "[اأإآٱ]", "ي": "[يىئی]", "ك": "[كک]", "ه": "[هة]", "و": "[وؤ]"} | {
    str(digit): f"[{digit}{chr(0x660 + digit)}{chr(0x6F0 + digit)}]" for digit in range(10)
}
"""Folded letter → the letters that fold to it, for a regular expression."""

_NEWEST_FIRST = "ingested_on DESC, article_date DESC, published_at DESC NULLS LAST, article_id"


@dataclass(frozen=True)
class Filters:
    """What a reader asked the article browser for; `entity` and `speaker` are an entity_id or a name."""

    words: str = ""
    source: str = ""
    first: date | None = None
    last: date | None = None
    entity: str = ""
    speaker: str = ""
    day: date | None = None
    """Ingest date."""


@dataclass(frozen=True)
class Cursor:
    """Where a list goes on: rows of partition `day` and of older ones, after the first `offset` that match."""

    day: date
    offset: int

    def __str__(self) -> str:
        return f"{self.day}.{self.offset}"

    @classmethod
    def parse(cls, text: str) -> Cursor | None:
        """The cursor that a link carries; None for none. Raises ValueError for anything else."""
        if not text:
            return None
        day, _, offset = text.partition(".")
        return cls(date.fromisoformat(day), max(0, int(offset)))


@dataclass(frozen=True)
class Page:
    """A page of a list. `cursor` is where the next one begins, None at the end of the list; `cut_short` when time was up before the page
    was full: then partitions before `searched_until` have not been looked at, and those that have hold this share of the articles."""

    rows: list[Row]
    cursor: Cursor | None
    cut_short: bool = False
    searched_until: date | None = None
    searched_share: float = 1.0


class Newsroom:
    """All questions about one lake. Safe to share between threads."""

    def __init__(self, lake: Path) -> None:
        self.paths = LakePaths(lake)
        self._catalogue = Catalogue(lake)
        self._database = Database(lake)
        self._kept: OrderedDict[tuple[Any, ...], Any] = OrderedDict()
        self._lock = Lock()

    def snapshot(self, *, fresh: bool = False) -> Snapshot:
        return self._catalogue.snapshot(fresh=fresh)

    def consistently(self, ask: Callable[[Snapshot], Answer]) -> Answer:
        """The answer of `ask` over one state of the lake; asks again when a publication gets in between.

        Raises:
            LakeChangedError: when files of the manifests are missing for good.
        """
        for again in range(RETRIES - 1):
            try:
                return ask(self.snapshot(fresh=again > 0))
            except LakeChangedError:
                continue
        return ask(self.snapshot(fresh=True))

    def _keep(self, key: tuple[Any, ...], ask: Callable[[], Answer]) -> Answer:
        """The answer of `ask`, kept for the next one with the same key (which names the state of the lake)."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]  # type: ignore[no-any-return]
        answer = ask()
        with self._lock:
            self._kept[key] = answer
            while len(self._kept) > 200:
                self._kept.popitem(last=False)
        return answer

    # Overviews

    def sources(self, window: Sequence[Partition]) -> list[Row]:
        """Articles by source in these partitions, most first: `source_id`, `articles`."""
        files = files_of(window, "articles")
        query = "SELECT source_id, count(*) AS articles FROM read_parquet(?) GROUP BY ALL ORDER BY articles DESC, source_id"
        return self._keep(("sources", *files), lambda: self._database.rows(query, [files])) if files else []

    def speakers(self, window: Sequence[Partition]) -> list[Row]:
        """Who was quoted most in these partitions: `entity_id`, `name`, `quotes`."""
        files = files_of(window, "quotes")
        query = f"""
            WITH top AS (
                SELECT speaker_entity_id AS entity_id, count(*) AS quotes FROM read_parquet(?)
                WHERE speaker_entity_id IS NOT NULL AND NOT is_citation GROUP BY ALL ORDER BY quotes DESC, entity_id LIMIT {TOP})
            SELECT entity_id, name_ar AS name, quotes FROM top JOIN read_parquet(?) USING (entity_id) ORDER BY quotes DESC, name"""
        return self._keep(("speakers", *files), lambda: self._database.rows(query, [files, self._dimension_files()])) if files else []

    def mentioned(self, partition: Partition) -> list[Row]:
        """The entities with most mentions of a partition: `entity_id`, `name`, `entity_type`, `mentions`, `articles`."""
        files = partition.files("entities")
        query = f"""
            SELECT entity_id, mode(canonical_name) AS name, mode(entity_type) AS entity_type, count(*) AS mentions,
                   count(DISTINCT article_id) AS articles
            FROM read_parquet(?) GROUP BY entity_id ORDER BY mentions DESC, name LIMIT {TOP}"""
        return self._keep(("mentioned", *files), lambda: self._database.rows(query, [files])) if files else []

    def reject_reasons(self, window: Sequence[Partition]) -> list[Row]:
        """Rejects by reason in these partitions, most first: `reason`, `files`."""
        files = files_of(window, "rejects")
        query = "SELECT reason, count(*) AS files FROM read_parquet(?) GROUP BY ALL ORDER BY files DESC, reason"
        return self._keep(("reasons", *files), lambda: self._database.rows(query, [files])) if files else []

    def judged_days(self) -> list[date]:
        """Ingest dates that the quality gate has judged, published or not, newest first."""
        try:
            names = [path.name for path in (self.paths.root / "validations").iterdir()]
        except FileNotFoundError:
            return []
        return sorted((date.fromisoformat(name.partition("=")[2]) for name in names if "=" in name), reverse=True)

    def verdicts(self, days: Sequence[date]) -> dict[date, list[Row]]:
        """The judgements of each of these dates, newest first: `run`, `judged` (UTC, text), `expectations`, `critical`, `warnings`."""
        files = [str(file) for day in days for file in sorted(self.paths.partition("validations", day).glob("*.parquet"))]
        if not files:
            return {}
        query = """
            SELECT ingested_on, run, strftime(max(validated_at) AT TIME ZONE 'UTC', '%Y-%m-%d %H:%M') AS judged, count(*) AS expectations,
                   count(*) FILTER (NOT success AND severity = 'critical') AS critical,
                   count(*) FILTER (NOT success AND severity = 'warning') AS warnings
            FROM read_parquet(?) GROUP BY ingested_on, run ORDER BY judged DESC"""
        verdicts: dict[date, list[Row]] = {}
        for row in self._database.rows(query, [files]):
            verdicts.setdefault(row["ingested_on"], []).append(row)
        return verdicts

    def checks(self, day: date, run: str) -> list[Row]:
        """Every check of one judgement, failures first: `dataset`, `column`, `severity`, `success`, `observed`, `meaning`."""
        files = [str(file) for file in sorted(self.paths.partition("validations", day).glob("*.parquet"))]
        if not files:
            return []
        query = """
            SELECT dataset, "column", severity, success, observed, parameters FROM read_parquet(?) WHERE run = ?
            ORDER BY success, severity, dataset, "column" """
        rows = self._database.rows(query, [files, run])
        for row in rows:
            row["meaning"] = json.loads(row["parameters"] or "{}").get("meaning", "")
        return rows

    def reports(self, day: date) -> list[Row]:
        """What the runs of a date reported, newest first, as `pipeline.reporting.report` writes it."""
        folder = self.paths.root / "_reports" / partition_folder(day)
        try:
            files = sorted(folder.glob("*.json"), key=lambda path: path.stat().st_mtime, reverse=True)
            return [json.loads(path.read_text(encoding="utf-8")) for path in files]
        except (FileNotFoundError, ValueError):
            return []

    def data_docs(self, day: date, run: str) -> Path | None:
        """The page of data docs of a run, if it is still there."""
        page = self.paths.data_docs(day, run) / "index.html"
        return page if page.is_file() else None

    # Lists

    def articles(self, snapshot: Snapshot, filters: Filters, cursor: Cursor | None = None, rows: int = PAGE_ROWS) -> Page:
        """Articles that match, newest first: the columns that a list shows, and the `text`."""
        partitions = snapshot.partitions if filters.day is None else tuple(filter(None, [snapshot.day(filters.day)]))
        conditions: list[str] = ["true"]
        parameters: list[Any] = []
        for word in words_of(filters.words):
            conditions.append(f"(contains({_searchable('text_normalized', word)}, ?) OR regexp_matches(title, ?))")
            parameters += [word, pattern_of(word)]
        if filters.source:
            conditions.append("source_id = ?")
            parameters.append(filters.source)
        if filters.first:
            conditions.append("article_date >= ?")
            parameters.append(filters.first)
        if filters.last:
            conditions.append("article_date <= ?")
            parameters.append(filters.last)
        joined: list[tuple[str, str, list[Any]]] = []
        if filters.entity:
            ids = self._ids(snapshot, filters.entity)
            if not ids:
                return Page([], None)
            joined.append(("entities", "list_contains(?, entity_id)", [ids]))
        if filters.speaker:
            joined.append(self._spoken(filters.speaker))
        for dataset, condition, _ in joined:
            conditions.append(f"article_id IN (SELECT article_id FROM read_parquet(${{{dataset}}}) WHERE {condition})")

        def ask(batch: Sequence[Partition], limit: int, offset: int) -> list[Row]:
            where, values = " AND ".join(conditions), [files_of(batch, "articles"), *parameters]
            for dataset, _, extra in joined:
                files = files_of(batch, dataset)
                if not files:
                    return []
                where = where.replace(f"${{{dataset}}}", "?", 1)
                values += [files, *extra]
            query = f"SELECT {_ARTICLE_COLUMNS}, text FROM read_parquet(?) WHERE {where} ORDER BY {_NEWEST_FIRST} LIMIT ? OFFSET ?"
            return self._database.rows(query, [*values, limit, offset])

        return _walk(partitions, ask, cursor, rows)

    def _spoken(self, speaker: str) -> tuple[str, str, list[Any]]:
        if _ENTITY_ID.fullmatch(speaker):
            return "quotes", "speaker_entity_id = ?", [speaker]
        words = words_of(speaker) or [speaker]
        return "quotes", " AND ".join(["regexp_matches(speaker_name, ?)"] * len(words)), [pattern_of(word) for word in words]

    def quotes_by(self, snapshot: Snapshot, entity_id: str, cursor: Cursor | None = None, rows: int = PAGE_ROWS, lists: int = 1) -> Page:
        """What an entity said, newest first, with the `title` and source of the article."""
        return self._quotes(self._days_of(snapshot, entity_id), "speaker_entity_id = ?", [entity_id], cursor, rows, lists)

    def quotes_about(self, snapshot: Snapshot, entity_id: str, cursor: Cursor | None = None, rows: int = PAGE_ROWS, lists: int = 1) -> Page:
        """What others said in the articles that mention an entity, newest first."""
        condition = """speaker_entity_id IS DISTINCT FROM ? AND speaker_name IS NOT NULL
            AND article_id IN (SELECT article_id FROM read_parquet(?) WHERE entity_id = ?)"""
        return self._quotes(self._days_of(snapshot, entity_id), condition, [entity_id, "entities", entity_id], cursor, rows, lists)

    def _quotes(
        self, partitions: Sequence[Partition], condition: str, values: list[Any], cursor: Cursor | None, rows: int, lists: int
    ) -> Page:
        def ask(batch: Sequence[Partition], limit: int, offset: int) -> list[Row]:
            files = files_of(batch, "quotes")
            if not files:
                return []
            filled = [files_of(batch, "entities") if value == "entities" else value for value in values]
            query = f"""
                WITH said AS (
                    SELECT * FROM read_parquet(?) WHERE NOT is_citation AND {condition}
                    ORDER BY ingested_on DESC, article_id, ordinal LIMIT ? OFFSET ?)
                SELECT said.quote_id, said.article_id, said.ingested_on, ordinal, quote_text, quote_type, cue_text, cue_class, is_negated,
                       speaker_entity_id, speaker_name, speaker_role, title, source_id, article_date
                FROM said JOIN read_parquet(?) AS article ON said.article_id = article.article_id AND said.ingested_on = article.ingested_on
                ORDER BY said.ingested_on DESC, said.article_id, ordinal"""
            return self._database.rows(query, [files, *filled, limit, offset, files_of(batch, "articles")])

        return _walk(partitions, ask, cursor, rows, lists)

    def rejects(self, snapshot: Snapshot, reason: str = "", day: date | None = None, cursor: Cursor | None = None) -> Page:
        """Refused files and rows, newest first: `reason`, `message`, `source_uri`, `details`, `stage`, `ingested_on`."""
        partitions = snapshot.partitions if day is None else tuple(filter(None, [snapshot.day(day)]))

        def ask(batch: Sequence[Partition], limit: int, offset: int) -> list[Row]:
            files = files_of(batch, "rejects")
            if not files:
                return []
            query = """
                SELECT reason, message, source_uri, details, stage, ingested_on FROM read_parquet(?) WHERE ? IN ('', reason)
                ORDER BY ingested_on DESC, reason, source_uri LIMIT ? OFFSET ?"""
            return self._database.rows(query, [files, reason, limit, offset])

        return _walk(partitions, ask, cursor, PAGE_ROWS)

    # One thing

    def article(self, snapshot: Snapshot, day: date, article_id: str) -> tuple[Row, list[Row], list[Row]] | None:
        """An article of a partition with its mentions and quotes (by position); None where there is none."""
        partition = snapshot.day(day)
        if partition is None or not partition.files("articles"):
            return None
        found = self._database.rows(
            "SELECT * EXCLUDE (published_at, text_normalized), "
            "strftime(published_at AT TIME ZONE 'UTC', '%Y-%m-%d %H:%M') AS published_at FROM read_parquet(?) WHERE article_id = ?",
            [partition.files("articles"), article_id],
        )
        if not found:
            return None
        children = []
        for dataset in ("entities", "quotes"):
            files = partition.files(dataset)
            query = 'SELECT * FROM read_parquet(?) WHERE article_id = ? ORDER BY start, "end" DESC'
            children.append(self._database.rows(query, [files, article_id]) if files else [])
        return found[0], children[0], children[1]

    def entity(self, entity_id: str) -> Row | None:
        """The row of `dim_entities`; None where there is none."""
        rows = self._dimension("SELECT * FROM read_parquet(?) WHERE entity_id = ?", [entity_id])
        return rows[0] if rows else None

    def entities(self, name: str = "", entity_type: str = "", page: int = 0, rows: int = PAGE_ROWS) -> list[Row]:
        """Entities whose Arabic or English name, or a variant of it, holds `name`: most mentioned first."""
        conditions, values = _named(name)
        query = f"""
            SELECT * FROM read_parquet(?) WHERE {conditions} AND ? IN ('', entity_type)
            ORDER BY mention_count DESC, entity_id LIMIT ? OFFSET ?"""
        return self._dimension(query, [*values, entity_type, rows, page * rows])

    def _ids(self, snapshot: Snapshot, entity: str) -> list[str]:
        """The ids that a filter for an entity means: an id itself, or the most mentioned entities of that name."""
        if _ENTITY_ID.fullmatch(entity):
            return [entity]
        conditions, values = _named(entity)
        query = f"SELECT entity_id FROM read_parquet(?) WHERE {conditions} ORDER BY mention_count DESC, entity_id LIMIT {NAMES_RESOLVED}"
        rows = self._keep(("ids", snapshot.version, entity), lambda: self._dimension(query, values))
        return [row["entity_id"] for row in rows]

    def _dimension(self, query: str, values: Sequence[Any]) -> list[Row]:
        files = self._dimension_files()
        return self._database.rows(query, [files, *values]) if files else []

    def _dimension_files(self) -> list[str]:
        folder = self.paths.root / DIM_ENTITIES.name
        if on_object_store(folder):  # superseded objects stay for a while
            manifest = read_dimension_manifest(self.paths)
            return [str(folder / part["name"]) for part in manifest["files"]] if manifest else []
        return [str(file) for file in sorted(folder.glob("part-*.parquet"))]

    def mentions_by_day(self, window: Sequence[Partition], entity_id: str) -> dict[date, tuple[int, int]]:
        """Mentions of an entity, and articles with one, in each partition of the window that has any."""
        wanted = {self.paths.dimension(partition.day).name for partition in window}
        files = sorted(str(path) for path in self.paths.dimension_shares().glob("*.parquet") if path.name in wanted)
        if not files:
            return {}
        query = """
            SELECT ingested_on, coalesce(sum(mentions) FILTER (is_canonical), 0)::BIGINT AS mentions, sum(articles)::BIGINT AS articles
            FROM read_parquet(?) WHERE entity_id = ? GROUP BY ALL"""
        rows = self._keep(
            ("mentions", entity_id, *files_of(window, "entities")),
            lambda: self._database.rows(query, [files, entity_id]),
        )
        return {row["ingested_on"]: (row["mentions"], row["articles"]) for row in rows}

    def roles(self, window: Sequence[Partition], entity_id: str) -> list[Row]:
        """Titles and offices that an entity was named with in these partitions, most frequent first: `role`, `mentions`, `last_seen`."""
        files = files_of(window, "entities")
        query = f"""
            SELECT coalesce(role_resolved, role_text) AS role, count(*) AS mentions, max(ingested_on) AS last_seen
            FROM read_parquet(?) WHERE entity_id = ? AND role IS NOT NULL
            GROUP BY ALL ORDER BY mentions DESC, role LIMIT {ROLES}"""
        return self._database.rows(query, [files, entity_id]) if files else []

    def _days_of(self, snapshot: Snapshot, entity_id: str) -> tuple[Partition, ...]:
        """The partitions that can mention an entity."""
        entity = self.entity(entity_id)
        return snapshot.between(entity["first_seen"], entity["last_seen"]) if entity else ()


def words_of(search: str) -> list[str]:
    """What a text must hold to be found: the folded words, and «phrases in quote marks» as they are."""
    found = (" ".join((phrase or word).lower().split()) for phrase, word in re.findall(r'[«“"]([^»”"]+)[»”"]|(\S+)', fold(search)))
    return list(dict.fromkeys(words for words in found if words.strip('«»“”"')))


def _searchable(column: str, word: str) -> str:
    """Arabic has no case; texts are put into lower case only for a word that has."""
    return f"lower({column})" if word.upper() != word.lower() else column


def pattern_of(word: str) -> str:
    """A regular expression (RE2) for a folded word in text that is not folded: any variant of a letter, diacritics in between."""
    letters = (_VARIANTS.get(letter) or re.escape(letter) for letter in word)
    return "(?i)" + f"[{DIACRITICS}{TATWEEL}]*".join(letters)


def _named(name: str) -> tuple[str, list[str]]:
    """SQL condition and values for entities that a name means: every word in one of the names."""
    patterns = [pattern_of(word) for word in words_of(name)]
    return " AND ".join(["true", *["regexp_matches(concat_ws(' | ', name_ar, name_en, variants), ?)" for _ in patterns]]), patterns


def _articles(partitions: Sequence[Partition]) -> int:
    return sum(partition.rows["articles"] for partition in partitions)


def _walk(
    partitions: Sequence[Partition],
    ask: Callable[[Sequence[Partition], int, int], list[Row]],
    cursor: Cursor | None,
    rows: int,
    lists: int = 1,
) -> Page:
    """Rows from the newest partition back, until there are `rows`, or the time is up.

    Args:
        ask: gives up to `limit` rows of the partitions it gets, after the first `offset`; newest partition first.
        lists: how many lists the page has that share its time.
    """
    deadline = time.monotonic() + BUDGET_SECONDS / lists
    waiting = [partition for partition in partitions if cursor is None or partition.day <= cursor.day]
    offset = cursor.offset if cursor and waiting and waiting[0].day == cursor.day else 0
    found: list[Row] = []
    size = FIRST_ROWS
    position = 0
    while position < len(waiting):
        batch = [waiting[position]]
        while position + len(batch) < len(waiting) and _articles(batch) < size:
            batch.append(waiting[position + len(batch)])
        wanted = rows - len(found) + 1
        answer = ask(batch, wanted, offset)
        if len(answer) == wanted:
            found += answer[:-1]
            next_day = answer[-1]["ingested_on"]
            before = offset if next_day == batch[0].day else 0
            taken = sum(row["ingested_on"] == next_day for row in answer[:-1])
            return Page(found, Cursor(next_day, before + taken))
        found += answer
        position += len(batch)
        offset, size = 0, size * 2
        if time.monotonic() > deadline and position < len(waiting):
            left = _articles(waiting[position:]) / max(_articles(partitions), 1)
            return Page(found, Cursor(waiting[position].day, 0), cut_short=True, searched_until=batch[-1].day, searched_share=1 - left)
    return Page(found, None)
