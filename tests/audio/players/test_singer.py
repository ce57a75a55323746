from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from audio.players.score import Syllable
from audio.players.singer import CONSONANTS, FRAME_S, SINGERS, draw_singer, sing_line

RATE_HZ = 22_050


def _sing(
    pitch: float, vowel: str, consonant: str = "", singer: str = "tenor"
) -> NDArray[np.float32]:
    line = (Syllable(1.0, 1.0, pitch, consonant, vowel, 1.0),)
    take = sing_line(SINGERS[singer], line, RATE_HZ, np.random.default_rng(0))
    assert take.start_s == pytest.approx(0.75)
    return take.sound


def _power(sound: NDArray[np.float32], low_hz: float, high_hz: float) -> float:
    hz = np.fft.rfftfreq(len(sound), 1 / RATE_HZ)
    power = np.abs(np.fft.rfft(sound * np.hanning(len(sound)))) ** 2
    return float(power[(hz >= low_hz) & (hz < high_hz)].sum() / power.sum())


@pytest.mark.parametrize("pitch", [45, 57, 69])
def test_a_singer_hits_the_note(pitch: int) -> None:
    middle = _sing(pitch, "a")[int(0.6 * RATE_HZ) : int(1.0 * RATE_HZ)]
    correlation = np.correlate(middle, middle, "full")[len(middle) - 1 :]
    wanted = RATE_HZ / (440 * 2 ** ((pitch - 69) / 12))
    lags = np.arange(int(0.8 * wanted), int(1.25 * wanted))
    found = lags[np.argmax(correlation[lags])]
    assert abs(1200 * np.log2(wanted / found)) < 60


def test_vowels_differ_by_their_formants() -> None:
    first, second = (_sing(50, vowel)[RATE_HZ // 2 : RATE_HZ] for vowel in ("a", "i"))
    assert _power(first, 600, 1400) > 4 * _power(second, 600, 1400)
    assert _power(second, 1900, 3200) > 4 * _power(first, 1900, 3200)


def test_a_sibilant_hisses_before_the_vowel() -> None:
    hissed, plain = (_sing(50, "a", consonant) for consonant in ("s", ""))
    before = slice(int(0.14 * RATE_HZ), int(0.2 * RATE_HZ))
    assert _power(hissed[before], 5000, 10_000) > 0.5
    assert hissed[before].std() > 5 * plain[before].std()


@pytest.mark.parametrize("consonant", CONSONANTS)
def test_every_consonant_is_finite_and_leaves_the_vowel_at_unit_level(consonant: str) -> None:
    sound = _sing(55, "o", consonant)
    assert np.isfinite(sound).all()
    assert sound[RATE_HZ // 2 : RATE_HZ].std() == pytest.approx(1.0, abs=0.3)


def test_a_second_take_is_another_performance() -> None:
    rng = np.random.default_rng(3)
    line = (Syllable(1.0, 0.5, 60, "m", "a", 1.0),)
    first, second = (sing_line(SINGERS["alto"], line, RATE_HZ, rng).sound for _ in range(2))
    assert len(first) == len(second)
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.99


def test_drawn_singers_differ() -> None:
    singers = {draw_singer(np.random.default_rng(seed)) for seed in range(30)}
    assert len(singers) == 30
    assert len({singer.register for singer in singers}) >= 5


def test_frames_fit_the_transform_at_the_render_rate() -> None:
    assert round(FRAME_S * 44_100) == 256
