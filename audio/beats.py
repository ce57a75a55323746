"""Beats and downbeats of a song with a steady pulse, to a few milliseconds.

The tempo gives the spacing and the whole song's onsets the phase. Music made to a click gets its
beats on one straight line through the attacks, in frames of 3 ms. Where attacks scatter about any
line, dynamic programming (Ellis, "Beat Tracking by Dynamic Programming", 2007) follows the player.
Which beats begin a bar is decided in `downbeats`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.ndimage
from numpy.typing import NDArray

from audio.downbeats import downbeat_phase
from audio.errors import NoBeatError
from audio.onsets import (
    COMPRESSION,
    FLUX_RATE_HZ,
    Framing,
    band_flux,
    frame_count,
    magnitudes,
)
from audio.params import PARAMS
from audio.tempo import Tempo, onset_envelope, strongest_tempo, tempo_candidates

BEATS_PER_BAR = 4
MIN_BEATS = 8
TIGHTNESS = 600.0  # weight of the squared log of an interval over the period; Ellis uses 680
FINE = Framing(256, 64)  # windows of 11.6 ms every 2.9 ms
FINE_RATE_HZ = PARAMS.sample_rate_hz / FINE.hop_samples
FINE_REACH_S = 0.045  # how far a beat may move onto its attack
ATTACK_LAG_S, FLUX_LAG_S = (
    0.0020,
    0.0115,
)  # flux peaks so long before an attack reaches a window's middle
STEADY_S = 0.009  # median distance from a straight line below which the music was made to a click
STEADY_REACH_S = 0.03
LINE_STEPS = 12  # of reweighting, Cauchy weights
EDGE_BEATS = 0.01  # a beat that falls this little before the first sample is the first beat
BLOCK_FRAMES = 8192


@dataclass(frozen=True, slots=True)
class Beats:
    """Pulse of a song: `beats_s` and `downbeats_s` are moments in seconds.

    `confidence` (0 to 1) is the tempo's: how far the pulse stands out.
    """

    bpm: float
    beats_s: NDArray[np.float64]
    downbeats_s: NDArray[np.float64]
    confidence: float


def track_beats(
    audio: NDArray[np.float32],
    *,
    sample_rate_hz: int = PARAMS.sample_rate_hz,
    tempo: Tempo | None = None,
) -> Beats:
    """Beats and downbeats of a mono signal (samples,).

    Parameters
    ----------
    tempo : as already known; estimated where not given

    Raises
    ------
    NoBeatError
        No steady pulse, or fewer than MIN_BEATS beats.
    """
    flux = band_flux(audio, sample_rate_hz=sample_rate_hz)
    known = tempo or strongest_tempo(tempo_candidates(flux))
    envelope, fine = onset_envelope(flux), _fine_envelope(audio)
    duration_s = len(audio) / sample_rate_hz
    grid_s = _on_attacks(fine, _grid(envelope, known.bpm), STEADY_REACH_S)
    beats_s = _straightened(grid_s, _strength(fine, grid_s), duration_s)
    if beats_s is None:
        beats_s = _on_attacks(fine, _rough_beats(envelope, known.bpm), FINE_REACH_S)
    if len(beats_s) < MIN_BEATS:
        raise NoBeatError(
            f"expected at least {MIN_BEATS} beats, found {len(beats_s)} in {duration_s:.1f} s;"
            " use a longer passage with a beat"
        )
    phase = downbeat_phase(audio, flux, beats_s, sample_rate_hz=sample_rate_hz)
    bpm = 60 / float(np.polyfit(np.arange(len(beats_s)), beats_s, 1)[0])
    return Beats(bpm, beats_s, beats_s[phase::BEATS_PER_BAR], known.confidence)


def _grid(envelope: NDArray[np.float32], bpm: float) -> NDArray[np.float64]:
    """Evenly spaced moments at the phase of most onset strength."""
    period = 60 * FLUX_RATE_HZ / bpm
    bins = max(8, round(period / 2))
    frames = np.arange(len(envelope))
    phase = (frames / period % 1 * bins).astype(np.int64)
    folded = np.bincount(phase, envelope, bins) / np.maximum(np.bincount(phase, None, bins), 1)
    folded = scipy.ndimage.gaussian_filter1d(folded, 0.7, mode="wrap")
    first = (int(folded.argmax()) + 0.5) / bins * period
    return np.asarray(np.arange(first, len(envelope), period) / FLUX_RATE_HZ + FLUX_LAG_S)


def _rough_beats(envelope: NDArray[np.float32], bpm: float) -> NDArray[np.float64]:
    """Beat moments by dynamic programming over every second frame of an envelope (frames,)."""
    pairs = envelope[: len(envelope) // 2 * 2].reshape(-1, 2).sum(axis=1).astype(np.float64)
    pairs = scipy.ndimage.gaussian_filter1d(pairs / (pairs.std() + 1e-9), 1.0)
    rate_hz = FLUX_RATE_HZ / 2
    period = 60 * rate_hz / bpm
    steps = np.arange(round(0.6 * period), round(1.6 * period) + 1)
    penalty = -TIGHTNESS * np.log(steps / period) ** 2
    score, back = pairs.copy(), np.full(len(pairs), -1)
    for frame in range(int(steps[0]), len(pairs)):
        usable = steps[: np.searchsorted(steps, frame, side="right")]
        candidates = score[frame - usable] + penalty[: len(usable)]
        best = int(candidates.argmax())
        if candidates[best] > 0:
            score[frame] += candidates[best]
            back[frame] = frame - usable[best]
    return _traced(score, back, int(period)) / rate_hz + 0.5 / FLUX_RATE_HZ + FLUX_LAG_S


def _traced(
    score: NDArray[np.float64], back: NDArray[np.int64], period: int
) -> NDArray[np.float64]:
    """Frames of the best chain that ends within the last period."""
    frame = len(score) - period + int(score[-period:].argmax())
    chain = []
    while frame >= 0:
        chain.append(frame)
        frame = int(back[frame])
    return np.array(chain[::-1], np.float64)


def _fine_envelope(audio: NDArray[np.float32]) -> NDArray[np.float32]:
    """Onset strength (frames,) at FINE_RATE_HZ: summed rises of log magnitudes."""
    total = frame_count(len(audio), FINE.hop_samples)
    out = np.empty(total, np.float32)
    for start in range(0, total, BLOCK_FRAMES):
        stop = min(total, start + BLOCK_FRAMES)
        levels = np.log1p(COMPRESSION * magnitudes(audio, FINE, max(0, start - 1), stop))
        rises = np.maximum(np.diff(levels, axis=0), 0).sum(axis=1)
        out[start:stop] = rises if start else np.concatenate([[0.0], rises])
    return np.asarray(scipy.ndimage.gaussian_filter1d(out, 0.7), np.float32)


def _on_attacks(
    envelope: NDArray[np.float32], rough_s: NDArray[np.float64], reach_s: float
) -> NDArray[np.float64]:
    """Each beat moved to the strongest attack near it, weighted towards where it was."""
    reach = round(reach_s * FINE_RATE_HZ)
    offsets = np.arange(-reach, reach + 1)
    weight = 1 - 0.5 * np.abs(offsets) / reach
    moved = rough_s.copy()
    for index, beat_s in enumerate(rough_s):
        frames = round(beat_s * FINE_RATE_HZ) + offsets
        if frames[0] < 1 or frames[-1] > len(envelope) - 2:
            continue
        peak = int((envelope[frames] * weight).argmax())
        left, middle, right = envelope[frames[peak] - 1 : frames[peak] + 2]
        bend = min(float(left - 2 * middle + right), -1e-9)
        top = float(frames[peak]) + np.clip(0.5 * float(left - right) / bend, -0.5, 0.5)
        moved[index] = top / FINE_RATE_HZ + ATTACK_LAG_S
    return moved


def _strength(envelope: NDArray[np.float32], beats_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """The fine envelope at each beat (beats,)."""
    frames = np.clip(np.round(beats_s * FINE_RATE_HZ).astype(int), 0, len(envelope) - 1)
    return np.asarray(envelope[frames] + 1e-9, np.float64)


def _straightened(
    beats_s: NDArray[np.float64], strength: NDArray[np.float64], duration_s: float
) -> NDArray[np.float64] | None:
    """The straight line through beats, from one end of the song to the other; None if they scatter.

    Strong attacks count more; the scatter is judged on the stronger half.
    """
    if len(beats_s) < MIN_BEATS:
        return None
    number = np.arange(len(beats_s))
    residual_s = np.zeros(len(beats_s))
    slope_s = start_s = 0.0
    for _ in range(LINE_STEPS):
        weight = strength / np.hypot(1, residual_s / (STEADY_S / 4))
        slope_s, start_s = (float(value) for value in np.polyfit(number, beats_s, 1, w=weight))
        residual_s = beats_s - (start_s + slope_s * number)
    strong = strength >= np.median(strength)
    if np.median(np.abs(residual_s[strong])) > STEADY_S:
        return None
    first = -int(np.floor(start_s / slope_s + EDGE_BEATS))
    last = int(np.floor((duration_s - start_s) / slope_s))
    return np.asarray((start_s + slope_s * np.arange(first, last + 1)).clip(min=0.0))
