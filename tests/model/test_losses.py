from __future__ import annotations

from dataclasses import replace

import torch

from model.data import Batch, to_batch
from model.losses import LossWeights, masher_loss
from model.masher import MasherOutput
from storage.schema import Example
from tests.model.songs import RowBatch


def said(voice: torch.Tensor, bed: torch.Tensor) -> MasherOutput:
    return MasherOutput(voice, bed, torch.zeros_like(voice), torch.zeros(1), torch.zeros(1))


def oracle(batch: Batch) -> MasherOutput:
    voice = batch.voice_part / batch.voice.clamp_min(1e-9)
    return said(voice.clamp(0, 1), (batch.bed_part / batch.bed.clamp_min(1e-9)).clamp(0, 1))


def test_true_masks_cost_less_than_open_ones_in_every_term(rows: list[Example]) -> None:
    batch = to_batch(RowBatch.of(rows[:2]))
    ones = torch.ones_like(batch.voice)
    true = masher_loss(oracle(batch), batch, LossWeights())
    open_ = masher_loss(said(ones, ones), batch, LossWeights())
    for name in ("total", "error", "parts", "mixture"):
        assert float(getattr(true, name)) < float(getattr(open_, name))


def test_human_rows_cost_by_their_mixture_alone(rows: list[Example]) -> None:
    human = replace(RowBatch.of(rows[:2]), kind=("human", "human"))
    batch = to_batch(human)
    ones = torch.ones_like(batch.voice)
    loss = masher_loss(said(ones, ones), batch, LossWeights())
    assert (float(loss.error), float(loss.parts)) == (0.0, 0.0)
    assert float(loss.total) > 0


def test_human_rows_tolerate_a_shift_that_made_rows_do_not(rows: list[Example]) -> None:
    rows_of = RowBatch.of(rows[:1])
    made = to_batch(rows_of)
    shifted = replace(made, mashup=made.mashup.roll(1, dims=1))
    human = replace(shifted, exact=torch.zeros(1))
    strict, lenient = (
        float(masher_loss(oracle(made), batch, LossWeights()).mixture) for batch in (shifted, human)
    )
    assert lenient < 0.8 * strict


def test_a_row_that_is_not_trusted_counts_less(rows: list[Example]) -> None:
    human = to_batch(replace(RowBatch.of(rows[:2]), kind=("human", "human")))
    good = replace(human, mashup=torch.stack([human.mashup[0], torch.zeros(256, 1025)]))
    ones = torch.ones_like(good.voice)
    losses = [
        float(masher_loss(said(ones, ones), replace(good, weight=w), LossWeights()).mixture)
        for w in (torch.tensor([1.0, 0.0]), torch.tensor([1.0, 1.0]))
    ]
    assert losses[0] < losses[1]


def test_gradients_are_finite_where_everything_is_silent() -> None:
    zeros = torch.zeros(1, 8, 1025)
    mask = torch.full_like(zeros, 0.5, requires_grad=True)
    batch = Batch(zeros, zeros, zeros, zeros, zeros, exact=torch.ones(1), weight=torch.ones(1))
    masher_loss(said(mask, mask), batch, LossWeights()).total.backward()
    assert mask.grad is not None
    assert bool(mask.grad.isfinite().all())
