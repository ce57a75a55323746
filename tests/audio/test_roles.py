from __future__ import annotations

import numpy as np
import pytest

from audio.explained import without
from audio.features import SongFeatures, extract
from audio.roles import assign_roles
from audio.timemap import Segment
from tests.audio.ear_signals import clicks, tune

WHOLE = (Segment(0.0, 20.0, 0.0, 1.0),)


@pytest.fixture(scope="module")
def drums() -> np.ndarray:
    return 2 * clicks(np.arange(0.1, 19.5, 0.5), duration_s=20, pitch_hz=70.0)


@pytest.fixture(scope="module")
def song() -> np.ndarray:
    return tune(1, duration_s=20, bpm=97)


def _features(audio: np.ndarray) -> SongFeatures:
    return extract(audio.astype(np.float32))


def test_the_song_whose_bass_drum_is_heard_is_the_bed(drums: np.ndarray, song: np.ndarray) -> None:
    pair = (_features(song), _features(drums))
    mashup = _features(song + drums)
    assert assign_roles(mashup, pair, (WHOLE, WHOLE)).voice == "a"
    assert assign_roles(mashup, pair[::-1], (WHOLE, WHOLE)).voice == "b"
    assert assign_roles(mashup, pair, ((), WHOLE)).voice == "a"


def test_taking_a_song_out_leaves_the_other(drums: np.ndarray, song: np.ndarray) -> None:
    mashup = _features(song + drums)
    rest = without(mashup, _features(song), WHOLE, 0)
    assert rest.pitch.mean() < 0.6 * mashup.pitch.mean()
    assert rest.duration_s == mashup.duration_s
