"""The decision of a night: what is worth doing, also after a night that was cut off."""

from __future__ import annotations

from dataclasses import dataclass

from prefect import task

from settings import get_settings
from steps.generate import owes_mashups
from steps.train import untrained_examples
from tasks.bench import bench
from tasks.policies import RESUMABLE


@dataclass(frozen=True, slots=True)
class Todo:
    """What a night goes on with."""

    train: bool
    generate: bool


@task(name="decide", task_run_name="decide what to do", **RESUMABLE)
def decide(snapshot: str) -> Todo:
    settings = get_settings()
    if not snapshot:
        return Todo(train=False, generate=False)
    return Todo(
        train=untrained_examples(bench()) >= max(1, settings.train_min_new),
        generate=owes_mashups(bench(), settings.batch_mashups),
    )
