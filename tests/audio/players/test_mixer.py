from __future__ import annotations

import numpy as np
import pytest

from audio.players.mixer import (
    CEILING,
    Room,
    duck_curve,
    echo,
    fade,
    limiter_gain,
    place,
    quick_lufs,
    reverberate,
    saturate,
)
from tests.audio.sounds import noise, sine

RATE_HZ = 44_100


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        (1, [0, 2, 4, 6, 0]),
        (-2, [6, 0, 0, 0, 0]),
        (3, [0, 0, 0, 2, 4]),
        (9, [0] * 5),
        (-9, [0] * 5),
    ],
)
def test_what_lies_outside_the_track_is_cut(start: int, expected: list[float]) -> None:
    track = np.zeros((2, 5), np.float32)
    place(track, np.array([[1, 2, 3]] * 2, np.float32), start, 2.0)
    assert track.tolist() == [expected, expected]


def test_the_limiter_keeps_stems_below_the_ceiling_and_quiet_parts_alone() -> None:
    loud = sine(440, 1.0, amplitude=3.0)
    loud[:, : RATE_HZ // 2] *= 0.1
    gain = limiter_gain(loud, RATE_HZ)
    assert np.abs(loud * gain).max() <= CEILING + 1e-6
    assert gain[: int(0.47 * RATE_HZ)].min() == 1.0


def test_reverb_keeps_the_dry_sound_and_adds_a_tail() -> None:
    track = np.zeros((2, RATE_HZ), np.float32)
    track[:, 100] = 1.0
    wet = reverberate(track, Room(0.8, 0.02, 1.0), 0.3, RATE_HZ, np.random.default_rng(0))
    assert wet.shape == track.shape
    np.testing.assert_allclose(wet[:, 100], 1.0, atol=0.05)
    assert np.abs(wet[:, :95]).max() < 1e-6
    early, late = np.square(wet[:, 2000:10_000]).sum(), np.square(wet[:, 30_000:38_000]).sum()
    assert 0 < late < 0.1 * early


def test_a_kick_ducks_what_sounds_with_it() -> None:
    gain = duck_curve([0.5], 0.6, RATE_HZ, RATE_HZ)
    assert gain[: RATE_HZ // 2].min() == 1.0
    assert gain[RATE_HZ // 2] == pytest.approx(0.4)
    assert gain[-1] == 1.0


def test_echoes_come_at_the_delay_and_fade() -> None:
    track = np.zeros((2, 1000), np.float32)
    track[:, 0] = 1.0
    echo(track, 0.2, 0.5, 1000)
    np.testing.assert_allclose(track[:, 200], [0.5, 0.2])
    np.testing.assert_allclose(track[:, 400], [0.1, 0.25])


def test_saturation_rounds_peaks_and_keeps_small_signals() -> None:
    track = sine(100, 0.1, amplitude=1.0)
    squeezed = saturate(track, 1.5)
    assert np.abs(squeezed).max() < 0.7
    np.testing.assert_allclose(
        squeezed[np.abs(track) < 0.05], track[np.abs(track) < 0.05], rtol=0.01
    )


def test_loudness_is_measured_closely_enough() -> None:
    """A stereo sine of 997 Hz at -20 dBFS reads -20 LUFS (BS.1770 calibration, both sides)."""
    assert quick_lufs(sine(997, 3.0, amplitude=0.1), RATE_HZ) == pytest.approx(-20.0, abs=0.5)
    assert quick_lufs(noise(2.0) * 0, RATE_HZ) == -70.0


def test_a_fade_begins_and_ends_in_silence() -> None:
    gain = fade(44_100, 0.5, RATE_HZ)
    assert (gain[0], gain[22_000], gain[-1]) == (0.0, 1.0, 0.0)
