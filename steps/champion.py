"""The champion: which checkpoint makes mashups; before a training won, the one that ships."""

from __future__ import annotations

import json
from pathlib import Path

from model import checkpoint as checkpoint_module
from model.checkpoint import load_checkpoint
from model.masks import MasherMasks
from steps.workbench import Workbench
from storage.errors import MissingFileError

CHAMPION = "checkpoints/champion.json"
SHIPPED = Path(checkpoint_module.__file__).parent / "shipped" / "masher-base-shipped.safetensors"


def champion_key(bench: Workbench) -> str | None:
    """Return the champion's key in the store, or None before the first one."""
    try:
        named = json.loads(bench.store.read_bytes(CHAMPION))
    except MissingFileError:
        return None
    return str(named["checkpoint"])


def local_champion(bench: Workbench) -> Path:
    """Return the champion's checkpoint, fetched once; before the first one, that which ships."""
    key = champion_key(bench)
    if key is None:
        return SHIPPED
    path = bench.work_dir / key
    return path if path.is_file() else bench.store.fetch(key, path)


def champion_name(bench: Workbench) -> str:
    """Return the name under which the champion signs its mashups, without loading it."""
    return Path(champion_key(bench) or SHIPPED).stem


def mask_maker(bench: Workbench, checkpoint: Path | None = None) -> MasherMasks:
    """Return what decides who is heard: a checkpoint, by default the champion.

    Raises
    ------
    CheckpointError
        The checkpoint is damaged or of other audio numbers.
    """
    path = checkpoint or local_champion(bench)
    return MasherMasks(load_checkpoint(path).model, name=path.stem)
