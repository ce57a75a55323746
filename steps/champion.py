"""The champion: which checkpoint makes mashups, and what does where there is none."""

from __future__ import annotations

import json
from pathlib import Path

from model.baselines import HpssSplit
from model.checkpoint import load_checkpoint
from model.masks import MasherMasks, MaskMaker
from steps.workbench import Workbench
from storage.errors import MissingFileError

CHAMPION = "checkpoints/champion.json"


def champion_key(bench: Workbench) -> str | None:
    """Return the champion's key in the store, or None before the first one."""
    try:
        named = json.loads(bench.store.read_bytes(CHAMPION))
    except MissingFileError:
        return None
    return str(named["checkpoint"])


def local_champion(bench: Workbench) -> Path | None:
    """Fetch the champion's checkpoint to the work folder, once; None before the first one."""
    key = champion_key(bench)
    if key is None:
        return None
    path = bench.work_dir / key
    return path if path.is_file() else bench.store.fetch(key, path)


def mask_maker(bench: Workbench, checkpoint: Path | None = None) -> MaskMaker:
    """Return what decides who is heard: a checkpoint, else the champion, else a rule.

    Where there is no champion yet the harmonic-percussive rule does it, under its own name.

    Raises
    ------
    CheckpointError
        The checkpoint is damaged or of other audio numbers.
    """
    path = checkpoint or local_champion(bench)
    if path is None:
        return HpssSplit()
    return MasherMasks(load_checkpoint(path).model, name=path.stem)
