"""Names of runs as names of files."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from rasd.storage.paths import LakePaths, folder_name

DAY = date(2026, 3, 1)


@given(st.text(min_size=1, max_size=300))
def test_no_run_id_leads_out_of_its_folder(run: str) -> None:
    staging = LakePaths(Path("/lake")).staging(DAY, run)
    assert staging.parent == Path("/lake/_staging/ingest_date=2026-03-01")
    assert not staging.name.startswith(".")
    assert len(staging.name.encode()) < 250


def test_plain_ids_stay_and_others_stay_apart() -> None:
    assert folder_name("cli-20260301T000000.5") == "cli-20260301T000000.5"
    assert len({folder_name(run) for run in ("a:b", "a_b", "a b", "..", "../..", "x" * 300, "x" * 301)}) == 7
