"""Whole-or-nothing writing."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rasd.storage.files import PartWriter, atomic_path, exchange_folders, sha256_of

SCHEMA = pa.schema([("n", pa.int64()), ("s", pa.string())])


def rows(first: int, stop: int) -> pa.Table:
    return pa.table({"n": list(range(first, stop)), "s": [f"سطر {n % 7}" for n in range(first, stop)]}, schema=SCHEMA)


def write(folder: Path, cuts: list[int], rows_per_part: int) -> list[str]:
    with PartWriter(folder, SCHEMA, rows_per_part) as writer:
        for first, stop in pairwise(cuts):
            writer.write(rows(first, stop))
    assert writer.rows == cuts[-1]
    return [sha256_of(part) for part in sorted(folder.iterdir())]


@given(cuts=st.lists(st.integers(0, 100), max_size=8), rows_per_part=st.integers(1, 120))
def test_part_files_do_not_show_how_the_rows_came(tmp_path_factory: pytest.TempPathFactory, cuts: list[int], rows_per_part: int) -> None:
    at_once = write(tmp_path_factory.mktemp("a"), [0, 100], rows_per_part)
    in_pieces = write(tmp_path_factory.mktemp("b"), sorted([0, 100, *cuts]), rows_per_part)
    assert at_once == in_pieces
    assert len(at_once) == -(-100 // rows_per_part)


def test_no_rows_make_one_empty_part(tmp_path: Path) -> None:
    with PartWriter(tmp_path / "d", SCHEMA, 10):
        pass
    assert pq.read_table(next((tmp_path / "d").glob("part-00000-*.parquet"))).equals(SCHEMA.empty_table())


def test_an_error_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(RuntimeError), atomic_path(path) as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("a.txt", "old")]


@pytest.mark.parametrize("kernel_exchanges", [True, False])
def test_folders_change_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kernel_exchanges: bool) -> None:
    if not kernel_exchanges:
        monkeypatch.setattr("rasd.storage.files._rename_exchange", lambda *_: False)
    new, published = tmp_path / "new", tmp_path / "lake" / "published"
    for content in ("first", "second"):
        new.mkdir(exist_ok=True)
        (new / "part").write_text(content)
        exchange_folders(new, published)
        assert (published / "part").read_text() == content
    assert (new / "part").read_text() == "first"
    assert sorted(p.name for p in (tmp_path / "lake").iterdir()) == ["published"]
