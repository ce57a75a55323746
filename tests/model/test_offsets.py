"""Offsets between songs, found by ear."""

from __future__ import annotations

import numpy as np
import pytest

from audio.params import PARAMS
from model.offsets import common_offset_s, onset_offsets

RATE_HZ = PARAMS.sample_rate_hz
BEATS_S = np.arange(33) * 0.5


def _clicks(later_s: float, *, seed: int) -> np.ndarray:
    """Noise bursts on the beats, each song with its own noise."""
    rng = np.random.default_rng(seed)
    audio = rng.normal(0, 1e-3, 17 * RATE_HZ)
    burst = np.exp(-np.arange(2000) / 300)
    for beat_s in BEATS_S:
        first = round((beat_s + later_s + 0.1) * RATE_HZ)
        audio[first : first + 2000] += 0.3 * rng.normal(size=2000) * burst
    return audio.astype(np.float32)


@pytest.mark.parametrize("later_ms", [-35.0, -8.0, 0.0, 12.0, 50.0])
def test_a_known_offset_is_found_to_two_milliseconds(later_ms: float) -> None:
    found_s = onset_offsets(_clicks(0, seed=1), _clicks(later_ms / 1000, seed=2), beats_s=BEATS_S)
    assert len(found_s) == 4
    np.testing.assert_allclose(1000 * found_s, later_ms, atol=2)


def test_silence_has_no_offset() -> None:
    silent = np.zeros(17 * RATE_HZ, np.float32)
    assert len(onset_offsets(_clicks(0, seed=1), silent, beats_s=BEATS_S)) == 0


@pytest.mark.parametrize(
    ("offsets_ms", "common_ms"),
    [
        ([10, 11, 10, 9], 10.0),  # they agree
        ([10, -30, 50, 0], 0.0),  # they do not
        ([10, 10], 0.0),  # too few of ten windows
        ([60, 61, 60, 60, 60], 0.0),  # no bias of beat tracking is that large
    ],
)
def test_only_what_windows_agree_on_counts(offsets_ms: list[float], common_ms: float) -> None:
    windows = 4 if len(offsets_ms) >= 4 else 10
    found_s = common_offset_s(np.array(offsets_ms) / 1000, windows=windows)
    assert 1000 * found_s == pytest.approx(common_ms)
