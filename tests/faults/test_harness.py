"""A few faults of the harness, so that it stays fit to run; `make faults` runs all of them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.long
@pytest.mark.parametrize("store", ["disk", "s3"])
def test_killed_runs_lose_and_double_nothing(store: str) -> None:
    command = [sys.executable, "-m", "tests.faults.harness", "--store", store, "--kills", "3", "--only", "kill_at_random"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "kill_at_random: 3" in done.stdout
    assert "0 articles lost, 0 rows doubled" in done.stdout
    assert "0 partial states" in done.stdout
