"""Errors that tell callers what to do about them."""


class PermanentError(Exception):
    """Trying again can't help: a person must change something first. Airflow's tasks fail at once on it, without retries."""
