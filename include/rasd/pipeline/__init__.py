"""The stages of a run, each a function that Airflow's tasks and the command line call alike.

claim → plan_shards → transform (once a shard) → consolidate → validate → publish → report
"""

from rasd.pipeline.claim import claim, plan_shards
from rasd.pipeline.consolidate import consolidate
from rasd.pipeline.local import run_partition
from rasd.pipeline.publish import publish
from rasd.pipeline.report import report
from rasd.pipeline.run import PartitionRun, settle_ingest_date
from rasd.pipeline.transform import transform
from rasd.pipeline.validate import validate

__all__ = [
    "PartitionRun",
    "claim",
    "consolidate",
    "plan_shards",
    "publish",
    "report",
    "run_partition",
    "settle_ingest_date",
    "transform",
    "validate",
]
