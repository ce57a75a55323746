"""`nightly`: ingest, then train if enough came, then make mashups."""

from __future__ import annotations

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows.generate import generate_batch
from flows.ingest import ingest_mashups
from flows.train import train_mashup
from settings import get_settings


@flow(name="nightly")
def nightly() -> State[str]:
    """Run the whole line once; a night without news ends as "Skipped"."""
    report = ingest_mashups(announce=False)
    needed = max(1, get_settings().train_min_new)
    if report.new_examples < needed:
        return Completed(
            name="Skipped",
            message=f"{report.new_examples} new examples came, {needed} are needed to train",
        )
    trained = train_mashup(snapshot=report.snapshot)
    batch = generate_batch()
    return Completed(message=f"{report.headline()}; {trained.headline()}; {batch.headline()}")
