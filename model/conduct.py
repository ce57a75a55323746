"""The conductor: from two analysed songs to a plan of their mashup, every choice with its reason.

Nothing is listened to here (songs) and no sound is made (render).
"""

from __future__ import annotations

import math
from itertools import groupby
from typing import Literal

import numpy as np

from model.arrange import Slot, Weights
from model.casting import Asked, Cast, Stage, cast, set_stage
from model.grid import BEATS_PER_BAR
from model.plan import Part, Plan, PlanError, SongId, SongPlan
from model.songs import AnalysedSong
from model.timeline import Timeline, lay_song, lay_timeline, nudged, runs, singing_spans

MAX_SHIFT_ASKED = 12
MAX_NUDGE_MS = 500.0
MIN_MASHUP_S = 8.0
FADE_IN_S = 0.02  # a mashup begins on a downbeat; this only avoids a click
SAME_SONG = 0.98  # correlation of level pictures above which two files are one recording
WIDE_STRETCH = 0.15  # from here on a stretch is mentioned


def conduct(
    a: AnalysedSong,
    b: AnalysedSong,
    *,
    voice: Literal["A", "B", "auto"] = "auto",
    shift: int | None = None,
    tempo: str | float = "auto",
    nudge_ms: float = 0.0,
    start_s: float | None = None,
    seconds: float = 120.0,
    weights: Weights | None = None,
) -> Plan:
    """Plan the mashup of two songs.

    Parameters
    ----------
    voice : which song leads with its singing; "auto" lets both, where that is better
    shift : semitones by which the voice is transposed; None lets harmony choose within three
    tempo : "auto", "keep-a", "keep-b", or beats per minute
    nudge_ms : how much later than its beats the voice is heard; negative is earlier
    start_s : moment of the bed with which the mashup begins, moved to the nearest phrase
    seconds : length of the mashup, at most

    Raises
    ------
    PlanError: a wish out of range, or both files hold the same recording.
    """
    _check_wishes(voice=voice, shift=shift, nudge_ms=nudge_ms, start_s=start_s, seconds=seconds)
    _check_different(a, b)
    stage = set_stage(a, b, seconds=seconds)
    chosen = cast(stage, Asked(voice, shift, tempo, start_s, seconds), weights=weights or Weights())
    timeline = lay_timeline(chosen.arrangement.slots, stage.phrases, chosen.meeting)
    songs = {song: _song_plan(song, stage, chosen, timeline, nudge_ms) for song in stage.songs}
    beats_s = timeline.beats_s
    return Plan(
        duration_s=timeline.duration_s,
        bpm=chosen.meeting.bpm,
        a=songs["A"],
        b=songs["B"],
        parts=_parts(timeline, stage),
        beats_s=tuple(np.round(beats_s, 4).tolist()),
        downbeats_s=tuple(np.round(beats_s[::BEATS_PER_BAR], 4).tolist()),
        fade_in_s=FADE_IN_S,
        fade_out_s=float(timeline.tail_beats_s[-1] - timeline.tail_beats_s[0]),
        nudge_ms=nudge_ms,
        choices=chosen.choices,
        notes=_notes(stage, songs),
    )


def _song_plan(
    song: SongId, stage: Stage, chosen: Cast, timeline: Timeline, nudge_ms: float
) -> SongPlan:
    analysed, phrases = stage.songs[song], stage.phrases[song]
    ratio = chosen.meeting.bpm / phrases.grid.bpm if phrases.grid.heard else 1.0
    found = runs(timeline, song, phrases)
    segments = lay_song(timeline, analysed, found, phrases=phrases, tempo_ratio=ratio)
    leads = song == chosen.voice
    if leads and nudge_ms:
        segments = nudged(segments, later_s=nudge_ms / 1000)
    return SongPlan(
        name=analysed.name,
        bpm=analysed.bpm,
        tempo_ratio=ratio,
        semitones=chosen.shift if leads else 0,
        segments=segments,
        singing=singing_spans(analysed, segments),
    )


def _parts(timeline: Timeline, stage: Stage) -> tuple[Part, ...]:
    """Return who is heard when: slots of one cast and label joined, then the ending."""
    slots = list(enumerate(timeline.slots))
    parts: list[Part] = []
    for (label, voice, bed), members in groupby(slots, key=lambda item: _role(item[1], stage)):
        indices = [index for index, _ in members]
        start_s = float(timeline.slot_beats_s[indices[0], 0])
        end_s = float(timeline.slot_beats_s[indices[-1], -1])
        parts.append(Part(start_s, end_s, label, voice, bed))
    last = parts[-1]
    return (*parts, Part(last.end_s, timeline.duration_s, "ending", last.voice, last.bed))


def _role(slot: Slot, stage: Stage) -> tuple[str, SongId | None, SongId]:
    """Return label, voice and bed of a slot."""
    if slot.lead is None:
        return "intro", None, "A" if slot.a is not None else "B"
    phrase = slot.phrase(slot.lead)
    assert phrase is not None  # noqa: S101 - a leader is heard
    bed: SongId = "B" if slot.lead == "A" else "A"
    return stage.phrases[slot.lead].labels[phrase], slot.lead, bed


def _notes(stage: Stage, songs: dict[SongId, SongPlan]) -> tuple[str, ...]:
    """Say what a listener should know before wondering."""
    notes = []
    for song, plan in songs.items():
        if plan.bpm is None:
            notes.append(f"no beat was found in {plan.name} ({song}): it is not stretched")
        elif abs(math.log2(plan.tempo_ratio)) > math.log2(1 + WIDE_STRETCH):
            notes.append(f"{plan.name} ({song}) is played x{plan.tempo_ratio:.2f} of its own tempo")
        if not plan.singing:
            notes.append(f"no singing was found in what is used of {plan.name} ({song})")
    if stage.phrases["A"].bars < 4:
        notes.append(f"a short mashup, in phrases of {stage.phrases['A'].bars} bars")
    return tuple(notes)


def _check_wishes(
    *, voice: str, shift: int | None, nudge_ms: float, start_s: float | None, seconds: float
) -> None:
    if voice not in ("A", "B", "auto"):
        raise PlanError(f"voice must be A, B or auto, got {voice!r}")
    if shift is not None and abs(shift) > MAX_SHIFT_ASKED:
        raise PlanError(f"expected a shift of at most {MAX_SHIFT_ASKED} semitones, got {shift}")
    if not abs(nudge_ms) <= MAX_NUDGE_MS:
        raise PlanError(f"expected a nudge of at most {MAX_NUDGE_MS:g} ms, got {nudge_ms:g}")
    if start_s is not None and not 0 <= start_s < math.inf:
        raise PlanError(f"expected a start of 0 s or later, got {start_s:g}")
    if not MIN_MASHUP_S <= seconds < math.inf:
        raise PlanError(f"expected a mashup of at least {MIN_MASHUP_S:g} s, got {seconds:g}")


def _check_different(a: AnalysedSong, b: AnalysedSong) -> None:
    frames = min(len(a.levels), len(b.levels))
    if abs(len(a.levels) - len(b.levels)) > 0.02 * frames:
        return
    if np.corrcoef(a.levels[:frames].ravel(), b.levels[:frames].ravel())[0, 1] > SAME_SONG:
        raise PlanError(
            f"{a.name} and {b.name} hold the same recording; a mashup needs two different songs"
        )
