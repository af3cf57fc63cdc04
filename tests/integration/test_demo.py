"""`make demo`, as the README tells newcomers: over the samples, then over a folder of their own."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.synthetic import land_articles

pytestmark = pytest.mark.integration
ROOT = Path(__file__).resolve().parents[2]


def demo(home: Path, landing: Path, lake: Path) -> str:
    command = ["make", "demo", f"AIRFLOW_HOME={home}", f"LANDING={landing}", f"LAKE={lake}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_demo_runs_over_the_samples_and_then_over_a_folder_with_a_difficult_name(tmp_path: Path) -> None:
    home = tmp_path / "home"
    printed = demo(home, ROOT / "seeds", tmp_path / "lake")
    for task in ("claim", "plan_shards", "transform", "consolidate", "validate", "publish", "report"):
        assert f"{task} success" in " ".join(printed.split())
    assert "articles          19 rows" in printed
    assert "logo.txt: not_text" in printed

    own = tmp_path / "أخبار اليوم" / "desk"
    land_articles(own, first=0, count=3)
    shutil.copy(ROOT / "seeds" / "sada_agency" / "windows-1256.txt", own)
    printed = demo(home, own.parent, tmp_path / "my lake")
    assert "articles           4 rows" in printed
    assert str(tmp_path / "my lake") in printed
