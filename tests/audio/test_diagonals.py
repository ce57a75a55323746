from __future__ import annotations

import numpy as np

from audio.diagonals import find_runs

RATE_HZ = 20.0


def _picture(frames: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((frames, 40)).astype(np.float32)


def _places(mashup: np.ndarray, song: np.ndarray, lag: int) -> list[tuple[int, int, int]]:
    return [
        (run.start, run.stop, run.lag) for run in find_runs(mashup, song, rate_hz=RATE_HZ, lag=lag)
    ]


def test_a_loop_is_two_runs_with_the_cut_at_its_frame() -> None:
    song = _picture(1600)
    mashup = np.concatenate([song[300:700], song[300:700]])
    assert _places(mashup, song, lag=300) == [(0, 400, 300), (400, 800, -100)]


def test_a_pause_on_one_diagonal_stays_one_run() -> None:
    song = _picture(1600)
    mashup = song[200:1000].copy()
    mashup[300:500] = _picture(200, seed=1)
    assert _places(mashup, song, lag=200) == [(0, 800, 200)]


def test_what_is_not_there_gives_no_run() -> None:
    assert _places(_picture(800, seed=1), _picture(1600), lag=100) == []
