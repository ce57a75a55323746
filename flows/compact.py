"""`compact`: small shards become large ones, and what nobody needs leaves the store in time."""

from __future__ import annotations

from prefect import flow, get_run_logger

from steps.upkeep import Upkeep
from tasks import upkeep as tasks


@flow(name="compact")
def compact() -> Upkeep:
    """Merge small shards, publish, and delete what was unneeded for `MASHUP_KEEP_DAYS`."""
    done = Upkeep(tasks.merge_small(), tasks.let_go_unneeded())
    tasks.report_upkeep(done)
    get_run_logger().info(done.headline())
    return done
