from __future__ import annotations

import numpy as np
import pytest

from audio.errors import NoBeatError
from audio.tempo import estimate_tempo
from tests.audio.ear_signals import RATE_HZ, clicks, tune


@pytest.mark.parametrize("bpm", [72.0, 90.0, 120.37, 128.0, 140.0, 155.5])
def test_tempo_of_clicks_is_within_a_twentieth_of_a_percent(bpm: float) -> None:
    audio = clicks(np.arange(0.3, 39.8, 60 / bpm), duration_s=40)
    assert estimate_tempo(audio).bpm == pytest.approx(bpm, rel=5e-4)


def test_tempo_of_a_tune_is_found_with_confidence() -> None:
    tempo = estimate_tempo(tune(1, duration_s=30, bpm=117.3))
    assert tempo.bpm == pytest.approx(117.3, rel=5e-4)
    assert tempo.confidence > 0.3


@pytest.mark.parametrize(
    "audio",
    [
        np.zeros(20 * RATE_HZ, np.float32),
        np.random.default_rng(0).standard_normal(20 * RATE_HZ).astype(np.float32) / 10,
        np.sin(np.arange(20 * RATE_HZ) * 0.06).astype(np.float32),
        tune(1, duration_s=2, bpm=120),
    ],
    ids=["silence", "noise", "one tone", "two seconds"],
)
def test_no_pulse_is_an_error_that_says_what_to_do(audio: np.ndarray) -> None:
    with pytest.raises(NoBeatError, match=r"expected a steady pulse.*use a track with a beat"):
        estimate_tempo(audio)
