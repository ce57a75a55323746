"""A mashup's features without what one song explains, so that the other song can be heard.

The located song is laid over the mashup, brought to the mashup's equalisation band by band, and
taken away: magnitudes in the pitch picture, rises in the onset picture.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from audio.features import FLUX_STEP, LEVEL_STEP, SongFeatures
from audio.onsets import FLUX_RATE_HZ
from audio.pitch import BINS_PER_SEMITONE, PITCH_RATE_HZ, raised
from audio.timemap import Segment

GAIN_PERCENTILE = 30  # the other song only adds: the lower part of the ratios is this song alone
KEPT_SHARE = 0.05  # of a magnitude that is explained whole


def without(
    mashup: SongFeatures, song: SongFeatures, segments: tuple[Segment, ...], semitones: int
) -> SongFeatures:
    """The mashup's features with a located song taken away; tempi stay as they were."""
    total = mashup.pitch.astype(np.float32) * LEVEL_STEP
    own = laid_over(song.pitch, segments, len(total), PITCH_RATE_HZ) * LEVEL_STEP
    own = raised(own, semitones * BINS_PER_SEMITONE)
    rises = mashup.flux.astype(np.float32) * FLUX_STEP
    own_rises = laid_over(song.flux, segments, len(rises), FLUX_RATE_HZ) * FLUX_STEP
    return replace(
        mashup,
        pitch=_steps(_without_levels(total, own), LEVEL_STEP),
        flux=_steps(_without_rises(rises, own_rises), FLUX_STEP),
    )


def laid_over(
    values: NDArray[np.uint8], segments: tuple[Segment, ...], frames: int, rate_hz: float
) -> NDArray[np.float32]:
    """A song's features (frames, bands) on the mashup's clock; 0 outside the segments."""
    out = np.zeros((frames, values.shape[1]), np.float32)
    for segment in segments:
        start = max(0, round(segment.mashup_start_s * rate_hz))
        stop = min(frames, round(segment.mashup_end_s * rate_hz))
        position = np.asarray(segment.song_time(np.arange(start, stop) / rate_hz)) * rate_hz
        position = np.clip(position, 0, len(values) - 1.001)
        left = position.astype(np.int64)
        share = (position - left).astype(np.float32)[:, None]
        out[start:stop] = values[left] * (1 - share) + values[left + 1] * share
    return out


def _without_levels(total: NDArray[np.float32], own: NDArray[np.float32]) -> NDArray[np.float32]:
    whole, part = np.expm1(total), np.expm1(own)
    gain = np.zeros(total.shape[1], np.float32)
    for band in range(total.shape[1]):
        loud = part[:, band] > 0.1 * (part[:, band].max() + 1e-9)
        if loud.any():
            gain[band] = np.percentile(whole[loud, band] / part[loud, band], GAIN_PERCENTILE)
    return np.asarray(np.log1p(np.maximum(whole - part * gain, KEPT_SHARE * whole)), np.float32)


def _without_rises(total: NDArray[np.float32], own: NDArray[np.float32]) -> NDArray[np.float32]:
    gain = (total * own).sum(axis=0) / ((own * own).sum(axis=0) + 1e-9)
    return np.asarray(np.maximum(total - own * gain, 0), np.float32)


def _steps(values: NDArray[np.float32], step: float) -> NDArray[np.uint8]:
    return np.asarray(np.clip(np.rint(values / step), 0, 255), np.uint8)
