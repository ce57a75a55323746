from __future__ import annotations

import numpy as np
import pytest

from audio.onsets import band_flux
from audio.pulse import best_path, comb, follow, pooled, pooled_times_s
from audio.tempo import onset_envelope
from tests.audio.ear_signals import RATE_HZ, clicks


def _onsets(clicks_s: np.ndarray, duration_s: float) -> np.ndarray:
    audio = clicks(clicks_s, duration_s=duration_s)
    return pooled(onset_envelope(band_flux(audio, sample_rate_hz=RATE_HZ)))


def test_a_click_track_is_followed_by_a_straight_line() -> None:
    pulse = follow(_onsets(np.arange(0.3, 59.8, 0.5), 60), 120.0)
    assert pulse.is_steady
    assert np.ptp(pulse.times_s(np.arange(1.0, 100.0)) - 0.5 * np.arange(99)) < 1e-6
    assert pulse.strength > 0.4


@pytest.mark.parametrize("ends", [(0.97, 1.03), (1.03, 0.97)])
def test_a_drifting_click_track_is_counted_without_slipping(ends: tuple[float, float]) -> None:
    true_s = 0.3 + np.cumsum(0.5 * np.linspace(*ends, 120))
    pulse = follow(_onsets(true_s, float(true_s[-1]) + 0.5), 120.0)
    count = np.interp(true_s, pooled_times_s(len(pulse.count)), pulse.count)
    assert not pulse.is_steady
    assert np.ptp(count - np.arange(len(true_s))) < 0.02


def test_comb_tells_beats_from_half_beats() -> None:
    onsets = np.tile(np.array([1, 0, 1, 0], np.float32), 50)
    shares = comb(onsets, np.arange(200) / 4, (1, 2))
    assert shares == pytest.approx([0.0, 1.0], abs=1e-6)


def test_a_path_prefers_a_detour_to_a_jump() -> None:
    score = np.zeros((5, 7))
    score[:, 1] = 1.0
    score[2] = [0, 0, 0, 0, 0, 0, 1.5]
    assert best_path(score, 0.1, is_ring=False).tolist() == [1, 1, 1, 1, 1]


def test_a_path_on_a_ring_counts_its_turns() -> None:
    score = np.eye(4)[[0, 3, 2, 1, 0, 3]] * 5.0
    path = best_path(score, 0.1, is_ring=True)
    assert (path % 4).tolist() == [0, 3, 2, 1, 0, 3]
    assert np.diff(path).tolist() == [-1, -1, -1, -1, -1]
