"""The two languages of the pages: their words, and how they write dates and numbers."""

from __future__ import annotations

import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from rasd.resources import read_lexicon_file

LANGUAGES = ("en", "ar")


@lru_cache
def messages(language: str) -> dict[str, str]:
    """Every message by its key. Raises KeyError for a language that is none of `LANGUAGES`."""
    return {row["key"]: row[language] for row in read_lexicon_file(Path(__file__).with_name("messages.tsv"))}


class Language:
    """One of the languages, for templates: `say` a message, write a `number` or a `date`. `guessed`: the reader has not chosen it."""

    def __init__(self, code: str, *, guessed: bool = False) -> None:
        self.code = code
        self.guessed = guessed
        self.direction = "rtl" if code == "ar" else "ltr"
        self.other = next(other for other in LANGUAGES if other != code)
        self._messages = messages(code)

    def say(self, key: str, **values: Any) -> str:
        """A message with its values filled in. Raises KeyError for a key that is not in messages.tsv."""
        return self._messages[key].format(**values) if values else self._messages[key]

    def number(self, value: float) -> str:
        return f"{value:,}"

    def date(self, value: datetime.date) -> str:
        return self._date(value, "d MMMM y")

    def short_date(self, value: datetime.date) -> str:
        return self._date(value, "d MMM")

    def _date(self, value: datetime.date, pattern: str) -> str:
        from babel.dates import format_date

        return str(format_date(value, pattern, locale=self.code))


def preferred(chosen: str | None, accepted: str | None) -> Language:
    """The language that a reader chose, else the first of ours that the browser accepts (`Accept-Language`), else English."""
    if chosen in LANGUAGES:
        return Language(chosen)
    for part in (accepted or "").split(","):
        code = part.split(";")[0].strip()[:2].lower()
        if code in LANGUAGES:
            return Language(code, guessed=True)
    return Language("en", guessed=True)
