"""A song's pulse as a count that rises with time: a straight line where the tempo is steady.

`follow` starts from a tempo known to some per cent. First the tempo is traced through windows of
ten seconds (a tempogram and its best path), then the phase through windows of six to eight. The
phase is judged at twice and four times the tempo only: half beats then count as much as beats, and
a passage without drums offers no reason to slip by half a beat.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.ndimage
from numpy.typing import NDArray

from audio.onsets import FLUX_RATE_HZ

POOLED_FRAMES = 4  # flux frames added up into one of the pulse's
PULSE_RATE_HZ = FLUX_RATE_HZ / POOLED_FRAMES  # 43 Hz: three times the fastest half beat
HARMONICS = (1, 2, 4)
PHASE_HARMONICS = (2, 4)
STEADY_SHARE = 0.75  # of the followed pulse's strength that a straight line must reach
TEMPO_REACH, TEMPO_STEP = 0.06, 0.002  # natural logarithms of the tempo around the given one
TEMPO_WINDOW_S, TEMPO_HOP_S, TEMPO_COST = 10.0, 1.0, 0.06
PHASE_WINDOWS_S, PHASE_HOP_S, PHASE_COST = (8.0, 6.0), 0.5, 0.3
PHASE_BINS = 64
SMOOTH_WINDOWS = 4.0  # standard deviation, in hops, over which a traced path is smoothed
QUIET = 0.01  # share of the mean loudness below which a window has no say


@dataclass(frozen=True, slots=True)
class Pulse:
    """Beats counted since the start, up to a constant, at each pooled frame: `count` (frames,).

    `strength` is the mean share (0 to 1) of onset strength in step with the count.
    """

    count: NDArray[np.float64]
    is_steady: bool
    strength: float

    def times_s(self, counts: NDArray[np.float64]) -> NDArray[np.float64]:
        """When the pulse reaches each of `counts`, on the flux's clock."""
        return np.asarray(np.interp(counts, self.count, pooled_times_s(len(self.count))))


def pooled(envelope: NDArray[np.float32]) -> NDArray[np.float32]:
    """Sums of POOLED_FRAMES frames of an envelope (frames,); an odd rest is left out."""
    usable = len(envelope) // POOLED_FRAMES * POOLED_FRAMES
    return np.asarray(envelope[:usable].reshape(-1, POOLED_FRAMES).sum(axis=1), np.float32)


def pooled_times_s(frames: int) -> NDArray[np.float64]:
    """The middle of each pooled frame, in seconds."""
    return np.asarray((np.arange(frames) + 0.5 - 0.5 / POOLED_FRAMES) / PULSE_RATE_HZ)


def follow(onsets: NDArray[np.float32], bpm: float) -> Pulse:
    """The pulse of pooled onsets (frames,) near a tempo, straight unless it clearly bends."""
    line = np.arange(len(onsets), dtype=np.float64) * (bpm / 60 / PULSE_RATE_HZ)
    curve = _traced_count(onsets, bpm)
    for window_s in PHASE_WINDOWS_S:
        curve -= _traced_phase(onsets, curve, window_s)
    straight, bent = (float(comb(onsets, each, HARMONICS).mean()) for each in (line, curve))
    if straight >= STEADY_SHARE * bent:
        return Pulse(line, is_steady=True, strength=straight)
    return Pulse(np.maximum.accumulate(curve), is_steady=False, strength=bent)


def comb(
    onsets: NDArray[np.float32], count: NDArray[np.float64], harmonics: tuple[float, ...]
) -> NDArray[np.float64]:
    """Share (0 to 1) of pooled onsets in step with each multiple of a count."""
    total = float(onsets.sum()) + 1e-9
    turns = [np.exp(-2j * np.pi * harmonic * count) for harmonic in harmonics]
    return np.array([abs(np.dot(onsets, turn)) / total for turn in turns])


def _traced_count(onsets: NDArray[np.float32], bpm: float) -> NDArray[np.float64]:
    """Beats counted along the best path through the tempogram."""
    tempi_hz = bpm / 60 * np.exp(np.arange(-TEMPO_REACH, TEMPO_REACH + 1e-9, TEMPO_STEP))
    windows = _windows(onsets, TEMPO_WINDOW_S, TEMPO_HOP_S)
    frames = windows.shape[1]
    time_s = (np.arange(frames) - frames / 2) / PULSE_RATE_HZ
    strength = np.zeros((len(windows), len(tempi_hz)))
    for harmonic in HARMONICS:
        turns = np.exp(-2j * np.pi * harmonic * np.outer(time_s, tempi_hz))
        strength += np.abs(windows @ turns.astype(np.complex64))
    path = best_path(strength / (len(HARMONICS) * _loudness(windows)), TEMPO_COST, is_ring=False)
    smooth = scipy.ndimage.gaussian_filter1d(np.log(tempi_hz)[path], SMOOTH_WINDOWS, mode="nearest")
    tempo_hz = np.exp(_at_frames(smooth, len(onsets), TEMPO_HOP_S))
    return np.asarray(np.concatenate([[0.0], np.cumsum(tempo_hz[:-1] / PULSE_RATE_HZ)]))


def _traced_phase(
    onsets: NDArray[np.float32], count: NDArray[np.float64], window_s: float
) -> NDArray[np.float64]:
    """How far (frames,), in beats, the onsets lie behind the count, without jumps."""
    shifts = np.arange(PHASE_BINS) / PHASE_BINS
    loudness = _loudness(_windows(onsets, window_s, PHASE_HOP_S))
    score = np.zeros((len(loudness), PHASE_BINS))
    for harmonic in PHASE_HARMONICS:
        turned = (onsets * np.exp(-2j * np.pi * harmonic * count)).astype(np.complex64)
        sums = _windows(turned, window_s, PHASE_HOP_S).sum(axis=1, keepdims=True)
        score += np.real(sums * np.exp(2j * np.pi * harmonic * shifts)) / loudness
    path = best_path(score, PHASE_COST, is_ring=True)
    shift = (path + _between_bins(score, path)) / PHASE_BINS
    smooth = scipy.ndimage.gaussian_filter1d(shift, SMOOTH_WINDOWS, mode="nearest")
    return _at_frames(smooth, len(onsets), PHASE_HOP_S)


def best_path(score: NDArray[np.float64], cost: float, *, is_ring: bool) -> NDArray[np.int64]:
    """The path (rows,) of highest total score that moves one bin a row at most (Viterbi).

    Parameters
    ----------
    score : (rows, bins)
    cost : of a move by one bin
    is_ring : the last bin is next to the first; the path then counts whole turns too
    """
    bins = score.shape[1]
    moves = np.zeros(score.shape, np.int64)
    total = score[0].copy()
    for row in range(1, len(score)):
        edges = (total[-1], total[0]) if is_ring else (-np.inf, -np.inf)
        ringed = np.concatenate([[edges[0]], total, [edges[1]]])
        options = np.stack([total, ringed[:-2] - cost, ringed[2:] - cost])
        taken = options.argmax(axis=0)
        moves[row] = np.array([0, -1, 1])[taken]
        total = options[taken, np.arange(bins)] + score[row]
    path = np.empty(len(score), np.int64)
    path[-1] = int(total.argmax())
    for row in range(len(score) - 1, 0, -1):
        path[row - 1] = path[row] + moves[row, path[row] % bins]
    return path


def _between_bins(score: NDArray[np.float64], path: NDArray[np.int64]) -> NDArray[np.float64]:
    """How far (rows,), in bins, the parabola's top lies off each bin of a path on a ring."""
    rows, bins = np.arange(len(path)), score.shape[1]
    left, middle, right = (score[rows, (path + step) % bins] for step in (-1, 0, 1))
    bend = np.minimum(left - 2 * middle + right, -1e-9)
    return np.asarray(np.clip(0.5 * (left - right) / bend, -0.5, 0.5))


def _windows(frames: NDArray[Any], window_s: float, hop_s: float) -> NDArray[Any]:
    """Hann windows (windows, frames) of a sequence, centred on every `hop_s`."""
    half = int(window_s * PULSE_RATE_HZ / 2)
    centres = np.round(np.arange(0, len(frames), hop_s * PULSE_RATE_HZ)).astype(int)
    padded = np.pad(frames, (half, half))
    views = np.lib.stride_tricks.sliding_window_view(padded, 2 * half)[centres]
    return np.asarray(views * np.hanning(2 * half + 1)[:-1].astype(np.float32))


def _loudness(windows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Onset strength of each window, never nearly nothing: (windows, 1)."""
    total = windows.sum(axis=1, keepdims=True)
    return np.asarray(total + QUIET * total.mean() + 1e-9, np.float32)


def _at_frames(values: NDArray[np.float64], frames: int, hop_s: float) -> NDArray[np.float64]:
    """Values at every `hop_s`, interpolated to each pooled frame."""
    places = np.arange(len(values)) * hop_s * PULSE_RATE_HZ
    return np.asarray(np.interp(np.arange(frames), places, values))
