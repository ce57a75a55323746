from __future__ import annotations

import numpy as np
import pytest
import torch

from audio.decode import to_analysis
from audio.params import PARAMS
from audio.spectrogram import stft
from model.baselines import BedOnly, Sum
from model.config import preset
from model.errors import ShapeError
from model.masher import Masher
from model.masks import (
    MasherMasks,
    Masks,
    apply_masks,
    phase_sensitive_part,
    songs_to_masks,
    window_starts,
)
from tests.model.songs import played, sung


def magnitudes(frames: int) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(1)
    voice, bed = torch.rand(2, frames, PARAMS.n_bins, generator=generator) * 0.1
    return voice, bed


@pytest.fixture(scope="module")
def model() -> Masher:
    torch.manual_seed(0)
    return Masher(preset("tiny")).eval()


@pytest.mark.parametrize("frames", [1, 7, 64, 65, 200])
def test_windows_cover_any_length(model: Masher, frames: int) -> None:
    voice, bed = magnitudes(frames)
    masks = MasherMasks(model, window_frames=64, overlap_frames=16).masks(voice, bed)
    assert masks.voice.shape == masks.bed.shape == (frames, PARAMS.n_bins)
    assert 0 < float(masks.voice.min()) <= float(masks.voice.max()) < 1


def test_no_window_is_added_that_brings_nothing_new() -> None:
    assert list(window_starts(256, 256, 64)) == [0]
    assert list(window_starts(257, 256, 64)) == [0, 192]


def test_a_single_window_is_the_model_itself(model: Masher) -> None:
    voice, bed = magnitudes(64)
    with torch.inference_mode():
        whole = model(voice[None], bed[None])
    masks = MasherMasks(model, window_frames=64, overlap_frames=16).masks(voice, bed)
    torch.testing.assert_close(masks.voice, whole.voice_mask[0])
    torch.testing.assert_close(masks.bed, whole.bed_mask[0])


def test_windows_join_without_a_seam(model: Masher) -> None:
    voice, bed = (x[:1].expand(400, -1) for x in magnitudes(1))  # nothing changes in time
    found = MasherMasks(model, window_frames=128, overlap_frames=32).masks(voice, bed).voice
    steps = found.diff(dim=0).abs().amax(dim=1)
    seams = [start + k for start in window_starts(400, 128, 32)[1:] for k in range(32)]
    inside = list(range(40, 90))
    assert float(steps[seams].max()) < 4 * float(steps[inside].max()) + 0.02


def test_cross_faded_windows_equal_the_whole_away_from_edges(model: Masher) -> None:
    voice, bed = magnitudes(320)
    pieces = MasherMasks(model, window_frames=192, overlap_frames=64).masks(voice, bed)
    whole = MasherMasks(model, window_frames=320, overlap_frames=64).masks(voice, bed)
    assert float((pieces.voice - whole.voice).abs().mean()) < 0.02


@pytest.mark.parametrize(("window", "overlap"), [(62, 16), (64, 0), (64, 40)])
def test_windows_that_cannot_join_are_refused(model: Masher, window: int, overlap: int) -> None:
    with pytest.raises(ShapeError, match="overlap by at most half"):
        MasherMasks(model, window_frames=window, overlap_frames=overlap)


def test_songs_of_two_lengths_are_refused(model: Masher) -> None:
    with pytest.raises(ShapeError, match="two aligned spectrograms"):
        MasherMasks(model).masks(torch.zeros(9, 1025), torch.zeros(8, 1025))
    with pytest.raises(ShapeError, match="of one length"):
        songs_to_masks(Sum(), np.zeros((2, 4410), np.float32), np.zeros((2, 4400), np.float32))


def test_open_masks_give_the_songs_back() -> None:
    voice, bed = sung(1.0, seed=1), played(1.0, seed=2)
    parts = apply_masks(songs_to_masks(Sum(), voice, bed), voice, bed)
    np.testing.assert_allclose(parts[0], voice, atol=1e-5)
    np.testing.assert_allclose(parts[1], bed, atol=1e-5)


def test_a_closed_mask_silences_all_bins_up_to_the_top() -> None:
    voice, bed = played(1.0, seed=1), played(1.0, seed=2)
    parts = apply_masks(songs_to_masks(BedOnly(), voice, bed), voice, bed)
    assert not parts[0].any()
    np.testing.assert_allclose(parts[1], bed, atol=1e-5)


def test_the_top_octave_follows_the_highest_bands() -> None:
    noise = np.random.default_rng(0).standard_normal((2, 44100)).astype(np.float32) * 0.1
    masks = songs_to_masks(Sum(), noise, noise)
    masks.voice[:, -96:] = 0.5
    part, _ = apply_masks(masks, noise, noise)
    power = [np.abs(np.fft.rfft(x[0]))[12_000:20_000].mean() for x in (part, noise)]
    assert power[0] / power[1] == pytest.approx(0.5, abs=0.01)


def test_the_residual_sounds_with_the_songs_phase() -> None:
    noise = np.random.default_rng(0).standard_normal((2, 44100)).astype(np.float32) * 0.1
    voice = bed = noise
    masks = songs_to_masks(BedOnly(), voice, bed)
    residual = torch.zeros_like(masks.bed)
    residual[:, 100:140] = 0.01
    _, part = apply_masks(Masks(masks.voice, masks.bed, residual), voice, bed)
    added = stft(to_analysis(part - bed)).abs()[10:30]
    assert 0.005 < float(added[:, 105:135].mean()) < 0.011  # neighbours' phases disagree a little
    assert float(added[:, 200:].max()) < 1e-4


def test_masks_of_other_songs_are_refused() -> None:
    song = sung(1.0, seed=1)
    with pytest.raises(ShapeError, match="expected a mask of 44 frames, got 20"):
        apply_masks(Masks(torch.ones(20, 1025), torch.ones(20, 1025)), song, song)


def test_the_phase_sensitive_part_is_the_best_real_mask() -> None:
    source = torch.randn(5, 7, dtype=torch.complex64)
    mixture = source + torch.randn(5, 7, dtype=torch.complex64)
    mask = phase_sensitive_part(source, mixture) / mixture.abs()
    best = (mask * mixture - source).abs()
    for other in (mask + 0.01, (mask - 0.01).clamp_min(0)):
        assert bool(((other * mixture - source).abs() >= best - 1e-6).all())
