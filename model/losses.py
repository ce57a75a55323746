"""What training minimises: exact parts where they are known, the mixture where only it is known."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from model.data import Batch
from model.masher import MasherOutput

COMPRESSION = 0.4  # |X|^0.4 weighs quiet and loud about as ears do
FLOOR = 1e-5  # -100 dB: about where 16-bit audio ends
DB_PER_LOG = 8.685889638  # 20 / ln 10


@dataclass(frozen=True, slots=True)
class LossWeights:
    """How much each term counts; `mixture` is all that `human` rows have."""

    error: float = 1.0
    parts: float = 4.0
    mixture: float = 0.08
    human: float = 1.0


@dataclass(frozen=True, slots=True)
class Loss:
    """The terms of a batch, each a scalar; `total` is what is minimised."""

    total: Tensor
    error: Tensor  # log of error energy over part energy, made rows
    parts: Tensor  # compressed magnitude distance of the parts, made rows
    mixture: Tensor  # dB between the mashup and the masked sum, all rows


def masher_loss(output: MasherOutput, batch: Batch, weights: LossWeights) -> Loss:
    """Return the loss of `output` for `batch`.

    For made rows, with phase-sensitive parts p: ln(sum (m|X| - p)^2 / sum p^2), which is the
    negative signal-to-distortion ratio up to what no real mask can reach, and
    mean | (m|X|)^c - p^c |. For every row, the level of the masked power sum against the
    mashup's; for human rows pooled over 3 frames, since they are aligned to milliseconds only.
    """
    voice, bed = output.voice_mask * batch.voice, output.bed_mask * batch.bed
    exact = batch.exact
    error = _error(voice, batch.voice_part, batch.voice) + _error(bed, batch.bed_part, batch.bed)
    parts = _compressed(voice, batch.voice_part) + _compressed(bed, batch.bed_part)
    mixed = (voice.square() + bed.square() + 1e-14).sqrt() + output.residual
    mixed = mixed.clamp_min(0.0)
    close, pooled = _level_distance(mixed, batch.mashup), _pooled_distance(mixed, batch.mashup)
    mixture = torch.where(exact > 0, close, weights.human * pooled)
    terms = (_mean(error, exact), _mean(parts, exact), _mean(mixture, batch.weight))
    total = weights.error * terms[0] + weights.parts * terms[1] + weights.mixture * terms[2]
    return Loss(total, *(term.detach() for term in terms))


def _mean(values: Tensor, weight: Tensor) -> Tensor:
    return (values * weight).sum() / weight.sum().clamp_min(1e-6)


def _error(estimate: Tensor, part: Tensor, song: Tensor) -> Tensor:
    """Log of error energy over energy, per row; a silent part is measured against its song."""
    error = (estimate - part).square().mean(dim=(1, 2))
    energy = part.square().mean(dim=(1, 2)) + 0.01 * song.square().mean(dim=(1, 2)) + 1e-10
    return torch.log(error / energy + 0.02)


def _compressed(estimate: Tensor, part: Tensor) -> Tensor:
    near, far = (estimate + 1e-5).pow(COMPRESSION), (part + 1e-5).pow(COMPRESSION)
    return (near - far).abs().mean(dim=(1, 2))


def _level_distance(estimate: Tensor, target: Tensor) -> Tensor:
    """Mean absolute difference in dB per row, with everything below the floor alike."""
    distance = torch.log((estimate + FLOOR) / (target + FLOOR)).abs()
    return DB_PER_LOG * distance.mean(dim=(1, 2))


def _pooled_distance(estimate: Tensor, target: Tensor) -> Tensor:
    """The same over the means of 3 x 3 frames and bins, which a few milliseconds hardly move."""
    pooled = [F.avg_pool2d(x[:, None], 3, stride=2, padding=1)[:, 0] for x in (estimate, target)]
    return _level_distance(pooled[0], pooled[1])
