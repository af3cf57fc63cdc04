"""Locks of a lake on an object store: leases in objects that only one writer at a time can change (docs/decisions/0007).

A lease is an object that its holder renews. Who wants it watches it: a lease that is not renewed for LEASE_SECONDS is taken over. The
waiting is measured by the watcher's own clock, so clocks of machines need not agree.
"""

from __future__ import annotations

import json
import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from uuid import uuid4

from filelock import Timeout

from rasd.errors import LockLost, PermanentError
from rasd.storage.objects import ObjectPath, read_version, write_if

log = logging.getLogger(__name__)

LEASE_SECONDS = 30.0
"""How long a lease outlives its holder's last word."""

RENEWALS = 4
"""How often a holder renews its lease in that time."""


@contextmanager
def lease(path: ObjectPath, timeout_s: float) -> Iterator[Callable[[], None]]:
    """Hold a lease while the block runs.

    Yields:
        A function that raises LockLost unless the lease is still held. To be called before what must not be done by two.

    Raises:
        filelock.Timeout: when others hold it for `timeout_s`.
        PermanentError: when the bucket does not exist, or the store does not honour conditional writes.
    """
    held = _Lease(path)
    held.acquire(timeout_s)
    renewer = threading.Thread(target=held.renew_until_released, name=f"lease {path.name}", daemon=True)
    renewer.start()
    try:
        _require_conditional_writes(path.parent)
        yield held.confirm
    finally:
        held.release()
        renewer.join()


class _Lease:
    def __init__(self, path: ObjectPath) -> None:
        self.path = path
        self._owner = f"{socket.gethostname()} {os.getpid()} {uuid4().hex}"
        self._renewal = 0
        self._etag: str | None = None
        self._writing = threading.Lock()
        self._released = threading.Event()

    def acquire(self, timeout_s: float) -> None:
        deadline = time.monotonic() + timeout_s
        seen: str | None = None
        unchanged_since = time.monotonic()
        while True:
            there = read_version(self.path)
            etag = there[1] if there else None
            if etag != seen:
                seen, unchanged_since = etag, time.monotonic()
            is_silent = time.monotonic() - unchanged_since > LEASE_SECONDS
            if there is None or _is_free(there[0]) or is_silent:
                if there is not None and is_silent and not _is_free(there[0]):
                    log.warning("%s: its holder has been silent for %g s; taking it over", self.path, LEASE_SECONDS)
                if self._write(etag, "held"):
                    return
            if time.monotonic() > deadline:
                raise Timeout(str(self.path))
            time.sleep(min(1.0, LEASE_SECONDS / RENEWALS))

    def confirm(self) -> None:
        with self._writing:
            if self._etag is None or not self._write(self._etag, "held"):
                self._etag = None
                raise LockLost(f"another run has taken the lock {self.path}: this one was silent for {LEASE_SECONDS:g} s. Run it again.")

    def renew_until_released(self) -> None:
        while not self._released.wait(LEASE_SECONDS / RENEWALS):
            try:
                self.confirm()
            except LockLost:
                return
            except OSError as error:  # the store can't be reached; the next renewal may come in time
                log.warning("%s: renewing failed: %s", self.path, error)

    def release(self) -> None:
        self._released.set()
        with self._writing:
            if self._etag is not None:
                self._write(self._etag, "free")

    def _write(self, etag: str | None, state: str) -> bool:
        self._renewal += 1
        content = json.dumps({"state": state, "owner": self._owner, "renewal": self._renewal}).encode()
        try:
            self._etag = write_if(self.path, content, etag)
        except FileNotFoundError as error:
            raise PermanentError(f"there is no bucket for the lake {self.path.parent.parent}: {error}. Create it first.") from error
        return self._etag is not None


def _is_free(content: bytes) -> bool:
    try:
        return bool(json.loads(content)["state"] == "free")
    except (ValueError, KeyError, TypeError):  # nobody can hold what nobody can read
        return True


@lru_cache
def _require_conditional_writes(folder: ObjectPath) -> None:
    """Make sure that the store refuses what it has to refuse: one that overlooks conditions would let two runs in at once.

    Raises:
        PermanentError: when it does not.
    """
    probe = folder / f"probe-{uuid4().hex}"
    try:
        first = write_if(probe, b"1", None)
        accepted = write_if(probe, b"2", None) or write_if(probe, b"3", '"00000000000000000000000000000000"')
    finally:
        probe.unlink(missing_ok=True)
    if not first or accepted:
        raise PermanentError(
            f"the object store of {folder.parent} does not honour conditional writes (If-None-Match, If-Match), so runs could not exclude "
            "each other. Put the lake on a store that does (docs/storage.md), or on a disk."
        )
