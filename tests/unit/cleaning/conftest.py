"""Fixtures of the cleaning tests."""

from __future__ import annotations

import pytest

from rasd.cleaning import CleanedFiles, clean_files
from rasd.settings import Settings
from tests.unit.cleaning.files import Clean, landed


@pytest.fixture
def settings() -> Settings:
    return Settings(min_article_words=5)


@pytest.fixture
def clean(settings: Settings) -> Clean:
    """Cleans a dict of URI to text or bytes."""

    def run(files: dict[str, str | bytes], **options: object) -> CleanedFiles:
        contents = {uri: content.encode() if isinstance(content, str) else content for uri, content in files.items()}
        return clean_files(landed(contents, **options), settings)  # type: ignore[arg-type]

    return run
