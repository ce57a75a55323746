"""From rows of shards to batches: levels to magnitudes, and augmentation of what is known apart.

A `made` row knows what each song gives to the mashup, so its voice and bed are a song's two
sources in disguise: `part` and `mixture - part`. They are cropped, transposed, equalised,
re-mixed with the sources of other rows and re-paired here, as magnitudes, on the fly. A
`human` row is only cropped: there the whole is known, not the parts.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from audio.spectrogram import from_levels
from model.errors import ShapeError

CROP_TRIES = 3
LEVEL_COLUMNS = ("voice", "bed", "mashup", "voice_part", "bed_part")

Levels = NDArray[np.uint8]


class Rows(Protocol):
    """What is needed of rows; `storage.reader.Batch` has it. Levels are `(batch, frames, bins)`."""

    @property
    def kind(self) -> Sequence[str]: ...
    @property
    def confidence(self) -> NDArray[np.float32]: ...
    @property
    def voice(self) -> Levels: ...
    @property
    def bed(self) -> Levels | None: ...
    @property
    def mashup(self) -> Levels | None: ...
    @property
    def voice_part(self) -> Levels | None: ...
    @property
    def bed_part(self) -> Levels | None: ...


@dataclass(frozen=True, slots=True)
class Batch:
    """Magnitudes `(batch, frames, bins)` and what may be asked of each row.

    `voice_part` and `bed_part` are phase-sensitive targets, `max(0, Re(S conj(X)) / |X|)`: with
    them the squared error of a real mask differs from that of the complex spectra by a constant
    (Erdogan et al. 2015). They are 0 where `exact` is 0.
    """

    voice: Tensor
    bed: Tensor
    mashup: Tensor
    voice_part: Tensor
    bed_part: Tensor
    exact: Tensor  # (batch,) 1 where the parts are known, else 0
    weight: Tensor  # (batch,) how far the row's alignment is trusted, 0..1

    def to(self, device: torch.device) -> Batch:
        """Return the batch on `device`."""
        return Batch(*(getattr(self, name).to(device) for name in self.__slots__))

    def __len__(self) -> int:
        return len(self.voice)


@dataclass(frozen=True, slots=True)
class Augmentation:
    """How far training strays from its rows; zeros everywhere leave them as they are."""

    crop_frames: int = 128
    remix_share: float = 0.6  # rows whose other source comes from another row
    silent_share: float = 0.05  # voices that do not sing at all
    eq_db: float = 4.0  # standard deviation of the smooth filters' swing
    shift_semitones: float = 0.7  # largest transposition by bin interpolation
    source_gain_db: float = 4.0  # standard deviation of a source's gain within its song
    balance_db: tuple[float, float] = (
        -10.0,
        2.0,
    )  # voice part against bed part, lowest and highest


PLAIN = Augmentation(
    crop_frames=0,
    remix_share=0.0,
    silent_share=0.0,
    eq_db=0.0,
    shift_semitones=0.0,
    source_gain_db=0.0,
)


def to_batch(rows: Rows) -> Batch:
    """Return rows as they are, as magnitudes.

    Raises
    ------
    ShapeError
        A row has no mashup and bed, or a column has another shape than `voice`.
    """
    levels: dict[str, Levels] = {}
    for name in LEVEL_COLUMNS:
        column: Levels | None = getattr(rows, name)
        if column is None and name.endswith("_part"):
            column = np.zeros_like(rows.voice)
        if column is None or column.shape != rows.voice.shape:
            got = "nothing" if column is None else column.shape
            raise ShapeError(
                f"expected {name} as {rows.voice.shape}, got {got}; read human and made rows"
            )
        levels[name] = column
    exact = torch.tensor([float(kind == "made") for kind in rows.kind])
    weight = torch.where(exact > 0, 1.0, torch.from_numpy(rows.confidence))
    magnitudes = {name: from_levels(column) for name, column in levels.items()}
    return Batch(**magnitudes, exact=exact, weight=weight)


def augment(batch: Batch, settings: Augmentation, generator: torch.Generator) -> Batch:
    """Return a new batch of the same size; only `made` rows are mixed, all are cropped."""
    if settings.crop_frames and settings.crop_frames < batch.voice.shape[1]:
        batch = _crop(batch, settings.crop_frames, generator)
    made = batch.exact > 0
    if settings == PLAIN or not bool(made.any()):
        return batch
    mixed = _mix(
        Batch(*(getattr(batch, name)[made] for name in Batch.__slots__)), settings, generator
    )
    new = {name: getattr(batch, name).clone() for name in Batch.__slots__}
    for name, values in new.items():
        values[made] = getattr(mixed, name)
    return Batch(**new)


def _crop(batch: Batch, frames: int, generator: torch.Generator) -> Batch:
    """Cut `frames` out of every row: of a few random places, the one with most voice."""
    room = batch.voice.shape[1] - frames + 1
    tries = torch.randint(room, (len(batch), CROP_TRIES), generator=generator)
    # Voices rest half of the time, and a masker that mostly sees rests learns to keep nothing.
    sung = batch.voice_part.square().sum(dim=2).cumsum(dim=1)  # (batch, frames)
    gained = sung.gather(1, tries + frames - 1) - sung.gather(1, tries)
    starts = tries.gather(1, gained.argmax(dim=1, keepdim=True))
    rows = torch.arange(len(batch))[:, None]
    cut = (rows, starts + torch.arange(frames))
    arrays = {name: getattr(batch, name)[cut] for name in LEVEL_COLUMNS}
    return Batch(**arrays, exact=batch.exact, weight=batch.weight)


def _mix(batch: Batch, settings: Augmentation, generator: torch.Generator) -> Batch:
    """Take songs apart into sources, change them, and put them together anew."""
    n = len(batch)
    sung = torch.cat([batch.voice_part, (batch.bed - batch.bed_part).clamp_min(0.0)])
    played = torch.cat([(batch.voice - batch.voice_part).clamp_min(0.0), batch.bed_part])
    sung, played = (_change(x, settings, generator) for x in (sung, played))
    order = torch.randperm(2 * n, generator=generator)
    strangers = torch.rand(2 * n, generator=generator) < settings.remix_share
    partner = torch.where(strangers, order, torch.arange(2 * n))
    gain_db = torch.randn(2 * n, 1, 1, generator=generator) * settings.source_gain_db
    sung = sung * 10 ** (gain_db / 20)
    silent = torch.rand(2 * n, generator=generator) < settings.silent_share
    sung = sung * (~silent)[:, None, None]
    songs = _Songs.mixed(sung, played[partner], generator)
    roles = torch.randperm(2 * n, generator=generator)  # any song may take any role
    return _pair(songs.take(roles[:n]), songs.take(roles[n:]), settings, generator)


@dataclass(frozen=True, slots=True)
class _Songs:
    """Mixtures and the phase-sensitive part of their voices, `(songs, frames, bins)`."""

    mixture: Tensor
    sung: Tensor

    @classmethod
    def mixed(cls, sung: Tensor, played: Tensor, generator: torch.Generator) -> _Songs:
        """Add sources whose phases differ by a random angle in each bin: |a + b e^(i phi)|."""
        cosine = torch.cos(torch.rand(sung.shape, generator=generator) * (2 * math.pi))
        cross = sung * played * cosine
        power = (sung.square() + played.square() + 2 * cross).clamp_min(1e-14)
        mixture = power.sqrt()
        return cls(mixture, ((sung.square() + cross) / mixture).clamp_min(0.0))

    def take(self, index: Tensor) -> _Songs:
        return _Songs(self.mixture[index], self.sung[index])


def _pair(voice: _Songs, bed: _Songs, settings: Augmentation, generator: torch.Generator) -> Batch:
    """Balance the two songs and let the mashup be the power sum of their parts."""
    n = len(voice.mixture)
    bed_part = (bed.mixture - bed.sung).clamp_min(0.0)
    low, high = settings.balance_db
    balance_db = low + (high - low) * torch.rand(n, 1, 1, generator=generator)
    ratio = (_rms(bed_part) + 1e-6) / _rms(voice.sung).clamp_min(0.1 * _rms(voice.mixture) + 1e-6)
    gain = 10 ** (balance_db / 20) * ratio
    parts = (gain * voice.sung, bed_part)
    mashup = (parts[0].square() + parts[1].square()).sqrt()
    ones = torch.ones(n)
    return Batch(gain * voice.mixture, bed.mixture, mashup, *parts, exact=ones, weight=ones)


def _rms(x: Tensor) -> Tensor:
    return x.square().mean(dim=(1, 2), keepdim=True).sqrt()


def _change(x: Tensor, settings: Augmentation, generator: torch.Generator) -> Tensor:
    """Filter and transpose every row by its own random amount."""
    if settings.shift_semitones:
        x = _transpose(x, settings.shift_semitones, generator)
    if settings.eq_db:
        x = x * _equaliser(len(x), x.shape[-1], settings.eq_db, generator)
    return x


def _equaliser(n: int, bins: int, swing_db: float, generator: torch.Generator) -> Tensor:
    """Return smooth gains `(n, 1, bins)`: four slow cosines over log frequency."""
    place = torch.log1p(torch.arange(bins) / 8) / math.log1p(bins / 8)
    waves = torch.cos(math.pi * torch.arange(1, 5)[:, None] * place)  # (4, bins)
    weights = torch.randn(n, 4, generator=generator) * (swing_db / 2)
    return (10 ** (weights @ waves / 20))[:, None]


def _transpose(x: Tensor, most: float, generator: torch.Generator) -> Tensor:
    """Stretch each row's frequency axis by up to `most` semitones, linear between bins."""
    n, _, bins = x.shape
    semitones = (2 * torch.rand(n, 1, generator=generator) - 1) * most
    place = (torch.arange(bins) / 2 ** (semitones / 12)).clamp_max(bins - 1)  # (n, bins)
    low = place.long().clamp_max(bins - 2)
    part = (place - low)[:, None]
    rows = torch.arange(n)[:, None, None]
    frames = torch.arange(x.shape[1])[None, :, None]
    return torch.lerp(x[rows, frames, low[:, None]], x[rows, frames, low[:, None] + 1], part)
