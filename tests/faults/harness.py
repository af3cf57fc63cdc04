"""The fault harness: the real pipeline in processes that are hurt; after each fault one plain re-run must leave an undisturbed lake.

    python -m tests.faults.harness [--kills 200] [--seed 1]

Faults: SIGKILL at every stage boundary and at random moments, a full disk, failing reads, a damaged staged file, two runs at once, a clock
that jumps. All the while a reader polls each dataset, and must never see anything but a whole old or a whole new partition.
The scenario: a published partition of 12 articles, to which 8 more files (one empty, one a copy) have landed.
"""

from __future__ import annotations

import argparse
import hashlib
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
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq

from rasd.pipeline import PartitionRun, claim, consolidate, plan_shards, publish, report, run_partition, transform, validate
from rasd.pipeline.maintenance import verify
from rasd.schema import DATASETS, DIM_ENTITIES, STAGED_DATASETS
from tests.synthetic import article, land_articles

DAY = date(2026, 3, 1)
PROCESSES = multiprocessing.get_context("forkserver")


class Scenario:
    """A lake with one published partition and a landing area with more files for it, made once and copied for every fault."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.landing, self.origin = folder / "landing", folder / "origin"
        land_articles(self.landing / "desk", first=0, count=12)
        self.run(self.origin, "before")
        land_articles(self.landing / "desk", first=12, count=6)
        (self.landing / "empty.txt").touch()
        (self.landing / "copy.txt").write_text(article(3), encoding="utf-8")
        self.old = states(self.origin)
        shutil.copytree(self.origin, folder / "expected")
        self.run(folder / "expected", "after")
        self.new = states(folder / "expected")
        assert self.old != self.new

    def settings(self, lake: Path) -> dict[str, str | int]:
        return {"landing": str(self.landing), "lake": str(lake), "shard_articles": 5}

    def run(self, lake: Path, name: str) -> None:
        run_partition(PartitionRun(name, DAY, self.settings(lake)))

    @contextmanager
    def lake(self, name: str) -> Iterator[Path]:
        """A fresh copy of the lake as it was before the new files, removed afterwards."""
        lake = self.folder / name
        shutil.copytree(self.origin, lake)
        try:
            yield lake
        finally:
            shutil.rmtree(lake)

    def judge(self, lake: Path, seen: set[str]) -> list[str]:
        """What is wrong with a lake after a fault: one plain re-run must make it the expected one."""
        self.run(lake, "after")
        wrong = [f"{name} is not as after an undisturbed run" for name, state in states(lake).items() if state != self.new[name]]
        wrong += verify(lake)
        wrong += [f"a reader saw {what}" for what in seen]
        return wrong


def state(lake: Path, name: str) -> str:
    """A hash of the rows that a reader of a dataset sees, but for the column that names the run."""
    dataset = DATASETS[name]
    folder = lake / name / (f"ingest_date={DAY}" if dataset.partitioned else "")
    columns = [column.name for column in dataset.columns if column.name != "run"]
    rows = [pq.read_table(part, columns=columns, partitioning=None).to_pylist() for part in sorted(folder.glob("*.parquet"))]
    return hashlib.sha256(repr(rows).encode()).hexdigest()


def states(lake: Path) -> dict[str, str]:
    return {name: state(lake, name) for name in (*(d.name for d in STAGED_DATASETS), DIM_ENTITIES.name)}


@contextmanager
def polling(scenario: Scenario, lake: Path, *, only_whole: bool = False) -> Iterator[set[str]]:
    """While the block runs, read every dataset over and over; the set collects what no reader may see.

    With `only_whole` a fault publishes a third state of its own, so only broken reads count.
    """
    seen: set[str] = set()
    done = threading.Event()

    def poll() -> None:
        while not done.is_set():
            for name in scenario.old:
                try:
                    now = state(lake, name)
                except FileNotFoundError:  # the partition changed places between listing and opening: a clean miss, to be tried again
                    continue
                except Exception as error:
                    seen.add(f"{name} broken: {error!r}")
                    continue
                if not only_whole and now not in (scenario.old[name], scenario.new[name]):
                    seen.add(f"a mixture in {name}")

    reader = threading.Thread(target=poll)
    reader.start()
    try:
        yield seen
    finally:
        done.set()
        reader.join()


def run_stages(settings: dict[str, str | int], die_after: str | None = None, fail_reads: int | None = None) -> None:
    """One run in this process, stage by stage; SIGKILL to itself after the stage named, reads that fail by a seed."""
    if fail_reads is not None:
        _let_reads_fail(random.Random(fail_reads))
    run = PartitionRun(f"run-{os.getpid()}", DAY, settings)

    def reached(stage: str) -> None:
        if stage == die_after:
            os.kill(os.getpid(), signal.SIGKILL)

    claimed = claim(run)
    reached("claim")
    for shard in plan_shards(run, claimed):
        transform(run, shard)
        reached(f"transform-{shard['index']}")
    for stage in (consolidate, validate, publish, report):
        stage(run)
        reached(stage.__name__)


def _let_reads_fail(chance: random.Random) -> None:
    from rasd.landing.discovery import LandedFile, LandingArea

    whole = LandingArea.read

    def read(self: LandingArea, file: LandedFile, limit: int) -> bytes:
        if chance.random() < 0.3:
            raise OSError(5, "Input/output error")
        return whole(self, file, limit)

    LandingArea.read = read


def start(settings: dict[str, str | int], **fault: object) -> multiprocessing.process.BaseProcess:
    process = PROCESSES.Process(target=run_stages, args=(settings,), kwargs=fault)
    process.start()
    return process


def kill_at_boundary(scenario: Scenario, lake: Path, stage: str) -> list[str]:
    with polling(scenario, lake) as seen:
        process = start(scenario.settings(lake), die_after=stage)
        process.join()
    assert process.exitcode == -signal.SIGKILL, f"the run was to die after {stage}"
    return scenario.judge(lake, seen)


def kill_at_random(scenario: Scenario, lake: Path, moment: float) -> list[str]:
    with polling(scenario, lake) as seen:
        process = start(scenario.settings(lake))
        time.sleep(moment)
        process.kill()
        process.join()
    return scenario.judge(lake, seen)


def fail_reads(scenario: Scenario, lake: Path, seed: int) -> list[str]:
    with polling(scenario, lake, only_whole=True) as seen:
        process = start(scenario.settings(lake), fail_reads=seed)
        process.join()
    return ["a failed read failed the run"] * bool(process.exitcode) + scenario.judge(lake, seen)


def damage_staged(scenario: Scenario, lake: Path, chance: random.Random) -> list[str]:
    start(scenario.settings(lake), die_after="transform-1").join()
    staged = sorted((lake / "_staging").rglob("shards/*/*.parquet"))
    victim = chance.choice(staged)
    victim.write_bytes(victim.read_bytes()[: victim.stat().st_size // 2])
    return scenario.judge(lake, set())


def run_twice_at_once(scenario: Scenario, lake: Path, _: object = None) -> list[str]:
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
            start(scenario.settings(disk / "lake")).join()
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


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200, help="random kill points")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    PROCESSES.set_forkserver_preload(["rasd.pipeline", "great_expectations", "tests.faults.harness"])
    with tempfile.TemporaryDirectory(prefix="rasd-faults-") as scratch:
        scenario = Scenario(Path(scratch))
        with scenario.lake("timed") as lake:
            began = time.monotonic()
            start(scenario.settings(lake)).join()
            seconds = time.monotonic() - began
        boundaries = ["claim", *(f"transform-{i}" for i in range(4)), "consolidate", "validate", "publish", "report"]
        faults: list[tuple[Callable[..., list[str]], object]] = [(kill_at_boundary, stage) for stage in boundaries]
        faults += [(kill_at_random, chance.uniform(0, seconds)) for _ in range(options.kills)]
        faults += [(fail_reads, seed) for seed in range(5)]
        faults += [(damage_staged, random.Random(seed)) for seed in range(5)]
        faults += [(run_twice_at_once, None)] * 3
        faults += [(fill_disk, room) for room in (10_000, 100_000, 400_000)]
        faults += [(turn_clock, 1971), (turn_clock, 2099)]
        counts: Counter[str] = Counter()
        wrong = []
        for number, (fault, argument) in enumerate(faults):
            with scenario.lake(f"lake{number}") as lake:
                found = fault(scenario, lake, argument)
            counts[fault.__name__] += 1
            wrong += [f"{fault.__name__}({argument}): {what}" for what in found]
            if found or number % 20 == 19:
                print(f"{number + 1} of {len(faults)} faults", *found, sep="\n  ", flush=True)
        print(", ".join(f"{name}: {count}" for name, count in counts.items()))
        print(f"{len(wrong)} things wrong")
        return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
