"""`housekeeping`: the work folder and Prefect's history give back what nobody needs."""

from __future__ import annotations

from prefect import flow, get_run_logger

from tasks import housekeeping as tasks
from tasks.housekeeping import Tidied


@flow(name="housekeeping")
def housekeeping(dry_run: bool = False) -> Tidied:
    """Remove leftovers from the work folder, and runs older than `MASHUP_HISTORY_DAYS`.

    Parameters
    ----------
    dry_run
        Remove nothing; say what would go.
    """
    done = Tidied(tasks.clean_work_folder(dry_run), tasks.forget_history(dry_run))
    if not dry_run:
        tasks.report_housekeeping(done)
    get_run_logger().info(done.headline())
    return done
