"""The tasks of a batch of mashups."""

from __future__ import annotations

from collections.abc import Sequence

from prefect import task
from prefect.artifacts import create_table_artifact

from settings import get_settings
from steps import generate as generating
from steps.outcome import Item, Outcome
from steps.report import save_report
from tasks.bench import bench
from tasks.policies import RESUMABLE, TRACK


@task(name="choose-pairs", task_run_name="choose {count} pairs", tags=["generate"], **RESUMABLE)
def choose_pairs(count: int) -> list[Item]:
    return generating.choose_pairs(bench(), count)


@task(name="mash-pair", task_run_name="mash: {item.label}", tags=["generate"], **TRACK)
def mash_pair(item: Item) -> Outcome:
    return generating.mash_pair(bench(), item, duration_s=get_settings().mashup_s)


@task(name="publish-page", task_run_name="publish the listening page", **RESUMABLE)
def publish_page(outcomes: Sequence[Outcome]) -> generating.Batch:
    return generating.publish_page(bench(), outcomes)


@task(name="report-batch", task_run_name="report", **RESUMABLE)
def report_batch(batch: generating.Batch) -> str:
    create_table_artifact(key="mashups", table=batch.rows(), description=batch.headline())
    return save_report(bench(), "generate", batch)
