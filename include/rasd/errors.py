"""Errors that tell callers what to do about them."""


class PermanentError(Exception):
    """Trying again can't help: a person must change something first. Airflow's tasks fail at once on it, without retries."""


class StagedPartitionError(PermanentError):
    """What a run has staged is gone, or not what it was: its publication can't be finished."""


class LockLost(Exception):  # noqa: N818  what has happened
    """A run has lost a lock of the lake to another one, because it was silent for too long. What it was about to write was not written, or
    was taken back; trying again helps."""
