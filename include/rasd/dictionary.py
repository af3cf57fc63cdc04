"""The data dictionary as Markdown, made from the data contract."""

from __future__ import annotations

from rasd.schema import DATASETS, REJECT_REASONS, SCHEMA_VERSION, Column, Dataset

_INTRODUCTION = f"""# Data dictionary

Schema version {SCHEMA_VERSION}. Made from `include/rasd/schema.py` by `rasd schema`; don't edit it by hand (`make docs` makes it anew).

Partitioned datasets lie in `<lake>/<dataset>/ingest_date=YYYY-MM-DD/part-*.parquet` (zstd). Their partition column `ingest_date` comes from
the folder name. Offsets count Unicode code points. The documentation of each column also stands in the metadata of the Parquet files.
"""


def data_dictionary(dataset: str | None = None) -> str:
    """The dictionary of all datasets, or of one.

    Raises:
        ValueError: for a dataset that does not exist.
    """
    if dataset is None:
        reasons = "".join(f"| `{code}` | {meaning} |\n" for code, meaning in REJECT_REASONS.items())
        tables = "\n".join(_dataset(d) for d in DATASETS.values())
        return f"{_INTRODUCTION}\n{tables}\n## Reject reasons\n\n| code | meaning |\n|---|---|\n{reasons}"
    if dataset not in DATASETS:
        raise ValueError(f"there is no dataset {dataset}; there are {', '.join(DATASETS)}")
    return _dataset(DATASETS[dataset])


def _dataset(dataset: Dataset) -> str:
    where = "partitioned by `ingest_date`" if dataset.partitioned else "not partitioned"
    lines = [f"## {dataset.name}", "", f"{dataset.grain[0].upper()}{dataset.grain[1:]}; {where}.", ""]
    lines += ["| column | type | null | meaning |", "|---|---|---|---|"]
    for column in dataset.columns:
        meaning = f"{column.doc} {_rules(column)}".rstrip().replace("|", "\\|")
        lines.append(f"| `{column.name}` | {column.type} | {'' if column.required else 'yes'} | {meaning} |")
    return "\n".join(lines) + "\n"


def _rules(column: Column) -> str:
    rules = []
    if column.values:
        rules.append("One of " + ", ".join(f"`{v}`" for v in column.values) + ".")
    if column.references:
        rules.append(f"Refers to `{column.references}`.")
    if column.unique:
        rules.append("Unique in a partition." if column.name != "entity_id" else "Unique.")
    if column.minimum is not None and column.maximum is not None:
        rules.append(f"From {column.minimum:g} to {column.maximum:g}.")
    return " ".join(rules)
