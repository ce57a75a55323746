"""One machine without a worker: every flow and its schedule, until Ctrl-C."""

from __future__ import annotations

from prefect import serve
from prefect.deployments.runner import RunnerDeployment

from flows.compact import compact
from flows.generate import generate_batch
from flows.housekeeping import housekeeping
from flows.ingest import ingest_mashups
from flows.nightly import nightly
from flows.train import train_mashup

RUNS_AT_ONCE = 2  # without a limit, a run that hangs lets others pile up behind it


def serve_all() -> None:
    """Serve each flow under its own name; the schedules stay on when this ends."""
    on_demand = (ingest_mashups, train_mashup, generate_batch)
    deployments = [
        RunnerDeployment.from_flow(nightly, name=nightly.name, cron="0 3 * * *"),
        RunnerDeployment.from_flow(compact, name=compact.name, cron="0 14 * * 0"),
        RunnerDeployment.from_flow(housekeeping, name=housekeeping.name, cron="0 16 * * 0"),
        *(RunnerDeployment.from_flow(flow, name=flow.name) for flow in on_demand),
    ]
    serve(*deployments, limit=RUNS_AT_ONCE, pause_on_shutdown=False)
