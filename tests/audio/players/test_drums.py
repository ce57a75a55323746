from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from audio.players.drums import KITS, draw_kit, render_hit, tune_kick
from audio.players.styles import GROOVES

PIECES = sorted({piece for groove in GROOVES.values() for piece in groove} | {"crash", "swell"})


def _centroid_hz(sound: NDArray[np.float32], rate_hz: int) -> float:
    power = np.abs(np.fft.rfft(sound.mean(axis=0))) ** 2
    return float(np.sum(np.fft.rfftfreq(sound.shape[1], 1 / rate_hz) * power) / np.sum(power))


@pytest.mark.parametrize("rate_hz", [8_000, 44_100])
@pytest.mark.parametrize("piece", PIECES)
def test_every_piece_of_every_kit_sounds_and_stops(piece: str, rate_hz: int) -> None:
    for name in KITS:
        rng = np.random.default_rng(0)
        sound = render_hit(draw_kit(name, 1.0, rng), piece, rate_hz, rng)
        assert np.isfinite(sound).all()
        assert 0.02 < np.abs(sound).max() < 3.0
        assert np.abs(sound.mean()) < 1e-5
        assert np.abs(sound[:, -10:]).max() < 0.05 * np.abs(sound).max()


def test_kicks_are_low_and_hats_are_high() -> None:
    for name in KITS:
        rng = np.random.default_rng(1)
        kit = draw_kit(name, 1.0, rng)
        low, middle, high = (
            _centroid_hz(render_hit(kit, piece, 44_100, rng), 44_100)
            for piece in ("kick", "snare", "hat")
        )
        assert low < 300 < middle < high
        assert high > 3500


def test_a_kick_is_tuned_to_the_nearest_wanted_note() -> None:
    kit = tune_kick(draw_kit("studio", 1.0, np.random.default_rng(2)), (9,))
    assert kit.kick_hz in (pytest.approx(55.0), pytest.approx(27.5))
