"""One tempo for a whole song, by a harmonic Fourier sum over its onset envelope.

A tempo f is as strong as the envelope's spectrum at f, 2f and 4f together (beat, half beat and
quarter beat). Over minutes the spectral line is so thin that a steady song's tempo is known to
better than 0.01 %. The octave, which no spectrum decides, follows a listener's prior.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.fft
import scipy.ndimage
from numpy.typing import NDArray

from audio.errors import NoBeatError
from audio.onsets import FLUX_RATE_HZ, band_flux
from audio.params import PARAMS

LOWEST_BPM, HIGHEST_BPM = 50.0, 210.0
HARMONICS = (1, 2, 4)
PRIOR_CENTRE_BPM = (
    115.0  # listeners tap nearest here (Moelants 2002: 120; pop measures a little lower)
)
PRIOR_WIDTH_OCTAVES = 0.55
STEPS_PER_LINE = 16  # grid points within one spectral line's half width
DISTINCT_RATIO = 1.015  # nearer tempi are one
MIN_DURATION_S = 4.0
MIN_CONFIDENCE = 0.15  # pop measures above 0.22, noise 0.03, Brahms in rubato 0.11
EMPTY_BEATS = 0.75  # (1 - a) / (1 + a) where every second beat has a = 1/7 of the other's strength
LOW_BANDS = 4  # below about 250 Hz: kick and bass, which mark beats rather than half beats


@dataclass(frozen=True, slots=True)
class Tempo:
    """Beats per minute, and how far (0 to 1) the pulse stands out of the other tempi."""

    bpm: float
    confidence: float


def estimate_tempo(
    audio: NDArray[np.float32], *, sample_rate_hz: int = PARAMS.sample_rate_hz
) -> Tempo:
    """Tempo of a mono signal (samples,).

    Raises
    ------
    NoBeatError
        Silence, less than MIN_DURATION_S, or no steady pulse.
    """
    return strongest_tempo(tempo_candidates(band_flux(audio, sample_rate_hz=sample_rate_hz)))


def strongest_tempo(candidates: list[Tempo]) -> Tempo:
    """The first candidate, or NoBeatError where none stands out."""
    if not candidates or candidates[0].confidence < MIN_CONFIDENCE:
        raise no_beat()
    return candidates[0]


def no_beat() -> NoBeatError:
    """The error of a sound in which no pulse stands out."""
    return NoBeatError(
        f"expected a steady pulse between {LOWEST_BPM:g} and {HIGHEST_BPM:g} BPM over at least"
        f" {MIN_DURATION_S:g} s, found none; use a track with a beat"
    )


def tempo_candidates(flux: NDArray[np.float32], *, count: int = 4) -> list[Tempo]:
    """The likeliest tempi of onset strengths (frames, bands), best first, each 1.5 % apart or more.

    Empty where there is too little sound to tell.
    """
    envelope = onset_envelope(flux)
    if len(envelope) < MIN_DURATION_S * FLUX_RATE_HZ or not envelope.any():
        return []
    grid_hz, strength = _harmonic_strength(envelope)
    weighted = strength * _prior(60 * grid_hz)
    peaks = np.flatnonzero((weighted[1:-1] >= weighted[:-2]) & (weighted[1:-1] > weighted[2:])) + 1
    found: list[Tempo] = []
    for peak in peaks[np.argsort(weighted[peaks])[::-1]][:200]:
        bpm = 60 * _parabolic_peak(grid_hz, strength, int(peak))
        if all(abs(np.log(bpm / known.bpm)) > np.log(DISTINCT_RATIO) for known in found):
            found.append(Tempo(bpm, float(min(1.0, strength[peak]))))
        if len(found) == count:
            break
    return _slower_first(envelope, found)


def onset_envelope(flux: NDArray[np.float32]) -> NDArray[np.float32]:
    """One strength per frame (frames,) of flux (frames, bands), its slow average removed."""
    total = flux.sum(axis=1) + flux[:, :LOW_BANDS].sum(axis=1)
    slow = scipy.ndimage.uniform_filter1d(total, int(FLUX_RATE_HZ))
    return np.asarray(np.maximum(total - slow, 0), np.float32)


def _slower_first(envelope: NDArray[np.float32], found: list[Tempo]) -> list[Tempo]:
    """Put half the first tempo before it where every second beat is empty."""
    half_bpm = found[0].bpm / 2 if found else 0.0
    if half_bpm < LOWEST_BPM:
        return found
    time_s = np.arange(len(envelope)) / FLUX_RATE_HZ
    slow, fast = (
        abs(np.dot(envelope, np.exp(-2j * np.pi * bpm / 60 * time_s)))
        for bpm in (half_bpm, 2 * half_bpm)
    )
    if slow < EMPTY_BEATS * fast:
        return found
    rest = [tempo for tempo in found if abs(tempo.bpm / half_bpm - 1) > DISTINCT_RATIO - 1]
    return [Tempo(half_bpm, found[0].confidence), *rest]


def _harmonic_strength(
    envelope: NDArray[np.float32],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Tempo grid (Hz) and strength on it: sum of harmonics over the envelope's own sum."""
    frames = len(envelope)
    size = scipy.fft.next_fast_len(8 * frames, real=True)
    spectrum = np.abs(scipy.fft.rfft(envelope * np.hanning(frames) ** 0.5, size))
    step_hz = FLUX_RATE_HZ / frames / STEPS_PER_LINE
    grid_hz = np.arange(LOWEST_BPM / 60, HIGHEST_BPM / 60, step_hz, dtype=np.float64)
    bins_hz = np.arange(len(spectrum)) * FLUX_RATE_HZ / size
    total = sum(np.interp(grid_hz * harmonic, bins_hz, spectrum) for harmonic in HARMONICS)
    return grid_hz, np.asarray(total / (len(HARMONICS) * 0.7 * envelope.sum()), np.float64)


def _prior(bpm: NDArray[np.float64]) -> NDArray[np.float64]:
    octaves = np.log2(bpm / PRIOR_CENTRE_BPM)
    return np.asarray(np.exp(-0.5 * (octaves / PRIOR_WIDTH_OCTAVES) ** 2))


def _parabolic_peak(grid: NDArray[np.float64], height: NDArray[np.float64], peak: int) -> float:
    """Where the parabola through a grid peak and its neighbours has its top."""
    left, middle, right = height[peak - 1 : peak + 2]
    bend = left - 2 * middle + right
    shift = 0.0 if bend == 0 else float(np.clip(0.5 * (left - right) / bend, -1, 1))
    return float(grid[peak] + shift * (grid[1] - grid[0]))
