"""Fifth stage: the staged partition becomes the partition that readers see. And the way back, where that was interrupted for good."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from rasd.errors import StagedPartitionError
from rasd.extraction.entities import merge_dimensions
from rasd.lake.manifests import (
    describe_share,
    make_manifest,
    part_problems,
    read_manifest,
    read_previous_manifest,
    remove_superseded,
    write_dimension_manifest,
    write_manifest,
)
from rasd.landing import claims
from rasd.pipeline.run import PartitionRun
from rasd.pipeline.shares import SHARE, write_share
from rasd.schema import DIM_ENTITIES, ENTITIES, STAGED_DATASETS
from rasd.storage import objects
from rasd.storage.files import (
    PartWriter,
    as_json,
    exchange_folders,
    on_disk,
    read_parquet,
    remove_tree,
    replace_file,
    sync,
    version,
    write_json,
)
from rasd.storage.objects import on_object_store
from rasd.storage.paths import PARTITION_KEY, LakePaths, partition_folder

log = logging.getLogger(__name__)

DIMENSION_ROWS_PER_PART = 500_000
MINUTE_SECONDS = 60

JOURNAL = "publish.json"
"""In a run's staging area: the manifest that the run is about to publish, and the run whose partition it `replaces`; `withdrawn`, when it
was rolled back."""


@dataclass(frozen=True)
class _Seen:
    """Versions of what publishing replaces, from when the lock was taken: who lost the lock since can't replace what the next one wrote."""

    manifest: str | None
    previous: str | None
    share: str | None
    dimension: str | None

    @classmethod
    def now(cls, paths: LakePaths, ingest_date: date) -> _Seen:
        return cls(
            manifest=version(paths.manifest(ingest_date)),
            previous=version(paths.previous_manifest(ingest_date)),
            share=version(paths.dimension(ingest_date)),
            dimension=version(paths.dimension_manifest()),
        )


def publish(run: PartitionRun) -> dict[str, int]:
    """Put the staged partition in the place of what an earlier run of the date left.

    On a disk each dataset is exchanged in one step. On an object store its part files are put beside the old ones, and the manifest that
    names them takes the place of the old manifest in one step; old part files go when their grace period is over.
    Where another run has meanwhile published all that this one holds, that stays.

    Returns:
        Rows of each dataset of the partition.

    Raises:
        StagedPartitionError: when what the run has staged is gone or damaged. Nothing has changed its place then.
        LockLost: when this run was silent for so long that another one has taken the lock.
    """
    paths, ingest_date = run.paths, run.ingest_date
    with run.timed("publish") as notes, paths.lock("publish") as confirm:
        seen = _Seen.now(paths, ingest_date)
        if (newer := _newer_manifest(run)) is not None:
            log.warning("%s: run %s has published all files of this one meanwhile; nothing to do", ingest_date, newer["run"])
            notes["rows"] = newer["rows"]
            return newer["rows"]  # type: ignore[no-any-return]
        manifest, folders = _begin(run)
        share = _share(run, manifest).read_bytes()
        replaced = read_manifest(paths, ingest_date)
        for dataset, folder in folders.items():
            if folder != paths.partition(dataset, ingest_date):
                _put_in_place(folder, paths.partition(dataset, ingest_date))
        confirm()
        replace_file(paths.dimension(ingest_date), share, seen.share)
        entities = rebuild_dimension(paths, run.run, run.staging / DIM_ENTITIES.name, seen.dimension)
        if replaced is not None and replaced["files"] != manifest["files"]:
            replace_file(paths.previous_manifest(ingest_date), as_json(replaced).encode(), seen.previous)
        # the last word: until it is said, a run of the date begins anew
        write_manifest(paths, manifest, seen.manifest)
        notes["rows"] = rows = manifest["rows"] | {"dim_entities": entities}
        remove_superseded(paths, run.resolve_settings().grace_minutes * MINUTE_SECONDS, confirm)
    log.info("published %s: %s", ingest_date, rows)
    return rows  # type: ignore[no-any-return]


def unfinished_runs(paths: LakePaths, ingest_date: date | None = None) -> list[PartitionRun]:
    """Runs of all dates, or of one, that began to publish and did not get to the end."""
    begun = []
    for journal in _journals(paths, ingest_date):
        with suppress(FileNotFoundError):  # it has just been reported
            run = PartitionRun.from_dict(json.loads((journal.parent / "run.json").read_text(encoding="utf-8")))
            # in this lake, which may be a copy of the one that the run was started on
            begun.append(replace(run, settings=run.settings | {"lake": str(paths.root)}))
    return [run for run in begun if is_unfinished(run)]


def is_unfinished(run: PartitionRun) -> bool:
    """Whether the run began to publish and did not get to the end, and nobody has published since what it holds."""
    if (run.staging / "stages" / JOURNAL).exists():
        return False
    try:
        if (begun := _begun(run)) is None or "withdrawn" in begun or _newer_manifest(run) is not None:
            return False
    except StagedPartitionError:
        return True
    published = read_manifest(run.paths, run.ingest_date) or {}
    return any(published.get(name) != begun[name] for name in ("inputs", "files", "share"))  # else only its note is missing


def _begun(run: PartitionRun) -> dict[str, Any] | None:
    """The manifest that the run has begun to publish; None where it has not begun."""
    try:
        begun: dict[str, Any] = json.loads((run.staging / JOURNAL).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise _unpublishable(run, f"{JOURNAL} can't be read: {error}") from error
    if "replaces" not in begun:
        raise _unpublishable(run, f"{JOURNAL} is an earlier version's")
    return begun


def _unpublishable(run: PartitionRun, why: object) -> StagedPartitionError:
    return StagedPartitionError(f"run {run.run} can't be published: {why}")


def _newer_manifest(run: PartitionRun) -> dict[str, Any] | None:
    """The published manifest, if it is another run's that knows more claims of the date; or as many, and came after this one had settled
    what it replaces.

    A manifest that knows more claims than there are (they were restored from a backup, say) is not held against a run.
    """
    published = read_manifest(run.paths, run.ingest_date)
    begun = _begun(run)
    if published is None or published["run"] == run.run:
        return None
    own = begun or _inputs(run)
    known = published.get("claims", 0)
    if known > own["claims"]:
        return published if known <= claims.count(run.paths, run.ingest_date) else None
    return published if known == own["claims"] and own.get("replaces", published["run"]) != published["run"] else None


def _inputs(run: PartitionRun) -> dict[str, Any]:
    """Digest and number of claims of the files that the run was made from; and the run that it `replaces`, if it was made from its rows."""
    try:
        inputs: dict[str, Any] = json.loads((run.staging / "inputs.json").read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise _unpublishable(run, "its staging area is gone") from error
    return inputs


def _begin(run: PartitionRun) -> tuple[dict[str, Any], dict[str, Path]]:
    """The manifest that the run is to publish, noted in its staging area before the first exchange, and where each dataset's files lie.

    After an exchange the staged name holds the old partition. The note tells a second try of the task, and whoever repairs the lake, which
    files are the run's, so that nobody puts the old ones back for new, nor publishes half of them.
    """
    if (begun := _begun(run)) is not None:
        folders = _folders(run, begun)
        if begun.pop("withdrawn", None):
            write_json(run.staging / JOURNAL, begun)
        return begun, folders
    inputs = _inputs(run)
    parts = {d.name: _part_files(run.staged / d.name) for d in STAGED_DATASETS}
    if missing := [name for name, files in parts.items() if not files]:
        raise _unpublishable(run, f"it has staged no {missing[0]}")
    try:
        manifest = make_manifest(run.ingest_date, run.run, inputs["inputs"], inputs["claims"], parts, run.staging / SHARE)
    except StagedPartitionError as error:
        raise _unpublishable(run, error) from error
    replaced = read_manifest(run.paths, run.ingest_date)
    manifest["replaces"] = replaced["run"] if replaced else None
    write_json(run.staging / JOURNAL, manifest)
    return manifest, {name: run.staged / name for name in parts}


def _folders(run: PartitionRun, manifest: dict[str, Any]) -> dict[str, Path]:
    """Where the part files of each dataset of a run that has begun lie, whole: staged, or published by its earlier try."""
    if "files" not in manifest:
        raise _unpublishable(run, f"{JOURNAL} was damaged")
    folders = {}
    for dataset, parts in manifest["files"].items():
        staged, published = run.staged / dataset, run.paths.partition(dataset, run.ingest_date)
        problem = None
        for folder in (staged, published):
            if (found := next(part_problems(folder, parts, contents=True), None)) is None:
                folders[dataset] = folder
                break
            problem = problem or found
        else:
            raise _unpublishable(run, f"{dataset}/{problem}")
    return folders


def _share(run: PartitionRun, manifest: dict[str, Any]) -> Path:
    """The run's share of dim_entities: staged, or published by an earlier try."""
    for share in (run.staging / SHARE, run.paths.dimension(run.ingest_date)):
        with suppress(StagedPartitionError):
            if describe_share(share) == manifest["share"]:
                return share
    raise _unpublishable(run, f"{SHARE} is gone or damaged")


def roll_back(paths: LakePaths, ingest_date: date, run: str, because: str) -> dict[str, Any] | None:
    """Put the newest version of a partition that is whole in its place: all datasets of one run, and their share of dim_entities.

    It is the version that the manifest names, if all its files are there: where they belong or, on a disk, in the staging area of a run
    that died while it exchanged them. Else it is the one before, as long as its files are there (docs/decisions/0009). Its manifest says
    that it was rolled back, until the date is published again; so long the files that were withdrawn stay, too.

    Args:
        run: id of the run that works in the staging area meanwhile.
        because: what is wrong, as a sentence.

    Returns:
        The manifest of the version that now counts; None where no version is whole. Nothing has changed then.
    """
    with paths.lock("publish") as confirm:
        seen = _Seen.now(paths, ingest_date)
        begun, claimed = _journals(paths, ingest_date), most_claims(paths, ingest_date)
        published, previous = read_manifest(paths, ingest_date), read_previous_manifest(paths, ingest_date)
        for manifest in filter(None, (published, previous)):
            if (folders := _whole_folders(paths, ingest_date, manifest, begun)) is not None:
                break
        else:
            return None
        displaced = {d: folder for d, folder in folders.items() if folder != paths.partition(d, ingest_date)}
        if manifest is published and not displaced and not unfinished_runs(paths, ingest_date):
            return manifest  # somebody has mended it meanwhile
        for dataset, folder in displaced.items():
            exchange_folders(folder, paths.partition(dataset, ingest_date))
        workplace = paths.staging(ingest_date, run) / "mending"
        share = _restore_share(paths, manifest, workplace, seen.share, confirm)
        rebuild_dimension(paths, run, workplace / DIM_ENTITIES.name, seen.dimension)
        counts = manifest | {"share": share, "rolled_back": {"because": because, "claims": claimed}}
        write_manifest(paths, counts, seen.manifest)
        if published is not None and manifest is previous:
            replace_file(paths.previous_manifest(ingest_date), as_json(published).encode(), seen.previous)
        for journal in begun:
            _note_withdrawal(journal)
        remove_tree(workplace)
    log.warning("%s: rolled back to run %s (%s)", ingest_date, manifest["run"], because)
    return counts


def _note_withdrawal(journal: Path) -> None:
    """Whoever tries that publication again finds its staged files exchanged with others', and the journal tells which were its own."""
    begun: dict[str, Any] = {"replaces": None, "claims": 0}
    with suppress(ValueError):  # it is damaged
        begun |= json.loads(journal.read_text(encoding="utf-8"))
    write_json(journal, begun | {"withdrawn": True})


def withdraw(run: PartitionRun) -> None:
    """Take back what an earlier try of the run had half published, before it stages anew: what readers saw before lies where it stages."""
    if is_unfinished(run):
        roll_back(run.paths, run.ingest_date, run.run, f"run {run.run} died while it published, and began anew")
    (run.staging / JOURNAL).unlink(missing_ok=True)


def most_claims(paths: LakePaths, ingest_date: date) -> int:
    """How many claims the date is known to have had, by its manifest and by the runs that began to publish it."""
    manifest = read_manifest(paths, ingest_date) or {}
    known = [manifest.get("claims", 0), manifest.get("rolled_back", {}).get("claims", 0)]
    for journal in _journals(paths, ingest_date):
        with suppress(ValueError, KeyError):  # it is damaged, or an earlier version's
            known.append(json.loads(journal.read_text(encoding="utf-8"))["claims"])
    return int(max(known))


def _journals(paths: LakePaths, ingest_date: date | None) -> list[Path]:
    """Journals of runs of a date, or of all dates, that began to publish; some of them may have got to the end."""
    folder = partition_folder(ingest_date) if ingest_date else f"{PARTITION_KEY}=*"
    return sorted((paths.root / "_staging").glob(f"{folder}/*/{JOURNAL}"))


def _whole_folders(paths: LakePaths, ingest_date: date, manifest: dict[str, Any], begun: list[Path]) -> dict[str, Path] | None:
    """Where the files of each dataset of a version lie; None unless all are there and whole.

    Args:
        begun: journals of the runs that began to publish the date.
    """
    folders = {}
    for dataset, parts in manifest["files"].items():
        places = [paths.partition(dataset, ingest_date)]
        if not on_object_store(paths.root):  # what an exchange has put aside
            places += [journal.parent / "partition" / name for journal in begun for name in (dataset, f"{dataset}.replaced")]
        whole = (place for place in places if next(part_problems(place, parts, contents=True), None) is None)
        if (folder := next(whole, None)) is None:
            return None
        folders[dataset] = folder
    return folders


def restore_share(paths: LakePaths, ingest_date: date, run: str) -> None:
    """Make the share of dim_entities of a sound partition anew. The arguments are as in `roll_back`."""
    with paths.lock("publish") as confirm:
        seen = _Seen.now(paths, ingest_date)
        if (manifest := read_manifest(paths, ingest_date)) is None:
            return
        workplace = paths.staging(ingest_date, run) / "mending"
        share = _restore_share(paths, manifest, workplace, seen.share, confirm)
        write_manifest(paths, manifest | {"share": share}, seen.manifest)
        remove_tree(workplace)


def _restore_share(
    paths: LakePaths, manifest: dict[str, Any], workplace: Path, seen: str | None, confirm: Callable[[], None]
) -> dict[str, Any]:
    """A partition's share of dim_entities, made anew from its mentions. Returns its description."""
    ingest_date = date.fromisoformat(manifest["ingest_date"])
    parts = [paths.partition(ENTITIES.name, ingest_date) / part["name"] for part in manifest["files"][ENTITIES.name]]
    mentions = pa.concat_tables(read_parquet(part, schema=ENTITIES.arrow, partitioning=None) for part in parts)
    write_share(workplace / SHARE, mentions)
    confirm()
    replace_file(paths.dimension(ingest_date), (workplace / SHARE).read_bytes(), seen)
    return describe_share(workplace / SHARE)


def _put_in_place(staged: Path, published: Path) -> list[Path]:
    """Publish the part files of a staged folder; returns them."""
    if on_object_store(staged) and on_object_store(published):
        names = [part.name for part in _part_files(staged)]
        for name in names:
            objects.copy(staged / name, published / name)
        return [published / name for name in names]
    for part in staged.iterdir():
        sync(part)
    sync(staged)
    exchange_folders(staged, published)
    return _part_files(published)


def _part_files(folder: Path) -> list[Path]:
    return sorted(folder.glob("part-*.parquet"))


def rebuild_dimension(paths: LakePaths, run: str, staged: Path, seen: str | None) -> int:
    """dim_entities anew from all partitions' shares: so a replay of any date leaves it as one run of every date would.

    The lock for publishing has to be held.

    Args:
        staged: a folder to work in.
        seen: version of the manifest of dim_entities when the lock was taken.

    Returns:
        Its rows.

    Raises:
        LockLost: when another run has written it since.
    """
    remove_tree(staged)
    with on_disk(paths.dimension_shares()) as shares, PartWriter(staged, DIM_ENTITIES.arrow, DIMENSION_ROWS_PER_PART) as writer:
        writer.write(merge_dimensions(shares))
    parts = _put_in_place(staged, paths.root / DIM_ENTITIES.name)
    return write_dimension_manifest(paths, run, parts, seen)
