"""DuckDB as the Newsroom uses it: reads Parquet files of one lake and nothing else, no network, no extensions, little memory."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rasd.storage.objects import on_object_store

THREADS = 2
MEMORY = "1GB"


class LakeChangedError(Exception):
    """A file that the manifest named is gone: a newer publication has replaced it. Asking again reads the new one."""


class Database:
    """One DuckDB in memory for the process; each call has a cursor of its own, so that threads may share it.

    Args:
        lake: the only folder that its queries can read.
    """

    def __init__(self, lake: Path) -> None:
        import duckdb

        self._duckdb = duckdb
        self._connection = duckdb.connect(
            config={
                "threads": THREADS,
                "memory_limit": MEMORY,
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
                "temp_directory": "",
            }
        )
        self._connection.execute("SET parquet_metadata_cache = true")
        if on_object_store(lake):
            self._connection.register_filesystem(lake.fs)
        self._connection.execute(f"SET allowed_directories = ['{str(lake).replace(chr(39), chr(39) * 2)}/']")
        self._connection.execute("SET enable_external_access = false")
        self._connection.execute("SET lock_configuration = true")

    def rows(self, query: str, parameters: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """The answer of a query, each row as a dict by column name.

        Raises:
            LakeChangedError: when a file is not there (any more).
        """
        cursor = self._connection.cursor()
        try:
            answer = cursor.execute(query, list(parameters))
            names = [column[0] for column in answer.description or ()]
            return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]
        except (self._duckdb.IOException, FileNotFoundError) as error:
            raise LakeChangedError(str(error)) from error
        finally:
            cursor.close()
