"""How much of each song is heard in a mashup, second by second, without a separator.

Two regressions of magnitudes per mel band and second, both with gains >= 0:

- on the magnitudes as they are, `|T| ~ gV |V| + gB |B|`: how the two songs share what is heard.
  It bears misalignment of several milliseconds, which phases would not;
- on the magnitudes less their mean in that second, which only the right song follows: how
  much of the mashup the two explain. Any music explains half of any other's mean spectrum.

At the least-squares optimum `gV <T,V> + gB <T,B>` is the explained energy, so the two terms
are shares that add up.
"""

from __future__ import annotations

from dataclasses import dataclass

import librosa
import numpy as np
import torch
from numpy.typing import NDArray

from audio.decode import to_analysis
from audio.errors import AudioError, SilentAudioError
from audio.params import PARAMS
from audio.spectrogram import stft

BANDS = 24  # about one a critical band; fewer blur who plays what
_STEADY = 1e-4  # below this share of its energy a band does not move enough to judge by
_COLLINEAR = 1e-6  # songs closer than this in one band and second cannot be told apart


@dataclass(frozen=True, slots=True)
class Presence:
    """Shares of the mashup's energy, 0 to 1.

    `voice` and `bed` are `(seconds,)`. Over the whole mashup, weighted by its energy,
    `voice_share + bed_share + unexplained = 1`.
    """

    voice: NDArray[np.float64]
    bed: NDArray[np.float64]
    unexplained: float
    voice_share: float
    bed_share: float


@dataclass(frozen=True, slots=True)
class Gains:
    """Factors that bring whole songs to the level at which they are heard in a mashup."""

    voice: float
    bed: float


@dataclass(frozen=True, slots=True)
class _Explained:
    """Gains and energies per second and mel band, `(seconds, BANDS)`."""

    voice_gain: torch.Tensor
    bed_gain: torch.Tensor
    voice: torch.Tensor
    bed: torch.Tensor
    total: torch.Tensor


def presence(
    mashup: NDArray[np.float32],
    voice: NDArray[np.float32],
    bed: NDArray[np.float32],
    *,
    sample_rate_hz: int,
) -> Presence:
    """Measure how much of `mashup` is `voice`, `bed`, or neither.

    Parameters
    ----------
    mashup, voice, bed : `(samples,)` or `(channels, samples)`, all of one length: the songs
        as they lie on the mashup's timeline, whole or as stems

    Raises
    ------
    AudioError: the lengths differ.
    SilentAudioError: the mashup is silent.
    """
    magnitudes = _all_magnitudes(mashup, voice, bed, sample_rate_hz)
    seconds = _frame_seconds(len(magnitudes[0]))
    heard = _explain(magnitudes, seconds)
    moves = _explain([_less_mean(magnitude, seconds) for magnitude in magnitudes], seconds)
    return _summarise(heard, _explained_share(heard, moves))


def matching_gains(
    mashup: NDArray[np.float32],
    voice: NDArray[np.float32],
    bed: NDArray[np.float32],
    *,
    sample_rate_hz: int,
) -> Gains:
    """Return at which level each song was mixed, though only a part of it is heard.

    Where a song's kept part sounds alone, its regression gain is the true one, and there it
    explains most energy: the median of the gains, weighted by what they explain. A song that
    explains nothing keeps its own level.

    Parameters, raises: see `presence`.
    """
    magnitudes = _all_magnitudes(mashup, voice, bed, sample_rate_hz)
    heard = _explain(magnitudes, _frame_seconds(len(magnitudes[0])))
    return Gains(
        voice=_weighted_median(heard.voice_gain, heard.voice),
        bed=_weighted_median(heard.bed_gain, heard.bed),
    )


def _weighted_median(values: torch.Tensor, weights: torch.Tensor) -> float:
    """Return the value at half the weight; 1 where there is no weight."""
    order = values.flatten().argsort()
    reached = weights.flatten()[order].cumsum(0)
    if reached[-1] <= 0:
        return 1.0
    return float(values.flatten()[order][int((reached < reached[-1] / 2).sum())])


def _all_magnitudes(
    mashup: NDArray[np.float32],
    voice: NDArray[np.float32],
    bed: NDArray[np.float32],
    sample_rate_hz: int,
) -> list[torch.Tensor]:
    """Return the magnitudes of the three, which must be one length and not silent."""
    lengths = {audio.shape[-1] for audio in (mashup, voice, bed)}
    if len(lengths) != 1:
        raise AudioError(
            f"expected mashup, voice and bed of one length, got {sorted(lengths)} samples; "
            "lay both songs on the mashup's timeline first"
        )
    if not np.any(mashup):
        raise SilentAudioError("expected a mashup with sound, got silence")
    return [_magnitudes(audio, sample_rate_hz) for audio in (mashup, voice, bed)]


def _magnitudes(audio: NDArray[np.float32], sample_rate_hz: int) -> torch.Tensor:
    mono = to_analysis(np.atleast_2d(audio), sample_rate_hz=sample_rate_hz)
    return stft(mono).abs()  # (frames, bins)


def _frame_seconds(frames: int) -> torch.Tensor:
    """Return the second of each frame; a rest of less than half a second joins the last."""
    times_s = torch.arange(frames, dtype=torch.float64) * PARAMS.frame_s
    seconds = max(round(frames * PARAMS.frame_s), 1)
    return times_s.long().clamp(max=seconds - 1)


def _less_mean(magnitude: torch.Tensor, seconds: torch.Tensor) -> torch.Tensor:
    """Take from each bin its mean over the frames of the same second."""
    return magnitude - _per_second(magnitude, seconds, mean=True)[seconds]


def _per_second(values: torch.Tensor, seconds: torch.Tensor, *, mean: bool = False) -> torch.Tensor:
    """Sum, or average, `(frames, n)` over the frames of each second: `(seconds, n)`."""
    sums = values.new_zeros((int(seconds[-1]) + 1, values.shape[1])).index_add_(0, seconds, values)
    return sums / torch.bincount(seconds)[:, None] if mean else sums


def _explain(magnitudes: list[torch.Tensor], seconds: torch.Tensor) -> _Explained:
    """Regress the mashup on voice and bed per band and second, gains >= 0, in closed form."""
    target, voice, bed = magnitudes
    bands = torch.from_numpy(_mel_bands()).double()

    def inner(first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
        return _per_second(first * second, seconds).double() @ bands  # (seconds, BANDS)

    tv, tb = inner(target, voice), inner(target, bed)
    vv, bb, vb = inner(voice, voice), inner(bed, bed), inner(voice, bed)
    determinant = vv * bb - vb**2
    inside = determinant > _COLLINEAR * vv * bb
    safe = torch.where(inside, determinant, 1.0)
    gain_v, gain_b = (tv * bb - tb * vb) / safe, (tb * vv - tv * vb) / safe
    inside &= (gain_v >= 0) & (gain_b >= 0)
    # With a negative gain the optimum is on the border: one song alone, the better one.
    only_v, only_b = _alone(tv, vv), _alone(tb, bb)
    prefers_v = only_v * tv >= only_b * tb
    gain_v = torch.where(inside, gain_v, torch.where(prefers_v, only_v, 0.0))
    gain_b = torch.where(inside, gain_b, torch.where(prefers_v, 0.0, only_b))
    return _Explained(gain_v, gain_b, gain_v * tv, gain_b * tb, inner(target, target))


def _alone(cross: torch.Tensor, energy: torch.Tensor) -> torch.Tensor:
    """Return the gain, 0 or more, with which one song alone explains most."""
    return torch.where(energy > 0, cross.clamp(min=0) / energy, 0.0)


def _mel_bands() -> NDArray[np.float32]:
    """Return weights `(bins, BANDS)` that add up to at most 1 in each bin."""
    weights = librosa.filters.mel(
        sr=PARAMS.sample_rate_hz, n_fft=PARAMS.n_fft, n_mels=BANDS, norm=None
    )
    return np.ascontiguousarray(weights.T, dtype=np.float32)


def _explained_share(heard: _Explained, moves: _Explained) -> torch.Tensor:
    """Return what share of each band and second both songs explain, by what moves in it."""
    tiny = torch.finfo(torch.float64).tiny
    by_moves = (moves.voice + moves.bed) / moves.total.clamp(min=tiny)
    by_level = (heard.voice + heard.bed) / heard.total.clamp(min=tiny)
    return torch.where(moves.total > _STEADY * heard.total, by_moves, by_level).clamp(0, 1)


def _summarise(heard: _Explained, explained: torch.Tensor) -> Presence:
    """Scale both songs' parts to what is explained, and add up the bands."""
    tiny = torch.finfo(torch.float64).tiny
    scale = heard.total * explained / (heard.voice + heard.bed).clamp(min=tiny)
    voice, bed = ((part * scale).sum(1) for part in (heard.voice, heard.bed))  # (seconds,)
    energy = heard.total.sum(1)
    whole = float(energy.sum())
    voice_share, bed_share = float(voice.sum()) / whole, float(bed.sum()) / whole
    return Presence(
        voice=(voice / energy.clamp(min=tiny)).numpy(),
        bed=(bed / energy.clamp(min=tiny)).numpy(),
        unexplained=1 - voice_share - bed_share,
        voice_share=voice_share,
        bed_share=bed_share,
    )
