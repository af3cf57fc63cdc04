"""What the site shows beside the pages that mkdocs.yml names: files that lie elsewhere in the repository, every decision, new pages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parent
ELSEWHERE = {
    "changelog.md": "CHANGELOG.md",
    "contributing.md": "CONTRIBUTING.md",
    "model-card.md": "include/rasd/resources/ner.md",
}
"""Page of the site: file of the repository."""


def on_config(config: Any) -> Any:
    (decisions,) = (entry["Decisions"] for section in config.nav for part in section.values() for entry in part if "Decisions" in entry)
    decisions += sorted(f"decisions/{path.name}" for path in (ROOT / "docs" / "decisions").glob("0*.md"))
    more = sorted({path.name for path in (ROOT / "docs").glob("*.md")} - set(_pages(config.nav)))
    if more:
        config.nav.append({"More": more})
    return config


def _pages(nav: Any) -> Iterator[str]:
    if isinstance(nav, str):
        yield nav
    else:
        for entry in nav.values() if isinstance(nav, dict) else nav:
            yield from _pages(entry)


def on_files(files: Files, config: Any) -> Files:
    for page, path in ELSEWHERE.items():
        files.append(File.generated(config, page, abs_src_path=str(ROOT / path)))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Links as they work in the repository, turned into links of the site."""
    if page.file.src_uri in ELSEWHERE:
        return markdown.replace("](docs/", "](")
    for target, path in ELSEWHERE.items():
        markdown = markdown.replace(f"](../{path}", f"]({target}")
    return markdown
