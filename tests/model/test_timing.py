"""Time maps through beats: few segments, every beat in place."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from audio.timemap import Segment
from model.timing import extended, segments_through, song_time


def test_a_machines_beats_become_one_segment() -> None:
    mashup_s = np.arange(33) * 0.5
    assert segments_through(mashup_s, 10 + mashup_s * 1.25) == [Segment(0.0, 16.0, 10.0, 1.25)]


def test_a_ratio_next_to_one_is_one() -> None:
    mashup_s = np.arange(17) * 0.5
    (segment,) = segments_through(mashup_s, mashup_s * 1.0001)
    assert segment.tempo_ratio == 1.0


def test_every_beat_of_a_player_is_met_within_the_tolerance() -> None:
    rng = np.random.default_rng(0)
    mashup_s = np.arange(65) * 0.5
    song_s = 3 + np.cumsum(0.52 + 0.01 * np.sin(np.arange(65) / 5) + rng.normal(0, 0.001, 65))
    segments = segments_through(mashup_s, song_s, tolerance_s=0.004)
    off_s = song_time(segments, mashup_s[:-1]) - song_s[:-1]
    assert np.abs(off_s).max() <= 0.004 + 1e-9
    assert 1 < len(segments) < 33


def test_segments_join_without_a_gap() -> None:
    mashup_s = np.arange(9) * 0.5
    segments = segments_through(mashup_s, np.array([0, 0.5, 1, 1.5, 2, 2.6, 3.2, 3.8, 4.4]))
    for before, after in pairwise(segments):
        assert before.mashup_end_s == after.mashup_start_s
        assert before.song_end_s == pytest.approx(after.song_start_s)


def test_an_extended_segment_goes_on_at_its_speed() -> None:
    segment = extended(Segment(10.0, 20.0, 5.0, 2.0), before_s=1.0, after_s=2.0)
    assert segment == Segment(9.0, 22.0, 3.0, 2.0)


def test_no_song_is_heard_outside_its_segments() -> None:
    times = song_time([Segment(1.0, 2.0, 7.0, 1.0)], np.array([0.5, 1.5, 2.5]))
    np.testing.assert_array_equal(times, [np.nan, 7.5, np.nan])
