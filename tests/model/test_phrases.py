"""Phrases: whole bars, where the song changes, with what is heard in them."""

from __future__ import annotations

import numpy as np
import pytest

from model.grid import Grid
from model.phrases import cut_phrases, phrase_bars
from tests.model.duo import SINGER, heard, song


def _grid(bars: int) -> Grid:
    return Grid(np.arange(bars * 4 + 1) * 0.5, 0, 120.0)


@pytest.mark.parametrize(
    ("bars", "seconds", "expected"), [(60, 120, 4), (12, 120, 2), (60, 20, 2), (3, 120, 1)]
)
def test_phrases_are_as_long_as_song_and_mashup_allow(
    bars: int, seconds: float, expected: int
) -> None:
    assert phrase_bars(_grid(bars), _grid(60), seconds=seconds) == expected


def test_phrases_open_on_true_downbeats() -> None:
    grid = heard(SINGER).grid
    assert grid is not None
    phrases = cut_phrases(heard(SINGER), grid, bars=4)
    starts_s = np.array([phrases.start_s(phrase) for phrase in range(len(phrases))])
    apart_s = np.abs(starts_s[:, None] - song(SINGER).downbeats_s).min(axis=1)
    assert apart_s.max() < 0.02
    np.testing.assert_allclose(np.diff(starts_s), 16 * 60 / song(SINGER).bpm, rtol=1e-3)


def test_the_nearest_phrase_is_found() -> None:
    grid = heard(SINGER).grid
    assert grid is not None
    phrases = cut_phrases(heard(SINGER), grid, bars=4)
    assert phrases.nearest(phrases.start_s(2) + 1.0) == 2
    assert phrases.nearest(1e6) == len(phrases) - 1
