"""Small known signals for the tests of the ears."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from audio.params import PARAMS

RATE_HZ = PARAMS.sample_rate_hz


def clicks(
    times_s: NDArray[np.floating], *, duration_s: float, pitch_hz: float = 1000.0
) -> NDArray[np.float32]:
    """Decaying tones that begin exactly at `times_s`."""
    out = np.zeros(round(duration_s * RATE_HZ) + RATE_HZ, np.float32)
    for time_s in times_s:
        first = int(np.ceil(time_s * RATE_HZ))
        after_s = np.arange(first, first + 2205) / RATE_HZ - time_s
        out[first : first + 2205] += np.exp(-40 * after_s) * np.sin(2 * np.pi * pitch_hz * after_s)
    return 0.5 * out[: round(duration_s * RATE_HZ)]


def tune(seed: int, *, duration_s: float, bpm: float) -> NDArray[np.float32]:
    """A tune of random notes, three at a time, and a drum on each beat; never repeats."""
    rng = np.random.default_rng(seed)
    out = np.zeros(round((duration_s + 2) * RATE_HZ), np.float32)
    for start_s in np.arange(0, duration_s, 30 / bpm):
        time_s = np.arange(round(60 / bpm * RATE_HZ)) / RATE_HZ
        decay = np.exp(-3 * time_s)
        first = round(start_s * RATE_HZ)
        for note in rng.integers(0, 30, 3):
            pitch_hz = 196 * 2 ** (note / 12)
            for harmonic in (1, 2, 3):
                wave = np.sin(2 * np.pi * pitch_hz * harmonic * time_s) * decay / harmonic
                out[first : first + len(time_s)] += 0.1 * wave.astype(np.float32)
    for start_s in np.arange(0, duration_s, 60 / bpm):
        noise = rng.standard_normal(1500) * np.exp(-np.arange(1500) / 200)
        first = round(start_s * RATE_HZ)
        out[first : first + 1500] += 0.3 * noise.astype(np.float32)
    return out[: round(duration_s * RATE_HZ)]
