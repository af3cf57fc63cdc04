"""The results of the quality gate as one HTML page that needs nothing but itself.

Great Expectations' own pages load their styles, tables and logo from six servers and are empty boxes without them, which neither an
on-call engineer behind a firewall nor a strict content policy can use. So the page is written here, from the rows of `validations`.
"""

from __future__ import annotations

import json
from html import escape
from itertools import groupby
from pathlib import Path
from typing import Any

import pyarrow as pa

from rasd.storage.files import write_text

_STYLE = """
:root { color-scheme: light dark; --line: #8884; --bad: #c62828; --odd: #b26a00; --good: #2e7d32; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 75rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: start; vertical-align: top; padding: .35rem .6rem; border-bottom: 1px solid var(--line); }
td.seen { font-family: ui-monospace, monospace; overflow-wrap: anywhere; }
summary { cursor: pointer; font-weight: 600; padding: .4rem 0; }
.critical { color: var(--bad); font-weight: 600; } .warning { color: var(--odd); font-weight: 600; } .met { color: var(--good); }
@media (prefers-color-scheme: dark) { :root { --bad: #ff8a80; --odd: #ffcc80; --good: #a5d6a7; } }
"""


def write(page: Path, validations: pa.Table) -> None:
    """Writes the rows of one judgement (`schema.VALIDATIONS`) to a page, failures first; creates its folder if missing."""
    write_text(page, render(validations))


def render(validations: pa.Table) -> str:
    """The page as text. Everything that comes from data is escaped."""
    rows = validations.to_pylist()
    failed = sorted((row for row in rows if not row["success"]), key=lambda row: row["severity"] != "critical")
    critical = sum(row["severity"] == "critical" for row in failed)
    if critical:
        verdict = (
            f'<p class="critical">Failed: {critical} of {len(rows)} expectations failed critically, which stops publishing unless the '
            "run was told to warn only.</p>"
        )
    elif failed:
        verdict = f'<p class="warning">Passed with {len(failed)} of {len(rows)} expectations as warnings.</p>'
    else:
        verdict = f'<p class="met">Passed: all {len(rows)} expectations are met.</p>'
    day, run, at = (escape(str(rows[0][name])) if rows else "" for name in ("ingested_on", "run", "validated_at"))
    parts = [f"<h1>Quality of {day}</h1>", verdict, f"<p>Run {run}, judged {at}.</p>"]
    if failed:
        parts += ["<h2>What failed</h2>", _table(failed)]
    parts.append("<h2>Everything that was judged</h2>")
    for dataset, group in groupby(sorted(rows, key=lambda row: str(row["dataset"])), key=lambda row: str(row["dataset"])):
        members = list(group)
        met = sum(row["success"] for row in members)
        parts.append(f"<details><summary>{escape(dataset)}: {met} of {len(members)} met</summary>{_table(members)}</details>")
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>Quality of {day}</title><style>{_STYLE}</style></head>\n<body>\n" + "\n".join(parts) + "\n</body>\n</html>\n"
    )


def _table(rows: list[dict[str, Any]]) -> str:
    head = "<tr><th>Result</th><th>Dataset</th><th>Check</th><th>What is expected</th><th>Seen</th></tr>"
    return f"<table>{head}{''.join(map(_row, rows))}</table>"


def _row(row: dict[str, Any]) -> str:
    result, style = ("met", "met") if row["success"] else (row["severity"],) * 2
    check = f"{row['expectation']} ({row['column']})" if row["column"] else row["expectation"]
    meaning = json.loads(row["parameters"])["meaning"]
    cells = "".join(f"<td>{escape(cell)}</td>" for cell in (row["dataset"], check, meaning))
    return f'<tr><td class="{style}">{escape(result)}</td>{cells}<td class="seen">{escape(row["observed"])}</td></tr>'
