"""Lexicons and models that ship with Rasd.

A lexicon is a tab-separated UTF-8 file. It opens with its card, lines of `# key: value` that say what it is (`what`), where it comes
from (`source`) and under what terms (`licence`); then a header line, then the rows. A user extends a lexicon with a file of the same
name and header in the folder `RASD_LEXICONS`.
"""

from __future__ import annotations

import csv
from functools import lru_cache
from pathlib import Path

from rasd.settings import get_settings

HERE = Path(__file__).parent


def read_lexicon_file(path: Path) -> list[dict[str, str]]:
    """Rows of one lexicon file, as dicts by column name; missing cells are "".

    Raises:
        ValueError: naming file and line of a row with more cells than the header.
    """
    rows: list[dict[str, str]] = []
    header: list[str] | None = None
    with path.open(encoding="utf-8", newline="") as file:
        for number, cells in enumerate(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE), start=1):
            if not cells or not any(cells) or cells[0].startswith("#"):
                continue
            if header is None:
                header = cells
            elif len(cells) > len(header):
                raise ValueError(f"{path}:{number}: {len(cells)} cells, but the header has {len(header)}")
            else:
                rows.append({name: cells[i].strip() if i < len(cells) else "" for i, name in enumerate(header)})
    return rows


@lru_cache
def lexicon(name: str) -> tuple[dict[str, str], ...]:
    """Rows of the lexicon `name`, ours first, then the user's.

    Raises:
        FileNotFoundError: when Rasd has no lexicon of that name.
    """
    rows = read_lexicon_file(HERE / f"{name}.tsv")
    folder = get_settings().lexicons
    if folder is not None and (own := folder / f"{name}.tsv").exists():
        rows += read_lexicon_file(own)
    return tuple(rows)
