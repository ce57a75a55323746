"""Pitch classes of a song, its key, and by how much it must move to fit another song.

A key estimate from one song alone is often wrong (relative and parallel keys share most notes), so
songs are matched by their pitch classes directly; the key is for people to read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from audio.errors import AudioError
from audio.params import MAX_SHIFT_SEMITONES, PARAMS
from audio.pitch import BINS_PER_SEMITONE, PITCH_RATE_HZ, pitch_levels

CHROMA_FRAMES = 4  # pitch frames averaged into one
CHROMA_RATE_HZ = PITCH_RATE_HZ / CHROMA_FRAMES
SHIFT_PENALTY = 0.01  # per semitone: of two equal fits the smaller move sounds better
SURE_GAP = 0.15  # a lead in correlation over the next key that leaves no doubt
# Share of each pitch class in pop of a known key, from the tonic up: the scale alone, and natural
# minor. The profiles of Krumhansl and Kessler (1982) and of Albrecht and Shanahan (2013) come from
# classical pieces, whose minor raises the seventh (`docs/experiments.md` has them compared).
MAJOR = (0.20, 0.0, 0.12, 0.0, 0.15, 0.11, 0.0, 0.19, 0.0, 0.12, 0.01, 0.08)
MINOR = (0.20, 0.0, 0.11, 0.14, 0.0, 0.12, 0.0, 0.18, 0.10, 0.01, 0.10, 0.02)


@dataclass(frozen=True, slots=True)
class Key:
    """Tonic as pitch class (0 is C), mode, and confidence 0 to 1."""

    tonic: int
    mode: Literal["major", "minor"]
    confidence: float


@dataclass(frozen=True, slots=True)
class ShiftScore:
    """How well a song, raised by `semitones`, shares another's pitch classes: -1 to 1."""

    semitones: int
    score: float


def chroma(
    audio: NDArray[np.float32], *, sample_rate_hz: int = PARAMS.sample_rate_hz
) -> NDArray[np.float32]:
    """Pitch-class strengths (12, frames) at CHROMA_RATE_HZ of a mono signal (samples,)."""
    return chroma_of_levels(pitch_levels(audio, sample_rate_hz=sample_rate_hz))


def chroma_of_levels(levels: NDArray[np.float32]) -> NDArray[np.float32]:
    """Pitch-class strengths (12, frames) of pitch levels (frames, bins); row 0 is C.

    What stands above a frame's median counts: drums and noise, which fill all pitches, do not.
    """
    usable = len(levels) // CHROMA_FRAMES * CHROMA_FRAMES
    slow = levels[:usable].reshape(-1, CHROMA_FRAMES, levels.shape[1]).mean(axis=1)
    tones = np.maximum(slow - np.median(slow, axis=1, keepdims=True), 0)
    on_note = tones.reshape(len(tones), -1, 12, BINS_PER_SEMITONE).sum(axis=1)
    between = on_note[:, :, 1] / 2  # a quarter-tone belongs to both its neighbours
    classes = on_note[:, :, 0] + between + np.roll(between, 1, axis=1)
    return np.ascontiguousarray(classes.T, dtype=np.float32)


def shift_scores(
    song: NDArray[np.float32],
    other: NDArray[np.float32],
    *,
    max_shift: int = MAX_SHIFT_SEMITONES,
) -> list[ShiftScore]:
    """How well the song fits the other at each transposition, best first.

    Parameters
    ----------
    song, other : (12, frames) from `chroma`, of any length
    max_shift : semitones tried up and down

    Raises
    ------
    AudioError
        Not 12 rows, or no frame.
    """
    mine, its = _profile(song), _profile(other)
    scores = [
        ShiftScore(shift, _correlation(np.roll(mine, shift), its) - SHIFT_PENALTY * abs(shift))
        for shift in range(-max_shift, max_shift + 1)
    ]
    return sorted(scores, key=lambda each: -each.score)


def estimate_key(song: NDArray[np.float32]) -> Key:
    """The key whose profile a song's pitch classes (12, frames) follow best.

    Raises
    ------
    AudioError
        Not 12 rows, or no frame.
    """
    mine = _profile(song)
    fits = [
        (_correlation(mine, np.roll(profile, tonic)), tonic, mode)
        for mode, profile in (("major", MAJOR), ("minor", MINOR))
        for tonic in range(12)
    ]
    fits.sort(reverse=True)
    confidence = min(1.0, max(0.0, (fits[0][0] - fits[1][0]) / SURE_GAP))
    return Key(fits[0][1], "major" if fits[0][2] == "major" else "minor", confidence)


def _profile(song: NDArray[np.float32]) -> NDArray[np.float64]:
    """Mean strength of each pitch class (12,)."""
    if song.ndim != 2 or song.shape[0] != 12 or song.shape[1] == 0:
        raise AudioError(f"expected chroma (12, frames), got shape {song.shape}; use key.chroma")
    return np.asarray(song.mean(axis=1, dtype=np.float64))


def _correlation(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Pearson's r; 0 where one is constant."""
    one, other = one - one.mean(), other - np.mean(other)
    scale = float(np.sqrt((one**2).sum() * (other**2).sum()))
    return float((one * other).sum() / scale) if scale > 1e-12 else 0.0
