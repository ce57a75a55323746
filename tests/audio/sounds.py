"""Small synthetic sounds with known answers."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, sosfilt

RATE_HZ = 44_100


def sine(
    frequency_hz: float, duration_s: float, *, amplitude: float = 0.5, rate_hz: int = RATE_HZ
) -> NDArray[np.float32]:
    """Stereo sine, both sides equal."""
    times_s = np.arange(round(duration_s * rate_hz)) / rate_hz
    wave = amplitude * np.sin(2 * np.pi * frequency_hz * times_s)
    return np.stack([wave, wave]).astype(np.float32)


def noise(
    duration_s: float, *, seed: int = 0, band_hz: tuple[float, float] = (100, 8000)
) -> NDArray[np.float32]:
    """Stereo band-limited noise of RMS about 0.1, sides independent."""
    white = np.random.default_rng(seed).standard_normal((2, round(duration_s * RATE_HZ)))
    shaped = sosfilt(butter(4, band_hz, "bandpass", fs=RATE_HZ, output="sos"), white)
    return (0.1 * shaped / shaped.std()).astype(np.float32)


def music(duration_s: float, *, seed: int = 0) -> NDArray[np.float32]:
    """Stereo notes of random pitch with decay, four a second: loud and quiet, never silent."""
    rng = np.random.default_rng(seed)
    audio = 0.02 * noise(duration_s, seed=seed)
    for start in range(0, audio.shape[1], RATE_HZ // 4):
        note = sine(110 * 2 ** (rng.integers(0, 36) / 12), 0.25, amplitude=rng.uniform(0.1, 0.6))
        part = note[:, : audio.shape[1] - start]
        decay = np.exp(-np.arange(part.shape[1]) / (0.1 * RATE_HZ), dtype=np.float32)
        audio[:, start : start + part.shape[1]] += part * decay
    return audio


def clicks(times_s: Iterable[float], duration_s: float) -> NDArray[np.float32]:
    """Stereo bursts of 10 ms of decaying noise that start at `times_s`."""
    audio = np.zeros((2, round(duration_s * RATE_HZ)), np.float32)
    burst = np.random.default_rng(0).standard_normal(441) * np.exp(-np.arange(441) / 60)
    for time_s in times_s:
        start = round(time_s * RATE_HZ)
        audio[:, start : start + 441] += burst.astype(np.float32)
    return audio


def click_errors_s(audio: NDArray[np.float32], times_s: Iterable[float]) -> NDArray[np.float64]:
    """How late each click of `clicks` is, by where half of its energy has passed."""
    return np.array([_half_energy_s(audio, t) - t for t in times_s]) - _HALF_BURST_S


def _half_energy_s(audio: NDArray[np.float32], time_s: float) -> float:
    first = max(round((time_s - 0.05) * RATE_HZ), 0)
    energy = np.cumsum(audio[0, first : first + round(0.1 * RATE_HZ)].astype(np.float64) ** 2)
    return float(first + np.searchsorted(energy, energy[-1] / 2)) / RATE_HZ


def lag_samples(late: NDArray[np.float32], early: NDArray[np.float32]) -> int:
    """Delay of `late` after `early`, by the peak of their cross-correlation."""
    size = late.shape[1] + early.shape[1]
    product = np.fft.rfft(late[0], size) * np.conj(np.fft.rfft(early[0], size))
    peak = int(np.argmax(np.fft.irfft(product, size)))
    return peak if peak < size // 2 else peak - size


_HALF_BURST_S = _half_energy_s(clicks([0.1], 0.3), 0.1) - 0.1
