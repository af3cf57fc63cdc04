"""Locks of a lake on an object store, against a real S3 server."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from pathlib import Path

import fsspec
import pytest
from filelock import Timeout

from rasd.errors import LockLost, PermanentError
from rasd.storage import leases
from rasd.storage.files import replace_file, version
from rasd.storage.objects import upload, write_if
from rasd.storage.paths import LakePaths, lake_root


@pytest.fixture
def paths(bucket: fsspec.AbstractFileSystem, monkeypatch: pytest.MonkeyPatch) -> LakePaths:
    monkeypatch.setattr(leases, "LEASE_SECONDS", 1.5)
    leases._require_conditional_writes.cache_clear()
    return LakePaths(lake_root("s3://news/lake"))


def test_a_version_is_replaced_once(paths: LakePaths, tmp_path: Path) -> None:
    path = paths.root / "object"
    assert version(path) is None
    assert write_if(path, b"first", None)
    assert write_if(path, b"also first", None) is None
    seen = version(path)
    replace_file(path, b"second", seen)
    with pytest.raises(LockLost):
        replace_file(path, b"third", seen)
    assert path.read_bytes() == b"second"
    (tmp_path / "file").write_bytes(b"fourth")
    assert not upload(tmp_path / "file", path, new=True)
    assert upload(tmp_path / "file", path.with_name("another"), new=True)


def test_an_answer_that_was_lost_is_no_refusal(paths: LakePaths) -> None:
    path = paths.root / "object"
    assert write_if(path, b"mine", None) == write_if(path, b"mine", None) == version(path)


def test_one_holds_the_lock_at_a_time(paths: LakePaths) -> None:
    inside = 0
    most = 0
    counting = threading.Lock()

    def work() -> None:
        nonlocal inside, most
        with paths.lock("publish"):
            with counting:
                inside += 1
                most = max(most, inside)
            time.sleep(0.02)
            with counting:
                inside -= 1

    threads = [threading.Thread(target=work) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (inside, most) == (0, 1)
    with paths.lock("claims"), paths.lock("publish"):
        pass


def test_who_lives_keeps_the_lock(paths: LakePaths) -> None:
    with paths.lock("publish") as confirm:
        with pytest.raises(Timeout), paths.lock("publish", timeout_s=2 * leases.LEASE_SECONDS):
            pass
        confirm()


def _hold(url: str) -> None:
    with LakePaths(lake_root(url)).lock("publish"):
        os.kill(os.getpid(), signal.SIGKILL)


def test_the_lock_of_a_killed_process_is_taken_over(paths: LakePaths) -> None:
    process = multiprocessing.get_context("spawn").Process(target=_hold, args=(str(paths.root),))
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    with paths.lock("publish", timeout_s=60):
        pass


def test_who_was_silent_learns_it(paths: LakePaths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases._Lease, "renew_until_released", lambda self: None)  # a process that was stopped
    with paths.lock("publish") as confirm:
        confirm()
        with paths.lock("publish") as confirm_other:
            with pytest.raises(LockLost):
                confirm()
            confirm_other()
    with paths.lock("publish", timeout_s=1):  # who had lost it did not set it free for others while it was held, nor keeps it now
        pass


def test_a_store_that_overlooks_conditions_is_refused(paths: LakePaths, monkeypatch: pytest.MonkeyPatch) -> None:
    def write_anyway(path: Path, content: bytes, etag: str | None) -> str | None:
        path.write_bytes(content)
        return version(path)

    monkeypatch.setattr(leases, "write_if", write_anyway)
    with pytest.raises(PermanentError, match="conditional writes"), paths.lock("publish"):
        pass
    monkeypatch.undo()
    with paths.lock("publish", timeout_s=1):
        pass


def test_a_bucket_that_is_missing_is_named(paths: LakePaths) -> None:
    with pytest.raises(PermanentError, match="s3://nowhere/lake"), LakePaths(lake_root("s3://nowhere/lake")).lock("claims"):
        pass


@pytest.mark.parametrize("place", ["gs://bucket/lake", "s3://", "s3://key:secret@bucket/lake", "s3://bucket/a*", "s3://bucket/a b"])
def test_an_address_that_is_no_lake_is_refused(place: str) -> None:
    with pytest.raises(ValueError, match="neither a folder nor a URL"):
        lake_root(place)
