"""A whole run in this process and its children, without Airflow: for the command line, tests and benchmarks."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import Any

from rasd.pipeline.claiming import claim, plan_shards
from rasd.pipeline.consolidation import consolidate
from rasd.pipeline.publication import publish
from rasd.pipeline.reporting import report
from rasd.pipeline.run import PartitionRun
from rasd.pipeline.transformation import transform
from rasd.pipeline.validation import validate

Progress = Callable[[Iterable[Any], int], Iterable[Any]]
"""Wraps an iterable of so many items to show how far it is; tqdm is one."""


def run_partition(
    run: PartitionRun,
    *,
    replay: bool = False,
    own_date_only: bool = False,
    workers: int = 1,
    progress: Progress = lambda items, total: items,
) -> dict[str, Any]:
    """All stages, one after the other; shards in up to `workers` processes.

    Returns:
        The report, as `report` does.

    Raises:
        LandingError: when the landing area can't be listed.
        QualityGateFailed: for critical failures, unless the settings say to warn only. Nothing is published then.
    """
    claimed = claim(run, replay=replay, own_date_only=own_date_only)
    shards = plan_shards(run, claimed, workers=workers)
    if shards:
        if workers == 1 or len(shards) == 1:
            for _ in progress(map(partial(transform, run), shards), len(shards)):
                pass
        else:
            # fresh processes: forked ones would inherit the locks of Arrow's threads
            with ProcessPoolExecutor(min(workers, len(shards)), mp_context=multiprocessing.get_context("spawn")) as pool:
                for _ in progress(pool.map(partial(transform, run), shards), len(shards)):
                    pass
        consolidate(run)
        validate(run)
        publish(run)
    return report(run)
