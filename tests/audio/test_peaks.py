from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import resample_poly

from audio.peaks import BLOCK, block_peaks, gain_per_sample, limiter_edges
from tests.audio.sounds import RATE_HZ, music, noise


def test_block_peaks_agree_with_plain_oversampling() -> None:
    audio = noise(1.0, band_hz=(1000, 18_000))
    dense = np.abs(resample_poly(audio.astype(np.float64), 4, 1, axis=1)).max(axis=0)
    expected = np.array([dense[i : i + 4 * BLOCK].max() for i in range(0, len(dense), 4 * BLOCK)])
    peaks = block_peaks(audio, sample_rate_hz=RATE_HZ, floor=0.0)
    np.testing.assert_allclose(peaks[1:-1], expected[1:-1], rtol=0.02)


def test_a_floor_spares_work_and_changes_nothing_above_it() -> None:
    audio = music(2.0)
    exact = block_peaks(audio, sample_rate_hz=RATE_HZ, floor=0.0)
    floor = float(np.quantile(exact, 0.8))
    spared = block_peaks(audio, sample_rate_hz=RATE_HZ, floor=floor)
    high = exact > floor
    np.testing.assert_array_equal(spared[high], exact[high])
    assert (spared[~high] <= floor).all()
    assert (spared < exact).any()


@pytest.mark.parametrize("samples", [1, 31, 32, 33, 1000])
def test_blocks_cover_audio_of_any_length(samples: int) -> None:
    audio = np.full((1, samples), 0.5, np.float32)
    peaks = block_peaks(audio, sample_rate_hz=RATE_HZ, floor=0.0)
    assert peaks.shape == (-(-samples // BLOCK),)
    assert (peaks >= 0.5).all()


def test_the_limiter_never_lets_a_peak_pass_and_moves_smoothly() -> None:
    rng = np.random.default_rng(0)
    peaks = np.where(rng.random(3000) < 0.02, rng.uniform(1, 4, 3000), 0.5).astype(np.float32)
    edges = limiter_edges(peaks, ceiling=0.9, sample_rate_hz=RATE_HZ)
    gain = gain_per_sample(edges, 3000 * BLOCK - 7)
    assert gain.shape == (3000 * BLOCK - 7,)
    highest = np.pad(gain, (0, 7)).reshape(-1, BLOCK).max(axis=1)
    assert (highest * peaks).max() <= 0.9 + 1e-6
    assert np.abs(np.diff(gain)).max() < 0.01
    assert gain.max() <= 1


def test_the_limiter_leaves_alone_what_is_under_the_ceiling() -> None:
    edges = limiter_edges(np.full(100, 0.8, np.float32), ceiling=0.9, sample_rate_hz=RATE_HZ)
    np.testing.assert_allclose(edges, 1.0)
