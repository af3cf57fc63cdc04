"""What the person on call should look at and do, once: for the documentation of the DAGs, docs/alerts.md and the words of alerts."""

from __future__ import annotations

from dataclasses import dataclass

LATE = "a late run"
NO_RUN = "no run"


@dataclass(frozen=True)
class Advice:
    """Where to look and what to do when one of the tasks (or events) is red."""

    tasks: tuple[str, ...]
    look_at: str
    do: str


ADVICE: dict[str, tuple[Advice, ...]] = {
    "rasd_nightly": (
        Advice(
            ("claim",),
            "its log: the landing area can't be listed, or is not among the allowed places",
            "Mount or create it, or mend `RASD_LANDING` or `RASD_LANDING_ROOTS`; clear the task.",
        ),
        Advice(
            ("transform",),
            "its log; a bad file never fails it, so it is memory, disk or a bug",
            "Clear the task; for memory, trigger with smaller shards.",
        ),
        Advice(
            ("plan_shards", "consolidate", "publish", "report"),
            "its log: most often a full disk",
            "Free space; clear the task. Readers still see the old partition. «can't be published»: clear the run from `claim` on.",
        ),
        Advice(
            ("validate",),
            "its log, or the data docs that it names: which check failed",
            "Mend the cause and clear the run; nothing was published. To publish all the same, trigger with *On quality failure* = warn.",
        ),
        Advice(
            ("release",),
            "its log: who refused the partition, or that nobody answered in time",
            "As for `validate`. To be asked again, clear the task.",
        ),
        Advice(
            (LATE,),
            "the run: which task is at work, waits for a slot or an answer, or is tried again",
            "Mend what its log says; a run that waits for workers needs a scheduler, workers and the pool `RASD_POOL`.",
        ),
    ),
    "rasd_freshness": (
        Advice(
            ("check",),
            "its log: the dates that no run has finished",
            "See that the scheduler runs and `rasd_nightly` is not paused and not red; then backfill these dates.",
        ),
    ),
    "rasd_reprocess": (
        Advice(("list_partitions",), "its log: the lake can't be read", "Mount it; clear the task."),
        Advice(
            ("reprocess",),
            "its log: «is damaged», or which check of the quality gate failed",
            "Damaged: trigger `lake_maintenance` with *Repair*, then clear the task. A failed check: readers still see the old rows; mend "
            "the extractor, or leave it.",
        ),
    ),
    "lake_maintenance": (
        Advice(
            ("verify",),
            "its log: one line for each file that is missing, damaged or too many, and for each date that was rolled back",
            "Trigger this DAG with *Repair*. A date that was rolled back: trigger `rasd_nightly` for it.",
        ),
        Advice(
            ("repair",),
            "its log: dates of which nothing whole is left to go back to, and what keeps them from being made again",
            "Do what it says: restore their files from a backup, or run the date; then clear the task.",
        ),
        Advice(("sweep",), "its log: most often a disk that is read-only or full", "Mend it and clear the task."),
    ),
}
"""By DAG."""


def advice(dag_id: str, task: str) -> Advice | None:
    """What to do about a task or event of a DAG; None where the table says nothing."""
    return next((row for row in ADVICE.get(dag_id, ()) if task in row.tasks), None)


def table(dag_id: str) -> str:
    """The advice of a DAG as a Markdown table."""
    rows = ["| When this is red | Look at | And do |", "|---|---|---|"]
    for row in ADVICE[dag_id]:
        tasks = ", ".join(task if " " in task else f"`{task}`" for task in row.tasks)
        rows.append(f"| {tasks} | {row.look_at} | {row.do} |")
    return "\n".join(rows)
