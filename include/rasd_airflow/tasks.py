"""How tasks are shown in Airflow's UI: their names in English and Arabic, what each does, and what to do when it is red."""

from __future__ import annotations

from rasd_airflow.advice import advice

TASKS: dict[str, tuple[str, str]] = {
    "claim": ("حجز الملفات", "Takes the files that no run has taken yet for this partition, and writes down which."),
    "plan_shards": (
        "تقسيم العمل",
        "Divides the files into shards, one a task. With nothing new there are none, and the rest is skipped.",
    ),
    "transform": (
        "استخراج",
        "Cleans one shard's articles and finds names and quotes. A bad file becomes a row of `rejects`, not a red task.",
    ),
    "consolidate": ("توحيد", "Does what needs the whole partition: duplicates, repeated lines, one identity for each name."),
    "validate": ("فحص الجودة", "Runs the quality checks before anything is visible to readers."),
    "release": (
        "إذن النشر",
        "Waits for a person's approval where a critical check failed and the run is to ask; else passes at once.",
    ),
    "publish": ("نشر", "Puts the partition in the place of the old one in one step, and announces it to what waits for the datasets."),
    "report": ("تقرير", "Sums the run up in its log: counts, rejects by reason, how long each step took."),
    "check": ("فحص", "Looks for dates that no run has finished."),
    "list_partitions": ("حصر الأيام", "Lists the published dates between the two given ones."),
    "reprocess": (
        "استخراج من جديد",
        "Extracts names and quotes of one date anew from its articles, and publishes them if the checks pass.",
    ),
    "repair": (
        "إصلاح",
        "With *Repair*: finishes interrupted publications or goes back to the version before, and makes damaged dates again. Else nothing.",
    ),
    "sweep": ("كنس", "Removes what is left over and older than its keeping time."),
    "verify": ("تدقيق", "Compares every file of the lake with its manifests."),
}
"""Task → its Arabic name, and what it does."""


def shown(dag_id: str, task_id: str) -> dict[str, str]:
    """Arguments of a task for its name and its documentation in Airflow's UI."""
    arabic, does = TASKS[task_id]
    red = advice(dag_id, task_id)
    documentation = does if red is None else f"{does}\n\n**When it is red**, look at {red.look_at}.\n\n{red.do}"
    return {"task_display_name": f"{task_id} · {arabic}", "doc_md": documentation}
