"""One machine without a worker: every flow and its schedule, until Ctrl-C."""

from __future__ import annotations

from typing import Any

from prefect import Flow, serve
from prefect.deployments.runner import RunnerDeployment
from prefect.schedules import Cron, Schedule

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
    # With the slugs of prefect.yaml: a server that has its deployments refuses schedules without.
    schedules: dict[Flow[..., Any], Schedule] = {
        nightly: Cron("0 3 * * *", timezone="UTC", slug="nightly"),
        compact: Cron("0 14 * * 0", timezone="UTC", slug="weekly"),
        housekeeping: Cron("0 16 * * 0", timezone="UTC", slug="weekly"),
    }
    deployments = [
        *(RunnerDeployment.from_flow(f, name=f.name, schedule=s) for f, s in schedules.items()),
        *(RunnerDeployment.from_flow(flow, name=flow.name) for flow in on_demand),
    ]
    serve(*deployments, limit=RUNS_AT_ONCE, pause_on_shutdown=False)
