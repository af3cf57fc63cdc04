"""First stage: claim files for the partition and cut them into shards."""

from __future__ import annotations

import logging
from typing import Any

from rasd.lake.manifests import partition_problems, read_manifest
from rasd.landing import claims
from rasd.pipeline.publication import withdraw
from rasd.pipeline.run import PartitionRun
from rasd.storage.files import read_parquet, remove_tree, write_json, write_parquet

log = logging.getLogger(__name__)

WORTH_A_PROCESS = 200
"""Files below which a further process costs more to start than it saves."""


def claim(run: PartitionRun, *, replay: bool = False, own_date_only: bool = False) -> dict[str, Any]:
    """Claim what is new for the partition, unless the run is a replay, and write down which files the partition holds.

    Args:
        replay: claim nothing, and make the partition again from the files that it has.
        own_date_only: claim only the files that belong to the date, as a backfill has to (`landing.claims.claim`).

    Returns:
        Counts: `files` of the partition, `new_files`, `resent_files`, and `nothing_new`, true when the published partition already
        holds exactly these files and no replay was asked for.

    Raises:
        LandingError: when the landing area can't be listed.
    """
    withdraw(run)
    remove_tree(run.staging)  # what an earlier try of this run left would mix with this one's shards
    with run.timed("claim") as notes:
        settings = run.resolve_settings()
        claimed = claims.Claim(0, 0) if replay else claims.claim(settings, run.ingest_date, run.run, own_date_only=own_date_only)
        write_json(run.staging / "run.json", run.as_dict())
        known = claims.count(run.paths, run.ingest_date)  # counted first: it may be said to know less than it does, never more
        files = claims.partition_files(run.paths, run.ingest_date)
        write_parquet(run.staging / "files.parquet", files)
        inputs = claims.digest(files)
        write_json(run.staging / "inputs.json", {"inputs": inputs, "claims": known})
        nothing_new = files.num_rows == 0 or (_is_published(run, inputs) and not replay)
        notes |= {"files": files.num_rows, "new_files": claimed.new_files, "resent_files": claimed.resent_files, "nothing_new": nothing_new}
    log.info("%s: %s", run.ingest_date, notes)
    return notes


def _is_published(run: PartitionRun, inputs: str) -> bool:
    """Whether the partition holds these files and stands as its manifest says: after a run that died while publishing it does not."""
    manifest = read_manifest(run.paths, run.ingest_date)
    if manifest is None or manifest["inputs"] != inputs:
        return False
    return "rolled_back" not in manifest and not partition_problems(run.paths, run.ingest_date, contents=False)


def plan_shards(run: PartitionRun, claimed: dict[str, Any], *, workers: int = 1) -> list[dict[str, int]]:
    """Cut the partition's files into shards of at most `shard_articles` files and `shard_bytes` bytes.

    Args:
        claimed: what `claim` returned; with nothing new there are no shards.
        workers: cut small partitions too, so that so many processes have work.

    Returns:
        One {"index", "first", "stop"} a shard: a range of the rows of the partition's file list.
    """
    if claimed["nothing_new"]:
        return []
    settings = run.resolve_settings()
    sizes = [size or 0 for size in read_parquet(run.staging / "files.parquet", columns=["bytes"])["bytes"].to_pylist()]
    share = max(WORTH_A_PROCESS, -(-len(sizes) // workers))
    most_files, most_bytes = min(settings.shard_articles, share), settings.shard_bytes
    while len(shards := _cut(sizes, most_files, most_bytes)) > settings.max_shards:
        most_files, most_bytes = 2 * most_files, 2 * most_bytes
    return shards


def _cut(sizes: list[int], most_files: int, most_bytes: int) -> list[dict[str, int]]:
    shards: list[dict[str, int]] = []
    first = in_shard = 0
    for row, size in enumerate(sizes):
        if row > first and (row - first >= most_files or in_shard + size > most_bytes):
            shards.append({"index": len(shards), "first": first, "stop": row})
            first, in_shard = row, 0
        in_shard += size
    shards.append({"index": len(shards), "first": first, "stop": len(sizes)})
    return shards
