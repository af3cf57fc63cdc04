"""docs/operations.md says of every task what its failure means."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest
from airflow.sdk import DAG

ROOT = Path(__file__).resolve().parents[3]
RUNBOOK = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
DAG_FILES = sorted((ROOT / "dags").glob("*.py"))


@pytest.mark.parametrize("file", DAG_FILES, ids=[file.stem for file in DAG_FILES])
def test_every_task_has_its_section_and_no_section_is_left_over(file: Path) -> None:
    spec = importlib.util.spec_from_file_location(file.stem, file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    dag = getattr(module, file.stem)()
    assert isinstance(dag, DAG)
    chapters = dict(re.findall(r"^## (\S+)$(.*?)(?=^## |\Z)", RUNBOOK, re.DOTALL | re.MULTILINE))
    sections = dict(re.findall(r"^### `([^`]+)`$(.*?)(?=^### |\Z)", chapters[dag.dag_id], re.DOTALL | re.MULTILINE))
    assert set(sections) == set(dag.task_ids)
    assert all(text.strip() for text in sections.values())
