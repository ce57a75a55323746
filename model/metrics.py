"""How close a mashup is to its truth: distortion, spectral distance, bleed and presence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from audio.params import RENDER_RATE_HZ
from audio.spectrogram import params_at, stft
from model.errors import ShapeError

AUDIBLE_DB = 100.0  # LSD looks this far below the loudest bin of the reference: 16 bits
_GATE = 1e-3  # a second whose power is 30 dB under the loudest holds no voice


def si_sdr_db(estimate: NDArray[np.float32], reference: NDArray[np.float32]) -> float:
    """Return the scale-invariant signal-to-distortion ratio (Le Roux et al. 2019), in dB.

    10 log10(|a s|^2 / |a s - e|^2) with a = <e, s> / |s|^2; channels count as one signal.

    Raises
    ------
    ShapeError
        The shapes differ, or the reference is silent.
    """
    _check(estimate, reference)
    e = np.asarray(estimate, np.float64).ravel()
    s = np.asarray(reference, np.float64).ravel()
    target = float(e @ s) / float(s @ s) * s
    error = target - e
    ratio = max(float(target @ target), 1e-20) / max(float(error @ error), 1e-20)
    return float(10 * np.log10(ratio))


def log_spectral_distance_db(
    estimate: NDArray[np.float32],
    reference: NDArray[np.float32],
    *,
    sample_rate_hz: int = RENDER_RATE_HZ,
) -> float:
    """Return the log-spectral distance of two signals `(channels, samples)` in dB.

    mean over channels and frames of sqrt(mean over bins of (20 log10 (|E| + c) - 20 log10
    (|S| + c))^2), on Hann frames of 93 ms; c is 100 dB under the loudest bin of the reference.
    """
    _check(estimate, reference)
    params = params_at(sample_rate_hz)
    e, s = (stft(x, params=params).abs() for x in (estimate, reference))
    return float(spectral_distance_db(e, s).mean())


def spectral_distance_db(estimate: Tensor, reference: Tensor) -> Tensor:
    """Return the distance of magnitudes `(..., frames, bins)` per frame; see above for c."""
    floor = reference.max() * 10 ** (-AUDIBLE_DB / 20) + 1e-9
    difference_db = 20 * (torch.log10(estimate + floor) - torch.log10(reference + floor))
    return difference_db.square().mean(-1).sqrt()


@dataclass(frozen=True, slots=True)
class SourceLevels:
    """How much of each known source is in a mashup, in dB of its level; 0 dB is untouched."""

    voice_presence_db: float
    bed_presence_db: float
    voice_bleed_db: float  # of the voice that should not be heard


def source_levels(
    mashup: NDArray[np.float32],
    *,
    voice: NDArray[np.float32],
    bed: NDArray[np.float32],
    unwanted_voice: NDArray[np.float32],
    unwanted_bed: NDArray[np.float32],
    sample_rate_hz: int = RENDER_RATE_HZ,
) -> SourceLevels:
    """Solve each second of the mashup for the gains of its four sources, by least squares.

    m ~ g1 voice + g2 bed + g3 unwanted voice + g4 unwanted bed. A source's level is the mean
    of its squared gain over the seconds in which it sounds, in dB, at least -60.
    """
    sources = np.stack([x.astype(np.float64) for x in (voice, bed, unwanted_voice, unwanted_bed)])
    powers, gains = [], []
    for start in range(0, max(mashup.shape[1] - sample_rate_hz // 2, 1), sample_rate_hz):
        block = sources[:, :, start : start + sample_rate_hz].reshape(len(sources), -1)
        heard = mashup[:, start : start + sample_rate_hz].ravel()
        gram = block @ block.T + 1e-9 * np.eye(len(sources))
        powers.append(np.diag(gram) / block.shape[1])
        gains.append(np.linalg.solve(gram, block @ heard))
    levels = [_level_db(np.array(gains)[:, i], np.array(powers)[:, i]) for i in range(3)]
    return SourceLevels(*levels)


def _level_db(gains: NDArray[np.float64], powers: NDArray[np.float64]) -> float:
    sounding = powers > max(_GATE * powers.max(), 1e-8)
    if not sounding.any():
        return -60.0
    return float(max(10 * np.log10(np.mean(gains[sounding] ** 2) + 1e-6), -60.0))


def _check(estimate: NDArray[np.float32], reference: NDArray[np.float32]) -> None:
    if estimate.shape != reference.shape or estimate.size == 0:
        raise ShapeError(
            f"expected two signals of one shape, got {estimate.shape} and {reference.shape}"
        )
    if not np.any(reference):
        raise ShapeError("the reference is silent: nothing can be measured against it")
