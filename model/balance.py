"""The mixing desk: how loud each song is when, worked out on spectrograms before sound is made.

Gains are folded into the masks, so that riding, ducking and masking cost one synthesis.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.ndimage
import scipy.signal
import torch
from numpy.typing import NDArray
from torch import Tensor

from audio.params import PARAMS
from model.masks import Masks
from model.plan import Part, Plan

VOICE_OVER_BED_LU = 1.0  # a lead vocal sits about as loud as all the rest together
MAX_RIDE_DB = 9.0  # beyond that a voice is not quiet but absent
RIDE_S = 0.5  # a gain glides from part to part in this time
DUCK_DB = 2.5  # the bed's mids give way to a voice
DUCK_SINGING_DB = 7.0  # and more where the bed sings too
DUCK_HZ = (300.0, 4500.0)
ATTACK_S = 0.15  # how long a duck takes; ducks begin before the word
REST_DB = -4.0  # of the voice song where it is not thought to sing
LOW_CUT_HZ = 130.0  # two basses at once are mud, and nobody sings down there
_GATE_LU = 10.0  # frames this far under the mean do not count, BS.1770-4
_SILENCE = 1e-8  # K-weighted power of -80 dB
_NOTHING = 1e-20  # has a logarithm


@dataclass(frozen=True, slots=True)
class Desk:
    """What `balance` did, for the report: `(parts,)` gains of the voice, in dB."""

    masks: Masks
    voice_gain_db: tuple[float, ...]


def balance(masks: Masks, voice: Tensor, bed: Tensor, *, plan: Plan) -> Desk:
    """Return masks with gains: the voice at a fixed distance over the bed, the bed out of its way.

    Parameters
    ----------
    masks : for the magnitudes `voice` and `bed`, `(frames, bins)` on the mashup's timeline
    """
    frames = len(voice)
    alone = torch.from_numpy(_bed_alone(plan, frames)).float()[:, None]
    bed_mask = torch.lerp(masks.bed, masks.bed.new_ones(()), alone)
    voice_power = _loudness_power(masks.voice * voice)
    bed_power = _loudness_power(bed_mask * bed)
    rides = tuple(_ride_db(part, voice_power, bed_power) for part in plan.parts)
    gain_db = _glide(plan.parts, rides, frames) + _rest_db(plan, frames)
    voice_gain = torch.from_numpy(10 ** (gain_db / 20)).float()
    duck = duck_db(plan, voice_power * 10 ** (gain_db / 10), bed_power)
    wishes = _glide(plan.parts, tuple(part.bed_gain_db for part in plan.parts), frames)
    bed_gain = torch.from_numpy(10 ** (wishes / 20)).float()
    mids = torch.from_numpy(10 ** (duck / 20)).float()[:, None]
    band = _mid_band(bed.shape[1])
    balanced = Masks(
        voice=masks.voice * voice_gain[:, None] * _low_cut(voice.shape[1]),
        bed=bed_mask * bed_gain[:, None] * (1 - band + band * mids),
        residual=masks.residual,
    )
    return Desk(balanced, rides)


def duck_db(
    plan: Plan, voice_power: NDArray[np.float64], bed_power: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return how far the bed's mids step back in each frame, in dB, 0 or less.

    Full depth where the voice is as loud as the bed, none where it is 20 dB under it.
    """
    frames = len(voice_power)
    distance = 10 * np.log10(np.maximum(voice_power, _NOTHING) / (bed_power + _SILENCE))
    heard = np.clip((distance + 20) / 20, 0, 1)
    depth = np.where(_bed_singing(plan, frames), DUCK_SINGING_DB, DUCK_DB)
    size = max(round(ATTACK_S / PARAMS.frame_s), 1)
    held = scipy.ndimage.maximum_filter1d(heard * depth, 2 * size + 1)
    return -np.asarray(scipy.ndimage.gaussian_filter1d(held, size), np.float64)


def _ride_db(part: Part, voice_power: NDArray[np.float64], bed_power: NDArray[np.float64]) -> float:
    """Return the gain that puts a part's voice VOICE_OVER_BED_LU over its bed."""
    if part.voice is None:
        return part.voice_gain_db
    span = slice(_frame(part.start_s), max(_frame(part.end_s), _frame(part.start_s) + 1))
    voice, bed = _gated_db(voice_power[span]), _gated_db(bed_power[span])
    if voice is None or bed is None:
        return part.voice_gain_db
    ride_db = float(np.clip(bed + VOICE_OVER_BED_LU - voice, -MAX_RIDE_DB, MAX_RIDE_DB))
    return ride_db + part.voice_gain_db


def _gated_db(power: NDArray[np.float64]) -> float | None:
    """Return the level of what is not pause, in dB; None for silence."""
    loud = power[power > _SILENCE]
    if len(loud) == 0:
        return None
    kept = loud[loud >= loud.mean() * 10 ** (-_GATE_LU / 10)]
    return float(10 * np.log10(kept.mean()))


def _loudness_power(magnitude: Tensor) -> NDArray[np.float64]:
    """Return K-weighted power per frame, smoothed over 400 ms."""
    weight = torch.from_numpy(_k_weight(magnitude.shape[1])).float()
    power = (magnitude.square() @ weight).double().numpy()
    return np.asarray(scipy.ndimage.uniform_filter1d(power, round(0.4 / PARAMS.frame_s)))


def _k_weight(bins: int) -> NDArray[np.float64]:
    """Return the power response of BS.1770-4's two filters at each bin of the analysis."""
    hz = np.arange(bins) * PARAMS.sample_rate_hz / PARAMS.n_fft
    shelf = ([1.53512485958697, -2.69169618940638, 1.19839281085285],
             [1.0, -1.69065929318241, 0.73248077421585])  # fmt: skip
    high_pass = ([1.0, -2.0, 1.0], [1.0, -1.99004745483398, 0.99007225036621])
    response = np.ones(bins, complex)
    for numerator, denominator in (shelf, high_pass):
        response *= scipy.signal.freqz(numerator, denominator, worN=hz, fs=48_000)[1]
    return np.asarray(np.abs(response) ** 2)


def _glide(parts: Sequence[Part], gains_db: Sequence[float], frames: int) -> NDArray[np.float64]:
    """Return a gain per frame that goes from each part's to the next within RIDE_S."""
    gain_db = np.zeros(frames)
    for part, value in zip(parts, gains_db, strict=True):
        gain_db[_frame(part.start_s) : _frame(part.end_s) + 1] = value
    return _smooth(gain_db, RIDE_S)


def _rest_db(plan: Plan, frames: int) -> NDArray[np.float64]:
    """Return REST_DB where the leading song does not sing, glided."""
    sings = np.zeros(frames, bool)
    for part in plan.parts:
        if part.voice is not None:
            _mark(sings, part, plan.song(part.voice).singing)
    return _smooth(np.where(sings, 0.0, REST_DB), RIDE_S)


def _bed_alone(plan: Plan, frames: int) -> NDArray[np.float64]:
    """Return 1 where nothing keeps the bed from sounding whole, glided: no voice, or two rests."""
    whole = _rest_db(plan, frames) < REST_DB / 2
    whole &= ~_bed_singing(plan, frames)
    for part in plan.parts:
        if part.voice is None:
            whole[_frame(part.start_s) : _frame(part.end_s)] = True
    return _smooth(whole.astype(np.float64), RIDE_S)


def _bed_singing(plan: Plan, frames: int) -> NDArray[np.bool_]:
    sings = np.zeros(frames, bool)
    for part in plan.parts:
        _mark(sings, part, plan.song(part.bed).singing)
    return sings


def _mark(frames: NDArray[np.bool_], part: Part, spans: Sequence[tuple[float, float]]) -> None:
    """Set the frames of spans that lie inside a part."""
    for start_s, end_s in spans:
        first, last = max(start_s, part.start_s), min(end_s, part.end_s)
        if last > first:
            frames[_frame(first) : _frame(last) + 1] = True


def _smooth(values: NDArray[np.float64], width_s: float) -> NDArray[np.float64]:
    size = max(round(width_s / PARAMS.frame_s), 1)
    return np.asarray(scipy.ndimage.uniform_filter1d(values, size, mode="nearest"))


def _frame(moment_s: float) -> int:
    return round(moment_s / PARAMS.frame_s)


def _mid_band(bins: int) -> Tensor:
    """Return `(bins,)`: 1 in the ducked band, 0 outside, an octave between."""
    hz = (torch.arange(bins) * (PARAMS.sample_rate_hz / PARAMS.n_fft)).clamp_min(1.0)
    octaves = torch.minimum(torch.log2(hz / DUCK_HZ[0]), torch.log2(DUCK_HZ[1] / hz))
    return (octaves + 0.5).clamp(0.0, 1.0)


def _low_cut(bins: int) -> Tensor:
    """Return `(bins,)`: 12 dB an octave down below LOW_CUT_HZ."""
    hz = torch.arange(bins) * (PARAMS.sample_rate_hz / PARAMS.n_fft)
    return (hz / LOW_CUT_HZ).square().clamp(0.0, 1.0)
