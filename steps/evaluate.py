"""Evaluate: the masher against baselines on mashups of a folder of multitracks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from audio.stems import Stems
from catalog.errors import SourceError
from catalog.folder_source import list_multitracks
from model.baselines import baselines
from model.checkpoint import load_checkpoint
from model.evaluate import EvaluationPlan, evaluate_multitracks
from model.masks import MasherMasks
from model.scores import Scores
from steps.champion import local_champion
from steps.sounds import decode_stems
from steps.workbench import Workbench


def evaluate_folder(
    bench: Workbench,
    folder: Path,
    *,
    checkpoint: Path | None = None,
    only: str = "",
    seed: int = 0,
    on_progress: Callable[[int, int], None] | None = None,
) -> Scores:
    """Score a checkpoint and every baseline on all ordered pairs of a folder's multitracks.

    Parameters
    ----------
    checkpoint
        The champion where None.
    only
        Name of a multitrack that each pair must contain, such as one held out of training.

    Raises
    ------
    CheckpointError
        The checkpoint cannot be read.
    CatalogError, AudioError, ModelError
        The folder holds fewer than two multitracks that can be used.
    """
    path = checkpoint or local_champion(bench)
    champion = MasherMasks(load_checkpoint(path).model, name="champion")
    return evaluate_multitracks(
        load_multitracks(folder),
        [champion, *baselines()],
        EvaluationPlan(seed=seed),
        involving=[only] if only else [],
        on_progress=on_progress,
    )


def load_multitracks(folder: Path) -> dict[str, Stems]:
    """Decode every multitrack of a folder, by name."""
    entries, skipped = list_multitracks(folder)
    if len(entries) < 2:
        reasons = "".join(f"; {each.source_key}: {each.reason}" for each in skipped)
        raise SourceError(
            f"expected two multitracks or more in {folder}, got {len(entries)}{reasons}"
        )
    return {entry.raw_title: decode_stems(entry.path, entry.instrumental_path) for entry in entries}
