"""Where sound sets in: band-wise spectral flux of a mono signal, the raw material of the ears.

Flux is the half-wave rectified rise of log-compressed mel-band magnitudes (Böck and Widmer,
"Maximum filter vibrato suppression for onset detection", DAFx 2013, without the filter).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from audio.params import PARAMS

FLUX_N_FFT = 1024
FLUX_HOP_SAMPLES = 128  # 5.8 ms at 22,050 Hz: parabolic peaks are then good to about 1 ms
FLUX_BANDS = 24
FLUX_RATE_HZ = PARAMS.sample_rate_hz / FLUX_HOP_SAMPLES
LOWEST_HZ, HIGHEST_HZ = 40.0, 10_000.0
COMPRESSION = 1000.0  # log(1 + COMPRESSION |X|), |X| = 1 for a full-scale sine
BLOCK_FRAMES = 4096  # bounds memory: a song is transformed a block at a time


@dataclass(frozen=True, slots=True)
class Framing:
    """Window and hop of a short-time transform, in samples."""

    n_fft: int
    hop_samples: int


def magnitudes(
    audio: NDArray[np.float32], framing: Framing, start: int, stop: int
) -> NDArray[np.float32]:
    """Hann magnitudes (frames, bins) of frames `start` to `stop`, frame k about sample k hop."""
    half = framing.n_fft // 2
    first = start * framing.hop_samples - half
    last = (stop - 1) * framing.hop_samples + half
    piece = audio[max(0, first) : min(len(audio), last)]
    piece = np.pad(piece, (max(0, -first), max(0, last - len(audio))))
    frames = np.lib.stride_tricks.sliding_window_view(piece, framing.n_fft)
    window = _hann(framing.n_fft)
    spectra = scipy.fft.rfft(frames[:: framing.hop_samples] * window, axis=1)
    return np.asarray(np.abs(spectra), np.float32)


def frame_count(samples: int, hop_samples: int) -> int:
    """Frames of a centred transform over `samples`."""
    return samples // hop_samples + 1


def band_flux(audio: NDArray[np.float32], *, sample_rate_hz: int) -> NDArray[np.float32]:
    """Onset strength per mel band.

    Parameters
    ----------
    audio : (samples,) mono

    Returns
    -------
    (frames, FLUX_BANDS), one frame per FLUX_HOP_SAMPLES, frame k about sample k hop.
    """
    framing = Framing(FLUX_N_FFT, FLUX_HOP_SAMPLES)
    bank = mel_bank(sample_rate_hz, FLUX_N_FFT, FLUX_BANDS)
    total = frame_count(len(audio), FLUX_HOP_SAMPLES)
    levels = np.empty((total, FLUX_BANDS), np.float32)
    for start in range(0, total, BLOCK_FRAMES):
        stop = min(total, start + BLOCK_FRAMES)
        levels[start:stop] = np.log1p(
            COMPRESSION * (magnitudes(audio, framing, start, stop) @ bank)
        )
    return np.maximum(0, np.diff(levels, axis=0, prepend=levels[:1]))


@lru_cache(maxsize=4)
def mel_bank(sample_rate_hz: int, n_fft: int, bands: int) -> NDArray[np.float32]:
    """Triangles (bins, bands) of unit sum, evenly spaced on the mel scale (O'Shaughnessy 1987)."""
    top_hz = min(HIGHEST_HZ, sample_rate_hz / 2)
    edges_mel = np.linspace(_mel(LOWEST_HZ), _mel(top_hz), bands + 2)
    edges_hz = 700 * (10 ** (edges_mel / 2595) - 1)
    bins_hz = np.arange(n_fft // 2 + 1) * sample_rate_hz / n_fft
    rise = (bins_hz[:, None] - edges_hz[:-2]) / np.diff(edges_hz)[:-1]
    fall = (edges_hz[2:] - bins_hz[:, None]) / np.diff(edges_hz)[1:]
    triangles = np.clip(np.minimum(rise, fall), 0, None)
    nearest = np.abs(bins_hz[:, None] - edges_hz[1:-1]).argmin(axis=0)
    triangles[nearest, np.arange(bands)] += 1e-3  # the lowest bands are narrower than a bin
    return np.asarray(triangles / triangles.sum(axis=0), np.float32)


def _mel(hz: float) -> float:
    return float(2595 * np.log10(1 + hz / 700))


@lru_cache(maxsize=4)
def _hann(n_fft: int) -> NDArray[np.float32]:
    """Periodic Hann window scaled so that a full-scale sine reads magnitude 1."""
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n_fft) / n_fft)
    return np.asarray(2 * window / window.sum(), np.float32)
