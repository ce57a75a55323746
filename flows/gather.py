"""Waits for mapped tasks and turns what happened into outcomes; one fault stops no batch."""

from __future__ import annotations

from collections.abc import Sequence

from prefect import Task
from prefect.futures import PrefectFuture, wait

from steps.outcome import Item, Outcome
from storage.errors import PausedError


def gather(step: str, task: Task[[Item], Outcome], items: Sequence[Item]) -> list[Outcome]:
    """Run `task` on every item and return one outcome each, in the items' order.

    A task that raised becomes a failed outcome with the error's own words.
    """
    futures = list(task.map(list(items))) if items else []
    wait(futures)
    return [outcome_of(step, item, future) for item, future in zip(items, futures, strict=True)]


def outcome_of(step: str, item: Item, future: PrefectFuture[Outcome]) -> Outcome:
    result: object = future.result(raise_on_failure=False)  # the error, where the task raised
    if isinstance(result, Outcome):
        return result
    if isinstance(result, PausedError):  # the store takes nothing more for a while
        return Outcome.postponed(step, item, str(result), until=result.until)
    return Outcome.failed(step, item, str(result), fault=type(result).__name__)
