"""The tasks of housekeeping: the work folder, Prefect's history, the report of both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from prefect import task
from prefect.artifacts import create_table_artifact

from settings import get_settings
from steps import housekeeping
from steps.report import save_report
from tasks import history
from tasks.bench import bench
from tasks.policies import RESUMABLE


@dataclass(frozen=True, slots=True)
class Tidied:
    """What one housekeeping did."""

    cleaned: housekeeping.Cleaned
    history: history.History

    def headline(self) -> str:
        """Say in one line what went."""
        past = self.history
        return (
            f"{self.cleaned.headline()}; {past.runs} old runs and {past.results} results of "
            f"{past.size_bytes / 1e6:.1f} MB {'would go' if self.cleaned.dry_run else 'gone'}"
        )

    def rows(self) -> list[dict[str, Any]]:
        """Return the table of what went, one row per kind."""
        past = self.history
        row = {"kind": "run in Prefect", "items": past.runs, "MB": past.size_bytes / 1e6}
        return [*self.cleaned.rows(), row]


@task(name="clean", task_run_name="clean the work folder", tags=["upkeep"], **RESUMABLE)
def clean_work_folder(dry_run: bool) -> housekeeping.Cleaned:
    limit = get_settings().originals_gb
    return housekeeping.clean(bench(), originals_gb=limit, dry_run=dry_run)


@task(name="forget-history", task_run_name="forget old runs", tags=["upkeep"], **RESUMABLE)
def forget_history(dry_run: bool) -> history.History:
    return history.forget_history(days=get_settings().history_days, dry_run=dry_run)


@task(name="report-housekeeping", task_run_name="report", **RESUMABLE)
def report_housekeeping(done: Tidied) -> str:
    create_table_artifact(key="housekeeping", table=done.rows(), description=done.headline())
    return save_report(bench(), "housekeeping", done)
