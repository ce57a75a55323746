"""Beat grids: complete, smooth, and counted as asked."""

from __future__ import annotations

import numpy as np
import pytest

from audio.beats import Beats
from model.grid import Grid, counted_grid, folded, heard_grid


def _beats(beats_s: np.ndarray, first_downbeat: int = 0, bpm: float = 120.0) -> Beats:
    return Beats(bpm, beats_s, beats_s[first_downbeat::4], 0.9)


def test_a_grid_reaches_both_ends_of_the_song() -> None:
    grid = heard_grid(_beats(5 + 0.5 * np.arange(20)), duration_s=20.2)
    assert grid.beats_s[0] == pytest.approx(0.0)
    assert grid.beats_s[-1] == pytest.approx(20.0)
    np.testing.assert_allclose(np.diff(grid.beats_s), 0.5)


def test_downbeats_stay_where_they_were_heard() -> None:
    grid = heard_grid(_beats(5 + 0.5 * np.arange(20), first_downbeat=3), duration_s=20.2)
    assert np.abs(grid.downbeats_s - 6.5).min() < 1e-9
    np.testing.assert_allclose(np.diff(grid.downbeats_s), 2.0)


def test_jitter_of_the_tracker_is_smoothed_away() -> None:
    truth_s = 0.5 * np.arange(80)
    rough_s = truth_s + np.random.default_rng(1).normal(0, 0.008, 80)
    grid = heard_grid(_beats(rough_s), duration_s=39.6)
    off_s = [np.abs(grid.beats_s - moment).min() for moment in truth_s]
    assert np.mean(off_s) < 0.004 < np.mean(np.abs(rough_s - truth_s))


@pytest.mark.parametrize(
    ("factor", "beats_s", "downbeats_s"),
    [
        (1, [0, 1, 2, 3, 4, 5, 6, 7, 8], [0, 4, 8]),
        (2, np.arange(0, 8.5, 0.5), [0, 2, 4, 6, 8]),
        (0.5, [0, 2, 4, 6, 8], [0, 8]),
    ],
)
def test_folding_keeps_bars_of_four(
    factor: float, beats_s: list[float], downbeats_s: list[float]
) -> None:
    grid = folded(Grid(np.arange(9.0), 0, 60.0), factor)
    np.testing.assert_allclose(grid.beats_s, beats_s)
    np.testing.assert_allclose(grid.downbeats_s, downbeats_s)
    assert grid.bpm == 60.0 * factor


def test_a_counted_grid_says_that_no_beat_was_heard() -> None:
    grid = counted_grid(start_s=1.0, duration_s=9.0, bpm=120.0)
    assert (grid.heard, grid.bars, grid.beats_s[0]) == (False, 3, 1.0)
