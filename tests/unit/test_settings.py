"""Every knob once, and no misspelt one."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from rasd.settings import Settings


def test_variables_set_knobs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RASD_SHARD_ARTICLES", "7")
    monkeypatch.setenv("RASD_LAKE", "relative")
    settings = Settings()
    assert settings.shard_articles == 7
    assert settings.lake == Path.cwd() / "relative"


def test_a_misspelt_variable_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RASD_LANDIGN", "x")
    with pytest.raises(ValidationError, match="RASD_LANDIGN"):
        Settings()


@pytest.mark.parametrize(
    "bad", [{"shard_articles": 0}, {"timezone": "Mars/Olympus"}, {"min_arabic_ratio": 1.5}, {"lake": "gs://bucket/lake"}, {"unknown": 1}]
)
def test_a_value_out_of_range_is_refused(bad: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Settings(**bad)


def test_every_knob_is_described() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []
