"""The pitch picture of a signal: log levels on a quarter-tone grid, 43 frames a second.

Transposition moves such a picture up or down and a change of tempo stretches it sideways, so
that a song can be looked for in a mashup by sliding one over the other.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import scipy.ndimage
from numpy.typing import NDArray

from audio.onsets import COMPRESSION, Framing, frame_count, magnitudes
from audio.params import PARAMS

PITCH_N_FFT = 4096
PITCH_HOP_SAMPLES = 512
PITCH_RATE_HZ = PARAMS.sample_rate_hz / PITCH_HOP_SAMPLES
BINS_PER_SEMITONE = 2
OCTAVES = 5
PITCH_BINS = 12 * BINS_PER_SEMITONE * OCTAVES
LOWEST_PITCH_HZ = 130.81  # C3; lower, a 186 ms window cannot tell quarter-tones apart
BLOCK_FRAMES = 1024
DEVIATION_FLOOR = 0.05  # half a decibel: quieter movement is codec noise


def pitch_levels(
    audio: NDArray[np.float32], *, sample_rate_hz: int = PARAMS.sample_rate_hz
) -> NDArray[np.float32]:
    """Log-compressed magnitudes (frames, PITCH_BINS) of a mono signal (samples,)."""
    framing = Framing(PITCH_N_FFT, PITCH_HOP_SAMPLES)
    bank = _pitch_bank(sample_rate_hz)
    total = frame_count(len(audio), PITCH_HOP_SAMPLES)
    levels = np.empty((total, PITCH_BINS), np.float32)
    for start in range(0, total, BLOCK_FRAMES):
        stop = min(total, start + BLOCK_FRAMES)
        levels[start:stop] = np.log1p(
            COMPRESSION * (magnitudes(audio, framing, start, stop) @ bank)
        )
    return levels


def contrast(levels: NDArray[np.float32], *, rate_hz: float) -> NDArray[np.float32]:
    """What stands out of its surroundings in time and pitch, each region equally loud.

    Local means are taken away over a third of a second and over half an octave or less, then the
    rest is divided by its local deviation: what a loud backing masks weighs as much as the backing.
    Clipped below at -1: a peak tells more than a gap.

    Parameters
    ----------
    levels : (frames, bins) at `rate_hz` frames a second, any number of bins a semitone
    """
    frames = max(3, round(rate_hz / 3) | 1)
    pitches = 7
    out = levels - scipy.ndimage.uniform_filter1d(levels, frames, axis=0)
    out -= scipy.ndimage.uniform_filter1d(out, pitches, axis=1)
    power = scipy.ndimage.uniform_filter1d(out * out, round(rate_hz) | 1, axis=0)
    power = scipy.ndimage.uniform_filter1d(power, 2 * pitches - 1, axis=1)
    out /= np.sqrt(np.maximum(power, 0)) + DEVIATION_FLOOR
    return np.asarray(np.clip(out, -1, 3), np.float32)


def retimed(levels: NDArray[np.float32], tempo_ratio: float) -> NDArray[np.float32]:
    """Mashup features (frames, bins) on the song's clock: frame k is mashup frame k / ratio."""
    count = int((len(levels) - 1) * tempo_ratio) + 1
    position = np.minimum(np.arange(count) / tempo_ratio, len(levels) - 1.000001)
    left = position.astype(np.int64)
    share = (position - left).astype(np.float32)[:, None]
    return np.asarray(levels[left] * (1 - share) + levels[left + 1] * share, np.float32)


def paired(levels: NDArray[np.float32], *, axis: int) -> NDArray[np.float32]:
    """Mean of neighbours two by two along an axis; an odd last one is left out."""
    even = np.take(levels, range(0, levels.shape[axis] - 1, 2), axis=axis)
    odd = np.take(levels, range(1, levels.shape[axis], 2), axis=axis)
    return np.asarray((even + odd) / 2, np.float32)


def raised(levels: NDArray[np.float32], bins: int) -> NDArray[np.float32]:
    """A picture (frames, bins) moved up by whole bins; what leaves the range is lost."""
    out = np.roll(levels, bins, axis=1)
    if bins > 0:
        out[:, :bins] = 0
    elif bins < 0:
        out[:, bins:] = 0
    return out


@lru_cache(maxsize=2)
def _pitch_bank(sample_rate_hz: int) -> NDArray[np.float32]:
    """Triangles (bins, PITCH_BINS) of unit sum, a quarter-tone or an FFT bin wide to each side."""
    step_hz = sample_rate_hz / PITCH_N_FFT
    centre_hz = LOWEST_PITCH_HZ * 2 ** (np.arange(PITCH_BINS) / (12 * BINS_PER_SEMITONE))
    width_hz = np.maximum(centre_hz * (2 ** (1 / (12 * BINS_PER_SEMITONE)) - 1), step_hz)
    bins_hz = np.arange(PITCH_N_FFT // 2 + 1) * step_hz
    triangles = np.clip(1 - np.abs(bins_hz[:, None] - centre_hz) / width_hz, 0, None)
    return np.asarray(triangles / triangles.sum(axis=0), np.float32)
