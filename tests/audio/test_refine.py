from __future__ import annotations

import numpy as np
import pytest
import scipy.ndimage

from audio.onsets import FLUX_RATE_HZ
from audio.refine import Line, refine


def test_offset_and_ratio_errors_of_a_coarse_line_are_corrected() -> None:
    """A song at 1.02 times its speed, 5 s in, guessed 40 ms and 0.1 % wrong, half under noise."""
    rng = np.random.default_rng(0)
    song = scipy.ndimage.gaussian_filter1d(rng.standard_normal((12_000, 24)), 2, axis=0)
    song /= song.std()
    frames = int(40 * FLUX_RATE_HZ)
    position = 5 * FLUX_RATE_HZ + 1.02 * np.arange(frames)
    mashup = scipy.ndimage.map_coordinates(
        song, np.meshgrid(position, np.arange(24), indexing="ij"), order=3
    )
    mashup += rng.standard_normal(mashup.shape)
    guess = Line(start_s=0.0, end_s=40.0, song_s_at_0=5.04, ratio=1.02 * 1.001)
    (line,) = refine([guess], mashup.astype(np.float32), song.astype(np.float32))
    assert line.ratio == pytest.approx(1.02, rel=5e-5)
    assert line.song_s_at_0 == pytest.approx(5.0, abs=0.001)


def test_no_lines_stay_no_lines() -> None:
    empty = np.zeros((100, 24), np.float32)
    assert refine([], empty, empty) == []
