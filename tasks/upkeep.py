"""The tasks of upkeep: each is a label on one step."""

from __future__ import annotations

from prefect import task
from prefect.artifacts import create_table_artifact

from settings import get_settings
from steps import upkeep
from steps.report import save_report
from storage.compact import CompactReport
from storage.retention import RetentionReport
from tasks.bench import bench
from tasks.policies import RESUMABLE


@task(name="merge-small", task_run_name="merge small shards", tags=["upkeep"], **RESUMABLE)
def merge_small() -> CompactReport:
    return upkeep.merge_small(bench())


@task(name="let-go", task_run_name="delete what nobody needs", tags=["upkeep"], **RESUMABLE)
def let_go_unneeded() -> RetentionReport:
    return upkeep.let_go_unneeded(bench(), keep_days=get_settings().keep_days)


@task(name="report-upkeep", task_run_name="report", **RESUMABLE)
def report_upkeep(done: upkeep.Upkeep) -> str:
    create_table_artifact(key="upkeep", table=done.rows(), description=done.headline())
    return save_report(bench(), "compact", done)
