from __future__ import annotations

import numpy as np
import pytest

from audio.errors import AudioError
from audio.key import Key, chroma, estimate_key, shift_scores
from tests.audio.ear_signals import RATE_HZ

MAJOR_SCALE = (0, 4, 7, 5, 9, 12, 7, 11, 14, 0, 4, 7)  # I IV V I as broken chords


def _chords(tonic: int) -> np.ndarray:
    """Broken chords in a major key, the tonic (0 is C4) held below."""
    time_s = np.arange(RATE_HZ) / RATE_HZ
    bars = [
        sum(
            np.sin(2 * np.pi * 261.63 * 2 ** ((tonic + note) / 12) * time_s)
            for note in (*MAJOR_SCALE[start : start + 3], 0)
        )
        for start in (0, 3, 6, 9)
    ]
    return (0.1 * np.concatenate(bars * 3)).astype(np.float32)


@pytest.mark.parametrize("tonic", [0, 2, 7])
def test_key_of_a_cadence_is_its_tonic_in_major(tonic: int) -> None:
    key = estimate_key(chroma(_chords(tonic)))
    assert (key.tonic, key.mode) == (tonic, "major")
    assert isinstance(key, Key)
    assert 0 < key.confidence <= 1


@pytest.mark.parametrize("shift", [-3, -1, 0, 2])
def test_a_song_fits_its_transposition_at_the_right_shift(shift: int) -> None:
    scores = shift_scores(chroma(_chords(3)), chroma(_chords(3 + shift)))
    assert scores[0].semitones == shift
    assert scores[0].score > scores[1].score > scores[-1].score
    assert len(scores) == 7


def test_chroma_of_another_shape_is_refused() -> None:
    with pytest.raises(AudioError, match=r"expected chroma \(12, frames\), got shape \(7, 3\)"):
        estimate_key(np.ones((7, 3), np.float32))
