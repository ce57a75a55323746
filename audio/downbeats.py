"""Which of four beats is the first of its bar: a vote of bass, loudness and harmony.

Chords change with the bar, kicks fall on it, and sections begin with it: for each of the
four phases the beats' votes are averaged over the whole song.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from audio.onsets import FLUX_RATE_HZ
from audio.pitch import PITCH_RATE_HZ, pitch_levels

BEATS_PER_BAR = 4
LOW_BANDS = 3  # below about 200 Hz
CHORD_WEIGHT, PHRASE_WEIGHT, LOW_WEIGHT = 1.0, 1.0, 0.7
PHRASE_BEATS = 4


def downbeat_phase(
    audio: NDArray[np.float32],
    flux: NDArray[np.float32],
    beats_s: NDArray[np.float64],
    *,
    sample_rate_hz: int,
) -> int:
    """Index (0 to 3) of the first downbeat among `beats_s`.

    Parameters
    ----------
    audio : (samples,) mono
    flux : (frames, bands) of the same audio, from `onsets.band_flux`
    """
    levels = pitch_levels(audio, sample_rate_hz=sample_rate_hz)
    pitches = _between_beats(levels, beats_s, PITCH_RATE_HZ)
    votes = (
        CHORD_WEIGHT * _standard(_change(pitches, 1))
        + PHRASE_WEIGHT * _standard(_change(pitches, PHRASE_BEATS))
        + LOW_WEIGHT * _standard(_at_beats(flux[:, :LOW_BANDS].sum(axis=1), beats_s))
    )
    means = [float(votes[phase::BEATS_PER_BAR].mean()) for phase in range(BEATS_PER_BAR)]
    return int(np.argmax(means))


def _between_beats(
    levels: NDArray[np.float32], beats_s: NDArray[np.float64], rate_hz: float
) -> NDArray[np.float32]:
    """Mean levels (beats, bins) from each beat to the next."""
    edges = np.clip(np.round(beats_s * rate_hz).astype(int), 0, len(levels) - 1)
    sums = np.concatenate(
        [np.zeros((1, levels.shape[1])), np.cumsum(levels, axis=0, dtype=np.float64)]
    )
    ends = np.maximum(np.append(edges[1:], len(levels)), edges + 1)
    return np.asarray((sums[ends] - sums[edges]) / (ends - edges)[:, None], np.float32)


def _change(pitches: NDArray[np.float32], span: int) -> NDArray[np.float64]:
    """How much (beats,) the `span` beats from each beat on differ from those before: 1 - cosine."""
    centred = pitches - pitches.mean(axis=0)
    sums = np.concatenate([np.zeros((1, pitches.shape[1])), np.cumsum(centred, axis=0)])
    change = np.zeros(len(pitches))
    for beat in range(span, len(pitches) - span + 1):
        before, after = sums[beat] - sums[beat - span], sums[beat + span] - sums[beat]
        norm = float(np.linalg.norm(before) * np.linalg.norm(after))
        change[beat] = 1 - float(before @ after) / norm if norm > 1e-9 else 0.0
    return change


def _at_beats(strength: NDArray[np.float32], beats_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """The highest strength within 40 ms of each beat."""
    reach = round(0.04 * FLUX_RATE_HZ)
    frames = np.clip(np.round(beats_s * FLUX_RATE_HZ).astype(int), reach, len(strength) - reach - 1)
    return np.array([float(strength[frame - reach : frame + reach + 1].max()) for frame in frames])


def _standard(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray((values - values.mean()) / (values.std() + 1e-9))
