from __future__ import annotations

import numpy as np
import pytest

from audio.band import play
from audio.downbeats import hear_sounds
from audio.metre import Phase, families, fold_phases, read_metre
from audio.onsets import band_flux
from audio.pulse import follow, pooled
from audio.tempo import Tempo, onset_envelope, tempo_candidates
from tests.audio.ear_signals import RATE_HZ, clicks


def test_families_are_tempi_that_are_not_octaves_of_each_other() -> None:
    candidates = [Tempo(120, 0.6), Tempo(60.2, 0.5), Tempo(90, 0.4), Tempo(160, 0.2)]
    assert families(candidates) == [Tempo(120, 0.6), Tempo(90, 0.4)]


def test_phases_are_the_places_of_clicks_within_the_beat() -> None:
    loud_s = np.arange(0.25, 39.5, 0.5)
    quiet_s = loud_s + 0.2
    audio = clicks(loud_s, duration_s=40) + 0.5 * clicks(quiet_s, duration_s=40)
    envelope = onset_envelope(band_flux(audio, sample_rate_hz=RATE_HZ))
    phases = fold_phases(envelope, follow(pooled(envelope), 120.0))
    assert phases[0] == Phase(pytest.approx(phases[0].place), 1.0)
    assert len(phases) == 2
    assert (phases[1].place - phases[0].place) % 1 == pytest.approx(0.4, abs=0.03)


@pytest.mark.parametrize("seed", [69, 72])
def test_songs_of_loud_offbeats_and_slow_drums_are_counted_on_their_beats(seed: int) -> None:
    """69 is funk with accents between the beats, 72 is trap: a snare once a bar."""
    song = play(seed, duration_s=40, sample_rate_hz=RATE_HZ)
    mono = song.mix.mean(axis=0)
    flux = band_flux(mono, sample_rate_hz=RATE_HZ)
    sounds = hear_sounds(mono, flux, sample_rate_hz=RATE_HZ)
    best = read_metre(tempo_candidates(flux), onset_envelope(flux), sounds)[0]
    assert best.bpm == pytest.approx(song.bpm, rel=5e-3)
    downbeats_s = best.beats_s[best.downbeat :: 4]
    assert np.abs(downbeats_s[:, None] - song.downbeats_s).min(axis=1).max() < 0.04
