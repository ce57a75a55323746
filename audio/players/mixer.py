"""The desk: placing sounds in time, ducking, reverb, levels and the final limiter."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pyloudnorm
from numpy.typing import NDArray
from scipy import ndimage, signal

Stereo = NDArray[np.float32]  # (2, samples)

CEILING = 0.97
_BLOCK = 64  # samples over which the limiter's gain is one value


def place(track: Stereo, sound: NDArray[np.float32], start: int, gain: float) -> None:
    """Add a sound to a track at a sample, cutting what lies outside."""
    head = max(0, -start)
    length = min(sound.shape[-1] - head, track.shape[-1] - max(start, 0))
    if length > 0:
        first = max(start, 0)
        track[..., first : first + length] += sound[..., head : head + length] * np.float32(gain)


def duck_curve(
    kicks_s: Iterable[float], depth: float, n_samples: int, sample_rate_hz: int
) -> NDArray[np.float32]:
    """Return the gain that a compressor keyed by the kick would apply, (samples,)."""
    gain = np.ones(n_samples, np.float32)
    length = int(0.35 * sample_rate_hz)
    recovery = np.linspace(0, 1, length, dtype=np.float32) ** 0.7
    dip = 1 - np.float32(depth) * (1 - recovery)
    for kick_s in kicks_s:
        start = int(kick_s * sample_rate_hz)
        span = gain[start : start + length]
        np.minimum(span, dip[: len(span)], out=span)
    return gain


@dataclass(frozen=True, slots=True)
class Room:
    """A reverberant space; the decay is the time to fall by 60 dB at low frequencies."""

    decay_s: float
    predelay_s: float
    dark: float  # how much faster treble dies

    def response(self, sample_rate_hz: int, rng: np.random.Generator) -> Stereo:
        """Return a stereo impulse response of unit energy: noise that dies treble first."""
        n_samples = int(min(self.decay_s, 2.5) * sample_rate_hz)
        t_s = np.arange(n_samples, dtype=np.float32) / np.float32(sample_rate_hz)
        fall = np.exp(-t_s * np.float32(np.log(1000) / self.decay_s))
        noise = rng.standard_normal((2, n_samples), dtype=np.float32)
        low = signal.lfilter([0.25], [1, -0.75], noise, axis=-1).astype(np.float32)
        high = (noise - low) * fall ** np.float32(self.dark)
        wet = (low * np.float32(2.0) + high) * fall
        wet -= wet.mean(axis=1, keepdims=True)
        wet = np.pad(wet, ((0, 0), (int(self.predelay_s * sample_rate_hz), 0)))
        return np.asarray(wet / np.sqrt(np.sum(wet**2) / 2), dtype=np.float32)


def reverberate(
    track: Stereo, room: Room, level: float, sample_rate_hz: int, rng: np.random.Generator
) -> Stereo:
    """Return the track with its room added at `level` of the dry sound's energy.

    The room is computed at half the rate, as it swallows the top octave anyway.
    """
    send = track.sum(axis=0) * np.float32(0.5 * level)
    send = 0.5 * (send[: len(send) // 2 * 2 : 2] + send[1::2])
    response = room.response(sample_rate_hz // 2, rng)
    wet = signal.oaconvolve(send[None], response, axes=1)[:, : len(send)].astype(np.float32)
    wet = np.repeat(wet, 2, axis=1)
    wet[:, 1:-1:2] = 0.5 * (wet[:, 1:-1:2] + wet[:, 2::2])
    wet += track[:, : wet.shape[1]]
    return np.concatenate([wet, track[:, wet.shape[1] :]], axis=1)


def echo(track: Stereo, delay_s: float, level: float, sample_rate_hz: int) -> None:
    """Add three echoes in place, alternating sides and fading."""
    mono = track.mean(axis=0)
    for number in range(1, 4):
        late = int(number * delay_s * sample_rate_hz)
        if late < len(mono):
            sides = (1.0, 0.4) if number % 2 else (0.4, 1.0)
            faded = mono[: len(mono) - late] * np.float32(level**number)
            for side, gain in enumerate(sides):
                track[side, late:] += faded * np.float32(gain)


def add_hiss(track: Stereo, level_db: float, sample_rate_hz: int, rng: np.random.Generator) -> None:
    """Add the noise of tape in place, a few seconds over and over."""
    hiss = rng.standard_normal((2, 5 * sample_rate_hz), dtype=np.float32)
    for start in range(0, track.shape[1], hiss.shape[1]):
        place(track, hiss, start, float(10 ** (level_db / 20)))


def saturate(track: Stereo, drive: float) -> Stereo:
    """Round off peaks as tape does; `drive` 0 leaves the track as it is."""
    if drive <= 0:
        return track
    peak = np.float32(np.abs(track).max() + 1e-9)
    scale = np.float32(drive) / peak
    return np.asarray(np.tanh(track * scale) / scale, dtype=np.float32)


def quick_lufs(track: Stereo, sample_rate_hz: int) -> float:
    """Return the integrated loudness to about 0.5 LU, from every fourth sample for speed."""
    step = max(1, sample_rate_hz // 11_025)
    thinned = np.ascontiguousarray(track[:, ::step].T, dtype=np.float64)
    lufs = float(pyloudnorm.Meter(sample_rate_hz / step).integrated_loudness(thinned))
    return lufs if np.isfinite(lufs) else -70.0


def limiter_gain(mix: Stereo, sample_rate_hz: int) -> NDArray[np.float32]:
    """Return the gain, (samples,), that keeps a mix below the ceiling.

    One gain for all stems keeps their sum equal to the mix. The gain is a smoothed minimum
    over 20 ms to either side, so that it is down before a peak arrives.
    """
    n_samples = mix.shape[1]
    rows = -(-n_samples // _BLOCK)
    level = np.pad(np.abs(mix).max(axis=0), (0, rows * _BLOCK - n_samples))
    peaks = level.reshape(rows, _BLOCK).max(axis=1)
    reach = 2 * max(1, round(0.006 * sample_rate_hz / _BLOCK)) + 1
    wanted = np.minimum(1.0, CEILING / np.maximum(peaks, 1e-9))
    lowest = ndimage.minimum_filter1d(wanted, 2 * reach + 1)
    gain = ndimage.uniform_filter1d(lowest, reach)
    centres = np.arange(rows) * _BLOCK + _BLOCK / 2
    smooth: NDArray[np.float32] = np.interp(np.arange(n_samples), centres, gain).astype(np.float32)
    return smooth


def fade(n_samples: int, end_s: float, sample_rate_hz: int) -> NDArray[np.float32]:
    """Return a gain that rises over 3 ms and falls over the last `end_s`."""
    gain = np.ones(n_samples, np.float32)
    rise, fall = int(0.003 * sample_rate_hz), min(int(end_s * sample_rate_hz), n_samples)
    gain[:rise] = np.linspace(0, 1, rise, dtype=np.float32)
    gain[n_samples - fall :] *= np.linspace(1, 0, fall, dtype=np.float32)
    return gain
