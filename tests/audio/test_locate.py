from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest

from audio.decode import decode, to_analysis
from audio.features import SongFeatures, extract
from audio.locate import Location, confidence_of, locate, locate_pair
from audio.stretch import stretch
from tests.audio.ear_signals import RATE_HZ, tune

BED_RATIO, BED_SHIFT, BED_START_S = 1.06, 2, 7.31


@lru_cache(maxsize=1)
def _bed() -> np.ndarray:
    return tune(1, duration_s=60, bpm=118)


@lru_cache(maxsize=1)
def _mashup() -> np.ndarray:
    """Thirty seconds of the bed, faster and higher, under another tune."""
    stretched = _stretched(_bed(), BED_RATIO, BED_SHIFT)
    start = round(BED_START_S / BED_RATIO * RATE_HZ)
    other = tune(2, duration_s=30, bpm=118 * BED_RATIO)
    return np.asarray(stretched[start : start + len(other)] + 0.7 * other, np.float32)


def _stretched(audio: np.ndarray, ratio: float, semitones: float) -> np.ndarray:
    whole = stretch(audio[None], sample_rate_hz=RATE_HZ, tempo_ratio=ratio, semitones=semitones)
    return np.asarray(whole[0])


@lru_cache(maxsize=4)
def _features(which: str) -> SongFeatures:
    return extract({"bed": _bed, "mashup": _mashup}[which]())


def test_a_song_is_located_to_milliseconds_with_its_speed_and_key() -> None:
    location = locate(_features("mashup"), _features("bed"))
    assert location.located
    assert location.semitones == BED_SHIFT
    assert abs(location.cents) < 20
    assert location.tempo_ratio == pytest.approx(BED_RATIO, rel=5e-4)
    assert location.offset_s == pytest.approx(BED_START_S, abs=0.005)
    assert location.confidence > 0.95


def test_one_unbroken_song_is_one_segment_over_the_whole_mashup() -> None:
    (segment,) = locate(_features("mashup"), _features("bed")).segments
    assert (segment.mashup_start_s, segment.mashup_end_s) == pytest.approx((0, 30), abs=0.2)


def test_a_cut_gives_two_segments_each_at_its_place() -> None:
    bed = _bed()
    at = [round(moment * RATE_HZ) for moment in (5.0, 21.0, 38.0, 52.0)]
    mashup = np.concatenate([bed[at[0] : at[1]], bed[at[2] : at[3]]])
    segments = locate(extract(mashup), _features("bed")).segments
    assert [round(segment.song_time(segment.mashup_start_s + 2), 2) for segment in segments] == [
        pytest.approx(7.0, abs=0.02),
        pytest.approx(40.0, abs=0.3),
    ]
    assert segments[1].song_time(20.0) == pytest.approx(42.0, abs=0.005)


def test_a_song_that_is_not_there_is_unverified_with_a_reason() -> None:
    location = locate(_features("mashup"), extract(tune(9, duration_s=60, bpm=118)))
    assert (location.located, location.segments) == (False, ())
    assert location.confidence < 0.2
    assert "no clearer than chance" in location.reason
    assert np.isnan(location.offset_s)


def test_confidence_grows_with_clarity() -> None:
    confidences = [confidence_of(clarity) for clarity in (0.0, 6.0, 8.0, 10.0, 12.0, 40.0)]
    assert confidences == sorted(confidences)
    assert confidences[1] < 0.02
    assert confidences[-1] > 0.99


@pytest.mark.corpus
def test_voice_and_bed_of_real_songs_are_told_apart_and_placed(corpus: Path) -> None:
    """Lithium's voice, slower and lower, over Sodium's instruments, from second 30 of each."""
    parts = {
        name: to_analysis(decode(corpus / "multitracks" / f"{name}.mp3", duration_s=80))
        for name in (
            "lithium_vocals",
            "lithium_instrumental",
            "sodium_vocals",
            "sodium_instrumental",
        )
    }
    voice_ratio, bed_ratio = 140 / 124 * 0.95, 0.95
    voice = _stretched(parts["lithium_vocals"], voice_ratio, -2)
    bed = _stretched(parts["sodium_instrumental"], bed_ratio, 1)
    pieces = [
        part[round(30 / ratio * RATE_HZ) :][: 45 * RATE_HZ]
        for part, ratio in ((voice, voice_ratio), (bed, bed_ratio))
    ]
    pair = locate_pair(
        extract(2 * pieces[0] + pieces[1]),
        extract(parts["lithium_vocals"] + parts["lithium_instrumental"]),
        extract(parts["sodium_vocals"] + parts["sodium_instrumental"]),
    )
    assert pair.roles.voice == "a"
    _assert_placed(pair.a, ratio=voice_ratio, semitones=-2)
    _assert_placed(pair.b, ratio=bed_ratio, semitones=1)


def _assert_placed(location: Location, *, ratio: float, semitones: int) -> None:
    assert location.located
    assert location.semitones == semitones
    assert location.tempo_ratio == pytest.approx(ratio, rel=1e-3)
    assert location.offset_s == pytest.approx(30.0, abs=0.02)
