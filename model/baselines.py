"""What a mashup is without learning: rules of signal processing, and the best a mask could do."""

from __future__ import annotations

from dataclasses import dataclass

import librosa
import numpy as np
import torch
from torch import Tensor

from audio.params import PARAMS
from model.masks import MaskMaker, Masks, check_aligned

VOICE_BAND_HZ = (200.0, 5000.0)  # most of a singing voice; edges are an octave's third wide
HPSS_MARGIN = 1.5  # a bin counts as harmonic when it is that much above percussive


@dataclass(frozen=True, slots=True)
class Sum:
    """Both songs, whole."""

    name: str = "sum"

    def masks(self, voice_magnitude: Tensor, bed_magnitude: Tensor) -> Masks:
        check_aligned(voice_magnitude, bed_magnitude)
        return Masks(torch.ones_like(voice_magnitude), torch.ones_like(bed_magnitude))


@dataclass(frozen=True, slots=True)
class BedOnly:
    """The second song alone."""

    name: str = "bed_only"

    def masks(self, voice_magnitude: Tensor, bed_magnitude: Tensor) -> Masks:
        check_aligned(voice_magnitude, bed_magnitude)
        return Masks(torch.zeros_like(voice_magnitude), torch.ones_like(bed_magnitude))


@dataclass(frozen=True, slots=True)
class BandSplitRule:
    """The first song where voices are, the second below and above."""

    name: str = "band_split"

    def masks(self, voice_magnitude: Tensor, bed_magnitude: Tensor) -> Masks:
        check_aligned(voice_magnitude, bed_magnitude)
        inside = voice_band(voice_magnitude.shape[1]).expand_as(voice_magnitude)
        return Masks(inside, 1.0 - inside)


@dataclass(frozen=True, slots=True)
class HpssSplit:
    """What sustains in the first song's voice band; of the second what strikes, or is outside.

    Median filters over time and frequency part the two, Fitzgerald 2010.
    """

    name: str = "hpss_split"

    def masks(self, voice_magnitude: Tensor, bed_magnitude: Tensor) -> Masks:
        check_aligned(voice_magnitude, bed_magnitude)
        inside = voice_band(voice_magnitude.shape[1])
        voice = _harmonic_share(voice_magnitude) * inside
        return Masks(voice, 1.0 - _harmonic_share(bed_magnitude) * inside)


@dataclass(frozen=True, slots=True)
class OracleMask:
    """The best real mask per bin, from parts that only a made mashup knows: the ceiling.

    m = max(0, Re(S conj(X))) / |X|^2, at most 1.
    """

    voice_part: Tensor  # phase-sensitive, (frames, bins)
    bed_part: Tensor
    name: str = "oracle_mask"

    def masks(self, voice_magnitude: Tensor, bed_magnitude: Tensor) -> Masks:
        check_aligned(voice_magnitude, bed_magnitude)
        voice = self.voice_part / voice_magnitude.clamp_min(1e-9)
        bed = self.bed_part / bed_magnitude.clamp_min(1e-9)
        return Masks(voice.clamp(0.0, 1.0), bed.clamp(0.0, 1.0))


def baselines() -> list[MaskMaker]:
    """Return every rule that needs no truth, the plainest first."""
    return [Sum(), BedOnly(), BandSplitRule(), HpssSplit()]


def voice_band(bins: int) -> Tensor:
    """Return `(bins,)`: 1 inside the voice band, 0 outside, a third of an octave between."""
    hz = torch.arange(bins) * (PARAMS.sample_rate_hz / PARAMS.n_fft)
    low, high = VOICE_BAND_HZ
    octaves = torch.minimum(
        torch.log2(hz.clamp_min(1.0) / low), torch.log2(high / hz.clamp_min(1.0))
    )
    return (3 * octaves + 0.5).clamp(0.0, 1.0)


def _harmonic_share(magnitude: Tensor) -> Tensor:
    spectrum = np.ascontiguousarray(magnitude.numpy().T)
    if not spectrum.any():
        return torch.zeros_like(magnitude)
    harmonic, _ = librosa.decompose.hpss(spectrum, mask=True, margin=(HPSS_MARGIN, 1.0))
    return torch.from_numpy(np.ascontiguousarray(harmonic.T, np.float32))
