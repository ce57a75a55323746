from __future__ import annotations

import numpy as np
import pytest

from audio.players.patches import PATCHES, damped_sines, draw_patch, render_note

RATE_HZ = 22_050


def test_damped_sines_are_the_formula() -> None:
    t = np.arange(3000) / RATE_HZ
    sound = damped_sines(
        np.array([[440.0, 1000.0]]),
        np.array([0.0, 5.0]),
        np.array([[0.3, 0.0]]),
        np.array([0.5, 0.25]),
        3000,
        RATE_HZ,
    )
    expected = 0.5 * np.sin(2 * np.pi * 440 * t + 0.3)
    expected += 0.25 * np.exp(-5 * t) * np.sin(2 * np.pi * 1000 * t)
    np.testing.assert_allclose(sound, expected[None], atol=1e-5)


@pytest.mark.parametrize("name", PATCHES)
def test_every_patch_sounds_at_its_pitch(name: str) -> None:
    rng = np.random.default_rng(1)
    sound = render_note(draw_patch(name, 1.0, rng), (57,), 1.0, RATE_HZ, rng)
    mono = sound.sum(axis=0)[:RATE_HZ] * np.hanning(RATE_HZ)
    spectrum = np.abs(np.fft.rfft(mono, 8 * RATE_HZ))  # an eighth of a hertz per bin
    octaves = 8 * np.array([110, 220, 440])
    peaks = [np.argmax(spectrum[at - 80 : at + 80]) - 80 for at in octaves]
    heights = [spectrum[at - 80 : at + 80].max() for at in octaves]
    assert abs(peaks[int(np.argmax(heights))]) <= 24  # 3 Hz: the widest detuning at 220 Hz
    assert np.sum(spectrum[:400] ** 2) < 0.05 * np.sum(spectrum**2)


@pytest.mark.parametrize("name", PATCHES)
def test_every_patch_ends_in_silence_without_dc(name: str) -> None:
    rng = np.random.default_rng(2)
    sound = render_note(draw_patch(name, 1.0, rng), (48, 55, 60), 0.5, RATE_HZ, rng)
    assert np.abs(sound.mean(axis=1)).max() < 1e-5
    assert np.abs(sound[:, -3:]).max() < 1e-2
    assert 0.02 < np.abs(sound).max() < 4.0


def test_brightness_opens_the_cut_off() -> None:
    dull, bright = (draw_patch("saw bass", share, np.random.default_rng(0)) for share in (0.5, 2.0))
    assert bright.cutoff_hz == pytest.approx(4 * dull.cutoff_hz)
