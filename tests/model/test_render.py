"""Mashups as sound: level, length, presence, and no seams."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from audio.params import PARAMS, RENDER_RATE_HZ
from model.masks import Masks, apply_masks
from model.plan import Part
from model.render import cast_roles, delayed, fades, synthesise, voice_lag_s
from tests.model.duo import mashup, plan


def test_a_mashup_is_as_loud_as_streams_are_and_never_clips() -> None:
    made = mashup()
    assert made.lufs == pytest.approx(-14.0, abs=0.3)
    assert made.true_peak_dbtp <= -1.0
    assert made.clipped_samples == 0


def test_a_mashup_lasts_as_long_as_its_plan() -> None:
    samples = round(plan().duration_s * RENDER_RATE_HZ)
    for audio in (mashup().audio, mashup().voice_audio, mashup().a_audio):
        assert audio.shape == (2, samples)
        assert audio.dtype == np.float32


def test_the_voice_waits_for_its_entry() -> None:
    quiet = mashup().voice_audio[:, : round((plan().parts[0].end_s - 1.0) * RENDER_RATE_HZ)]
    assert np.abs(quiet).max() < 1e-3
    assert np.abs(mashup().voice_audio).max() > 0.01


def test_a_mashup_begins_and_ends_in_silence() -> None:
    assert np.abs(mashup().audio[:, 0]).max() < 1e-3
    assert np.abs(mashup().audio[:, -1]).max() < 1e-3
    envelope = fades(plan(), mashup().audio.shape[1])
    assert envelope[round(plan().parts[-1].start_s * RENDER_RATE_HZ) - 10] == 1.0


def test_the_rule_that_masked_is_named() -> None:
    assert mashup().masker == "band_split"


def test_pieces_sound_like_the_whole() -> None:
    rng = np.random.default_rng(0)
    songs = [rng.normal(0, 0.1, (2, 30 * RENDER_RATE_HZ + 123)).astype(np.float32) for _ in "ab"]
    frames = 1 + songs[0].shape[1] // 1024
    generator = torch.Generator().manual_seed(0)
    masks = Masks(*(torch.rand(frames, PARAMS.n_bins, generator=generator) for _ in "ab"))
    pieces, whole = synthesise(masks, *songs), apply_masks(masks, *songs)
    np.testing.assert_allclose(pieces[0], whole[0], atol=1e-5)
    np.testing.assert_allclose(pieces[1], whole[1], atol=1e-5)


def test_leaders_change_places_on_the_downbeat() -> None:
    parts = (Part(0.0, 5.0, "verse", "A", "B"), Part(5.0, 10.0, "verse", "B", "A"))
    swapping = replace(plan(), parts=parts, duration_s=10.0)
    ones = np.ones((2, 10 * RENDER_RATE_HZ), np.float32)
    voice, bed = cast_roles(swapping, ones * 0.25, ones * 0.5)
    seconds = RENDER_RATE_HZ * np.array([1, 4, 6, 9])
    np.testing.assert_allclose(voice[0, seconds], [0.25, 0.25, 0.5, 0.5])
    np.testing.assert_allclose(bed[0, seconds], [0.5, 0.5, 0.25, 0.25])


@pytest.mark.parametrize("later", [3, -3, 0])
def test_a_delay_moves_every_sample(later: int) -> None:
    audio = np.arange(1, 11, dtype=np.float32).reshape(1, 10)
    moved = delayed(audio, later_s=later / RENDER_RATE_HZ)
    kept = slice(max(later, 0), 10 + min(later, 0))
    np.testing.assert_array_equal(moved[0, kept], audio[0, max(-later, 0) : 10 - max(later, 0)])
    assert moved.shape == audio.shape


def test_a_voice_that_lags_is_heard_to_lag() -> None:
    late = delayed(mashup().a_audio, later_s=0.012)
    before_s = voice_lag_s(plan(), mashup().a_audio, mashup().b_audio)
    after_s = voice_lag_s(plan(), late, mashup().b_audio)
    assert after_s - before_s == pytest.approx(0.012, abs=0.004)
