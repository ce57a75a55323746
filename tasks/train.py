"""The tasks of training: one that trains and compares, one that shows the result."""

from __future__ import annotations

import logging
from uuid import UUID

import httpx
from prefect import task
from prefect.artifacts import (
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)

from steps import train as training
from steps.report import save_report
from tasks.bench import bench
from tasks.policies import RESUMABLE

_log = logging.getLogger(__name__)


@task(
    name="train-masher", task_run_name="train {size}: {n_steps} steps", tags=["train"], **RESUMABLE
)
def train_masher(snapshot: str, size: str, n_steps: int, start_from: str) -> training.Training:
    bar = create_progress_artifact(progress=0.0, key="training", description="optimizer steps")
    assert isinstance(bar, UUID)  # noqa: S101 - a coroutine only where the caller is async

    def show(step: int, of_steps: int) -> None:
        try:
            update_progress_artifact(bar, progress=100.0 * step / of_steps)
        except httpx.HTTPError as error:  # a bar that stands still costs nothing, hours do
            _log.warning("the server does not take progress (%s); training goes on", error)

    return training.train_masher(
        bench(),
        snapshot=snapshot,
        size=size,
        n_steps=n_steps,
        start_from=start_from,
        on_progress=show,
    )


@task(name="report-training", task_run_name="report", **RESUMABLE)
def report_training(done: training.Training) -> str:
    create_table_artifact(key="held-out-scores", table=done.rows(), description=done.headline())
    return save_report(bench(), "train", done)
