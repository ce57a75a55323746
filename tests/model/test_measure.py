"""Measures of a mashup: in range, and moved by what they should feel."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from audio.params import RENDER_RATE_HZ
from model.measure import MashupScores, key_agreement, measure, two_voices
from model.render import delayed
from tests.model.duo import mashup, plan


@pytest.fixture(scope="module")
def scores() -> MashupScores:
    return measure(mashup(), plan())


def test_both_songs_are_heard(scores: MashupScores) -> None:
    assert scores.a_presence >= 0.15
    assert scores.b_presence >= 0.15


def test_the_songs_are_on_the_beat(scores: MashupScores) -> None:
    assert scores.offset_ms is not None
    assert scores.offset_ms < 10


def test_a_late_voice_is_measured_as_late() -> None:
    late = replace(mashup(), a_audio=delayed(mashup().a_audio, later_s=0.030))
    found = measure(late, plan()).offset_ms
    assert found == pytest.approx(30, abs=8)


def test_scores_are_json(scores: MashupScores) -> None:
    values = json.loads(json.dumps(scores.to_dict(), allow_nan=False))
    assert values["masker"] == "band_split"
    assert values["lufs"] == pytest.approx(-14, abs=0.3)


def test_two_voices_count_only_where_both_songs_sing() -> None:
    length = plan().duration_s
    both = replace(
        plan(),
        a=replace(plan().a, singing=((0.0, length),)),
        b=replace(plan().b, singing=((0.0, length),)),
    )
    whole = replace(mashup(), bed_audio=mashup().b_audio)  # a bed that hides nothing
    led = 1 - plan().parts[0].end_s / length
    assert two_voices(whole, both) == pytest.approx(led, abs=0.02)
    assert two_voices(whole, replace(both, b=replace(both.b, singing=()))) == 0.0


def test_a_bed_whose_mids_are_gone_is_no_second_voice() -> None:
    length = plan().duration_s
    both = replace(
        plan(),
        a=replace(plan().a, singing=((0.0, length),)),
        b=replace(plan().b, singing=((0.0, length),)),
    )
    quiet = replace(mashup(), bed_audio=0.1 * mashup().b_audio)
    assert two_voices(quiet, both) == 0.0


def test_key_agreement_falls_with_a_semitone() -> None:
    times_s = np.arange(8 * RENDER_RATE_HZ) / RENDER_RATE_HZ

    def chord(semitones: int) -> np.ndarray:
        tones = [
            np.sin(2 * np.pi * 261.63 * 2 ** ((n + semitones) / 12) * times_s) for n in (0, 4, 7)
        ]
        return np.tile(0.1 * np.sum(tones, axis=0), (2, 1)).astype(np.float32)

    assert key_agreement(chord(0), chord(0)) == pytest.approx(1.0)
    assert key_agreement(chord(0), chord(1)) < 0.3
