"""Reports as Prefect artifacts for people, and as JSON in the store for programs."""

from __future__ import annotations

from prefect import task
from prefect.artifacts import create_table_artifact

from steps.report import IngestReport, save_report
from tasks.bench import bench
from tasks.policies import RESUMABLE


@task(name="report-ingest", task_run_name="report", **RESUMABLE)
def report_ingest(report: IngestReport) -> str:
    key = save_report(bench(), "ingest", report)
    create_table_artifact(
        key="ingest-counts",
        table=report.rows(),
        description=report.headline(),
    )
    create_table_artifact(
        key="ingest-set-aside",
        table=[
            {"step": o.step, "what": o.item.label, "state": o.state.value, "reason": o.reason}
            for o in report.set_aside
        ],
        description="What was set aside, and why.",
    )
    return key
