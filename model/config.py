"""Every number of the masher's shape, once; a checkpoint carries them as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from audio.params import PARAMS
from model.errors import ConfigError

POSITIONS = ("none", "sinusoidal", "learned", "rope")
TOKEN_FRAMES = 4  # frames under one token: two halvings of the local path
LOW_BINS = 512  # up to 5.5 kHz, where harmonics must be told apart
LOW_PATCH = 4  # bins under one position of the local path's finest level there
HIGH_PATCH = 16  # and above


@dataclass(frozen=True, slots=True)
class MasherConfig:
    """Shape of the model; `preset` gives the three that are used.

    `positions` says how tokens know their place in time: "none", "sinusoidal" (added,
    Vaswani et al. 2017), "learned" (a table of `max_tokens` rows, repeated beyond it), or
    "rope" (relative, by rotation of queries and keys, Su et al. 2021).
    """

    dim: int = 192
    heads: int = 4
    encoder_blocks: int = 3
    decoder_blocks: int = 2
    bands: int = 64
    band_dim: int = 12
    channels: tuple[int, int, int] = (24, 48, 96)  # fine, middle, coarse
    local_blocks: tuple[int, int, int] = (2, 1, 1)  # coarse, middle (down and up), fine
    context_channels: int = 16
    positions: str = "rope"
    max_tokens: int = PARAMS.slice_frames // TOKEN_FRAMES
    n_bins: int = PARAMS.n_bins

    def __post_init__(self) -> None:
        if self.positions not in POSITIONS:
            raise ConfigError(f"positions must be one of {POSITIONS}, got {self.positions!r}")
        if self.dim % (2 * self.heads):
            raise ConfigError(
                f"dim must divide into an even width per head, got {self.dim}/{self.heads}"
            )

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain JSON values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> MasherConfig:
        """Read what `to_dict` wrote; a field that this version does not know is an error."""
        unknown = set(values) - {field.name for field in fields(cls)}
        if unknown:
            raise ConfigError(
                f"unknown model settings {sorted(unknown)}: "
                "the checkpoint comes from another version of this project"
            )
        read: dict[str, Any] = {
            k: tuple(v) if isinstance(v, list) else v for k, v in values.items()
        }
        return cls(**read)


PRESETS = {
    "tiny": MasherConfig(
        dim=32,
        heads=2,
        encoder_blocks=1,
        decoder_blocks=1,
        bands=16,
        band_dim=4,
        channels=(6, 8, 12),
        local_blocks=(1, 1, 1),
        context_channels=4,
    ),
    "base": MasherConfig(),
    "large": MasherConfig(
        dim=512,
        heads=8,
        encoder_blocks=8,
        decoder_blocks=6,
        band_dim=32,
        channels=(64, 128, 256),
        local_blocks=(4, 2, 2),
        context_channels=64,
    ),
}


def preset(name: str) -> MasherConfig:
    """Return the configuration called `name`: tiny, base or large.

    Raises
    ------
    ConfigError
        The name is none of them.
    """
    if name not in PRESETS:
        raise ConfigError(f"model size must be one of {sorted(PRESETS)}, got {name!r}")
    return PRESETS[name]
