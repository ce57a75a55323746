"""`generate-batch`: choose pairs from the catalogue, make mashups, publish a listening page."""

from __future__ import annotations

from prefect import flow, get_run_logger

from flows.gather import gather
from settings import get_settings
from steps.generate import Batch
from tasks import generate as tasks
from tasks.policies import THREADS


@flow(name="generate-batch", task_runner=THREADS)
def generate_batch(count: int = 0) -> Batch:
    """Make mashups of the best pairs not made before with this champion.

    Parameters
    ----------
    count
        How many mashups to make; `MASHUP_BATCH_MASHUPS` when 0.
    """
    chosen = tasks.choose_pairs(count or get_settings().batch_mashups)
    outcomes = gather("mash", tasks.mash_pair, chosen)
    batch = tasks.publish_page(outcomes)
    tasks.report_batch(batch)
    get_run_logger().info(batch.headline())
    return batch
