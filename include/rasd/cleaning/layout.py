"""The parts of an article: which line is what."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from rasd.settings import Settings


@dataclass(slots=True)
class Layout:
    """The parts of one article, named as the columns of `articles`; `flags` are quality flags."""

    text: str
    title: str | None = None
    subtitle: str | None = None
    byline: str | None = None
    dateline: str | None = None
    captions: str | None = None
    source_credit: str | None = None
    section_name: str | None = None
    published_date: date | None = None
    published_at: datetime | None = None
    published_precision: str | None = None
    published_source: str | None = None
    removed_text: str | None = None
    flags: list[str] = field(default_factory=list)


def read_layout(text: str, *, file_name: str, sidecar: dict[str, Any], settings: Settings) -> Layout:
    """The parts of the article `text`, whose characters are clean."""
    lines = [line for line in text.split("\n") if line.strip()]
    title = None
    if len(lines) > 1 and len(lines[0]) < 150 and not lines[0].endswith("."):
        title = lines.pop(0)
    return Layout(text="\n".join(lines), title=sidecar.get("title") or title)
