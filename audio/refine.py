"""The last milliseconds: a coarse map's place and speed corrected on fine onsets.

Around the coarse map, short windows of both onset pictures are correlated within a seventh of a
second; bands weigh by how much they agree (drums for a bed, consonants and vowels for a voice).
The windows' curves are then stacked along every slope: slope and place of the highest stack correct
speed and offset. Stacking before picking lets passages help that are too faint to peak alone.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
import scipy.ndimage
from numpy.typing import NDArray

from audio.features import FLUX_STEP
from audio.onsets import FLUX_RATE_HZ

WINDOW_S = 4.0
REACHES_FRAMES = (24, 12)  # lags searched to each side, first and second pass: 139 and 70 ms
MAX_RATIO_ERRORS = (0.006, 0.001)  # slopes searched in each pass
SLOPES = 24  # of each sign, and none, per pass
MEAN_FRAMES, DEVIATION_FRAMES = 61, 345  # a third of a second; two seconds
CHANCE_GAIN = 0.1  # best of 49 lags of a band that has nothing in common, over 4 s
CURVE_STEP = 0.25  # frames between points of a stacked curve: 1.5 ms; a parabola does the rest


@dataclass(frozen=True, slots=True)
class Line:
    """A piece of a time map: song_s = song_s_at_0 + ratio mashup_s for mashup_s in start..end."""

    start_s: float
    end_s: float
    song_s_at_0: float
    ratio: float


@dataclass(frozen=True, slots=True)
class _Curves:
    """One line's windows: `moments_s` (windows,), correlation `tables` (windows, lags, bands)."""

    moments_s: NDArray[np.float64]
    tables: NDArray[np.float32]


def sharpened(flux: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Onset strengths (frames, bands), local mean away, local deviation 1."""
    strength = flux.astype(np.float32) * FLUX_STEP
    strength = scipy.ndimage.gaussian_filter1d(strength, 1.0, axis=0)
    strength -= scipy.ndimage.uniform_filter1d(strength, MEAN_FRAMES, axis=0)
    power = scipy.ndimage.uniform_filter1d(strength * strength, DEVIATION_FRAMES, axis=0)
    return np.asarray(strength / (np.sqrt(np.maximum(power, 0)) + 0.02), np.float32)


def refine(
    lines: list[Line],
    mashup: NDArray[np.float32],
    song: NDArray[np.float32],
    *,
    steady: bool = False,
) -> list[Line]:
    """Lines with offset and one common ratio corrected.

    Parameters
    ----------
    mashup, song : (frames, bands) from `sharpened`, each on its own clock
    steady : the ratio is known exactly; correct offsets only
    """
    for reach, max_error in zip(REACHES_FRAMES, MAX_RATIO_ERRORS, strict=True):
        curves = [_measure(line, mashup, song, reach) for line in lines]
        lines = _corrected(lines, curves, reach, 0.0 if steady else max_error)
    return lines


def _measure(
    line: Line, mashup: NDArray[np.float32], song: NDArray[np.float32], reach: int
) -> _Curves:
    windows = _windows(line, len(mashup))
    return _Curves(
        np.array([(start + stop) / 2 / FLUX_RATE_HZ for start, stop in windows]),
        np.stack([_band_correlations(line, *window, mashup, song, reach) for window in windows]),
    )


def _windows(line: Line, frames: int) -> list[tuple[int, int]]:
    """(first frame, last frame) of even windows over a line, on the mashup's clock."""
    start = max(0, round(line.start_s * FLUX_RATE_HZ))
    stop = min(frames, round(line.end_s * FLUX_RATE_HZ))
    count = max(1, round((stop - start) / (WINDOW_S * FLUX_RATE_HZ)))
    marks = np.linspace(start, stop, count + 1).round().astype(int).tolist()
    return list(itertools.pairwise(marks))


def _band_correlations(
    line: Line,
    start: int,
    stop: int,
    mashup: NDArray[np.float32],
    song: NDArray[np.float32],
    reach: int,
) -> NDArray[np.float32]:
    """Mean products (2 reach + 1, bands) of a mashup window with the song `reach` about."""
    frames = np.arange(start - reach, stop + reach)
    position = line.song_s_at_0 * FLUX_RATE_HZ + line.ratio * frames
    left = np.floor(position).astype(np.int64)
    share = (position - left).astype(np.float32)[:, None]
    inside = ((left >= 0) & (left < len(song) - 1))[:, None]
    left = np.clip(left, 0, len(song) - 2)
    there = np.where(inside, song[left] * (1 - share) + song[left + 1] * share, 0)
    mine = mashup[start:stop]
    views = np.lib.stride_tricks.sliding_window_view(there, len(mine), axis=0)
    return np.asarray(np.einsum("lbt,tb->lb", views, mine, optimize=True) / len(mine))


def _corrected(
    lines: list[Line], curves: list[_Curves], reach: int, max_error: float
) -> list[Line]:
    """Lines moved to the highest stack: one slope for all, an offset each."""
    if not lines:
        return lines
    weights = _band_weights(curves)
    weighted = [each.tables @ weights for each in curves]  # (windows, lags) per line
    slopes = np.linspace(-max_error, max_error, 2 * SLOPES + 1)
    centres_s = [float(each.moments_s.mean()) for each in curves]
    stacks = [
        _stacks(table, (each.moments_s - centre_s) * FLUX_RATE_HZ, slopes, reach)
        for table, each, centre_s in zip(weighted, curves, centres_s, strict=True)
    ]
    total = np.sum([stack.max(axis=1) ** 2 for stack in stacks], axis=0)
    best = int(total.argmax())
    moved = []
    for line, stack, centre_s in zip(lines, stacks, centres_s, strict=True):
        late_s = (_parabolic_top(stack[best]) * CURVE_STEP - reach) / FLUX_RATE_HZ
        at_0_s = line.song_s_at_0 + line.ratio * (late_s - slopes[best] * centre_s)
        moved.append(Line(line.start_s, line.end_s, float(at_0_s), line.ratio * (1 + slopes[best])))
    return moved


def _band_weights(curves: list[_Curves]) -> NDArray[np.float32]:
    """Weight of each band (bands,): how far its best agreement stands above its usual one."""
    tables = np.concatenate([each.tables for each in curves])
    gain = (tables - np.median(tables, axis=1, keepdims=True)).max(axis=1)
    gain = np.clip(np.percentile(gain, 75, axis=0) - CHANCE_GAIN, 0.01, 0.9)
    return np.asarray(gain / (1 - gain**2), np.float32)


def _stacks(
    table: NDArray[np.float32],
    frames: NDArray[np.float64],
    slopes: NDArray[np.float64],
    reach: int,
) -> NDArray[np.float64]:
    """Mean of curves (windows, lags) along each slope: (slopes, fine lags), the first at -reach."""
    smooth = scipy.ndimage.spline_filter1d(table.astype(np.float64), axis=1)
    fine = np.arange(0, 2 * reach + CURVE_STEP / 2, CURVE_STEP)
    lags = fine + slopes[:, None, None] * frames[:, None]  # (slopes, windows, fine lags)
    rows = np.broadcast_to(np.arange(len(frames))[:, None], lags.shape)
    values = scipy.ndimage.map_coordinates(smooth, [rows, lags], order=3, prefilter=False)
    return np.asarray(values.mean(axis=1))


def _parabolic_top(curve: NDArray[np.float64]) -> float:
    """Index of a curve's highest point, between samples."""
    peak = int(curve.argmax())
    if not 0 < peak < len(curve) - 1:
        return float(peak)
    left, middle, right = curve[peak - 1 : peak + 2]
    return float(peak + 0.5 * (left - right) / min(left - 2 * middle + right, -1e-12))
