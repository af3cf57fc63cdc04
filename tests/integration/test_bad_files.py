"""A landing area full of bad files: the run succeeds, and every file is accounted for exactly once."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pytest

from rasd.landing.discovery import LandingArea
from rasd.pipeline.maintenance import verify
from rasd.schema import REJECT_REASONS
from tests.bad_files import generate, generate_huge
from tests.integration.test_pipeline import read, run
from tests.synthetic import land_articles


def account(tmp_path: Path, landing: Path, files: int, **settings: Any) -> Counter[str]:
    """Run over the landing area, hold the run to the accounts, and count the rejects by reason."""
    good = [path.as_uri() for path in land_articles(landing / "good", first=1_000, count=10)]
    result = run(tmp_path, landing=str(landing), **settings)
    assert result["outcome"] == "published"
    ledger = read(tmp_path, "ingestions")
    uris = ledger["source_uri"].to_pylist()
    assert len(set(uris)) == len(uris) == files + 10
    assert set(uris) == {file.uri for file in LandingArea(str(landing)).files()}
    status = Counter(ledger["status"].to_pylist())
    articles, rejects = read(tmp_path, "articles"), read(tmp_path, "rejects")
    assert len(uris) == articles.num_rows + status["duplicate"] + status["rejected"]
    assert pc.sum(articles["copies"]).as_py() == status["article"] + status["duplicate"]
    assert set(good) <= set(articles["source_uri"].to_pylist()), "bad files do not harm good ones"
    rejected = ledger.filter(pc.equal(ledger["status"], "rejected"))["source_uri"].to_pylist()
    by_file = [uri for uri, reason in zip(*(rejects[n].to_pylist() for n in ("source_uri", "reason")), strict=True) if reason != "row_rule"]
    assert sorted(by_file) == sorted(rejected), "each rejected file has one reason"
    validations = read(tmp_path, "validations")
    sums = validations.filter(pc.equal(validations["expectation"], "files_sum")).to_pylist()
    assert [(row["severity"], row["success"]) for row in sums] == [("critical", True)], "the accounts are an expectation of the gate"
    assert verify(tmp_path / "lake") == []
    return Counter(rejects["reason"].to_pylist())


@pytest.mark.integration
def test_every_bad_file_is_accounted_for_once(tmp_path: Path) -> None:
    counts = generate(tmp_path / "landing")
    assert sum(counts.values()) >= 300
    reasons = account(tmp_path, tmp_path / "landing", sum(counts.values()))
    assert "processing_failed" not in reasons, "nothing in a file is a bug of ours"
    assert "row_rule" not in reasons
    met = {"empty_file", "not_text", "undecodable", "not_arabic", "too_short", "broken_link", "link_outside_landing", "archive"}
    assert met | {"not_a_regular_file", "name_not_utf8", "sidecar_invalid"} <= set(reasons) <= set(REJECT_REASONS)
    again = run(tmp_path, name="again")
    assert again["outcome"] == "nothing new", "what was refused is not refused again"


@pytest.mark.integration
@pytest.mark.long
def test_files_of_a_hundred_megabytes_are_accounted_for(tmp_path: Path) -> None:
    files = generate_huge(tmp_path / "landing" / "huge")
    reasons = account(tmp_path, tmp_path / "landing", files)
    assert (reasons["file_too_large"], reasons["too_long"]) == (1, 3)
    assert "processing_failed" not in reasons
