"""Trains the log-linear models of `rasd.extraction.quotes` on annotated articles and writes the lexicon `quotes_model`.

    python bench/quality.py train --keep DIR
    python -m train.quotes SHARED DIR/lake [--cross-validate OUT]

The lake holds the annotated articles as Rasd reads them. The shipped tagger has learned from them, so its mentions are too good: they are
worn to what it does in newsrooms that it doesn't know. With --cross-validate no lexicon is written: every newsroom's quotes are found by
models that have not seen it, from worn mentions, OUT becomes the lake of that, and its score is printed. Nothing of the texts goes into the
weights but single words.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from rasd.arabic import fold
from rasd.extraction.quotes import extract_quotes, features, sections_of
from rasd.extraction.quotes.candidates import candidates
from rasd.extraction.quotes.finder import Finder, Report
from rasd.extraction.quotes.model import LogLinear, Models
from rasd.extraction.quotes.phrases import bare
from rasd.extraction.quotes.referents import Referent
from rasd.extraction.quotes.sections import Section
from rasd.extraction.quotes.speakers import Resolver, Speaker, turn_kind

LEXICON = Path(__file__).parent.parent / "include/rasd/resources/quotes_model.tsv"
LEAST_COUNT = 3
"""Features seen less often are not learned."""

CARD = """# what: weights of the log-linear models of rasd.extraction.quotes
# models: report (is a candidate a quote), boundary
# models: (does a reported clause end here), speaker (which candidate speaks), confidence (is the chosen speaker right)
# source: learned by train/quotes.py from 342 annotated articles of 13 Arabic newsrooms; the texts themselves are not part of it
# figures: docs/quotes.md, on newsrooms left out of the training and on 35 articles never trained on
# licence: Apache-2.0
"""

FOLDS = 4
"""Newsrooms are left out of a training in so many turns."""

MISSED, MISSED_ONCE = {"PERSON": 0.07, "ORGANIZATION": 0.07, "LOCATION": 0.02}, {"PERSON": 0.03, "ORGANIZATION": 0.03, "LOCATION": 0.01}
"""How many names a tagger misses wherever they stand in an article, and how many mentions besides, in newsrooms unknown to it."""

CUT, UNLINKED, OTHER_TYPE, TOO_LONG = 0.05, 0.04, 0.05, 0.04
"""How many names it cuts short; surnames that stay by themselves; organisations taken for something else; those that swallow a word."""

Example = tuple[list[str], int]
"""Features and whether it is so."""

Choice = tuple[list[list[str]], list[int]]
"""Features of each candidate, and which candidates are right."""


def fit(examples: Sequence[Example], l2: float, steps: int = 400, rate: float = 0.1) -> dict[str, float]:
    """Weights of a logistic regression, by full-batch gradient steps with Adam."""
    counts = Counter(f for names, _ in examples for f in set(names))
    index = {f: i for i, f in enumerate(sorted(f for f, c in counts.items() if c >= LEAST_COUNT))}
    rows = np.array([k for k, (names, _) in enumerate(examples) for f in set(names) if f in index])
    columns = np.array([index[f] for names, _ in examples for f in set(names) if f in index])
    wanted = np.array([label for _, label in examples], float)
    weights, first, second = np.zeros(len(index)), np.zeros(len(index)), np.zeros(len(index))
    for step in range(1, steps + 1):
        scores = np.bincount(rows, weights[columns], len(examples))
        error = 1 / (1 + np.exp(-scores)) - wanted
        gradient = np.bincount(columns, error[rows], len(index)) + l2 * weights
        first = 0.9 * first + 0.1 * gradient
        second = 0.999 * second + 0.001 * gradient**2
        weights -= rate * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.999**step)) + 1e-8)
    return {f: round(float(weights[i]), 3) for f, i in index.items() if abs(weights[i]) >= 0.02}


def words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", fold(text).lower())


def overlap(a: Sequence[str], b: Sequence[str]) -> float:
    """Shared tokens over all tokens."""
    ca, cb = Counter(a), Counter(b)
    union = sum((ca | cb).values())
    return sum((ca & cb).values()) / union if union else 0.0


def pair(gold: list[list[str]], found: list[list[str]], least: float) -> dict[int, int]:
    """Greedy one-to-one pairing, best overlap first: found → gold."""
    candidates = sorted(((overlap(g, f), i, j) for i, g in enumerate(gold) for j, f in enumerate(found)), key=lambda c: (-c[0], c[1], c[2]))
    used: set[int] = set()
    out: dict[int, int] = {}
    for value, i, j in candidates:
        if value >= least and i not in used and j not in out:
            used.add(i)
            out[j] = i
    return out


@dataclass
class Article:
    """An annotated article: its sections in the order in which they are resolved, with mentions, and what is annotated of its quotes."""

    fold: int
    sections: list[Section]
    quotes: list[dict[str, Any]]

    @cached_property
    def found(self) -> list[tuple[Finder, list[Report]]]:
        """The candidates of each section."""
        finders = [Finder(section, headline=section.name != "text") for section in self.sections]
        return [(finder, finder.candidates()) for finder in finders]

    @cached_property
    def matched(self) -> dict[int, int]:
        """Which candidate (numbered over the sections) is which annotated quote."""
        texts = [words(text_of(finder.s, r.first, r.last)) for finder, reports in self.found for r in reports]
        return pair([words(quote["text"]) for quote in self.quotes], texts, 0.3)


def annotated(documents: Sequence[dict[str, Any]]) -> list[Article]:
    """The articles with the mentions that people annotated; their first line is the title."""
    out = []
    for document in documents:
        text: str = document["text"]
        cut = text.index("\n", len(text) - len(text.lstrip()))
        sections = []
        for name, low, high in (("text", cut, len(text)), ("title", 0, cut)):
            mentions = [
                (e["start"] - low, e["end"] - low, e["canon"], e["type"], e["canon"], e["t"], proclitic(text, e["start"]), "")
                for e in document["entities"]
                if low <= e["start"] and e["end"] <= high
            ]
            sections.append(Section(name, text[low:high], mentions))
        out.append(Article(fold_of(document, documents), sections, document["quotes"]))
    return out


def fold_of(document: dict[str, Any], documents: Sequence[dict[str, Any]]) -> int:
    """In which turn the newsroom of an annotated document is left out."""
    return sorted({d["source"] for d in documents}).index(document["source"]) % FOLDS


@dataclass
class Lake:
    """Articles and mentions of annotated documents, and by article the document."""

    articles: pa.Table
    entities: pa.Table
    documents: list[dict[str, Any]]

    @classmethod
    def worn(cls, folder: Path, documents: Sequence[dict[str, Any]]) -> Lake:
        """The lake in the folder, with mentions as a tagger finds them that does not know the newsroom."""
        articles, entities = (ds.dataset(folder / name, partitioning="hive").to_table() for name in ("articles", "entities"))
        texts = {(row["article_id"], name): row[name] for row in articles.to_pylist() for name in ("title", "subtitle", "text", "captions")}
        kept = [worn for row in entities.to_pylist() if (worn := wear(row, texts[row["article_id"], row["section"]]))]
        of_name = {Path(document["doc"]).name: document for document in documents}
        known = [of_name[Path(uri).name] for uri in articles["source_uri"].to_pylist()]
        return cls(articles, pa.Table.from_pylist(kept, entities.schema), known)

    def taught(self) -> list[Article]:
        """Its articles with their annotated quotes."""
        return [
            Article(fold_of(document, self.documents), sorted(sections, key=lambda section: section.name != "text"), document["quotes"])
            for document, sections in zip(self.documents, sections_of(self.articles, self.entities), strict=True)
        ]

    def of_fold(self, fold: int) -> pa.Table:
        return self.articles.filter(pa.array(fold_of(document, self.documents) == fold for document in self.documents))


def wear(mention: dict[str, Any], text: str) -> dict[str, Any] | None:
    """The mention (a row of the lake, from that text) as a fallible tagger finds it; None where it misses it. The same each time."""
    article, name, kind, start, end = (mention[key] for key in ("article_id", "entity_id", "entity_type", "start", "end"))

    def chance(*what: object) -> float:
        return zlib.crc32("|".join(map(str, (article, *what))).encode()) / 2**32

    if chance(name, "missed") < MISSED.get(kind, 0) or chance(mention["section"], start, "missed") < MISSED_ONCE.get(kind, 0):
        return None
    parts, fate = mention["surface"].split(), chance(name)
    if fate < CUT and len(parts) > 1 and kind in ("PERSON", "ORGANIZATION"):
        if kind == "PERSON" and fate < CUT / 2:
            return _with(mention, parts[-1], end - len(parts[-1]))
        left = parts[0] if kind == "PERSON" else mention["surface"].rsplit(None, 1)[0]
        return _with(mention, left, start)
    if kind == "PERSON" and mention["surface"] != mention["canonical_name"] and fate > 1 - UNLINKED:
        return _with(mention, mention["surface"], start)
    if kind == "ORGANIZATION" and fate > 1 - OTHER_TYPE:
        return mention | {"entity_type": "LOCATION" if fate > 1 - OTHER_TYPE / 2 else "PERSON"}
    if kind == "ORGANIZATION" and chance(mention["section"], start, "long") < TOO_LONG and (more := re.match(r" \w+", text[end:])):
        return _with(mention, mention["surface"] + more.group(), start)
    return mention


def _with(mention: dict[str, Any], surface: str, start: int) -> dict[str, Any]:
    """The mention with another surface, which nothing links to the name any more."""
    place = {"surface": surface, "start": start, "end": start + len(surface), "canonical_name": surface}
    return mention | place | {"entity_id": f"{mention['entity_id']} {surface}"}


def proclitic(text: str, start: int) -> str:
    """The letters written together with the word at `start` that stand before it."""
    match = re.search(r"(?<!\w)[وفبلك]+$", text[max(0, start - 3) : start])
    return match.group() if match else ""


def text_of(s: Section, first: int, last: int) -> str:
    start, end = s.slice(first, last)
    return s.text[start:end]


def examples_of(articles: Sequence[Article]) -> tuple[list[Example], list[Example]]:
    """Examples for the report and the boundary model."""
    reports: list[Example] = []
    bounds: list[Example] = []
    for article in articles:
        for j, (finder, report) in enumerate((finder, r) for finder, rs in article.found for r in rs):
            reports.append((features.report_features(finder, report), int(j in article.matched)))
            if j not in article.matched or report.span >= 0:
                continue
            gold = words(article.quotes[article.matched[j]]["text"])
            places = features.boundaries(finder.s, report)
            values = [overlap(gold, words(text_of(finder.s, report.first, at))) for at in places]
            best = int(np.argmax(values))
            for order, at in enumerate(places[: best + 1]):
                if order < len(places) - 1:
                    bounds.append((features.boundary_features(finder.s, report, at, order, False), int(order == best)))
    return reports, bounds


def same_name(gold: str, found: str) -> bool:
    """Whether two names share most of their words."""

    def key(name: str) -> list[str]:
        return [w[2:] if w.startswith("ال") and len(w) > 4 else w for w in words(name)]

    g, f = key(gold), key(found)
    return bool(g and f) and 2 * sum((Counter(g) & Counter(f)).values()) / (len(g) + len(f)) > 0.7


class _Teacher(Resolver):
    """Resolves with the annotated speakers, or with those that `judge` chooses, and keeps what there was to choose from."""

    def __init__(self, wanted: dict[int, str | None], judge: LogLinear | None) -> None:
        super().__init__(judge or LogLinear({}), LogLinear({}))
        self.wanted = wanted
        self.is_taught = judge is None
        self.choices: list[Choice] = []
        self.trust: list[Example] = []

    def _speaker(self, s: Section, report: Report) -> Speaker:
        found, _, _, mode = candidates(self, s, report)
        name = self.wanted.get(id(report))
        right = [k for k, (referent, _, _) in enumerate(found) if name and same_name(name, referent.name)]
        if right:
            self.choices.append(([features for _, features, _ in found], right))
        if not self.is_taught:
            return super()._speaker(s, report)
        referent: Referent | None = None
        if right:
            referent = found[right[0]][0]
        elif name:
            known = next((r for r in self.referents.values() if same_name(name, r.name)), None)
            referent = known or Referent(None, name, "SOURCE", frozenset(bare(w) for w in fold(name).split()))
        if referent is not None:
            self._learn(s, report, referent, mode)
            self.take_turn(s, referent, report.cue.first if report.cue else report.first, turn_kind(report))
        return Speaker()

    def confidence_features(self, report: Report, referent: Referent, rule: str, mode: str, probability: float) -> list[str]:
        features = super().confidence_features(report, referent, rule, mode, probability)
        name = self.wanted.get(id(report))
        self.trust.append((features, int(bool(name) and same_name(name or "", referent.name))))
        return features


def teach(
    articles: Sequence[Article], judge: LogLinear | None = None, calibration: LogLinear | None = None
) -> tuple[list[Choice], list[Example]]:
    """Examples for the speaker model and for the confidence model.

    Without a `judge` every quote is seen as if all speakers before it were known; with one, as its own choices leave them.
    """
    choices: list[Choice] = []
    trust: list[Example] = []
    for article in articles:
        reports = [r for _, rs in article.found for r in rs]
        wanted = {id(reports[j]): article.quotes[i]["speaker_canon"] for j, i in article.matched.items()}
        teacher = _Teacher(wanted, judge)
        if calibration is not None:
            teacher.calibration = calibration
        for section in article.sections:
            teacher.read(section)
        for finder, rs in article.found:
            teacher.resolve(finder.s, [r for r in rs if id(r) in wanted], finder.cues)
        choices += teacher.choices
        trust += teacher.trust
    return choices, trust


def fit_choice(examples: Sequence[Choice], l2: float, steps: int = 300, rate: float = 0.1) -> dict[str, float]:
    """Weights of a model that chooses among candidates (softmax over each group; any right candidate will do)."""
    counts = Counter(f for group, _ in examples for f in {f for names in group for f in names})
    index = {f: i for i, f in enumerate(sorted(f for f, c in counts.items() if c >= LEAST_COUNT))}
    rows, columns, groups, wanted = [], [], [], []
    line = 0
    for number, (group, right) in enumerate(examples):
        for k, names in enumerate(group):
            for f in set(names):
                if f in index:
                    rows.append(line)
                    columns.append(index[f])
            groups.append(number)
            wanted.append(float(k in right))
            line += 1
    row, column, owner, good = np.array(rows), np.array(columns), np.array(groups), np.array(wanted)
    weights, first, second = np.zeros(len(index)), np.zeros(len(index)), np.zeros(len(index))
    for step in range(1, steps + 1):
        scores = np.bincount(row, weights[column], line)
        top = np.full(len(examples), -np.inf)
        np.maximum.at(top, owner, scores)
        likelihood = np.exp(scores - top[owner])
        everything = np.bincount(owner, likelihood, len(examples))
        target = np.bincount(owner, likelihood * good, len(examples))
        error = likelihood / everything[owner] - likelihood * good / np.maximum(target, 1e-12)[owner]
        gradient = np.bincount(column, error[row], len(index)) + l2 * weights
        first = 0.9 * first + 0.1 * gradient
        second = 0.999 * second + 0.001 * gradient**2
        weights -= rate * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.999**step)) + 1e-8)
    return {f: round(float(weights[i]), 3) for f, i in index.items() if abs(weights[i]) >= 0.02}


def train_speaker(annotated: Sequence[Article], tagged: Sequence[Article]) -> LogLinear:
    """The speaker model: taught once with the right speakers before each quote, once with those that it would have chosen itself."""
    taught, _ = teach(annotated)
    own, _ = teach([*annotated, *tagged], LogLinear(fit_choice(taught, 3.0)))
    return LogLinear(fit_choice(taught + own, 12.0))


def train_confidence(annotated: Sequence[Article], tagged: Sequence[Article]) -> LogLinear:
    """The calibration of the speaker model, learned from newsrooms that a model has not seen, with worn mentions."""
    judged = []
    for turn in sorted({article.fold for article in tagged}):
        known = [[article for article in part if article.fold != turn] for part in (annotated, tagged)]
        judged.append((train_speaker(*known), [article for article in tagged if article.fold == turn]))
    calibration = LogLinear({})
    for _ in range(2):  # the confidence of an antecedent is itself calibrated
        trust = [example for judge, unseen in judged for example in teach(unseen, judge, calibration)[1]]
        calibration = LogLinear(fit(trust, 3.0))
    return calibration


def train(annotated: Sequence[Article], tagged: Sequence[Article]) -> Models:
    """All models."""
    reports, bounds = examples_of(annotated)
    return Models(
        LogLinear(fit(reports, 2.0)),
        LogLinear(fit(bounds, 2.0)),
        train_speaker(annotated, tagged),
        train_confidence(annotated, tagged),
    )


def cross_validate(annotated: Sequence[Article], lake: Lake, out: Path) -> None:
    """Write the lake of the quotes that models find which have not seen the newsroom."""
    tagged = lake.taught()
    quotes = []
    for turn in range(FOLDS):
        known = [[article for article in part if article.fold != turn] for part in (annotated, tagged)]
        articles = lake.of_fold(turn)
        entities = lake.entities.filter(pc.is_in(lake.entities["article_id"], articles["article_id"]))
        quotes.append(extract_quotes(articles, entities, train(*known)))
    found = pa.concat_tables(quotes).drop_columns("ingested_on")
    for name, table in (("articles", lake.articles), ("entities", lake.entities), ("quotes", found)):
        (out / name).mkdir(parents=True, exist_ok=True)
        pq.write_table(table, out / name / "part.parquet")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shared", type=Path)
    parser.add_argument("lake", type=Path)
    parser.add_argument("--cross-validate", type=Path, metavar="OUT")
    args = parser.parse_args()
    gold = args.shared / "gold" / "train.json"
    documents = json.loads(gold.read_text(encoding="utf-8"))
    lake = Lake.worn(args.lake, documents)
    if args.cross_validate:
        cross_validate(annotated(documents), lake, args.cross_validate)
        score = [args.shared / "eval" / "score.py", "--gold", gold, "--lake", args.cross_validate]
        subprocess.run([sys.executable, *map(str, score)], check=True)  # noqa: S603
        return
    models = train(annotated(documents), lake.taught())
    with LEXICON.open("w", encoding="utf-8") as out:
        out.write(CARD + "model\tfeature\tweight\n")
        for name in ("report", "boundary", "speaker", "confidence"):
            for feature, weight in sorted(getattr(models, name).weights.items()):
                out.write(f"{name}\t{feature}\t{weight}\n")


if __name__ == "__main__":
    main()
