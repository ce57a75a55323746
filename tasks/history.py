"""Prefect's memory of this project: runs and their results, which Prefect itself keeps for ever."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import (
    FlowFilter,
    FlowFilterName,
    FlowRunFilter,
    FlowRunFilterEndTime,
)
from prefect.client.schemas.objects import FlowRun
from prefect.client.schemas.sorting import FlowRunSort
from prefect.exceptions import ObjectNotFound
from prefect.settings import get_current_settings

PAGE_RUNS = 100
# The flows of this project: a server may hold the runs of others.
FLOWS = ("nightly", "ingest-mashups", "train-mashup", "generate-batch", "compact", "housekeeping")


@dataclass(frozen=True, slots=True)
class History:
    """What was forgotten of the past, or in a dry run would be."""

    runs: int = 0
    results: int = 0
    size_bytes: int = 0  # of the results that lay on this machine


def forget_history(*, days: float, dry_run: bool, now: datetime | None = None) -> History:
    """Delete runs of this project that ended more than `days` ago, and their results.

    A result goes with the run that names it, so that nothing of another project is touched. What
    lies on another machine is left to the clean-up there.
    """
    before = (now or datetime.now(UTC)) - timedelta(days=days)
    done = History()
    with get_client(sync_client=True) as client:
        for run in runs_before(client, before, stay=dry_run):
            size = forget_result(result_file(run), dry_run=dry_run)
            if not dry_run:
                delete_run(client, run)
            found = size is not None
            done = History(done.runs + 1, done.results + found, done.size_bytes + (size or 0))
    return done


def runs_before(client: SyncPrefectClient, before: datetime, *, stay: bool) -> Iterator[FlowRun]:
    """Yield the runs that ended before, oldest first; with `stay` the caller deletes none."""
    ended, offset = FlowRunFilterEndTime.model_validate({"before_": before}), 0
    while True:
        runs = client.read_flow_runs(
            flow_filter=FlowFilter(name=FlowFilterName(any_=list(FLOWS))),
            flow_run_filter=FlowRunFilter(end_time=ended),
            sort=FlowRunSort.START_TIME_ASC,
            limit=PAGE_RUNS,
            offset=offset,
        )
        yield from runs
        if len(runs) < PAGE_RUNS:
            return
        offset += PAGE_RUNS if stay else 0


def delete_run(client: SyncPrefectClient, run: FlowRun) -> None:
    """Delete a run with its tasks; one that another machine deleted a moment before is gone too."""
    try:
        client.delete_flow_run(run.id)
    except ObjectNotFound:
        return


def result_file(run: FlowRun) -> Path | None:
    """Return the file of a run's result, if it lies in this machine's storage."""
    data: Any = run.state.data if run.state else None
    key = getattr(data, "storage_key", None)
    if not key:
        return None
    folder = get_current_settings().results.local_storage_path
    path = folder / key  # an absolute key stays as it is
    return path if path.is_file() and path.parent.resolve() == folder.resolve() else None


def forget_result(path: Path | None, *, dry_run: bool) -> int | None:
    """Delete a result's file; return its size in bytes, None where there is none."""
    if path is None:
        return None
    size = path.stat().st_size
    if not dry_run:
        path.unlink(missing_ok=True)
    return size
