"""Scores on held-out rows of a snapshot, from magnitudes alone: what decides on a champion."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor

from model.baselines import OracleMask
from model.data import Batch, Rows, to_batch
from model.errors import NotEnoughDataError
from model.masks import MaskMaker, Masks
from model.metrics import spectral_distance_db
from model.scores import Scores, summarize

FAINT = 10 ** (-20 / 10)  # power of a part beside the other that is too little to hear


def evaluate_rows(
    batches: Iterable[Rows], makers: Sequence[MaskMaker], *, limit: int = 64, seed: int = 0
) -> Scores:
    """Score `makers` on the first `limit` rows that tell them apart.

    A made row in which one song gives next to nothing is left out: there the other song
    alone is right, by a margin that would decide every mean.

    Every row gives the log-spectral distance between the mashup and the power sum of the
    masked songs. Made rows also give `part_sdr_db`, 10 log10 (sum p^2 / sum (m|X| - p)^2) over
    both songs with phase-sensitive parts p, and the scores of the oracle mask.

    Raises
    ------
    NotEnoughDataError
        There are no rows.
    """
    rows: list[dict[str, dict[str, float]]] = []
    for batch in map(to_batch, batches):
        telling = [index for index in range(len(batch)) if _tells(batch, index)]
        rows += [_score_row(batch, index, makers) for index in telling[: limit - len(rows)]]
        if len(rows) >= limit:
            break
    if not rows:
        raise NotEnoughDataError("no held-out rows to score: ingest more mashups, then train")
    return summarize(rows, seed=seed)


def _tells(batch: Batch, index: int) -> bool:
    """Tell whether both songs are heard in a row; of human rows that is not known."""
    if not batch.exact[index]:
        return True
    powers = [part[index].square().sum() for part in (batch.voice_part, batch.bed_part)]
    return bool(min(powers) > FAINT * max(powers))


def _score_row(
    batch: Batch, index: int, makers: Sequence[MaskMaker]
) -> dict[str, dict[str, float]]:
    made = bool(batch.exact[index] > 0)
    voice, bed = batch.voice[index], batch.bed[index]
    all_makers = [*makers]
    if made:
        all_makers.append(OracleMask(batch.voice_part[index], batch.bed_part[index]))
    scores = {}
    for maker in all_makers:
        masks = maker.masks(voice, bed)
        scores[maker.name] = {"log_spectral_distance_db": _distance(masks, batch, index)}
        if made:
            scores[maker.name]["part_sdr_db"] = _part_sdr_db(masks, batch, index)
    return scores


def _distance(masks: Masks, batch: Batch, index: int) -> float:
    voice, bed = masks.voice * batch.voice[index], masks.bed * batch.bed[index]
    mixed = (voice.square() + bed.square()).sqrt()
    if masks.residual is not None:
        mixed = (mixed + masks.residual).clamp_min(0.0)
    return float(spectral_distance_db(mixed, batch.mashup[index]).mean())


def _part_sdr_db(masks: Masks, batch: Batch, index: int) -> float:
    error, energy = torch.zeros(()), torch.zeros(())
    songs: list[tuple[Tensor, Tensor, Tensor]] = [
        (masks.voice, batch.voice[index], batch.voice_part[index]),
        (masks.bed, batch.bed[index], batch.bed_part[index]),
    ]
    for mask, song, part in songs:
        error = error + (mask * song - part).square().sum()
        energy = energy + part.square().sum()
    return float(10 * torch.log10((energy + 1e-12) / (error + 1e-12)))
