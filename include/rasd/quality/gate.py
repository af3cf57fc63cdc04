"""The quality gate: judges a staged partition before anything of it is visible.

DuckDB takes the numbers from the Parquet files, out of core and within a fixed memory, and Great Expectations judges them
(`rasd.quality.suites` says why). Importing Great Expectations takes seconds, so only `validate` does it.
"""

from __future__ import annotations

import json
import logging
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from rasd.errors import PermanentError
from rasd.quality import data_docs, suites
from rasd.quality.suites import HISTORY, PARTITION, Check
from rasd.schema import ARTICLES, ENTITIES, INGESTIONS, QUOTES, STAGED_DATASETS, VALIDATIONS, Dataset
from rasd.storage.files import read_parquet

if TYPE_CHECKING:
    import duckdb

log = logging.getLogger(__name__)

DUCKDB_MEMORY = "700MB"
"""What DuckDB may hold before it spills to disk; Great Expectations and pandas need some 350 MB beside it."""

SHOWN = 3
"""Failures that a message names before it says «and N more»."""


class QualityGateFailed(PermanentError):  # noqa: N818  what happened, as readers of a task log say it
    """A staged partition broke critical expectations; nothing of it was published."""


@dataclass(frozen=True)
class Verdict:
    """What the gate found.

    `validations` are rows of `schema.VALIDATIONS`; `critical` and `warnings` say in words what failed; `data_docs` is the HTML page.
    """

    ingest_date: date
    validations: pa.Table
    critical: tuple[str, ...]
    warnings: tuple[str, ...]
    data_docs: Path | None

    @property
    def passed(self) -> bool:
        """Whether the partition may be published."""
        return not self.critical

    def raise_for_failure(self) -> None:
        """Raises QualityGateFailed with what failed and what to do, if a critical expectation failed."""
        if not self.passed:
            raise QualityGateFailed(
                f"{self.message()} Nothing of {self.ingest_date} was published; what readers see has not changed. Find the cause "
                "(docs/quality.md explains each check), then run the date again; to publish in spite of it, run the date with "
                "on-quality-failure set to «warn» (RASD_ON_QUALITY_FAILURE=warn)."
            )

    def message(self) -> str:
        """The verdict in words, for logs and notifications."""
        found = [_few(self.critical, "critical failure"), _few(self.warnings, "warning")]
        where = f" All results: {self.data_docs}." if self.data_docs else ""
        what = "; ".join(filter(None, found)) or "all met"
        return f"Quality of {self.ingest_date}: {self.validations.num_rows} expectations judged, {what}.{where}"


def validate(
    staged: Path,
    *,
    ingest_date: date,
    run: str,
    claimed: pa.Table,
    history: pa.Table | None = None,
    docs: Path | None = None,
    judged_at: datetime | None = None,
) -> Verdict:
    """Judges the staged files of one partition.

    Where the shape of a dataset is wrong (a file that can't be read, other columns or types), only shapes are judged, since the other
    checks can't be asked.

    Args:
        staged: folder with `<dataset>/*.parquet` for `schema.STAGED_DATASETS`; a dataset without files has no rows.
        ingest_date: the partition's date.
        run: the run, as `validations.run` names it.
        claimed: the files that the partition has to account for: their source_uri and source_sha256.
        history: rows of `suites.HISTORY`, as `published_days` reads them; without it volumes and distributions are not judged.
        docs: folder that gets `index.html` with all results, self-contained; created if missing.
        judged_at: `validations.validated_at`; now, if not given.

    Returns:
        The verdict. A failed expectation is a result, not an error: call `Verdict.raise_for_failure` to stop.
    """
    judged_at = judged_at or datetime.now(UTC)
    with _Judge() as judge:
        sound = [_judge_shape(judge, dataset, _files(staged, dataset)) for dataset in STAGED_DATASETS]
        if all(sound):
            _judge_contents(judge, staged, ingest_date, claimed, history)
        results = judge.results
    verdict = Verdict(
        ingest_date=ingest_date,
        validations=_validations(results, ingest_date, run, judged_at),
        critical=tuple(r.in_words() for r in results if not r.success and r.severity == "critical"),
        warnings=tuple(r.in_words() for r in results if not r.success and r.severity == "warning"),
        data_docs=docs / "index.html" if docs else None,
    )
    if verdict.data_docs:
        data_docs.write(verdict.data_docs, verdict.validations)
    return verdict


def published_days(lake: Path, *, before: date, rows_of: Callable[[date], Mapping[str, int] | None]) -> pa.Table:
    """The good partitions of a lake before a date, as rows of `suites.HISTORY`.

    A partition is good if its last validation had no critical failure, or it was never validated. Its files are not opened: one that is
    damaged is no concern of today's.

    Args:
        rows_of: says how many rows of each dataset a partition has, or None where it is not published.
    """
    rows: dict[str, list[Any]] = {name: [] for name in HISTORY.names}
    for folder in sorted((lake / INGESTIONS.name).glob("ingest_date=*")):
        day = _partition_date(folder)
        if day is None or not 0 < (before - day).days <= suites.HISTORY_DAYS:
            continue
        judged = _last_judgement(lake / VALIDATIONS.name / folder.name)
        if _has_failed(judged):
            continue
        if (counts := rows_of(day)) is None:
            continue
        rows["ingest_date"].append(day)
        rows["files"].append(counts[INGESTIONS.name])
        for dataset in (ARTICLES, ENTITIES, QUOTES):
            rows[dataset.name].append(counts[dataset.name])
        mixes = {f"{row['dataset']}.{row['column']}": json.loads(row["observed"])["rows"] for row in judged if _is_mix(row)}
        rows["mixes"].append(json.dumps(mixes, ensure_ascii=False) if mixes else None)
    return pa.table(rows, schema=HISTORY)


@dataclass(frozen=True)
class _Result:
    """One judged expectation."""

    dataset: str
    rule: str
    column: str | None
    severity: str
    meaning: str
    success: bool
    observed: Any
    parameters: dict[str, Any]

    def in_words(self) -> str:
        return f"{self.dataset}: {self.meaning} Seen: {json.dumps(self.observed, ensure_ascii=False, default=str)}"


class _Judge:
    """Great Expectations with a context of its own, that lives as long as the `with` block and leaves nothing behind."""

    def __enter__(self) -> _Judge:
        # it reports hundreds of look-ups of its own as information, from its import on; a task's log should begin with what failed
        logging.getLogger("great_expectations").setLevel(logging.WARNING)
        import great_expectations as gx
        from great_expectations.data_context.types.base import DataContextConfig, InMemoryStoreBackendDefaults

        self._folder = tempfile.TemporaryDirectory(prefix="rasd-gate-")
        config = DataContextConfig(store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False), analytics_enabled=False)
        self._context = gx.get_context(mode="ephemeral", project_config=config)
        self._context.variables.progress_bars = {"globally": False}
        # one asset for all frames: with each that is added the context writes down all that it knows
        asset = self._context.data_sources.add_pandas("staged").add_dataframe_asset("measures")
        self._frames = asset.add_batch_definition_whole_dataframe("measures")
        self.results: list[_Result] = []
        return self

    def __exit__(self, *_: object) -> None:
        self._folder.cleanup()

    @property
    def scratch(self) -> str:
        return self._folder.name

    def columns(self, dataset: Dataset, names: Sequence[str]) -> bool:
        import pandas as pd

        return self._judge(dataset.name, suites.columns_suite(dataset), pd.DataFrame(columns=list(names)))

    def measures(self, dataset: str, measured: Mapping[Check, float], details: Mapping[Check, Any] | None = None) -> bool:
        frame = suites.measure_frame({check.measure: value for check, value in measured.items()})
        seen = {check.measure: detail for check, detail in (details or {}).items() if detail}
        return self._judge(dataset, suites.measure_suite(f"{dataset}.measures{len(self.results)}", list(measured)), frame, seen)

    def _judge(self, dataset: str, suite: Any, frame: Any, details: Mapping[str, Any] | None = None) -> bool:
        batch = self._frames.get_batch({"dataframe": frame})
        # Great Expectations puts those first that raised an error.
        order = [(expectation.meta["rule"], expectation.meta["column"]) for expectation in suite.expectations]
        outcome = batch.validate(suite, result_format="BASIC").results
        for result in sorted(outcome, key=lambda r: order.index((r.expectation_config.meta["rule"], r.expectation_config.meta["column"]))):
            config = result.expectation_config
            kwargs = {k: v for k, v in config.kwargs.items() if k != "batch_id" and v is not None}
            self.results.append(
                _Result(
                    dataset=dataset,
                    rule=config.meta["rule"],
                    column=config.meta["column"],
                    severity=config.severity.value,
                    meaning=config.description,
                    success=bool(result.success),
                    observed=(details or {}).get(kwargs.get("column", ""), _observed(result)),
                    parameters={"meaning": config.description, "type": config.type, **kwargs},
                )
            )
        return all(result.success for result in outcome)


def _observed(result: Any) -> Any:
    """What an expectation saw: a number, the names or values that it did not expect, or the error that kept it from seeing."""
    seen = result.result
    if "observed_value" in seen:
        value = seen["observed_value"]
        value = value.item() if hasattr(value, "item") else value
        return int(value) if isinstance(value, float) and value.is_integer() else value
    if "partial_unexpected_list" in seen:
        return seen["partial_unexpected_list"]
    errors = [e["exception_message"] for e in (result.exception_info or {}).values() if isinstance(e, dict)]
    return {"error": "; ".join(errors)}


def _judge_shape(judge: _Judge, dataset: Dataset, files: Sequence[Path]) -> bool:
    """Whether a dataset's files can be read and have the columns and types of the contract."""
    schemas: list[pa.Schema] = []
    damaged: list[str] = []
    for file in files:
        try:
            schemas.append(pq.read_schema(file))
        except (pa.ArrowException, OSError) as error:
            damaged.append(f"{file.name}: {error}")
    first = schemas[0] if schemas else dataset.arrow
    distinct = len({tuple((field.name, str(field.type)) for field in schema) for schema in schemas} or {()})
    types = {column.name: column.type for column in dataset.columns}
    others = {field.name: str(field.type) for field in first if field.name in types and field.type != types[field.name]}
    measured = {suites.readable(dataset): len(damaged), suites.one_schema(dataset): distinct, suites.types(dataset): len(others)}
    sound = judge.measures(dataset.name, measured, {suites.readable(dataset): damaged, suites.types(dataset): others})
    return judge.columns(dataset, first.names) and sound


def _judge_contents(judge: _Judge, staged: Path, ingest_date: date, claimed: pa.Table, history: pa.Table | None) -> None:
    """Has everything judged that is asked of the rows."""
    import duckdb

    by_dataset = {d.name: suites.row_checks(d) + suites.query_checks(d) for d in STAGED_DATASETS}
    by_dataset[PARTITION] = suites.partition_checks(ingest_date)
    if history is not None:
        by_dataset[PARTITION] += suites.history_checks(ingest_date, history)
    with duckdb.connect(config={"memory_limit": DUCKDB_MEMORY, "temp_directory": judge.scratch, "preserve_insertion_order": "false"}) as db:
        for dataset in STAGED_DATASETS:
            _register(db, dataset, _files(staged, dataset))
        db.register(suites.CLAIMED, claimed)
        for name, checks in by_dataset.items():
            try:
                measured = _measure(db, name, checks)
                mixes = _measure_mixes(db, name, ingest_date, history)
            except duckdb.Error as error:  # a footer that reads says nothing about the pages before it
                readable = Check(name, "readable_pages", None, "critical", "The contents of the staged Parquet files can be read.")
                judge.measures(name, {readable: 1}, {readable: str(error)})
            else:
                distances = {check: seen["distance"] for check, seen in mixes.items()}
                judge.measures(name, measured | distances, mixes)


def _measure_mixes(db: duckdb.DuckDBPyConnection, name: str, ingest_date: date, history: pa.Table | None) -> dict[Check, dict[str, Any]]:
    """The checks of the distributions of a dataset, each with its number and with what later days compare themselves with."""
    measured: dict[Check, dict[str, Any]] = {}
    for dataset, column in suites.MIXES:
        if dataset.name == name:
            today = suites.mix(db.execute(suites.mix_query(dataset, column)).fetchall())
            check, distance = suites.mix_check(ingest_date, dataset, column, today, history)
            measured[check] = {"distance": round(distance, 4), "rows": today}
    return measured


def _register(db: duckdb.DuckDBPyConnection, dataset: Dataset, files: Sequence[Path]) -> None:
    if files:
        paths = ", ".join("'" + str(file).replace("'", "''") + "'" for file in files)
        db.execute(f"CREATE VIEW {dataset.name} AS FROM read_parquet([{paths}], hive_partitioning = false)")
    else:
        db.register(dataset.name, dataset.arrow.empty_table())


def _measure(db: duckdb.DuckDBPyConnection, name: str, checks: Sequence[Check]) -> dict[Check, float]:
    """The number of each check: those that count rows in one scan, the others one by one."""
    measured: dict[Check, float] = {}
    counting = [check for check in checks if check.breaks]
    if counting:
        conditions = ", ".join(f"count(*) FILTER (WHERE {check.breaks})" for check in counting)
        measured.update(zip(counting, _row(db, f"SELECT {conditions} FROM {name}"), strict=True))  # noqa: S608  SQL of our own constants
    for check in checks:
        if check.query:
            measured[check] = float(_row(db, check.query)[0])
    return {check: measured[check] for check in checks}


def _row(db: duckdb.DuckDBPyConnection, sql: str) -> tuple[Any, ...]:
    row: tuple[Any, ...] = db.execute(sql).fetchone()
    return row


def _validations(results: Sequence[_Result], ingest_date: date, run: str, judged_at: datetime) -> pa.Table:
    length = len(results)
    return VALIDATIONS.table(
        {
            "run": [run] * length,
            "ingested_on": [ingest_date] * length,
            "dataset": [r.dataset for r in results],
            "expectation": [r.rule for r in results],
            "column": [r.column for r in results],
            "severity": [r.severity for r in results],
            "success": [r.success for r in results],
            "observed": [json.dumps(r.observed, ensure_ascii=False, default=str) for r in results],
            "parameters": [json.dumps(r.parameters, ensure_ascii=False, default=str) for r in results],
            "validated_at": [judged_at] * length,
        }
    )


def _files(staged: Path, dataset: Dataset) -> list[Path]:
    return sorted((staged / dataset.name).glob("*.parquet"))


def _partition_date(folder: Path) -> date | None:
    try:
        return date.fromisoformat(folder.name.partition("=")[2])
    except ValueError:
        return None


def _last_judgement(validations: Path) -> list[dict[str, Any]]:
    """The rows of the last judgement in a partition of `validations`; none where nothing was judged."""
    columns = ["dataset", "expectation", "column", "severity", "success", "observed", "validated_at"]
    tables = []
    for file in sorted(validations.glob("*.parquet")):
        try:
            tables.append(read_parquet(file, columns=columns))
        except pa.ArrowInvalid as error:
            log.warning("%s is damaged and not compared with: %s", file, error)
    if not tables:
        return []
    table = pa.concat_tables(tables)
    rows: list[dict[str, Any]] = table.filter(pc.equal(table["validated_at"], pc.max(table["validated_at"]))).to_pylist()
    return rows


def _has_failed(judged: Sequence[Mapping[str, Any]]) -> bool:
    return any(row["severity"] == "critical" and not row["success"] for row in judged)


def _is_mix(row: Mapping[str, Any]) -> bool:
    return bool(row["expectation"] == suites.MIX_RULE)


def _few(failures: Sequence[str], noun: str) -> str:
    if not failures:
        return ""
    more = f"; and {len(failures) - SHOWN} more" if len(failures) > SHOWN else ""
    return f"{len(failures)} {noun}{'s' * (len(failures) > 1)}: {'; '.join(failures[:SHOWN])}{more}"
