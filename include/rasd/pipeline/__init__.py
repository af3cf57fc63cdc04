"""The stages of a run, each a function that Airflow's tasks and the command line call alike.

claim → plan_shards → transform (once a shard) → consolidate → validate → publish → report
"""

from rasd.pipeline.claiming import claim, plan_shards
from rasd.pipeline.consolidation import consolidate
from rasd.pipeline.local import run_partition
from rasd.pipeline.publication import publish
from rasd.pipeline.reporting import report
from rasd.pipeline.run import PartitionRun, settle_ingest_date
from rasd.pipeline.transformation import transform
from rasd.pipeline.validation import record_release, validate

__all__ = [
    "PartitionRun",
    "claim",
    "consolidate",
    "plan_shards",
    "publish",
    "record_release",
    "report",
    "run_partition",
    "settle_ingest_date",
    "transform",
    "validate",
]
