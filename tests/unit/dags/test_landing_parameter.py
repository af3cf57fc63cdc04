"""What a run's form may name as its landing area."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import rasd_airflow
from rasd.errors import PermanentError
from rasd.settings import Settings
from rasd_airflow import run_settings

OTHERS = {"shard_articles": 10, "extraction_backend": "rules", "on_quality_failure": "stop"}


@pytest.fixture
def configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "landing" / "desk").mkdir(parents=True)
    monkeypatch.setattr(rasd_airflow, "SETTINGS", Settings(landing=str(tmp_path / "landing")))
    monkeypatch.setattr(rasd_airflow, "LANDING", str(tmp_path / "landing"))
    return tmp_path / "landing"


def params(landing: object) -> dict[str, Any]:
    return {
        "landing": str(landing),
        "shard_articles": 10,
        "extraction_backend": "rules",
        "on_quality_failure": "stop",
        "lake": "/elsewhere",
    }


def test_the_landing_area_of_the_settings_does_not_travel(configured: Path) -> None:
    assert run_settings(params(configured)) == OTHERS


def test_without_roots_only_what_lies_in_the_landing_area_is_allowed(configured: Path) -> None:
    assert run_settings(params(configured / "desk"))["landing"] == str(configured / "desk")
    for place in (configured.parent, "/", "s3://news/landing"):
        with pytest.raises(PermanentError, match="RASD_LANDING_ROOTS"):
            run_settings(params(place))


def test_roots_are_all_that_is_allowed(configured: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rasd_airflow, "SETTINGS", Settings(landing=str(configured), landing_roots="s3://news"))
    assert run_settings(params("s3://news/today"))["landing"] == "s3://news/today"
    with pytest.raises(PermanentError):
        run_settings(params(configured / "desk"))


def test_a_password_in_the_parameter_is_refused_and_not_repeated(configured: Path) -> None:
    with pytest.raises(PermanentError) as refused:
        run_settings(params("ftp://desk:pa55@host/landing"))
    assert "pa55" not in str(refused.value)


def test_a_form_shows_no_password_of_the_settings() -> None:
    code = f"import rasd_airflow as r; print(r.LANDING, r.run_settings({{'landing': r.LANDING}} | {OTHERS}))"
    environment = os.environ | {"RASD_LANDING": "ftp://desk:pa55@host/landing"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("ftp://***@host/landing {")
    assert "pa55" not in done.stdout + done.stderr
