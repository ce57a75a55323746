"""Reports as Prefect artifacts for people, and as JSON in the store for programs."""

from __future__ import annotations

from prefect import task
from prefect.artifacts import create_markdown_artifact, create_table_artifact

from steps.report import IngestReport, save_report
from tasks.bench import bench
from tasks.policies import RESUMABLE


@task(name="report-ingest", task_run_name="report", **RESUMABLE)
def report_ingest(report: IngestReport) -> str:
    key = save_report(bench(), "ingest", report)
    create_markdown_artifact(key="ingest-report", markdown=report.markdown())
    tables = {
        "ingest-sources": (report.source_rows(), "What each address offered."),
        "ingest-counts": (report.rows(), "What became of it, step by step."),
        "ingest-set-aside": (report.set_aside_rows(), "What was set aside, and why."),
    }
    for name, (rows, description) in tables.items():
        create_table_artifact(key=name, table=rows, description=description)
    return key
