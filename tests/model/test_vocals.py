"""Vocal activity: high where the band sings, low where it plays alone."""

from __future__ import annotations

import numpy as np

from audio.params import RENDER_RATE_HZ
from model.vocals import FRAME_S, Singing, hear_singing
from tests.model.duo import DURATION_S, SINGER, song


def test_seconds_that_sing_rank_above_seconds_that_do_not() -> None:
    seconds = int(DURATION_S)
    voice = song(SINGER).vocals.mean(axis=0)[: seconds * RENDER_RATE_HZ].reshape(seconds, -1)
    level = np.sqrt((voice**2).mean(axis=1))
    sings = level > 0.1 * level.max()
    found = hear_singing(song(SINGER).mix)
    activity = np.array([found.between(s, s + 1) for s in range(seconds)])
    above = activity[sings][:, None] > activity[~sings][None, :]
    assert above.mean() > 0.8  # area under the curve; chance is 0.5


def test_an_even_sound_says_nothing_about_who_sings_when() -> None:
    noise = np.random.default_rng(0).normal(0, 0.1, 12 * RENDER_RATE_HZ).astype(np.float32)
    found = hear_singing(np.stack([noise, noise]))
    assert found.share == 1.0


def test_outside_the_song_nobody_sings() -> None:
    singing = Singing(np.ones(10, np.float32), 0.5)
    assert singing.between(20 * FRAME_S, 30 * FRAME_S) == 0.0
    assert singing.between(-1.0, 3 * FRAME_S) == 1.0
