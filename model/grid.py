"""The beat grid of a song: every beat from its first second to its last, in bars of four.

Trackers lose quiet introductions and wander by some milliseconds; the grid goes on where they
stop and follows the local tempo rather than each single beat.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from audio.beats import Beats

BEATS_PER_BAR = 4
STEADY_BEATS = 8  # neighbours on each side that a beat is smoothed with: two bars
MAX_WANDER_S = 0.035  # a line that misses a beat by more is no tempo but a change of it


@dataclass(frozen=True, slots=True)
class Grid:
    """The beats of a song in order.

    Attributes
    ----------
    beats_s : `(beats,)`, rising
    first_downbeat : index, below BEATS_PER_BAR, of the first beat that opens a bar
    bpm : the tempo of most of the song
    heard : False where no beat was found and the grid only counts time
    """

    beats_s: NDArray[np.float64]
    first_downbeat: int
    bpm: float
    heard: bool = True

    @property
    def bars(self) -> int:
        """Number of whole bars."""
        return (len(self.beats_s) - 1 - self.first_downbeat) // BEATS_PER_BAR

    def bar_start(self, bar: int) -> int:
        """Return the index of the beat that opens a bar."""
        return self.first_downbeat + bar * BEATS_PER_BAR

    @property
    def downbeats_s(self) -> NDArray[np.float64]:
        return self.beats_s[self.first_downbeat :: BEATS_PER_BAR]


def heard_grid(beats: Beats, *, duration_s: float) -> Grid:
    """Return the grid of tracked beats, smoothed, and extended to the ends of the song."""
    smooth_s = _smoothed(np.asarray(beats.beats_s, np.float64))
    step_s = 60 / beats.bpm
    before_s = _counted_down(smooth_s, step_s)
    count_after = int(max(duration_s - smooth_s[-1], 0) / step_s + 1e-6)
    after_s = smooth_s[-1] + step_s * np.arange(1, count_after + 1)
    phase = _downbeat_phase(np.asarray(beats.beats_s), np.asarray(beats.downbeats_s))
    first = (phase + len(before_s)) % BEATS_PER_BAR
    return Grid(np.concatenate([before_s, smooth_s, after_s]), first, beats.bpm)


def counted_grid(*, start_s: float, duration_s: float, bpm: float) -> Grid:
    """Return a grid at a given tempo for a song without a beat of its own."""
    beats_s = np.arange(start_s, duration_s, 60 / bpm, dtype=np.float64)
    return Grid(beats_s, 0, bpm, heard=False)


def folded(grid: Grid, factor: float) -> Grid:
    """Count a grid twice as fast (`factor` 2), half as fast (0.5), or as it is (1).

    Bars stay four beats: counted twice as fast, each old bar is two; counted half as fast, two
    old bars are one. Which of the new beats opens a bar may have to be heard again.
    """
    if factor == 1:
        return grid
    if factor == 2:
        middles = (grid.beats_s[:-1] + grid.beats_s[1:]) / 2
        beats_s = np.insert(grid.beats_s, np.arange(1, len(grid.beats_s)), middles)
        first = 2 * grid.first_downbeat % BEATS_PER_BAR
        return replace(grid, beats_s=beats_s, first_downbeat=first, bpm=2 * grid.bpm)
    kept = grid.beats_s[grid.first_downbeat % 2 :: 2]
    return replace(grid, beats_s=kept, first_downbeat=grid.first_downbeat // 2, bpm=grid.bpm / 2)


def _smoothed(beats_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Put each beat on the straight line through its neighbours, where one fits them."""
    if len(beats_s) < 3:
        return beats_s
    smooth_s = beats_s.copy()
    for index in range(len(beats_s)):
        first, last = max(index - STEADY_BEATS, 0), min(index + STEADY_BEATS + 1, len(beats_s))
        count = np.arange(first, last)
        slope, start_s = np.polyfit(count, beats_s[first:last], 1)
        off_s = np.abs(start_s + slope * count - beats_s[first:last])
        if off_s.max() <= MAX_WANDER_S:
            smooth_s[index] = start_s + slope * index
    return smooth_s


def _counted_down(beats_s: NDArray[np.float64], step_s: float) -> NDArray[np.float64]:
    count = int(beats_s[0] / step_s + 1e-6)
    return np.asarray(beats_s[0] - step_s * np.arange(count, 0, -1))


def _downbeat_phase(beats_s: NDArray[np.float64], downbeats_s: NDArray[np.float64]) -> int:
    """Return which of four beats opens the bar, by a vote of the downbeats."""
    if len(downbeats_s) == 0:
        return 0
    nearest = np.abs(beats_s[:, None] - downbeats_s).argmin(axis=0)
    return int(np.bincount(nearest % BEATS_PER_BAR, minlength=BEATS_PER_BAR).argmax())
