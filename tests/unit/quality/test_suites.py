"""Checks made of the data contract, and what counts as usual."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rasd.quality import suites
from rasd.schema import ENTITIES, STAGED_DATASETS

DAY = date(2026, 11, 20)  # a Friday
MADE_LATER = ("entities", "entity_id")
"""What it refers to, dim_entities, is made from it."""


def past(counts: list[int], *, last: date = DAY - timedelta(days=1), entities_per_article: int = 10) -> pa.Table:
    dates = [last - timedelta(days=i) for i in reversed(range(len(counts)))]
    columns = {"files": counts, "articles": counts, "entities": [n * entities_per_article for n in counts], "quotes": counts}
    columns["mixes"] = [None] * len(counts)
    return pa.table({"ingest_date": dates, **columns}).cast(suites.HISTORY)


def bounds(history: pa.Table, rule: str = "usual_articles", day: date = DAY) -> tuple[float, float]:
    (check,) = (c for c in suites.history_checks(day, history) if c.rule == rule)
    return check.minimum, check.maximum


@pytest.mark.parametrize("dataset", STAGED_DATASETS, ids=lambda d: d.name)
def test_every_rule_of_the_contract_has_its_check(dataset):
    checks = {(c.rule, c.column) for c in suites.row_checks(dataset) + suites.query_checks(dataset)}
    for column in dataset.columns:
        assert (("not_null", column.name) in checks) == column.required
        assert (("values", column.name) in checks) == bool(column.values)
        assert (("range", column.name) in checks) == (column.minimum is not None or column.maximum is not None)
        assert (("reference", column.name) in checks) == (column.references is not None and (dataset.name, column.name) != MADE_LATER)
        if column.unique:
            assert ("unique", column.name) in checks


def test_too_short_a_past_says_nothing():
    assert suites.history_checks(DAY, past([100] * (suites.MIN_HISTORY - 1))) == []
    assert suites.history_checks(DAY, past([100] * suites.MIN_HISTORY)) != []


def test_the_future_and_the_day_itself_are_no_past():
    assert suites.history_checks(DAY, past([100] * 20, last=DAY + timedelta(days=19))) == []


def test_a_steady_past_allows_small_changes_and_flags_a_halved_day():
    low, high = bounds(past([100, 102, 97, 101, 99, 100]))
    assert 50 < low < 80
    assert 125 < high < 200


def test_one_day_gone_wrong_does_not_move_what_is_usual():
    low, _ = bounds(past([100, 102, 3, 101, 99, 100, 98]))
    assert low > 50


def test_a_quiet_weekend_is_compared_with_weekends():
    weekly = [40 if (DAY - timedelta(days=i)).weekday() == 4 else 100 for i in range(35, -1, -1)]
    low, high = bounds(past(weekly, last=DAY))
    assert low < 40 < high < 100, "on a Friday"
    low, _ = bounds(past(weekly, last=DAY), day=DAY + timedelta(days=1))
    assert low > 50, "on a Saturday"


def test_before_there_are_enough_weekdays_a_weekend_is_still_unremarkable():
    weekly = [40 if (DAY - timedelta(days=i)).weekday() in (4, 5) else 100 for i in range(14, 0, -1)]
    low, _ = bounds(past(weekly))
    assert low <= 40


def test_rates_do_not_depend_on_volume():
    low, high = bounds(past([10, 1000, 200, 50, 70], entities_per_article=20), "usual_entities")
    assert low < 20 < high


def mixed(*days: dict[str, int] | None) -> pa.Table:
    """Good partitions up to the day before the judged one, by their rows of each type of entity."""
    named = [json.dumps({"entities.entity_type": counts}) if counts else None for counts in days]
    return past([100] * len(days)).set_column(5, "mixes", pa.array(named, pa.string()))


def spread(today: dict[str, int], history: pa.Table) -> tuple[float, float]:
    """How far today is from what is usual, and how far it may be."""
    check, distance = suites.mix_check(DAY, ENTITIES, "entity_type", today, history)
    return distance, check.maximum


def test_a_spread_is_judged_from_enough_days_and_rows_on():
    usual = {"PERSON": 600, "LOCATION": 400}
    other = {"PERSON": 0, "LOCATION": 1000}
    assert spread(other, mixed(*[usual] * 4)) == (0, 1)
    assert spread(other, mixed(*[usual] * 4, None, {"PERSON": 3})) == (0, 1), "days that kept none, or next to none, do not count"
    assert spread({"LOCATION": 100}, mixed(*[usual] * 5)) == (0, 1)
    assert spread(other, mixed(*[usual] * 5)) == (pytest.approx(0.6), suites.MIX_DISTANCE)
    assert spread({"PERSON": 5, "LOCATION": 3, "MISC": 200}, mixed(*[usual] * 5))[0] > 0.9, "a value that was never seen before"


def test_a_restless_past_allows_more_than_a_steady_one():
    restless = mixed(*[{"PERSON": 500 + 200 * (n % 3), "LOCATION": 500} for n in range(9)])
    distance, most = spread({"PERSON": 100, "LOCATION": 900}, restless)
    assert suites.MIX_DISTANCE < most < distance


def test_one_day_gone_wrong_does_not_hide_the_next():
    usual, wrong = {"PERSON": 600, "LOCATION": 400}, {"PERSON": 10, "LOCATION": 990}
    distance, most = spread(wrong, mixed(*[usual] * 6, wrong, *[usual] * 6))
    assert distance > most


def test_rare_values_are_told_together():
    rows = [(f"source {n}", 100 - n) for n in range(20)]
    counts = suites.mix(rows)
    assert len(counts) == suites.MIX_VALUES + 1
    assert sum(counts.values()) == sum(count for _, count in rows)


@given(st.lists(st.just(0.0) | st.floats(1e-6, 1e6), max_size=60))  # counts and rates of a million rows
def test_usual_holds_the_middle_of_the_past(values):
    low, high = suites.usual(values)
    assert 0 <= low <= high
    if values:
        ordered = sorted(values)
        assert low <= ordered[len(ordered) // 2] or ordered[len(ordered) // 2] == 0
        assert high >= ordered[(len(ordered) - 1) // 2]
