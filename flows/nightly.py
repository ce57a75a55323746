"""`nightly`: ingest, then train if enough came, then make mashups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows.generate import generate_batch
from flows.ingest import ingest_mashups
from flows.train import train_mashup
from steps.generate import Batch
from steps.report import IngestReport
from steps.train import Training
from tasks import nightly as tasks
from tasks.policies import NAMED_STATE


@dataclass(frozen=True, slots=True)
class Night:
    """What a night did; it neither trains nor generates when too little came."""

    ingested: IngestReport
    training: Training | None = None
    batch: Batch | None = None

    def headline(self) -> str:
        """Say in one line what the night did."""
        parts = (self.ingested, self.training, self.batch)
        return "; ".join(part.headline() for part in parts if part)


@flow(name="nightly", **NAMED_STATE)
def nightly() -> State[Night]:
    """Run the whole line once; a night with nothing to do ends as "Skipped" or "Paused"."""
    ingested: Any = ingest_mashups(announce=False, return_state=True)
    report: IngestReport = ingested.result()
    todo = tasks.decide(report.snapshot)
    night = Night(
        report,
        train_mashup(snapshot=report.snapshot) if todo.train else None,
        generate_batch() if todo.train or todo.generate else None,
    )
    quiet = "Paused" if report.paused_until else "Skipped"
    name = "Completed" if night.batch else quiet
    return Completed(name=name, message=night.headline(), data=night)
