"""Tone controls and a compressor: what makers of mashups do to a part besides its level."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, signal

BASS_HZ = 160.0
TREBLE_HZ = 5000.0
_WINDOW_S = 0.05  # over which the compressor hears a level


def shelves(
    audio: NDArray[np.float32], *, sample_rate_hz: int, bass_db: float, treble_db: float
) -> NDArray[np.float32]:
    """Raise or lower what lies below 160 Hz and above 5 kHz.

    Parameters
    ----------
    audio : (channels, samples)

    Returns
    -------
    shelved : (channels, samples); `audio` itself where both are 0 dB
    """
    if bass_db == 0 and treble_db == 0:
        return audio
    treble_hz = min(TREBLE_HZ, 0.3 * sample_rate_hz)
    sections = np.stack(
        [
            _shelf(BASS_HZ, bass_db, sample_rate_hz, is_high=False),
            _shelf(treble_hz, treble_db, sample_rate_hz, is_high=True),
        ]
    )
    return np.asarray(signal.sosfilt(sections, audio, axis=-1), dtype=np.float32)


def squash(audio: NDArray[np.float32], *, sample_rate_hz: int, share: float) -> NDArray[np.float32]:
    """Even out loudness: take away `share` of the level's distance from its mean, in dB.

    A gain g(t) = (mean level / level(t)) ** share, levels over 50 ms, at most 12 dB up.

    Parameters
    ----------
    audio : (channels, samples)
    share : 0 leaves the audio as it is, 0.75 is a 4:1 compressor
    """
    if share == 0:
        return audio
    window = max(1, round(_WINDOW_S * sample_rate_hz))
    power = ndimage.uniform_filter1d(np.mean(audio.astype(np.float64) ** 2, axis=0), window)
    level = np.sqrt(np.maximum(power, 0.0))
    mean = np.sqrt(np.mean(power))
    gain = np.minimum((mean / np.maximum(level, 1e-6)) ** share, 4.0)
    return np.asarray(audio * gain, dtype=np.float32)


def _shelf(
    corner_hz: float, gain_db: float, sample_rate_hz: int, *, is_high: bool
) -> NDArray[np.float64]:
    """Return the second-order section of a shelf (Bristow-Johnson, Audio EQ Cookbook).

    A high shelf is the low shelf with z replaced by -z and the angle by its supplement.
    """
    a = 10 ** (gain_db / 40)
    angle = 2 * np.pi * corner_hz / sample_rate_hz
    cos = -np.cos(angle) if is_high else np.cos(angle)
    flip = -1.0 if is_high else 1.0
    root = np.sin(angle) * np.sqrt(2 * a)
    up, down = a + 1, a - 1
    b = [
        a * (up - down * cos + root),
        flip * 2 * a * (down - up * cos),
        a * (up - down * cos - root),
    ]
    d = [up + down * cos + root, -flip * 2 * (down + up * cos), up + down * cos - root]
    return np.array([*b, *d], dtype=np.float64) / float(d[0])
