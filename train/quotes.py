"""Trains the log-linear models of `rasd.extraction.quotes` on annotated articles and writes the lexicon `quotes_model`.

    python -m train.quotes ANNOTATED.json [--cross-validate]

With --cross-validate nothing is written: it prints how often speakers are right in newsrooms that the model has not seen.
The annotations are a JSON list of {doc, text, entities, quotes}; nothing of the texts goes into the weights but single words.
"""

from __future__ import annotations

import argparse
import json
import re
import zlib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from rasd.arabic import fold
from rasd.extraction.quotes import features
from rasd.extraction.quotes.candidates import candidates
from rasd.extraction.quotes.finder import Finder, Report
from rasd.extraction.quotes.model import LogLinear
from rasd.extraction.quotes.phrases import bare
from rasd.extraction.quotes.referents import Referent
from rasd.extraction.quotes.sections import Section
from rasd.extraction.quotes.speakers import Resolver, Speaker, turn_kind

LEXICON = Path(__file__).parent.parent / "include/rasd/resources/quotes_model.tsv"
LEAST_COUNT = 3
"""Features seen less often are not learned."""

FOLDS = 4
"""The confidence is calibrated on newsrooms left out in so many turns."""

CARD = """# what: weights of the log-linear models of rasd.extraction.quotes
# models: report (is a candidate a quote), boundary
# models: (does a reported clause end here), speaker (which candidate speaks), confidence (is the chosen speaker right)
# source: learned by train/quotes.py from 342 annotated articles of 13 Arabic newsrooms; the texts themselves are not part of it
# figures: docs/quotes.md, on newsrooms left out of the training and on 35 articles never trained on
# licence: Apache-2.0
"""

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


def sections_of(document: dict[str, Any]) -> list[tuple[Section, bool]]:
    """Title (the first line) and text of an annotated document as sections with its annotated mentions."""
    text: str = document["text"]
    cut = text.index("\n", len(text) - len(text.lstrip()))
    parts = [("title", 0, cut), ("text", cut, len(text))]
    out = []
    for name, low, high in parts:
        mentions = [
            (e["start"] - low, e["end"] - low, e["canon"], e["type"], e["canon"], e["t"], proclitic(text, e["start"]), "")
            for e in document["entities"]
            if low <= e["start"] and e["end"] <= high
        ]
        out.append((Section(name, text[low:high], mentions), name == "title"))
    return out


def proclitic(text: str, start: int) -> str:
    """The letters written together with the word at `start` that stand before it."""
    match = re.search(r"(?<!\w)[وفبلك]+$", text[max(0, start - 3) : start])
    return match.group() if match else ""


def text_of(s: Section, first: int, last: int) -> str:
    start, end = s.slice(first, last)
    return s.text[start:end]


def examples_of(documents: Sequence[dict[str, Any]]) -> tuple[list[Example], list[Example]]:
    """Examples for the report and the boundary model."""
    reports: list[Example] = []
    bounds: list[Example] = []
    for document in documents:
        gold = [words(q["text"]) for q in document["quotes"]]
        candidates: list[tuple[Finder, Report]] = []
        for section, headline in sections_of(document):
            finder = Finder(section, headline=headline)
            candidates += [(finder, r) for r in finder.candidates()]
        matched = pair(gold, [words(text_of(f.s, r.first, r.last)) for f, r in candidates], 0.3)
        for j, (finder, report) in enumerate(candidates):
            reports.append((features.report_features(finder, report), int(j in matched)))
            if j not in matched or report.span >= 0:
                continue
            places = features.boundaries(finder.s, report)
            values = [overlap(gold[matched[j]], words(text_of(finder.s, report.first, at))) for at in places]
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
    documents: Sequence[dict[str, Any]], judge: LogLinear | None = None, calibration: LogLinear | None = None
) -> tuple[list[Choice], list[Example]]:
    """Examples for the speaker model and for the confidence model.

    Without a `judge` every quote is seen as if all speakers before it were known; with one, as its own choices leave them.
    """
    choices: list[Choice] = []
    trust: list[Example] = []
    for document in documents:
        gold = document["quotes"]
        sections = sorted(sections_of(document), key=lambda part: part[1])
        found = [(finder := Finder(section, headline=headline), section, finder.candidates()) for section, headline in sections]
        reports = [(section, r) for _, section, rs in found for r in rs]
        matched = pair([words(q["text"]) for q in gold], [words(text_of(s, r.first, r.last)) for s, r in reports], 0.3)
        teacher = _Teacher({id(reports[j][1]): gold[i]["speaker_canon"] for j, i in matched.items()}, judge)
        if calibration is not None:
            teacher.calibration = calibration
        kept = {id(reports[j][1]) for j in matched}
        for _, section, _ in found:
            teacher.read(section)
        for finder, section, rs in found:
            teacher.resolve(section, [r for r in rs if id(r) in kept], finder.cues)
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


def worn(documents: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The documents as a fallible tagger would see them: one mention in six missing, one long name in six cut short."""
    out = []
    for document in documents:
        kept = []
        for entity in document["entities"]:
            chance = zlib.crc32(f"{document['doc']} {entity['start']}".encode()) % 6
            parts = entity["t"].split()
            if chance == 0:
                continue
            if chance == 1 and entity["type"] != "LOCATION" and len(parts) > 1:
                left = parts[0] if entity["type"] == "PERSON" else " ".join(parts[:-1])
                entity = {**entity, "t": left, "end": entity["start"] + len(left), "canon": left}
            kept.append(entity)
        out.append({**document, "entities": kept})
    return out


def train_speaker(documents: Sequence[dict[str, Any]]) -> LogLinear:
    """The speaker model: taught once with the right speakers before each quote, once with those that it would have chosen itself."""
    taught, _ = teach(documents)
    own, _ = teach([*documents, *worn(documents)], LogLinear(fit_choice(taught, 3.0)))
    return LogLinear(fit_choice(taught + own, 12.0))


def judged_unseen(documents: Sequence[dict[str, Any]]) -> list[tuple[LogLinear, list[dict[str, Any]]]]:
    """For each fold: a speaker model, and the documents of the newsrooms that it has not seen."""
    sources = sorted({document["source"] for document in documents})
    folds = []
    for fold_number in range(FOLDS):
        seen = [d for d in documents if sources.index(d["source"]) % FOLDS != fold_number]
        unseen = [d for d in documents if sources.index(d["source"]) % FOLDS == fold_number]
        folds.append((train_speaker(seen), unseen))
    return folds


def cross_validate(documents: Sequence[dict[str, Any]]) -> dict[str, float]:
    """Share of right speakers in unseen newsrooms, with the annotated mentions and with those of a fallible tagger."""
    folds = judged_unseen(documents)
    right = {
        "annotated mentions": [is_right for judge, unseen in folds for _, is_right in teach(unseen, judge)[1]],
        "worn mentions": [is_right for judge, unseen in folds for _, is_right in teach(worn(unseen), judge)[1]],
    }
    return {name: round(sum(values) / len(values), 4) for name, values in right.items()}


def train_confidence(documents: Sequence[dict[str, Any]]) -> LogLinear:
    """The calibration of the speaker model, learned from newsrooms that a model has not seen, with the mentions of a fallible tagger."""
    calibration = LogLinear({})
    judged = [(judge, worn(unseen)) for judge, unseen in judged_unseen(documents)]
    for _ in range(2):  # the confidence of an antecedent is itself calibrated
        trust = [example for judge, unseen in judged for example in teach(unseen, judge, calibration)[1]]
        calibration = LogLinear(fit(trust, 3.0))
    return calibration


def train(documents: Sequence[dict[str, Any]], *, calibrate: bool = True) -> dict[str, dict[str, float]]:
    """Weights of every model."""
    reports, bounds = examples_of(documents)
    return {
        "report": fit(reports, 2.0),
        "boundary": fit(bounds, 2.0),
        "speaker": train_speaker(documents).weights,
        "confidence": train_confidence(documents).weights if calibrate else {},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("annotated", type=Path)
    parser.add_argument("--cross-validate", action="store_true")
    args = parser.parse_args()
    documents = json.loads(args.annotated.read_text(encoding="utf-8"))
    if args.cross_validate:
        print(json.dumps(cross_validate(documents), indent=2))
        return
    weights = train(documents)
    with LEXICON.open("w", encoding="utf-8") as out:
        out.write(CARD + "model\tfeature\tweight\n")
        for name, model in weights.items():
            for feature, weight in sorted(model.items()):
                out.write(f"{name}\t{feature}\t{weight}\n")


if __name__ == "__main__":
    main()
