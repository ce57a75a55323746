from __future__ import annotations

import numpy as np
import pytest

from audio.band import play
from audio.beats import track_beats
from audio.errors import NoBeatError
from audio.stretch import warp
from audio.timemap import Segment
from tests.audio.ear_signals import RATE_HZ, clicks


def _error_s(found: np.ndarray, true: np.ndarray) -> np.ndarray:
    """Signed distance of each true moment from the nearest found one."""
    return np.array([found[np.abs(found - moment).argmin()] - moment for moment in true])


@pytest.mark.parametrize("pitch_hz", [80.0, 1000.0])
@pytest.mark.parametrize("bpm", [90.0, 120.37, 140.0])
def test_a_click_at_t_gives_a_beat_within_a_millisecond(bpm: float, pitch_hz: float) -> None:
    true = np.arange(0.237, 19.8, 60 / bpm)
    beats = track_beats(clicks(true, duration_s=20, pitch_hz=pitch_hz))
    assert np.abs(_error_s(beats.beats_s, true)).max() < 0.001


def test_beats_follow_a_player_who_slows_down() -> None:
    intervals = 0.5 * np.linspace(0.96, 1.04, 60)
    true = 0.3 + np.cumsum(intervals)
    beats = track_beats(clicks(true, duration_s=true[-1] + 0.5))
    assert np.quantile(np.abs(_error_s(beats.beats_s, true)), 0.9) < 0.003
    assert beats.drift == pytest.approx(0.08, abs=0.02)
    assert beats.local_bpm[5] > 1.04 * beats.local_bpm[-5]


def test_a_steady_song_does_not_drift() -> None:
    beats = track_beats(clicks(np.arange(0.2, 29.5, 0.5), duration_s=30))
    assert beats.drift == 0.0
    assert beats.local_bpm == pytest.approx(np.full(len(beats.beats_s), 120.0), rel=1e-4)


def test_beats_follow_a_song_of_the_band_that_drifts() -> None:
    song = play(63, duration_s=40, sample_rate_hz=RATE_HZ)
    edges_s = np.linspace(0, 40, 9)
    speed = np.linspace(0.985, 1.015, 8)
    drawn_s = np.concatenate([[0], np.cumsum(np.diff(edges_s) / speed)])
    segments = [Segment(*row) for row in zip(drawn_s, drawn_s[1:], edges_s, speed, strict=False)]
    drifting = warp(
        song.mix.mean(axis=0)[None],
        segments,
        sample_rate_hz=RATE_HZ,
        semitones=0,
        duration_s=float(drawn_s[-1]),
    )[0]
    beats = track_beats(drifting)
    true_s = np.interp(song.beats_s, edges_s, drawn_s)
    assert np.quantile(np.abs(_error_s(beats.beats_s, true_s)), 0.9) < 0.02
    assert beats.drift > 0.02


def test_beats_and_downbeats_of_the_band_are_found() -> None:
    song = play(3, duration_s=40, sample_rate_hz=RATE_HZ, bpm=112.0)
    beats = track_beats(song.mix.mean(axis=0))
    assert beats.bpm == pytest.approx(112.0, rel=5e-4)
    assert np.median(np.abs(_error_s(beats.beats_s, song.beats_s))) < 0.01
    assert np.median(np.abs(_error_s(beats.downbeats_s, song.downbeats_s))) < 0.01


def test_noise_has_no_beat() -> None:
    noise = (np.random.default_rng(0).standard_normal(20 * RATE_HZ) / 10).astype(np.float32)
    with pytest.raises(NoBeatError, match="steady pulse"):
        track_beats(noise)
