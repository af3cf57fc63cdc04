"""Last stage: say what the run did, to a person and to the lake."""

from __future__ import annotations

import json
import logging
import sys
from datetime import date
from pathlib import Path
from typing import Any

from rasd.lake.reading import dataset_files, read_partition
from rasd.pipeline.run import PartitionRun
from rasd.schema import STAGED_DATASETS
from rasd.storage.files import remove_tree, write_json
from rasd.storage.objects import on_object_store
from rasd.storage.paths import PARTITION_KEY

log = logging.getLogger(__name__)

QUOTES_SHOWN = 5
QUOTE_CHARACTERS = 160


def report(run: PartitionRun) -> dict[str, Any]:
    """Sum the run up, keep the report in the lake, and clear the run's staging area.

    Returns:
        `run`, `ingest_date`, `outcome` ("published" or "nothing new"), what each stage noted, `seconds`, and for a published partition its
        `rows` by dataset and `rejects` by reason; `release`, where a person was asked, says who answered what and when.
    """
    stages: dict[str, Any] = {
        note.stem: json.loads(note.read_text(encoding="utf-8")) for note in sorted((run.staging / "stages").glob("*.json"))
    }
    published = "publish" in stages
    result: dict[str, Any] = {
        "run": run.run,
        "ingest_date": run.ingest_date.isoformat(),
        "outcome": "published" if published else "nothing new",
        "files": {name: stages.get("claim", {}).get(name, 0) for name in ("files", "new_files", "resent_files")},
        "seconds": {name: note["seconds"] for name, note in stages.items()},
    }
    if published:
        result["rows"] = stages["publish"]["rows"]
        result["rejects"] = reject_counts(run.paths.root, run.ingest_date)
    if "validate" in stages:
        result["quality"] = {name: stages["validate"][name] for name in ("expectations", "critical", "warnings", "data_docs")}
    if "release" in stages:
        result["release"] = {name: stages["release"][name] for name in ("by", "at", "approved")}
    write_json(run.paths.report(run.ingest_date, run.run), result)
    remove_tree(run.staging)
    log.info("%s", headline(result))
    return result


def headline(result: dict[str, Any]) -> str:
    """One line on what a run did."""
    if result["outcome"] == "nothing new":
        return f"{result['ingest_date']}: nothing new; {result['files']['files']} files were already in"
    rows = result["rows"]
    return f"{result['ingest_date']}: published " + ", ".join(
        f"{rows[name]} {name}" for name in ("articles", "entities", "quotes", "rejects")
    )


def reject_counts(lake: Path, ingest_date: date) -> dict[str, int]:
    """Rejects of a partition by reason, most frequent first."""
    reasons = read_partition(lake, "rejects", ingest_date, ["reason"]).to_pandas()["reason"]
    return {str(reason): int(count) for reason, count in reasons.value_counts().items()}


def describe_partition(lake: Path, ingest_date: date) -> str:
    """What a published partition holds, as a page of text: counts, rejects, a few quotes, a query.

    Raises:
        LakeError: when the lake has no such datasets.
    """
    lines = [f"Partition {ingest_date} of the lake {lake}", ""]
    counts = {d.name: read_partition(lake, d.name, ingest_date, ["ingested_on"]).num_rows for d in STAGED_DATASETS}
    lines += [f"  {name:12}{rows:>8,} rows" for name, rows in counts.items()]

    rejects = read_partition(lake, "rejects", ingest_date, ["reason", "source_uri", "message"]).to_pandas()
    if len(rejects):
        lines += ["", "Rejected:"]
        lines += [f"  {row.source_uri.rsplit('/', 1)[-1]}: {row.reason}. {row.message}" for row in rejects.itertuples()]

    columns = ["speaker_name", "quote_text", "quote_type", "confidence"]
    quotes = read_partition(lake, "quotes", ingest_date, columns).to_pandas()
    named = quotes[quotes["speaker_name"].notna() & (quotes["quote_type"] != "indirect")].drop_duplicates("speaker_name")
    if len(named):
        lines += ["", "Who said what:"]
        lines += [f'  {row.speaker_name}: "{shorten(row.quote_text)}"' for row in named.head(QUOTES_SHOWN).itertuples()]

    files = f"'{lake}/quotes/*/*.parquet'"
    if on_object_store(lake):  # where a pattern could meet superseded objects
        files = f"read_parquet({[str(file) for file in dataset_files(lake, 'quotes', ingest_date)]}, hive_partitioning = true)"
    quoted = f"FROM {files} WHERE {PARTITION_KEY} = DATE '{ingest_date}'"
    query = f"SELECT speaker_name, count(*) AS quotes {quoted} GROUP BY ALL ORDER BY quotes DESC, speaker_name LIMIT 10"
    lines += ["", "Ask it with DuckDB:", f'  {sys.executable} -c "import duckdb; duckdb.sql(\\"{query}\\").show()"']
    return "\n".join(lines)


def shorten(text: str) -> str:
    """The text on one line, cut at a word when it is long."""
    line = " ".join(text.split())
    return line if len(line) <= QUOTE_CHARACTERS else line[:QUOTE_CHARACTERS].rsplit(" ", 1)[0] + " …"
