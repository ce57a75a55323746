"""The tempo at which songs meet."""

from __future__ import annotations

import numpy as np
import pytest

from model.grid import Grid
from model.plan import PlanError
from model.tempi import choose_fold, choose_tempo


def _grid(bpm: float, *, heard: bool = True) -> Grid:
    return Grid(np.arange(40) * 60 / bpm, 0, bpm, heard)


@pytest.mark.parametrize(("a", "b", "fold"), [(120, 125, 1.0), (70, 138, 2.0), (150, 80, 0.5)])
def test_songs_are_counted_so_that_they_meet(a: float, b: float, fold: float) -> None:
    choice = choose_fold(_grid(a), _grid(b))
    assert choice.chosen.value == fold
    assert choice.second is not None
    assert choice.second.score < choice.chosen.score


@pytest.mark.parametrize(
    ("wish", "bpm"), [("auto", 125.0), ("keep-a", 120.0), ("keep-b", 125.0), (61.0, 122.0)]
)
def test_a_wished_tempo_is_taken(wish: str | float, bpm: float) -> None:
    meeting, choice = choose_tempo(_grid(120), _grid(125), bed="B", wish=wish)
    assert meeting.bpm == pytest.approx(bpm)
    assert choice.chosen.value == meeting.bpm


def test_a_long_way_is_shared_by_both() -> None:
    meeting, _ = choose_tempo(_grid(100), _grid(130), bed="B", wish="auto")
    assert 100 < meeting.bpm < 130


def test_the_song_with_a_beat_is_the_clock() -> None:
    meeting, _ = choose_tempo(_grid(100), _grid(100, heard=False), bed="B", wish="auto")
    assert meeting.clock == "A"


@pytest.mark.parametrize(
    ("wish", "says"),
    [("fast", "tempo must be"), (10.0, "40 to 240"), (float("nan"), "40 to 240")],
)
def test_a_wish_that_makes_no_sense_is_explained(wish: str | float, says: str) -> None:
    with pytest.raises(PlanError, match=says):
        choose_tempo(_grid(120), _grid(125), bed="B", wish=wish)
