"""The reports that count: candidates judged by the model, with the ends that the model finds likeliest."""

from __future__ import annotations

import math

from rasd.extraction.quotes import features
from rasd.extraction.quotes.finder import Finder, Report
from rasd.extraction.quotes.model import LogLinear, Models

THRESHOLD = 0.46
MARKED_THRESHOLD = 0.6
"""Marked words that nobody says (names, titles, emphasis) are common: they have to be likelier."""
_CONTRASTS = frozenset({"لكنه", "لكنها", "لكنهم"})


def find_reports(finder: Finder, models: Models) -> tuple[list[Report], list[Report]]:
    """The reports of a section in reading order, an outer one before those inside it, and all attributions («بحسب …»), kept or not."""
    candidates = finder.candidates()
    attributions = [r for r in candidates if r.how == "attributive"]
    kept = [
        r
        for r in candidates
        if r.how == "interview"
        or models.report.probability(features.report_features(finder, r)) >= (THRESHOLD if r.quote_type == "indirect" else MARKED_THRESHOLD)
    ]
    _end_before_contrast(finder, kept)
    for report in kept:
        if report.span < 0 and report.how != "interview" and not report.mended:
            _shorten(finder, report, models.boundary)
    return _untangled(kept), attributions


def _end_before_contrast(finder: Finder, reports: list[Report]) -> None:
    """A clause ends where the narrator sets another report of the same speaker against it («…، لكنه أقر بأن»)."""
    folds = finder.s.folds
    contrasts = [
        r.cue.first - 1 for r in reports if r.cue is not None and r.cue.first and folds[r.cue.first - 1].removeprefix("و") in _CONTRASTS
    ]
    for report in reports:
        at = next((k for k in contrasts if report.first < k < report.last), -1)
        if at >= 0 and report.how == "clause" and report.span < 0:
            finder.cut(report, at)


def _untangled(reports: list[Report]) -> list[Report]:
    """The reports in reading order, one for each stretch and none inside verbatim words; one that would cross another ends with it."""
    out: list[Report] = []
    around: list[Report] = []
    seen: set[tuple[int, int]] = set()
    for report in sorted(reports, key=lambda r: (r.first, -r.last)):
        while around and around[-1].last <= report.first:
            around.pop()
        if around and around[-1].quote_type == "direct":
            continue  # verbatim words are not split further
        if around:
            report.last = min(report.last, around[-1].last)
        if report.last > report.first and (report.first, report.last) not in seen:
            seen.add((report.first, report.last))
            out.append(report)
            around.append(report)
    return out


def _shorten(finder: Finder, report: Report, judge: LogLinear) -> None:
    """End the clause at the likeliest boundary: the product of going on at all earlier ones and ending at this one."""
    places = features.boundaries(finder.s, report)
    if len(places) < 2:
        return
    best, best_value, going_on = places[-1], -math.inf, 0.0
    for order, at in enumerate(places[:-1]):
        p = judge.probability(features.boundary_features(finder.s, report, at, order, False))
        value = going_on + math.log(p + 1e-12)
        if value > best_value:
            best, best_value = at, value
        going_on += math.log(1 - p + 1e-12)
    if going_on >= best_value:
        return
    finder.cut(report, best)
