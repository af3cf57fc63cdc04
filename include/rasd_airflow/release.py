"""A person's word on a partition that the quality gate has stopped: publish it all the same, or not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.providers.standard.operators.hitl import ApprovalOperator

from rasd.errors import PermanentError


class AskForRelease(ApprovalOperator):
    """Succeeds at once when the gate passed or was told to warn only; else waits for a person (in Airflow's UI: «Required Actions»).

    The answer, with who gave it and when, is kept in `validations` and in the run's report.

    Args:
        claimed: XCom of the task `claim`.
        verdict: XCom of the task `validate`.
        wait: how long to wait for the answer.

    Raises:
        PermanentError: when the person refuses, or nobody answers in time. Nothing is published then.
    """

    template_fields = (*ApprovalOperator.template_fields, "claimed", "verdict")

    def __init__(self, *, claimed: Any, verdict: Any, wait: timedelta, **arguments: Any) -> None:
        super().__init__(
            subject="Publish a partition that failed its quality checks?",
            response_timeout=wait,
            **arguments,
        )
        self.claimed, self.verdict = claimed, verdict

    def question(self) -> str:
        """What the person reads, in Markdown."""
        failures = "\n".join(f"- {failure}" for failure in self.verdict.get("failures", ()))
        return (
            f"{self.claimed['run']['ingest_date']}: these critical checks failed.\n\n{failures}\n\nAll results: {self.verdict['data_docs']}"
        )

    def execute(self, context: Any) -> Any:
        if not self.verdict["needs_release"]:
            return None
        self.body = self.question()
        return super().execute(context)

    def execute_complete(self, context: Any, event: dict[str, Any]) -> Any:
        from rasd.pipeline import PartitionRun, record_release

        if "error" in event:
            raise PermanentError(f"nobody released the partition: {event['error']}")
        who = event.get("responded_by_user") or {}
        name = str(who.get("name") or who.get("id") or "somebody")
        approved = event["chosen_options"] == [self.APPROVE]
        record_release(PartitionRun.from_dict(self.claimed["run"]), by=name, at=event["responded_at"], approved=approved)
        if not approved:
            raise PermanentError(f"{name} refused the partition; nothing of it was published")
        return name
