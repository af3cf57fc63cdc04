"""Fixtures for all tests."""

from __future__ import annotations

from pathlib import Path

import hypothesis
import pytest

# no test is timed, property tests neither
hypothesis.settings.register_profile("rasd", deadline=None)
hypothesis.settings.load_profile("rasd")

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of development corpora beside the checkout."""
    folder = ROOT.parent / "shared"
    if not (folder / "gold").is_dir():
        pytest.skip("needs the development corpora in ../shared, which are not part of the repository")
    return folder
