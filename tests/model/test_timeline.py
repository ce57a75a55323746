"""Slots in seconds: the clock's beats, runs, pickups, nudges and singing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from audio.timemap import Segment
from model.arrange import Slot
from model.grid import Grid
from model.phrases import Phrases
from model.songs import AnalysedSong
from model.tempi import Meeting
from model.timeline import lay_song, lay_timeline, nudged, runs, singing_spans
from model.vocals import FRAME_S, Singing


def _phrases(bpm: float, count: int = 6) -> Phrases:
    return Phrases(
        grid=Grid(np.arange(count * 16 + 1) * 60 / bpm, 0, bpm),
        bars=4,
        first_beat=np.arange(count) * 16,
        chroma=np.zeros((count, 4, 12)),
        singing=np.ones(count),
        drive=np.ones(count),
        opens=np.ones(count, bool),
        labels=("verse",) * count,
    )


def _song(sings: list[tuple[float, float]]) -> AnalysedSong:
    frames_s = np.arange(round(60 / FRAME_S)) * FRAME_S
    activity = np.zeros(len(frames_s), np.float32)
    for start_s, end_s in sings:
        activity[(frames_s >= start_s) & (frames_s < end_s)] = 1.0
    nothing = np.zeros((2, 1), np.float32)
    return AnalysedSong("x", nothing, None, nothing, nothing, Singing(activity, 0.5), 0.0)


PHRASES = {"A": _phrases(100.0), "B": _phrases(120.0)}
SLOTS = [Slot(None, 0, None), Slot(2, 1, "A"), Slot(3, 2, "A"), Slot(5, 3, "A")]
TIMELINE = lay_timeline(SLOTS, PHRASES, Meeting(120.0, "B"))


def test_the_clocks_beats_are_the_mashups() -> None:
    np.testing.assert_allclose(TIMELINE.beats_s, np.arange(68) * 0.5)
    assert TIMELINE.duration_s == pytest.approx(34.0)  # four phrases of 8 s and a bar


def test_a_jump_starts_a_new_run() -> None:
    found = runs(TIMELINE, "A", PHRASES["A"])
    assert [(run.first_slot, run.last_slot) for run in found] == [(1, 2), (3, 3)]
    assert [run.song_s[0] for run in found] == pytest.approx([2 * 9.6, 5 * 9.6])


def test_a_song_follows_the_clock_and_rings_to_the_end() -> None:
    found = runs(TIMELINE, "A", PHRASES["A"])
    segments = lay_song(TIMELINE, _song([]), found, phrases=PHRASES["A"], tempo_ratio=1.2)
    ends = [(s.mashup_start_s, s.mashup_end_s, s.tempo_ratio) for s in segments]
    assert ends == [pytest.approx((8.0, 24.0, 1.2)), pytest.approx((24.0, 34.0, 1.2))]


def test_a_pickup_begins_a_beat_early_and_shortens_what_is_cut() -> None:
    song = _song([(47.0, 60.0)])  # sings into the phrase at 48 s, not before the cut at 38.4 s
    found = runs(TIMELINE, "A", PHRASES["A"])
    first, second = lay_song(TIMELINE, song, found, phrases=PHRASES["A"], tempo_ratio=1.2)
    assert (first.mashup_end_s, second.mashup_start_s) == pytest.approx((23.5, 23.5))
    assert second.song_start_s == pytest.approx(48.0 - 0.6)


def test_a_nudge_moves_the_song_and_not_its_place() -> None:
    segment = Segment(1.0, 2.0, 10.0, 1.5)
    (late,) = nudged([segment], later_s=0.1)
    assert late.song_start_s == pytest.approx(9.85)
    assert replace(late, song_start_s=10.0) == segment


def test_singing_is_told_in_seconds_of_the_mashup() -> None:
    spans = singing_spans(_song([(20.0, 24.0)]), [Segment(5.0, 15.0, 10.0, 2.0)])
    assert len(spans) == 1
    assert spans[0] == pytest.approx((10.0, 12.0), abs=0.15)
