"""Which of two located songs sings in a mashup and which one plays.

A mashup keeps the bed's drums and bass and drops the voice song's: in the lowest bands the mashup's
onsets are the bed's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import scipy.optimize
from numpy.typing import NDArray

from audio.explained import laid_over
from audio.features import FLUX_STEP, SongFeatures
from audio.onsets import FLUX_RATE_HZ
from audio.timemap import Segment

Voice = Literal["a", "b"]
LOW_BANDS = slice(0, 4)  # below about 300 Hz: kick, bass, the floor of the drums
ALONE_SHARE = 0.15  # a song alone that explains this much of the low onsets is the bed


@dataclass(frozen=True, slots=True)
class Roles:
    """Which song is the voice, and each song's share (0 to 1) of the mashup's low onsets."""

    voice: Voice
    low_share_a: float
    low_share_b: float


def assign_roles(
    mashup: SongFeatures,
    songs: tuple[SongFeatures, SongFeatures],
    segments: tuple[tuple[Segment, ...], tuple[Segment, ...]],
) -> Roles:
    """Tell voice from bed among two songs and their segments; none means unheard."""
    target = _low_onsets(mashup.flux)
    laid = [
        laid_over(song.flux, own, len(target), FLUX_RATE_HZ)
        for song, own in zip(songs, segments, strict=True)
    ]
    low_a, low_b = _shares(target, [_low_onsets(each) for each in laid])
    voice: Voice = "a" if low_a < low_b else "b"
    if not all(segments) and max(low_a, low_b) < ALONE_SHARE:
        voice = "a" if segments[0] else "b"
    return Roles(voice, low_a, low_b)


def _low_onsets(flux: NDArray[np.uint8] | NDArray[np.float32]) -> NDArray[np.float64]:
    """Low-band onsets (frames, bands) around their mean."""
    low = flux[:, LOW_BANDS].astype(np.float64) * FLUX_STEP
    return np.asarray(low - low.mean(axis=0))


def _shares(target: NDArray[np.float64], parts: list[NDArray[np.float64]]) -> list[float]:
    """Part of the target's power that each explains: T ~ gA A + gB B, gains not negative."""
    power = np.zeros(2)
    for band in range(target.shape[1]):
        basis = np.stack([part[:, band] for part in parts], axis=1)
        gains, _ = scipy.optimize.nnls(basis, target[:, band])
        power += gains * (basis * target[:, band : band + 1]).sum(axis=0).clip(min=0)
    return [float(value) for value in power / ((target**2).sum() + 1e-12)]
