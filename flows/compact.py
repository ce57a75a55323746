"""`compact`: small shards become large ones, and what nobody needs leaves the store in time."""

from __future__ import annotations

from prefect import flow, get_run_logger

from steps.upkeep import Upkeep
from tasks import upkeep as tasks


@flow(name="compact")
def compact(dry_run: bool = False) -> Upkeep:
    """Merge small shards, publish, and delete what was unneeded for `MASHUP_KEEP_DAYS`.

    Parameters
    ----------
    dry_run
        Change nothing; say what would be done.
    """
    merged = tasks.merge_small(dry_run)
    done = Upkeep(dry_run, merged, tasks.let_go_unneeded(dry_run))
    if not dry_run:
        tasks.report_upkeep(done)
    get_run_logger().info(done.headline())
    return done
