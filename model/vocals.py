"""Where a song sings, without a separator: what is central, sustained and does not repeat.

Accompaniment repeats and singing hardly does (REPET-SIM: Rafii and Pardo, "Music/voice
separation using the similarity matrix", ISMIR 2012); lead vocals are mixed to the centre; and a
mean of decibels over a second ignores drum hits. It ranks seconds with and without singing with
an area under the curve of 0.80 to 0.97 on four real songs with known stems, but cannot tell a
singer from a solo instrument.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import scipy.ndimage
import torch
from numpy.typing import NDArray

from audio.decode import to_analysis
from audio.onsets import mel_bank
from audio.params import PARAMS
from audio.spectrogram import stft

FRAME_S = 2048 / PARAMS.sample_rate_hz  # 93 ms
SINGING = 0.5  # activity above this counts as singing
_PARAMS = replace(PARAMS, hop_samples=1024)
_MEL_BANDS = 96
_VOCAL_BANDS = slice(8, 78)  # about 250 to 5,600 Hz: above the bass
_SIDE_WEIGHT = 2.0  # how much louder than the sides the centre must be
_FLOOR = 1e-6  # 60 dB under the loudest is silence, not the lower end of the scale
_NEIGHBOURS = 12
_FAR_FRAMES = 11  # 1 s: nearer frames are the same sound, not its repetition
_SMOOTH_FRAMES = 11  # 1 s, a word or two
_BLOCK_FRAMES = 1024  # bounds the similarity matrix
_RANGE = (0.10, 0.95)  # quantiles of the level between which a song's quiet and loud lie
_RISE = (0.35, 0.85)  # part of that range over which activity goes from 0 to 1
_MIN_RANGE_DB = 3.0  # a level this even says nothing about who sings when


@dataclass(frozen=True, slots=True)
class Singing:
    """When a song sings and how much it sounds like one that does.

    Attributes
    ----------
    activity : `(frames,)`, 0 to 1 per `FRAME_S`, relative to the song's own quiet and loud
    strength : 0 to 1, comparable between songs: how much of the sound, where it is active,
        is central and in the range of voices
    """

    activity: NDArray[np.float32]
    strength: float

    @property
    def share(self) -> float:
        """Share of the song's time in which it sings."""
        return float(np.mean(self.activity > SINGING))

    def between(self, start_s: float, end_s: float) -> float:
        """Return the mean activity of a span of the song; 0 outside the song."""
        first = max(round(start_s / FRAME_S), 0)
        span = self.activity[first : max(round(end_s / FRAME_S), first + 1)]
        return float(span.mean()) if len(span) else 0.0


def hear_singing(audio: NDArray[np.float32]) -> Singing:
    """Estimate when a song sings.

    Parameters
    ----------
    audio : `(2, samples)` at the render rate; a song that is the same on both sides works too
    """
    mid, side = _bands(to_analysis(audio)), _bands(to_analysis(audio * _DIFFERENCE))
    centre = np.maximum(mid - _SIDE_WEIGHT * side, 0)[:, _VOCAL_BANDS]
    own = np.square(centre - repeated_bands(centre)).sum(axis=1)
    level_db = 10 * np.log10(own + _FLOOR * max(float(own.max()), 1e-12))
    activity = _activity(scipy.ndimage.uniform_filter1d(level_db, _SMOOTH_FRAMES))
    active = activity > SINGING
    everything = float((mid + side)[active].sum())
    strength = float(centre[active].sum()) / everything if everything > 0 else 0.0
    return Singing(activity, strength)


def repeated_bands(bands: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return what each frame `(frames, bands)` shares with the frames most like it elsewhere."""
    shape = np.log1p(bands / max(float(bands.mean()), 1e-9))
    shape = scipy.ndimage.uniform_filter1d(shape - shape.mean(axis=0), 3, axis=0)
    norm = np.linalg.norm(shape, axis=1, keepdims=True)
    unit, values = torch.from_numpy(shape / (norm + 1e-9)).float(), torch.from_numpy(bands)
    frame = torch.arange(len(unit))
    repeated = torch.empty_like(values)
    for block in frame.split(_BLOCK_FRAMES):
        likeness = unit[block] @ unit.T  # (block, frames)
        likeness[(block[:, None] - frame).abs() < _FAR_FRAMES] = -1
        nearest = likeness.topk(min(_NEIGHBOURS, len(unit)), dim=1).indices
        repeated[block] = values[nearest].median(dim=1).values
    return np.asarray(np.minimum(repeated.numpy(), bands))


_DIFFERENCE = np.array([[1], [-1]], np.float32)  # the mean of (left, -right) is the side signal


def _bands(mono: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return mel magnitudes (frames, bands) per FRAME_S of a mono signal at the analysis rate."""
    bank = mel_bank(_PARAMS.sample_rate_hz, _PARAMS.n_fft, _MEL_BANDS)
    fine = stft(mono, params=_PARAMS).abs().numpy() @ bank
    even = fine[: len(fine) // 2 * 2]
    return np.asarray((even[::2] + even[1::2]) / 2, np.float32)


def _activity(level_db: NDArray[np.floating]) -> NDArray[np.float32]:
    """Map a song's levels to 0..1 between its own quiet and loud."""
    quiet, loud = np.quantile(level_db, _RANGE)
    if loud - quiet < _MIN_RANGE_DB:
        return np.ones(len(level_db), np.float32)
    low, high = (quiet + part * (loud - quiet) for part in _RISE)
    return np.asarray(np.clip((level_db - low) / (high - low), 0, 1), np.float32)
