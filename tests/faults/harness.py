"""The fault harness: the real pipeline in processes that are hurt; after each fault one plain re-run must leave an undisturbed lake.

    python -m tests.faults.harness [--kills 200] [--seed 1] [--store disk] [--only FAULT ...]

Faults: SIGKILL at every stage boundary and at random moments, a full disk, failing reads of the landing area and of the lake, a damaged
staged file, two runs at once, a clock that jumps. Random moments are spread over the work that a run does, not over its time, so that
they hit all of it whatever else the machine is doing; a run that ended before its moment is killed anew.

All the while a reader polls each dataset, and must never see anything but a whole old or a whole new partition. Going through the manifest,
it must never see datasets of different states together. With `--store s3` the lake lies on an object store (a server that the harness
starts), and the reader goes through the manifest alone, as docs/storage.md tells readers to.

The scenario: a published partition of 12 articles, to which 8 more files (one empty, one a copy) have landed. Ctrl-C ends the harness after
the fault at hand, with the figures so far.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import multiprocessing
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import psutil
import pyarrow.parquet as pq

from rasd.pipeline import PartitionRun, claim, consolidate, plan_shards, publish, report, run_partition, transform, validate
from rasd.pipeline.maintenance import verify
from rasd.schema import DATASETS, DIM_ENTITIES, STAGED_DATASETS
from rasd.storage import leases, objects
from rasd.storage.files import remove_tree
from rasd.storage.objects import on_object_store
from rasd.storage.paths import LakePaths, lake_root
from tests.integration.s3 import s3_server
from tests.synthetic import article, land_articles

DAY = date(2026, 3, 1)
PROCESSES = multiprocessing.get_context("forkserver")
STAGED = [dataset.name for dataset in STAGED_DATASETS]
KEYS = dict(
    zip((*STAGED, DIM_ENTITIES.name), ("article_id", "mention_id", "quote_id", "reject_id", "source_uri", "entity_id"), strict=True)
)
STAGES = ["claim", *(f"transform-{index}" for index in range(4)), "consolidate", "validate", "publish", "report"]
LEASE_SECONDS = 5.0
"""Shorter than in earnest, for the sake of those who wait for a killed run's lease; longer than a busy machine makes a living one wait."""

Rows = list[dict[str, Any]]
State = dict[str, str]


class EndedFirstError(Exception):
    """A run had ended before the moment at which it was to die."""


class Scenario:
    """A lake with one published partition and a landing area with more files for it, made once and copied for every fault."""

    def __init__(self, folder: Path, store: str) -> None:
        self.folder = folder
        self.landing = folder / "landing"
        self.lakes = folder / "lakes" if store == "disk" else lake_root("s3://news/lakes")
        self.struck: Counter[str] = Counter()
        self.lost = self.doubled = self.partial = self.reads = 0
        origin, expected = self.lakes / "origin", self.lakes / "expected"
        land_articles(self.landing / "desk", first=0, count=12)
        self.run(origin, "before")
        land_articles(self.landing / "desk", first=12, count=6)
        (self.landing / "empty.txt").touch()
        (self.landing / "copy.txt").write_text(article(3), encoding="utf-8")
        self.old = states(origin)
        copy_lake(origin, expected)
        self.run(expected, "after")
        self.new = states(expected)
        self.articles = {row["article_id"] for row in rows(expected, "articles")}
        assert all(self.old[name] != self.new[name] for name in KEYS)

    def settings(self, lake: Path) -> dict[str, str | int]:
        return {"landing": str(self.landing), "lake": str(lake), "shard_articles": 5}

    def run(self, lake: Path, name: str) -> None:
        run_partition(PartitionRun(name, DAY, self.settings(lake)))

    @contextmanager
    def lake(self, name: str) -> Iterator[Path]:
        """A fresh copy of the lake as it was before the new files, removed afterwards."""
        lake = self.lakes / name
        copy_lake(self.lakes / "origin", lake)
        try:
            yield lake
        finally:
            remove_tree(lake)

    def judge(self, lake: Path, seen: set[str]) -> list[str]:
        """What is wrong with a lake after a fault: one plain re-run must make it the expected one."""
        self.run(lake, "after")
        wrong = [f"{name} is not as after an undisturbed run" for name, state in states(lake).items() if state != self.new[name]]
        self.lost += len(self.articles - {row["article_id"] for row in rows(lake, "articles")})
        for name, key in KEYS.items():
            keys = [row[key] for row in rows(lake, name)]
            self.doubled += len(keys) - len(set(keys))
        self.partial += len(seen)
        wrong += verify(lake)
        wrong += [f"a reader saw {what}" for what in sorted(seen)]
        return wrong


def copy_lake(source: Path, target: Path) -> None:
    if on_object_store(source) and on_object_store(target):
        for name in objects.entries(source):
            objects.copy(source / name, target / name)
    else:
        shutil.copytree(source, target)


def parts(lake: Path, name: str) -> list[Path]:
    """The files of a dataset: on a disk those that lie in its folder, on an object store those that the manifest names."""
    if on_object_store(lake):
        return [lake / part for part in named_parts(lake)[name]]
    return sorted((lake / name / (f"ingest_date={DAY}" if DATASETS[name].partitioned else "")).glob("*.parquet"))


def named_parts(lake: Path) -> dict[str, list[str]]:
    """The files that the manifests name, by dataset, relative to the lake. What a reader of manifests does, and nothing of the library."""
    partition = json.loads(LakePaths(lake).manifest(DAY).read_bytes())
    dimension = json.loads(LakePaths(lake).dimension_manifest().read_bytes())
    named = {name: [f"{name}/ingest_date={DAY}/{part['name']}" for part in files] for name, files in partition["files"].items()}
    return named | {DIM_ENTITIES.name: [f"{DIM_ENTITIES.name}/{part['name']}" for part in dimension["files"]]}


def read(files: list[Path], name: str) -> Rows:
    """Rows of part files, but for the column that names the run."""
    columns = [column.name for column in DATASETS[name].columns if column.name != "run"]
    found: Rows = []
    for file in files:
        with file.open("rb") as opened:
            found += pq.read_table(opened, columns=columns).to_pylist()
    return found


def rows(lake: Path, name: str) -> Rows:
    return read(parts(lake, name), name)


def state(found: Rows) -> str:
    return hashlib.sha256(repr(found).encode()).hexdigest()


def states(lake: Path) -> State:
    """A hash of what a reader of each dataset sees."""
    return {name: state(rows(lake, name)) for name in KEYS}


class Reader:
    """Reads datasets over and over.

    What it has read whole it does not read again while the same files are there (by name, inode and times): so on a disk it looks hundreds
    of times a second, which sees more and takes less of the processor.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[Any, ...], str] = {}

    def state(self, files: list[Path], name: str) -> str:
        """A hash of the rows of part files. Raises FileNotFoundError where one is gone."""
        if any(on_object_store(file) for file in files):
            return state(read(files, name))
        seen = self._look(files)
        if seen not in self._known:
            found = state(read(files, name))
            if self._look(files) != seen:
                return found
            self._known[seen] = found
        return self._known[seen]

    def _look(self, files: list[Path]) -> tuple[Any, ...]:
        statuses = [file.stat() for file in files]
        return tuple((file, s.st_dev, s.st_ino, s.st_size, s.st_mtime_ns, s.st_ctime_ns) for file, s in zip(files, statuses, strict=True))


def states_by_manifest(lake: Path, reader: Reader) -> State:
    """The same for a reader that reads the manifests once and then only what they name. Raises FileNotFoundError where that is gone."""
    return {name: reader.state([lake / part for part in named], name) for name, named in named_parts(lake).items()}


@contextmanager
def polling(scenario: Scenario, lake: Path, *, only_whole: bool = False) -> Iterator[set[str]]:
    """While the block runs, read every dataset over and over; the set collects what no reader may see.

    With `only_whole` a fault publishes a third state of its own, so only broken reads count.
    """
    seen: set[str] = set()
    done = threading.Event()
    old, new = scenario.old, scenario.new
    reader = Reader()

    def look() -> None:
        if not on_object_store(lake):
            for name in KEYS:
                try:
                    now = reader.state(parts(lake, name), name)
                except FileNotFoundError:  # the partition changed places between listing and opening: a clean miss, to be tried again
                    continue
                if not only_whole and now not in (old[name], new[name]):
                    seen.add(f"a mixture in {name}")
        try:
            together = states_by_manifest(lake, reader)
        except FileNotFoundError as error:
            if on_object_store(lake):  # where what was named stays for the grace period
                seen.add(f"a manifest whose file is gone: {error}")
            return  # on a disk the manifest follows the folders: to be tried again
        dimension = together.pop(DIM_ENTITIES.name)
        if only_whole:
            return
        if together not in [{name: state[name] for name in STAGED} for state in (old, new)]:
            seen.add("datasets of different states by one manifest")
        if dimension not in (old[DIM_ENTITIES.name], new[DIM_ENTITIES.name]):
            seen.add(f"a mixture in {DIM_ENTITIES.name} by its manifest")

    def poll() -> None:
        while not done.is_set():
            try:
                look()
            except Exception as error:
                seen.add(f"something broken: {error!r}")
            scenario.reads += 1
            time.sleep(0.1 if on_object_store(lake) else 0.005)  # leave the run, and the server in this process, a share of the processor

    thread = threading.Thread(target=poll)
    thread.start()
    try:
        yield seen
    finally:
        done.set()
        thread.join()


@dataclass(frozen=True)
class Hurt:
    """What befalls a run from within: death after a stage, or reads that fail, at random from a seed."""

    die_after: str | None = None
    landing_reads: int | None = None
    lake_reads: int | None = None


def run_stages(settings: dict[str, str | int], hurt: Hurt) -> None:
    """One run in this process, stage by stage."""
    leases.LEASE_SECONDS = LEASE_SECONDS
    if hurt.landing_reads is not None:
        _let_landing_reads_fail(random.Random(hurt.landing_reads))
    if hurt.lake_reads is not None:
        _let_lake_reads_fail(random.Random(hurt.lake_reads))
    run = PartitionRun(f"run-{os.getpid()}", DAY, settings)

    def reached(stage: str) -> None:
        if stage == hurt.die_after:
            os.kill(os.getpid(), signal.SIGKILL)

    claimed = claim(run)
    reached("claim")
    for shard in plan_shards(run, claimed):
        transform(run, shard)
        reached(f"transform-{shard['index']}")
    for stage in (consolidate, validate, publish, report):
        stage(run)
        reached(stage.__name__)


def _let_landing_reads_fail(chance: random.Random) -> None:
    from rasd.landing.discovery import LandedFile, LandingArea

    whole = LandingArea.read

    def read(self: LandingArea, file: LandedFile, limit: int) -> bytes:
        if chance.random() < 0.3:
            raise OSError(5, "Input/output error")
        return whole(self, file, limit)

    LandingArea.read = read


def _let_lake_reads_fail(chance: random.Random) -> None:
    whole = pq.read_table

    def read(*arguments: Any, **options: Any) -> Any:
        if chance.random() < 0.05:
            raise OSError(5, "Input/output error")
        return whole(*arguments, **options)

    pq.read_table = read


def start(settings: dict[str, str | int], hurt: Hurt = Hurt()) -> multiprocessing.process.BaseProcess:
    process = PROCESSES.Process(target=run_stages, args=(settings, hurt))
    process.start()
    return process


def processor_seconds(process: multiprocessing.process.BaseProcess) -> float:
    """What a process has used of the processor by now; without end for one that has ended."""
    try:
        times = psutil.Process(process.pid).cpu_times()
    except psutil.NoSuchProcess:
        return math.inf
    return float(times.user + times.system)


def kill_at_boundary(scenario: Scenario, lake: Path, stage: str) -> list[str]:
    with polling(scenario, lake) as seen:
        process = start(scenario.settings(lake), Hurt(die_after=stage))
        process.join()
    assert process.exitcode == -signal.SIGKILL, f"the run was to die after {stage}"
    return scenario.judge(lake, seen)


def kill_at_random(scenario: Scenario, lake: Path, moment: float) -> list[str]:
    """Kill a run when it has used so many seconds of the processor."""
    with polling(scenario, lake) as seen:
        process = start(scenario.settings(lake))
        while process.is_alive() and processor_seconds(process) < moment:
            time.sleep(0.002)
        time.sleep(moment % 0.01)  # the kernel counts in hundredths of a second
        process.kill()
        process.join()
    if process.exitcode != -signal.SIGKILL:
        raise EndedFirstError
    scenario.struck[struck_stage(lake, f"run-{process.pid}")] += 1
    return scenario.judge(lake, seen)


def struck_stage(lake: Path, run: str) -> str:
    """The stage that a killed run was in: the one after the last that has left its note."""
    staging = LakePaths(lake).staging(DAY, run)
    done = {note.stem for note in (staging / "stages").glob("*.json")}
    if not done and LakePaths(lake).report(DAY, run).exists():
        return STAGES[-1]
    names = [stage.replace("transform-", "transform-0000") for stage in STAGES]
    return next(stage for stage, name in zip(STAGES, names, strict=True) if name not in done)


def fail_landing_reads(scenario: Scenario, lake: Path, seed: int) -> list[str]:
    with polling(scenario, lake, only_whole=True) as seen:
        process = start(scenario.settings(lake), Hurt(landing_reads=seed))
        process.join()
    return ["a failed read failed the run"] * bool(process.exitcode) + scenario.judge(lake, seen)


def fail_lake_reads(scenario: Scenario, lake: Path, seed: int) -> list[str]:
    with polling(scenario, lake) as seen:
        process = start(scenario.settings(lake), Hurt(lake_reads=seed))
        process.join()
    scenario.struck["a run by a failed read" if process.exitcode else "no run by a failed read"] += 1
    return scenario.judge(lake, seen)


def damage_staged(scenario: Scenario, lake: Path, seed: int) -> list[str]:
    start(scenario.settings(lake), Hurt(die_after="transform-1")).join()
    staged = sorted(path for path in (lake / "_staging").glob("**/*.parquet") if "shards" in path.parts)
    victim = random.Random(seed).choice(staged)
    victim.write_bytes(victim.read_bytes()[: victim.stat().st_size // 2])
    return scenario.judge(lake, set())


def run_twice_at_once(scenario: Scenario, lake: Path, _: int) -> list[str]:
    with polling(scenario, lake) as seen:
        both = [start(scenario.settings(lake)) for _ in range(2)]
        for process in both:
            process.join()
    return [f"a run ended with {p.exitcode}" for p in both if p.exitcode] + scenario.judge(lake, seen)


def fill_disk(scenario: Scenario, lake: Path, room: int) -> list[str]:
    """Run on a disk with so many bytes left, then give it room and run again."""
    disk = scenario.folder / "disk"
    disk.mkdir(exist_ok=True)
    used = sum(path.stat().st_size for path in lake.rglob("*") if path.is_file())
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={2 * used + room}", "tmpfs", disk], capture_output=True, text=True)
    if mounted.returncode:
        return [f"not tried: {mounted.stderr.strip()}"]
    try:
        shutil.copytree(lake, disk / "lake")
        with polling(scenario, disk / "lake") as seen:
            process = start(scenario.settings(disk / "lake"))
            process.join()
        scenario.struck["a run by a full disk" if process.exitcode else "no run by a full disk"] += 1
        subprocess.run(["mount", "-o", "remount,size=500m", disk], check=True)
        return scenario.judge(disk / "lake", seen)
    finally:
        subprocess.run(["umount", disk], check=True)


def turn_clock(scenario: Scenario, lake: Path, year: int) -> list[str]:
    """Files that claim to come from another time."""
    moment = time.mktime((year, 1, 1, 0, 0, 0, 0, 0, 0))
    before = {path: path.stat() for path in scenario.landing.rglob("*.txt")}
    try:
        for path in list(before)[::2]:
            os.utime(path, (moment, moment))
        with polling(scenario, lake, only_whole=True) as seen:
            start(scenario.settings(lake)).join()
    finally:
        for path, status in before.items():
            os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    return [f"a reader saw {what}" for what in seen] + verify(lake)


Fault = Callable[[Scenario, Path, Any], list[str]]


def named_faults(store: str) -> list[tuple[Fault, Any]]:
    faults: list[tuple[Fault, Any]] = [(kill_at_boundary, stage) for stage in STAGES]
    for fault in (fail_landing_reads, fail_lake_reads, damage_staged):
        faults += [(fault, seed) for seed in range(5)]
    faults += [(run_twice_at_once, number) for number in range(3)]
    faults += [(turn_clock, 1971), (turn_clock, 2099)]
    if store == "disk":
        faults += [(fill_disk, room) for room in (10_000, 100_000, 400_000)]
    return faults


def suffer(scenario: Scenario, number: int, fault: Fault, argument: Any) -> list[str]:
    with scenario.lake(f"lake{number}") as lake:
        return fault(scenario, lake, argument)


def whole_run_seconds(scenario: Scenario) -> float:
    """Seconds of the processor that an undisturbed run uses."""
    with scenario.lake("timed") as lake:
        process = start(scenario.settings(lake))
        used = 0.0
        while process.is_alive():
            try:
                used = processor_seconds(process)
            except psutil.NoSuchProcess:
                break
            time.sleep(0.01)
        process.join()
    assert process.exitcode == 0
    return used


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200, help="random kill points")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", nargs="*", help="names of the faults to try; all, if none are named")
    parser.add_argument("--store", choices=("disk", "s3"), default="disk", help="what the lake lies on")
    options = parser.parse_args()
    chance = random.Random(options.seed)
    leases.LEASE_SECONDS = LEASE_SECONDS
    server = s3_server() if options.store == "s3" else nullcontext()
    with server, tempfile.TemporaryDirectory(prefix="rasd-faults-") as scratch:
        PROCESSES.set_forkserver_preload(["tests.faults.warm", "tests.faults.harness"])
        scenario = Scenario(Path(scratch), options.store)
        seconds = whole_run_seconds(scenario)
        print(f"a run takes {seconds:.1f} s of the processor", flush=True)
        faults = named_faults(options.store) + [(kill_at_random, None)] * options.kills
        faults = [(fault, argument) for fault, argument in faults if not options.only or fault.__name__ in options.only]
        counts: Counter[str] = Counter()
        wrong = []
        stopped = threading.Event()
        signal.signal(signal.SIGINT, lambda *_: stopped.set())
        for number, (fault, argument) in enumerate(faults):
            if stopped.is_set():
                print(f"stopped after {number} of {len(faults)} faults")
                break
            while True:
                moment = chance.uniform(0, seconds) if fault is kill_at_random else argument
                try:
                    found = suffer(scenario, number, fault, moment)
                except EndedFirstError:
                    continue
                break
            counts[fault.__name__] += 1
            wrong += [f"{fault.__name__}({moment}): {what}" for what in found]
            if found or number % 5 == 4:
                print(f"{number + 1} of {len(faults)} faults after {time.process_time():.0f} s", *found, sep="\n  ", flush=True)
        print(", ".join(f"{name}: {count}" for name, count in counts.items()))
        print("struck:", ", ".join(f"{name}: {count}" for name, count in sorted(scenario.struck.items())))
        print(
            f"{scenario.lost} articles lost, {scenario.doubled} rows doubled, {scenario.partial} partial states in {scenario.reads} reads"
        )
        print(f"{len(wrong)} things wrong")
        return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
