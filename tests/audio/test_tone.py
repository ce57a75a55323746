from __future__ import annotations

import numpy as np
import pytest

from audio.tone import shelves, squash
from tests.audio.sounds import RATE_HZ, sine


def _gain_db(frequency_hz: float, bass_db: float, treble_db: float) -> float:
    before = sine(frequency_hz, 1.0)
    after = shelves(before, sample_rate_hz=RATE_HZ, bass_db=bass_db, treble_db=treble_db)
    half = RATE_HZ // 2
    return float(20 * np.log10(after[:, half:].std() / before[:, half:].std()))


@pytest.mark.parametrize(("frequency_hz", "expected_db"), [(30, 6.0), (900, 0.0), (15_000, -4.0)])
def test_shelves_move_bass_and_treble_and_leave_the_middle(
    frequency_hz: float, expected_db: float
) -> None:
    assert _gain_db(frequency_hz, 6.0, -4.0) == pytest.approx(expected_db, abs=0.3)


def test_shelves_at_zero_return_the_audio_itself() -> None:
    audio = sine(440, 0.1)
    assert shelves(audio, sample_rate_hz=RATE_HZ, bass_db=0, treble_db=0) is audio


def test_squash_brings_loud_and_quiet_together_by_its_share() -> None:
    audio = sine(440, 2.0)
    audio[:, RATE_HZ:] *= 0.5
    even = squash(audio, sample_rate_hz=RATE_HZ, share=0.5)
    loud, quiet = even[:, 10_000:30_000].std(), even[:, 60_000:80_000].std()
    assert 20 * np.log10(loud / quiet) == pytest.approx(3.01, abs=0.1)


def test_squash_lifts_no_silence_and_does_nothing_at_zero() -> None:
    silence = np.zeros((2, 1000), np.float32)
    assert not squash(silence, sample_rate_hz=RATE_HZ, share=0.75).any()
    audio = sine(440, 0.1)
    assert squash(audio, sample_rate_hz=RATE_HZ, share=0.0) is audio
