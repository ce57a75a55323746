"""Peaks between the samples, and the gain that keeps them under a ceiling.

Everything works on blocks of 32 samples, so that what a limiter must know about two minutes
is found once, in one matrix product, and tried at many gains for nothing.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy.ndimage import convolve1d, maximum_filter1d, minimum_filter1d
from scipy.signal import firwin

BLOCK = 32  # samples that share one peak; 0.7 ms at 44,100 Hz
_BLOCKS_AT_ONCE = 32_768  # bounds memory to 40 MB, whatever the length
_HALF_TAPS = 12  # samples on each side that one point between samples is made from
_LOOK_AHEAD_S = 0.008  # the gain begins to fall this long before a peak


def block_peaks(
    audio: NDArray[np.float32], *, sample_rate_hz: int, floor: float
) -> NDArray[np.float32]:
    """Return the true peak of each 32 samples, all channels together: `(blocks,)`.

    Oversampled four times, twice from 96 kHz on (BS.1770-4, annex 2). Where no point between
    samples can pass `floor`, the sample peak stands for it: with music that spares most of
    the work, and changes nothing above `floor`.
    """
    blocks = -(-audio.shape[1] // BLOCK)
    rest = blocks * BLOCK - audio.shape[1]
    padded = np.pad(audio, ((0, 0), (_HALF_TAPS, _HALF_TAPS + rest)))
    inner = np.abs(padded[:, _HALF_TAPS:-_HALF_TAPS])
    peaks: NDArray[np.float32] = inner.reshape(len(audio), blocks, BLOCK).max(axis=(0, 2))
    kernel = _between_samples(4 if sample_rate_hz < 96_000 else 2)
    reach = float(np.abs(kernel).sum(axis=0).max())  # no point rises above its samples by more
    candidates = np.flatnonzero(maximum_filter1d(peaks, 3) * reach > floor)
    windows = sliding_window_view(padded, BLOCK + 2 * _HALF_TAPS, axis=1)[:, ::BLOCK]
    for start in range(0, len(candidates), _BLOCKS_AT_ONCE):
        chosen = candidates[start : start + _BLOCKS_AT_ONCE]
        between = np.abs(windows[:, chosen] @ kernel).max(axis=(0, 2))
        peaks[chosen] = np.maximum(peaks[chosen], between)
    return peaks


def limiter_edges(
    peaks: NDArray[np.float32], *, ceiling: float, sample_rate_hz: int
) -> NDArray[np.float64]:
    """Return gains at the edges of blocks, `(blocks + 1,)`, that keep `peaks` under `ceiling`.

    A minimum over a window, smoothed by a Hann window no longer than it, is nowhere above
    what it was made from; nor is a straight line between two of its points.
    """
    allowed = np.minimum(1.0, ceiling / np.maximum(peaks, ceiling))
    padded = np.pad(allowed, 1, mode="edge")
    both = np.minimum(padded[:-1], padded[1:])
    size = 2 * max(round(_LOOK_AHEAD_S * sample_rate_hz / BLOCK), 1) + 1
    window = np.hanning(size + 2)[1:-1]
    held = minimum_filter1d(both, size, mode="nearest")
    smooth: NDArray[np.float64] = convolve1d(held, window / window.sum(), mode="nearest")
    return smooth


def gain_per_sample(edges: NDArray[np.float64], samples: int) -> NDArray[np.float32]:
    """Draw straight lines between the gains at block edges: `(samples,)`."""
    start, rise = edges[:-1].astype(np.float32), np.diff(edges).astype(np.float32)
    ramp = np.arange(BLOCK, dtype=np.float32) / BLOCK
    gain = start[:, np.newaxis] + rise[:, np.newaxis] * ramp
    return gain.ravel()[:samples].astype(np.float32, copy=False)


@lru_cache(maxsize=2)
def _between_samples(oversampling: int) -> NDArray[np.float32]:
    """Return the matrix from a block and its surroundings to the points between its samples.

    A Kaiser-windowed sinc, twice as long as the standard's, without its first phase, which
    is the samples themselves: `(BLOCK + 2 * _HALF_TAPS, BLOCK * (oversampling - 1))`.
    """
    taps = 2 * _HALF_TAPS * oversampling + 1
    sinc = oversampling * firwin(taps, 1 / oversampling, window=("kaiser", 8.0))
    matrix = np.zeros((BLOCK + 2 * _HALF_TAPS, BLOCK, oversampling - 1), np.float32)
    for phase in range(1, oversampling):
        weights = sinc[phase::oversampling][::-1]
        for sample in range(BLOCK):
            matrix[sample + 1 : sample + 1 + len(weights), sample, phase - 1] = weights
    return matrix.reshape(len(matrix), -1)
