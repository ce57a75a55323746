"""Which parts of a mashup follow which offset of a song: cuts, loops and pauses.

On the song's clock a song that simply runs through a mashup is one diagonal (mashup time against
song time); a cut or a loop jumps to another. Short windows propose diagonals, then a Viterbi walk
decides frame by frame which one the mashup follows, or none.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace

import numpy as np
import scipy.fft
import scipy.ndimage
from numpy.typing import NDArray

WINDOW_S, WINDOW_HOP_S = 6.0, 3.0
PEAKS_PER_WINDOW = 3
MIN_PEAK_Z = 4.0
MAX_DIAGONALS = 20
MERGE_S = 0.12  # proposals nearer than this are one diagonal
NORM_S = 2.0  # agreement is judged against the energy of this neighbourhood
MIN_AGREEMENT = 0.12  # chance agreement over 2 s stays below 0.1 in 99 % of cases
ENTRY_COST = 6.0  # frames of full agreement that a run must earn; chance seldom reaches it
JUMP_COST = 30.0  # the same elsewhere in the song: a chorus agrees with every other chorus
MIN_RUN_S = 1.5
REACH_S = 8.0  # a voice pauses: a run goes on so far before and after what is heard of it


@dataclass(frozen=True, slots=True)
class Run:
    """Frames `start` to `stop` of the mashup, on the song's clock, at one `lag`.

    Song frame = mashup frame + lag; `agreement` is the mean correlation, 1 for equal pictures,
    and `heard` how many frames that mean is over.
    """

    start: int
    stop: int
    lag: int
    agreement: float
    heard: int


def find_runs(
    mashup: NDArray[np.float32], song: NDArray[np.float32], *, rate_hz: float, lag: int
) -> list[Run]:
    """Runs of a song in a mashup, in order; empty where nothing agrees.

    Parameters
    ----------
    mashup, song : (frames, pitches) sharpened pictures at `rate_hz`, already in one key and speed
    lag : the diagonal known beforehand
    """
    lags = _proposed_lags(mashup, song, rate_hz=rate_hz, known=lag)
    agreement = np.stack([_agreement(mashup, song, each, rate_hz) for each in lags])
    runs = [
        Run(start, stop, lags[state], float(agreement[state, start:stop].mean()), stop - start)
        for start, stop, state in _spans(_walk(agreement - MIN_AGREEMENT))
        if stop - start >= MIN_RUN_S * rate_hz
    ]
    reach = round(REACH_S * rate_hz)
    return _extended(_joined(runs), reach=reach, frames=len(mashup), song_frames=len(song))


def _proposed_lags(
    mashup: NDArray[np.float32], song: NDArray[np.float32], *, rate_hz: float, known: int
) -> list[int]:
    """The known lag, then those that short windows vote for; a peak counts its z squared."""
    window, hop = round(WINDOW_S * rate_hz), round(WINDOW_HOP_S * rate_hz)
    size = scipy.fft.next_fast_len(len(song) + window, real=True)
    spectrum = scipy.fft.rfft(song, size, axis=0)
    votes = np.zeros(len(mashup) + len(song))  # index: lag + len(mashup)
    for start in range(0, max(1, len(mashup) - window // 2), hop):
        piece = scipy.fft.rfft(mashup[start : start + window], size, axis=0)
        row = scipy.fft.irfft((spectrum * np.conj(piece)).sum(axis=1), size)[: len(song)]
        for peak, z in _peaks(row / (row.std() + 1e-9), apart=round(0.3 * rate_hz)):
            votes[peak - start + len(mashup)] += z * z
    return _elected(
        votes, first=known + len(mashup), near=max(1, round(MERGE_S * rate_hz)), zero=len(mashup)
    )


def _peaks(row: NDArray[np.float32], *, apart: int) -> list[tuple[int, float]]:
    """The highest points of a row, each MIN_PEAK_Z or more, and `apart` from one another."""
    row = row.copy()
    found: list[tuple[int, float]] = []
    while len(found) < PEAKS_PER_WINDOW and row.max() >= MIN_PEAK_Z:
        peak = int(row.argmax())
        found.append((peak, float(row[peak])))
        row[max(0, peak - apart) : peak + apart + 1] = 0
    return found


def _elected(votes: NDArray[np.float64], *, first: int, near: int, zero: int) -> list[int]:
    """Lags of most votes, those of one neighbourhood counted together."""
    votes = votes.copy()
    votes[max(0, first - near) : first + near + 1] = 0
    found = [first - zero]
    while len(found) < MAX_DIAGONALS:
        together = scipy.ndimage.uniform_filter1d(votes, 2 * near + 1, mode="constant")
        if together.max() <= 1e-9:
            break
        middle = int(together.argmax())
        low = max(0, middle - near)
        peak = low + int(votes[low : middle + near + 1].argmax())
        found.append(peak - zero)
        votes[max(0, peak - near) : peak + near + 1] = 0
    return found


def _agreement(
    mashup: NDArray[np.float32], song: NDArray[np.float32], lag: int, rate_hz: float
) -> NDArray[np.float32]:
    """Per mashup frame, correlation with the song's frame `lag` later; 0 beyond the song's ends."""
    out = np.zeros(len(mashup), np.float32)
    start, stop = max(0, -lag), min(len(mashup), len(song) - lag)
    if stop - start < 2:
        return out
    mine, other = mashup[start:stop], song[start + lag : stop + lag]
    width = max(3, round(NORM_S * rate_hz))
    energies = [
        scipy.ndimage.uniform_filter1d((part * part).sum(axis=1), width) for part in (mine, other)
    ]
    out[start:stop] = (mine * other).sum(axis=1) / np.sqrt(energies[0] * energies[1] + 1.0)
    return out


def _walk(gain: NDArray[np.float32]) -> NDArray[np.int64]:
    """Viterbi path (frames,) through gain (states, frames); state -1, silence, gains nothing.

    Leaving a state is free; entering state 0, the known diagonal, costs ENTRY_COST, any
    other JUMP_COST.
    """
    states, frames = gain.shape
    cost = np.where(np.arange(states) == 0, ENTRY_COST, JUMP_COST)
    total = np.full(states, -np.inf)
    ground = 0.0  # best score of any path so far, silence included
    entered = np.empty((frames, states), bool)
    ground_from = np.empty(frames, np.int64)
    for frame in range(frames):
        best = int(total.argmax())
        ground_from[frame] = best if total[best] > ground else -1
        ground = max(ground, float(total[best]))
        entered[frame] = total < ground - cost
        total = np.maximum(total, ground - cost) + gain[:, frame]
    path = np.empty(frames, np.int64)
    state = int(total.argmax()) if total.max() > ground else -1
    for frame in range(frames - 1, -1, -1):
        path[frame] = state
        if state < 0 or entered[frame, state]:
            state = int(ground_from[frame])
    return path


def _spans(path: NDArray[np.int64]) -> list[tuple[int, int, int]]:
    """(start, stop, state) of each stretch of one state, silence left out."""
    edges = np.flatnonzero(np.diff(path)) + 1
    bounds = [0, *edges.tolist(), len(path)]
    return [
        (start, stop, int(path[start]))
        for start, stop in itertools.pairwise(bounds)
        if path[start] >= 0
    ]


def _joined(runs: list[Run]) -> list[Run]:
    """Neighbours on one diagonal made one: the song went on, only unheard."""
    joined: list[Run] = []
    for run in runs:
        if joined and abs(joined[-1].lag - run.lag) <= 1:
            last = joined.pop()
            heard = last.heard + run.heard
            mean = (last.agreement * last.heard + run.agreement * run.heard) / heard
            longer = max(last, run, key=lambda part: part.heard)
            run = Run(last.start, run.stop, longer.lag, mean, heard)
        joined.append(run)
    return joined


def _extended(runs: list[Run], *, reach: int, frames: int, song_frames: int) -> list[Run]:
    """Runs grown into free time: at most `reach`, to the song's end or half way to the next."""
    grown: list[Run] = []
    for index, run in enumerate(runs):
        before = runs[index - 1].stop if index else -run.start
        after = runs[index + 1].start if index + 1 < len(runs) else 2 * frames - run.stop
        start = max((before + run.start) // 2, run.start - reach, -run.lag, 0)
        stop = min((run.stop + after) // 2, run.stop + reach, song_frames - run.lag, frames)
        grown.append(replace(run, start=min(start, run.start), stop=max(stop, run.stop)))
    return grown
