"""`train-mashup`: train on a snapshot, compare, and promote only what is better."""

from __future__ import annotations

from prefect import flow, get_run_logger

from settings import get_settings
from steps.train import Training
from tasks.train import report_training, train_masher


@flow(name="train-mashup")
def train_mashup(
    snapshot: str = "", size: str = "", steps: int = 0, start_from: str = "champion"
) -> Training:
    """Train the masher and compare it with every baseline and the present champion.

    Parameters
    ----------
    snapshot
        Name of the snapshot to train on; the newest when empty.
    size
        "tiny", "base" or "large"; `MASHUP_MODEL_SIZE` when empty.
    steps
        Optimizer steps in all; `MASHUP_TRAIN_STEPS` when 0. A training with the same
        parameters that was cut off carries on where it stopped.
    start_from
        "champion" goes on from its weights, "scratch" begins with new ones; anything else is
        the key of a checkpoint in the store.
    """
    settings = get_settings()
    training = train_masher(
        snapshot=snapshot,
        size=size or settings.model_size,
        n_steps=steps or settings.train_steps,
        start_from=start_from,
    )
    report_training(training)
    get_run_logger().info(training.headline())
    return training
