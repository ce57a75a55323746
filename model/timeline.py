"""From slots to seconds: the mashup's beats, and for both songs the segments that meet them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from audio.timemap import Segment
from model.arrange import Slot
from model.grid import BEATS_PER_BAR
from model.phrases import Phrases
from model.plan import SongId
from model.songs import AnalysedSong
from model.tempi import Meeting
from model.timing import extended, segments_through

TAIL_BARS = 1  # the last downbeat rings for a bar
_SPAN_STEP_S = 0.1


@dataclass(frozen=True, slots=True)
class Timeline:
    """When each slot is played.

    Attributes
    ----------
    slot_beats_s : `(slots, beats + 1)`, the beats of each slot and the one after it
    tail_beats_s : `(beats + 1,)`, of the bars in which everything ends
    """

    slots: tuple[Slot, ...]
    slot_beats_s: NDArray[np.float64]
    tail_beats_s: NDArray[np.float64]

    @property
    def duration_s(self) -> float:
        return float(self.tail_beats_s[-1])

    @property
    def beats_s(self) -> NDArray[np.float64]:
        inner = self.slot_beats_s[:, :-1].ravel()
        return np.concatenate([inner, self.tail_beats_s[:-1]])


@dataclass(frozen=True, slots=True)
class Run:
    """Phrases of a song that follow each other in the song and in the mashup."""

    first_slot: int
    last_slot: int  # included
    mashup_s: NDArray[np.float64]
    song_s: NDArray[np.float64]


def lay_timeline(
    slots: Sequence[Slot], phrases: dict[SongId, Phrases], meeting: Meeting
) -> Timeline:
    """Return when slots are played: the clock's own beats at the mashup's tempo."""
    rows, start_s = [], 0.0
    for slot in slots:
        steps_s = _slot_steps(slot, phrases, meeting)
        rows.append(start_s + np.concatenate([[0.0], np.cumsum(steps_s)]))
        start_s = float(rows[-1][-1])
    count = np.arange(TAIL_BARS * BEATS_PER_BAR + 1, dtype=np.float64)
    tail_s = start_s + 60 / meeting.bpm * count
    return Timeline(tuple(slots), np.array(rows), tail_s)


def runs(timeline: Timeline, song: SongId, phrases: Phrases) -> list[Run]:
    """Return the uninterrupted runs of a song, in order."""
    heard = [
        (index, phrase)
        for index, slot in enumerate(timeline.slots)
        if (phrase := slot.phrase(song)) is not None
    ]
    starts = [0] + [
        position + 1
        for position, (before, after) in enumerate(pairwise(heard))
        if after != (before[0] + 1, before[1] + 1)
    ]
    edges = [*starts, len(heard)]
    return [
        _run(timeline, phrases, heard[first:last])
        for first, last in pairwise(edges)
        if last > first
    ]


def lay_song(
    timeline: Timeline,
    song: AnalysedSong,
    found: Sequence[Run],
    *,
    phrases: Phrases,
    tempo_ratio: float,
) -> tuple[Segment, ...]:
    """Return the segments that put a song on the timeline, with pickups and the last ringing."""
    pieces = [_straight(run, tempo_ratio, heard=phrases.grid.heard) for run in found]
    for index, run in enumerate(found):
        _take_pickup(pieces, index, run, song)
    if found and found[-1].last_slot == len(timeline.slots) - 1:
        tail_s = timeline.duration_s - float(timeline.tail_beats_s[0])
        pieces[-1][-1] = extended(pieces[-1][-1], after_s=tail_s)
    return tuple(segment for piece in pieces for segment in piece)


def nudged(segments: Sequence[Segment], *, later_s: float) -> tuple[Segment, ...]:
    """Return the same spans of the mashup with the song heard `later_s` later in them."""
    return tuple(
        replace(segment, song_start_s=segment.song_start_s - later_s * segment.tempo_ratio)
        for segment in segments
    )


def singing_spans(
    song: AnalysedSong, segments: Sequence[Segment]
) -> tuple[tuple[float, float], ...]:
    """Return the spans of the mashup, in seconds, in which a song is thought to sing."""
    spans: list[tuple[float, float]] = []
    for segment in sorted(segments, key=lambda segment: segment.mashup_start_s):
        edges_s = np.arange(segment.mashup_start_s, segment.mashup_end_s, _SPAN_STEP_S)
        for start_s in edges_s:
            end_s = min(float(start_s) + _SPAN_STEP_S, segment.mashup_end_s)
            moment_s = float(segment.song_time(float(start_s)))
            if song.singing.between(moment_s, moment_s + _SPAN_STEP_S) > 0.5:
                _join(spans, float(start_s), end_s)
    return tuple((round(start_s, 3), round(end_s, 3)) for start_s, end_s in spans)


def _slot_steps(
    slot: Slot, phrases: dict[SongId, Phrases], meeting: Meeting
) -> NDArray[np.float64]:
    """Return the seconds between the beats of a slot: of the clock, else of whoever is heard."""
    songs: list[SongId] = [meeting.clock, "B" if meeting.clock == "A" else "A"]
    for song in songs:
        phrase = slot.phrase(song)
        if phrase is not None:
            own = phrases[song]
            return np.diff(own.beats_s(phrase)) * (own.grid.bpm / meeting.bpm)
    raise AssertionError("a slot in which no song is heard")


def _run(timeline: Timeline, phrases: Phrases, heard: list[tuple[int, int]]) -> Run:
    slots = [index for index, _ in heard]
    mashup = [timeline.slot_beats_s[index, :-1] for index in slots]
    song = [phrases.beats_s(phrase)[:-1] for _, phrase in heard]
    return Run(
        slots[0],
        slots[-1],
        np.concatenate([*mashup, timeline.slot_beats_s[slots[-1], -1:]]),
        np.concatenate([*song, phrases.beats_s(heard[-1][1])[-1:]]),
    )


def _straight(run: Run, tempo_ratio: float, *, heard: bool) -> list[Segment]:
    """Return the segments of a run; a song without a beat runs through at its own speed."""
    if heard:
        return segments_through(run.mashup_s, run.song_s)
    start_s, end_s = float(run.mashup_s[0]), float(run.mashup_s[-1])
    return [Segment(start_s, end_s, float(run.song_s[0]), tempo_ratio)]


def _take_pickup(pieces: list[list[Segment]], index: int, run: Run, song: AnalysedSong) -> None:
    """Let a run begin a beat early where its song sings into its first downbeat.

    A run of the same song that is cut for it loses that beat, if it sings less there.
    """
    first = pieces[index][0]
    beat_s = float(run.mashup_s[1] - run.mashup_s[0])
    if first.mashup_start_s < beat_s or first.song_start_s < beat_s * first.tempo_ratio:
        return
    sung = song.singing.between(first.song_start_s - beat_s * first.tempo_ratio, first.song_start_s)
    before = pieces[index - 1][-1] if index else None
    meets = before is not None and before.mashup_end_s > first.mashup_start_s - beat_s
    if sung <= 0.5:
        return
    if before is not None and meets:
        lost = song.singing.between(
            before.song_time(before.mashup_end_s - beat_s), before.song_end_s
        )
        if lost >= sung or before.duration_s <= 2 * beat_s:
            return
        pieces[index - 1][-1] = extended(before, after_s=-beat_s)
    pieces[index][0] = extended(first, before_s=beat_s)


def _join(spans: list[tuple[float, float]], start_s: float, end_s: float) -> None:
    """Add a span, or lengthen the last where they touch."""
    if spans and start_s - spans[-1][1] < 1e-6 + _SPAN_STEP_S / 2:
        spans[-1] = (spans[-1][0], end_s)
    else:
        spans.append((start_s, end_s))
