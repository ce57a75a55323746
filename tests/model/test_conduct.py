"""Plans of mashups of songs whose truth is known."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from audio.errors import AudioError, SilentAudioError, TooShortError
from audio.params import RENDER_RATE_HZ
from model.conduct import conduct
from model.plan import Plan, PlanError, SongId
from model.songs import analyse
from tests.model.duo import DURATION_S, MASHUP_S, PLAYER, SINGER, heard, plan, song


def _on_mashup(made: Plan, which: SongId, moments_s: np.ndarray) -> np.ndarray:
    """Where true moments of a song come to lie on the mashup."""
    placed = [
        segment.mashup_time(
            moments_s[(moments_s >= segment.song_start_s) & (moments_s < segment.song_end_s)]
        )
        for segment in made.song(which).segments
    ]
    return np.sort(np.concatenate(placed))


def _distances(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    return np.abs(first[:, None] - second).min(axis=1)


def test_the_voice_is_played_at_the_beds_tempo() -> None:
    made = plan()
    assert made.bpm == pytest.approx(song(PLAYER).bpm, rel=1e-3)
    assert made.a.tempo_ratio == pytest.approx(song(PLAYER).bpm / song(SINGER).bpm, rel=1e-3)
    assert made.b.tempo_ratio == pytest.approx(1.0)


def test_true_beats_of_both_songs_meet() -> None:
    apart_s = _distances(
        _on_mashup(plan(), "A", song(SINGER).beats_s), _on_mashup(plan(), "B", song(PLAYER).beats_s)
    )
    assert np.median(apart_s) < 0.008
    assert np.mean(apart_s < 0.020) > 0.95


def test_true_downbeats_of_both_songs_meet() -> None:
    apart_s = _distances(
        _on_mashup(plan(), "A", song(SINGER).downbeats_s),
        _on_mashup(plan(), "B", song(PLAYER).downbeats_s),
    )
    assert np.mean(apart_s < 0.020) > 0.9


def test_the_shift_brings_keys_together() -> None:
    def major(seed: int) -> int:
        return song(seed).tonic + (3 if song(seed).mode == "minor" else 0)

    apart = (major(SINGER) + plan().a.semitones - major(PLAYER)) % 12
    assert apart in (0, 5, 7)  # the same or relative key, or a fifth away


def test_the_bed_begins_alone_and_nobody_is_missing_after() -> None:
    first, *rest = plan().parts
    assert (first.label, first.voice, first.bed, first.start_s) == ("intro", None, "B", 0.0)
    assert all({part.voice, part.bed} == {"A", "B"} for part in rest)
    for before, after in pairwise(plan().parts):
        assert before.end_s == pytest.approx(after.start_s)
    assert plan().parts[-1].label == "ending"
    assert plan().parts[-1].end_s == pytest.approx(plan().duration_s)
    assert 0.6 * MASHUP_S < plan().duration_s <= MASHUP_S


def test_a_plan_is_json_and_tells_each_choice_with_its_second_best() -> None:
    values = json.loads(json.dumps(plan().to_dict(), allow_nan=False))
    assert list(values["choices"]) == ["voice", "fold", "tempo", "shift", "start"]
    shift = values["choices"]["shift"]
    assert shift["chosen"]["score"] >= shift["second"]["score"]
    assert len(shift["options"]) == 7


def test_wishes_are_followed() -> None:
    made = conduct(
        heard(SINGER), heard(PLAYER), voice="B", shift=-1, tempo="keep-b", nudge_ms=40, seconds=25
    )
    plain = conduct(heard(SINGER), heard(PLAYER), voice="B", shift=-1, tempo="keep-b", seconds=25)
    assert made.voice == "B"
    assert (made.a.semitones, made.b.semitones) == (0, -1)
    assert made.bpm == pytest.approx(song(PLAYER).bpm, rel=1e-3)
    for nudged, straight in zip(made.b.segments, plain.b.segments, strict=True):
        late_s = nudged.mashup_time(straight.song_start_s) - straight.mashup_start_s
        assert late_s == pytest.approx(0.040)
    assert made.a.segments == plain.a.segments


def test_a_song_without_a_beat_is_not_stretched_and_the_plan_says_so() -> None:
    free = replace(heard(SINGER), grid=None)
    made = conduct(free, heard(PLAYER), voice="A", seconds=MASHUP_S)
    assert {segment.tempo_ratio for segment in made.a.segments} == {1.0}
    assert any("no beat was found" in note for note in made.notes)


def test_two_songs_without_a_beat_still_make_a_mashup() -> None:
    made = conduct(
        replace(heard(SINGER), grid=None), replace(heard(PLAYER), grid=None), seconds=MASHUP_S
    )
    ratios = {segment.tempo_ratio for which in (made.a, made.b) for segment in which.segments}
    assert ratios == {1.0}


def test_a_ten_second_song_is_repeated_under_a_long_one() -> None:
    short = analyse(song(SINGER).mix[:, : 11 * RENDER_RATE_HZ], name="short")
    made = conduct(heard(PLAYER), short, voice="A", tempo="keep-a", seconds=MASHUP_S)
    covered_s = sum(segment.duration_s for segment in made.b.segments)
    assert made.duration_s > 0.6 * MASHUP_S
    assert covered_s == pytest.approx(made.duration_s, abs=0.1)


def test_one_recording_twice_is_refused() -> None:
    with pytest.raises(PlanError, match="the same recording"):
        conduct(heard(SINGER), replace(heard(SINGER), name="a copy"))


@pytest.mark.parametrize(
    ("wish", "says"),
    [
        ({"voice": "C"}, "voice must be"),
        ({"shift": 13}, "at most 12 semitones"),
        ({"nudge_ms": 900.0}, "at most 500 ms"),
        ({"start_s": -1.0}, "start of 0 s"),
        ({"seconds": 3.0}, "at least 8 s"),
        ({"tempo": "quick"}, "tempo must be"),
    ],
)
def test_wishes_that_cannot_be_are_explained(wish: dict[str, object], says: str) -> None:
    with pytest.raises(PlanError, match=says):
        conduct(heard(SINGER), heard(PLAYER), **wish)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("audio", "error", "says"),
    [
        (np.zeros((2, 20 * RENDER_RATE_HZ), np.float32), SilentAudioError, "is silent"),
        (np.ones((2, 5 * RENDER_RATE_HZ), np.float32), TooShortError, "lasts 5.0 s"),
        (np.full((2, 20 * RENDER_RATE_HZ), np.nan, np.float32), AudioError, "finite"),
        (np.ones((1, 20 * RENDER_RATE_HZ), np.float32), AudioError, "stereo"),
    ],
)
def test_what_cannot_be_a_song_is_refused(
    audio: np.ndarray, error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        analyse(audio, name="x.mp3")


def test_songs_last_as_long_as_their_files() -> None:
    assert heard(SINGER).duration_s == pytest.approx(DURATION_S)
