"""Masks over two songs: who makes them, how windows join, how they act on full-band stereo."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from audio.decode import to_analysis
from audio.params import RENDER_RATE_HZ
from audio.spectrogram import istft, params_at, stft
from model.errors import ShapeError
from model.masher import Masher

_TOP_BINS = 96  # about 1 kHz below 11 kHz: what the octave above follows


@dataclass(frozen=True, slots=True)
class Masks:
    """What each song gives to the mashup, `(frames, bins)` at the analysis rate.

    `voice` and `bed` are factors within 0..1; `residual` is an amplitude (a full-scale sine
    is 1) that is added along both songs' sum: with its phase, or against it where negative.
    """

    voice: Tensor
    bed: Tensor
    residual: Tensor | None = None


class MaskMaker(Protocol):
    """Anything that decides from two aligned songs what is heard of each."""

    @property
    def name(self) -> str: ...

    def masks(self, voice_magnitude: Tensor, bed_magnitude: Tensor) -> Masks:
        """Return masks for magnitudes `(frames, bins)` on the mashup's timeline."""
        ...


class MasherMasks:
    """The trained model as a `MaskMaker`: any length, by windows that fade into each other."""

    def __init__(
        self,
        model: Masher,
        *,
        name: str = "champion",
        window_frames: int = 256,
        overlap_frames: int = 64,
    ) -> None:
        if window_frames % 4 or not 0 < 2 * overlap_frames <= window_frames:
            raise ShapeError(
                "expected windows of whole tokens (4 frames) that overlap by at most half, "
                f"got {window_frames} and {overlap_frames}"
            )
        self.name = name
        self._model = model.eval()
        self._window = window_frames
        self._overlap = overlap_frames

    @torch.inference_mode()
    def masks(self, voice_magnitude: Tensor, bed_magnitude: Tensor) -> Masks:
        """Return the model's masks; the residual is None where its gate never opened."""
        check_aligned(voice_magnitude, bed_magnitude)
        frames = len(voice_magnitude)
        summed = torch.zeros(3, *voice_magnitude.shape)
        weights = torch.zeros(frames, 1)
        for start in window_starts(frames, self._window, self._overlap):
            span = slice(start, min(start + self._window, frames))
            output = self._model(voice_magnitude[None, span], bed_magnitude[None, span])
            fade = _fade(start, span.stop, frames, self._overlap)[:, None]
            found = (output.voice_mask[0], output.bed_mask[0], output.residual[0])
            for total, part in zip(summed, found, strict=True):
                total[span] += fade * part
            weights[span] += fade
        voice, bed, residual = summed / weights
        return Masks(voice, bed, residual if bool(self._model.residual_gate) else None)


def phase_sensitive_part(source: Tensor, mixture: Tensor) -> Tensor:
    """Return max(0, Re(S conj(X)) / |X|), the magnitude of S that lies along X (Erdogan 2015)."""
    along = (source * mixture.conj()).real
    return (along / mixture.abs().clamp_min(1e-12)).clamp_min(0.0)


def check_aligned(voice: Tensor, bed: Tensor) -> None:
    """Raise `ShapeError` unless both are `(frames, bins)` of one shape with a frame or more."""
    if voice.shape != bed.shape or voice.ndim != 2 or len(voice) == 0:
        raise ShapeError(
            "expected two aligned spectrograms (frames, bins) of one shape, "
            f"got {tuple(voice.shape)} and {tuple(bed.shape)}"
        )


def window_starts(frames: int, window: int, overlap: int) -> range:
    """Return where windows start so that they cover `frames` and overlap by `overlap`."""
    return range(0, max(frames - overlap, 1), window - overlap)


def _fade(start: int, stop: int, frames: int, overlap: int) -> Tensor:
    """Return weights that rise over the overlap with the window before and fall with the next.

    The weights of two overlapping windows sum to one, so nothing is heard of the seam.
    """
    weights = torch.ones(stop - start)
    ramp = (torch.arange(overlap) + 0.5) / overlap
    if start > 0:
        weights[:overlap] *= ramp[: stop - start]
    if stop < frames:
        weights[-overlap:] *= ramp.flip(0)
    return weights


def songs_to_masks(maker: MaskMaker, voice: NDArray[np.float32], bed: NDArray[np.float32]) -> Masks:
    """Return the masks `maker` finds for stereo songs `(2, samples)` at 44.1 kHz."""
    if voice.shape != bed.shape or voice.ndim != 2:
        raise ShapeError(
            f"expected two songs (2, samples) of one length, got {voice.shape} and {bed.shape}"
        )
    return maker.masks(*(stft(to_analysis(song)).abs() for song in (voice, bed)))


def apply_masks(
    masks: Masks, voice: NDArray[np.float32], bed: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return what is heard of each song, `(2, samples)` at 44.1 kHz; their sum is the mashup.

    The transform has the frame times and bin width of the analysis (n_fft 4096, hop 1024);
    bins above 11 kHz follow the mean of the highest thousand hertz below. The residual goes
    to the bed.
    """
    params = params_at(RENDER_RATE_HZ)
    length = voice.shape[1]
    spectra = [stft(song, params=params) for song in (voice, bed)]  # each (2, T, F)
    frames, bins = spectra[0].shape[1:]
    parts = [
        spectrum * _full_band(mask, frames, bins)
        for spectrum, mask in zip(spectra, (masks.voice, masks.bed), strict=True)
    ]
    if masks.residual is not None:
        phase = torch.sgn(spectra[0] + spectra[1])
        parts[1] = parts[1] + phase * _full_band(masks.residual, frames, bins)
    rendered = [istft(part, length, params=params).numpy() for part in parts]
    return rendered[0], rendered[1]


def _full_band(mask: Tensor, frames: int, bins: int) -> Tensor:
    """Extend a mask `(frames', bins')` to `(frames, bins)`: hold the last frame and the top."""
    if abs(len(mask) - frames) > 1:
        raise ShapeError(f"expected a mask of {frames} frames, got {len(mask)}: other songs?")
    held = torch.cat([mask, mask[-1:]])[:frames]
    top = held[:, -_TOP_BINS:].mean(1, keepdim=True)
    return torch.cat([held, top.expand(-1, bins - held.shape[1])], dim=1)
