from __future__ import annotations

import numpy as np
import pytest

from model.errors import ShapeError
from model.metrics import log_spectral_distance_db, si_sdr_db, source_levels
from tests.model.songs import played, sung


def test_si_sdr_of_orthogonal_noise_is_the_ratio_of_energies() -> None:
    t = np.arange(44100) / 44100
    tone = np.sin(2 * np.pi * 100 * t)[None].astype(np.float32)
    noise = 0.1 * np.cos(2 * np.pi * 100 * t)[None].astype(np.float32)
    assert si_sdr_db(tone + noise, tone) == pytest.approx(20.0, abs=1e-3)


def test_si_sdr_ignores_gain() -> None:
    song, other = sung(1.0, seed=0), played(1.0, seed=1)
    assert si_sdr_db(0.3 * (song + other), song) == pytest.approx(
        si_sdr_db(song + other, song), abs=1e-3
    )


def test_distance_of_a_gain_is_that_gain() -> None:
    noise = np.random.default_rng(0).standard_normal((1, 44100)).astype(np.float32)
    assert log_spectral_distance_db(noise * 0.5, noise) == pytest.approx(6.02, abs=0.01)
    assert log_spectral_distance_db(noise, noise) == 0.0


@pytest.mark.parametrize("change", ["shift", "low_pass", "noise"])
def test_measures_fall_as_damage_grows(change: str) -> None:
    song = sung(1.5, seed=0) + played(1.5, seed=0)
    noise = np.random.default_rng(1).standard_normal(song.shape).astype(np.float32)

    def damaged(amount: int) -> np.ndarray:
        if change == "shift":
            return np.roll(song, amount, axis=1)
        if change == "noise":
            return song + np.float32(0.001 * amount) * noise
        spectrum = np.fft.rfft(song)
        spectrum[:, len(spectrum[0]) // (1 + amount) :] = 0
        return np.fft.irfft(spectrum, n=song.shape[1]).astype(np.float32)

    steps = [damaged(amount) for amount in (0, 2, 8, 32)]
    ratios = [si_sdr_db(x, song) for x in steps]
    distances = [log_spectral_distance_db(x, song) for x in steps]
    assert ratios == sorted(ratios, reverse=True)
    assert distances == sorted(distances)
    assert len({round(r, 6) for r in ratios}) == 4


def test_levels_find_the_gain_of_every_source() -> None:
    sources = {
        "voice": sung(2.0, seed=0),
        "bed": played(2.0, seed=1),
        "unwanted_voice": sung(2.0, seed=2),
        "unwanted_bed": played(2.0, seed=3),
    }
    mashup = sources["voice"] * 0.5 + sources["bed"] + sources["unwanted_voice"] * 0.1
    found = source_levels(mashup, **sources)
    assert found.voice_presence_db == pytest.approx(-6.02, abs=0.05)
    assert found.bed_presence_db == pytest.approx(0.0, abs=0.05)
    assert found.voice_bleed_db == pytest.approx(-20.0, abs=0.2)


def test_a_voice_that_never_sounds_does_not_bleed() -> None:
    song, silence = sung(1.0, seed=0), np.zeros((2, 44100), np.float32)
    found = source_levels(
        song, voice=song, bed=played(1.0, seed=1), unwanted_voice=silence, unwanted_bed=silence
    )
    assert found.voice_bleed_db == -60.0


@pytest.mark.parametrize("measure", [si_sdr_db, log_spectral_distance_db])
def test_what_cannot_be_compared_is_refused(measure: object) -> None:
    song = sung(0.5, seed=0)
    with pytest.raises(ShapeError, match="of one shape"):
        measure(song[:, :-1], song)
    with pytest.raises(ShapeError, match="silent"):
        measure(song, np.zeros_like(song))
