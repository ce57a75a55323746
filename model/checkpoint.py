"""Models and trainings on disk: weights that cannot run code, and states to carry on from.

A checkpoint is a safetensors file with one JSON text in its header: the config, the digest of
the audio numbers, the snapshot, the scores and the command. A training state is what
`torch.load(weights_only=True)` accepts. Both are replaced in one step, so that a reader sees
the old file or the new one.
"""

from __future__ import annotations

import json
import pickle
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from audio.params import PARAMS
from model.config import MasherConfig
from model.errors import CheckpointError, ConfigError
from model.masher import Masher
from storage.files import atomic_path

_KEY = "song_masher"


@dataclass(frozen=True, slots=True)
class CheckpointInfo:
    """What a checkpoint says about itself."""

    config: MasherConfig
    snapshot: str = ""
    step: int = 0
    command: str = ""
    scores: Mapping[str, Any] = field(default_factory=dict)
    audio_digest: str = PARAMS.digest


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A model ready to use, with what its file says."""

    model: Masher
    info: CheckpointInfo


def save_checkpoint(path: Path, model: Masher, info: CheckpointInfo, *, half: bool = False) -> None:
    """Write `model` to `path`; `half` stores weights as float16 at half the size."""
    dtype = torch.float16 if half else torch.float32
    weights = {k: v.detach().to("cpu", dtype).contiguous() for k, v in model.state_dict().items()}
    said = asdict(info) | {"config": info.config.to_dict()}
    with atomic_path(path) as partial:
        save_file(weights, partial, metadata={_KEY: json.dumps(said, sort_keys=True)})


def load_checkpoint(path: Path) -> Checkpoint:
    """Read a model, in evaluation mode and float32 on the CPU.

    Raises
    ------
    CheckpointError
        The file is missing, damaged, no checkpoint of this project, or made with other
        audio numbers than those of this version.
    """
    info = read_info(path)
    model = Masher(info.config)
    try:
        with safe_open(path, framework="pt") as file:
            weights = {key: file.get_tensor(key).float() for key in file.keys()}  # noqa: SIM118
        model.load_state_dict(weights)
    except (SafetensorError, RuntimeError) as error:
        raise CheckpointError(f"the weights in {path} do not fit their config: {error}") from error
    return Checkpoint(model.eval(), info)


def read_info(path: Path) -> CheckpointInfo:
    """Read only what a checkpoint says about itself; see `load_checkpoint` for what is raised."""
    try:
        with safe_open(path, framework="pt") as file:
            said = json.loads((file.metadata() or {})[_KEY])
        said["config"] = MasherConfig.from_dict(said["config"])
        info = CheckpointInfo(**said)
    except FileNotFoundError as error:
        raise CheckpointError(f"no checkpoint at {path}; train one first") from error
    except (SafetensorError, OSError, KeyError, TypeError, ValueError, ConfigError) as error:
        raise CheckpointError(
            f"{path} is not a checkpoint of this project (safetensors with a config): {error!r}"
        ) from error
    if info.audio_digest != PARAMS.digest:
        raise CheckpointError(
            f"{path} was trained on spectrograms with digest {info.audio_digest}, this version "
            f"makes {PARAMS.digest}; use the version that trained it, or train again"
        )
    return info


def save_state(path: Path, state: Mapping[str, Any]) -> None:
    """Write a training state so that a kill at any moment leaves the old or the new one."""
    with atomic_path(path) as partial, partial.open("wb") as file:
        torch.save(
            dict(state), file
        )  # given a name, torch wants one that does not begin with a dot


def load_state(path: Path) -> dict[str, Any]:
    """Read a training state; only tensors and plain values are accepted, never code.

    Raises
    ------
    CheckpointError
        The file is damaged, or holds anything else.
    """
    try:
        state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError, OSError) as error:
        raise CheckpointError(
            f"{path} is not a training state that is safe to load: {error}; "
            "delete it to train from the start"
        ) from error
    return state


def tensors_equal(first: Mapping[str, Tensor], second: Mapping[str, Tensor]) -> bool:
    """Return whether two state dicts hold the same values."""
    return first.keys() == second.keys() and all(torch.equal(first[k], second[k]) for k in first)
