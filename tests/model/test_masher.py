from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from audio.params import PARAMS
from model.config import POSITIONS, preset
from model.errors import ShapeError
from model.masher import Masher, features

TINY = preset("tiny")


def songs(frames: int, batch: int = 2) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    voice, bed = torch.rand(2, batch, frames, PARAMS.n_bins, generator=generator) * 0.1
    return voice, bed


@pytest.mark.parametrize("positions", POSITIONS)
@pytest.mark.parametrize("frames", [32, 301])  # 301: no whole token, longer than learned places
def test_masks_have_the_songs_shape_and_bounds(positions: str, frames: int) -> None:
    voice, bed = songs(frames, batch=1)
    with torch.inference_mode():
        output = Masher(replace(TINY, positions=positions))(voice, bed)
    for mask in (output.voice_mask, output.bed_mask):
        assert mask.shape == voice.shape
        assert 0 <= float(mask.min()) < float(mask.max()) <= 1
    assert output.voice_embedding.shape == (1, TINY.dim)


def test_the_residual_is_silent_until_its_gate_opens() -> None:
    model = Masher(TINY)
    voice, bed = songs(16)
    assert not model(voice, bed).residual.any()
    with torch.no_grad():
        model.residual_gate.fill_(1.0)
    assert model(voice, bed).residual.min() > 0


def test_the_gate_of_the_residual_learns_from_the_start() -> None:
    model = Masher(TINY)
    model(*songs(16)).residual.sum().backward()
    assert model.residual_gate.grad is not None
    assert float(model.residual_gate.grad) > 0


def test_roles_are_not_the_same() -> None:
    voice, _ = songs(16)
    output = Masher(TINY)(voice, voice)
    assert not torch.allclose(output.voice_mask, output.bed_mask, atol=1e-3)


def test_each_song_changes_the_mask_of_the_other() -> None:
    model = Masher(TINY).eval()
    voice, bed = songs(16)
    with torch.inference_mode():
        moved = model(voice, bed.flip(1)).voice_mask - model(voice, bed).voice_mask
    assert float(moved.abs().max()) > 1e-6


def test_silence_and_full_scale_give_finite_features() -> None:
    values = features(torch.tensor([0.0, 1e-9, 1.0, 2.0]))
    assert bool(values.isfinite().all())
    assert values.abs().max() < 4


@pytest.mark.parametrize("shape", [(1, 16, 1024), (16, PARAMS.n_bins), (1, 17, PARAMS.n_bins)])
def test_songs_that_do_not_fit_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ShapeError, match="align both songs first"):
        Masher(TINY)(torch.zeros(1, 16, PARAMS.n_bins), torch.zeros(shape))
