from __future__ import annotations

import numpy as np
import pytest

from audio.downbeats import HALF_BEATS, bar_profile, downbeat_phase, hear_sounds, phase_scores
from audio.onsets import band_flux
from tests.audio.ear_signals import RATE_HZ

BEAT_S, BARS = 0.5, 12
LOW, MIDDLE, HIGH, CHORD, BAR = range(5)


def _chords(first_bar_s: float) -> np.ndarray:
    """A new triad every four beats from `first_bar_s` on."""
    time_s = np.arange(round(BARS * 4 * BEAT_S * RATE_HZ)) / RATE_HZ
    roots = np.array([0, 5, 7, 3])[np.floor((time_s - first_bar_s) / (4 * BEAT_S)).astype(int) % 4]
    steps = np.array([0, 4, 7])[:, None] + roots
    phases = 2 * np.pi * np.cumsum(261.63 * 2 ** (steps / 12), axis=1) / RATE_HZ
    return np.asarray(0.2 * np.sin(phases).sum(axis=0), np.float32)


@pytest.mark.parametrize("phase", [0, 1, 2, 3])
def test_a_bar_begins_where_the_chord_changes(phase: int) -> None:
    audio = _chords(phase * BEAT_S)
    flux = band_flux(audio, sample_rate_hz=RATE_HZ)
    beats_s = np.arange(0, 4 * BARS) * BEAT_S
    assert downbeat_phase(audio, flux, beats_s, sample_rate_hz=RATE_HZ) == phase


@pytest.mark.parametrize(
    ("row", "strong_halves", "first"),
    [(LOW, (4,), 2), (CHORD, (2,), 1), (BAR, (6,), 3), (MIDDLE, (0, 4), 1)],
    ids=["kick", "chord", "bar", "snare"],
)
def test_each_vote_knows_the_first_beat(
    row: int, strong_halves: tuple[int, ...], first: int
) -> None:
    profile = np.zeros((5, HALF_BEATS))
    profile[row, list(strong_halves)] = 1.0
    assert int(phase_scores(profile).argmax()) == first


def test_a_song_of_less_than_a_bar_votes_for_nothing() -> None:
    audio = _chords(0.0)
    sounds = hear_sounds(audio, band_flux(audio, sample_rate_hz=RATE_HZ), sample_rate_hz=RATE_HZ)
    assert not bar_profile(sounds, np.array([0.0, 0.25, 0.5])).any()
