"""What speaks for a moment being the first beat of a bar: bass, backbeat and harmony.

Bars are looked at in eight half beats. Kicks fall on the first beat, snares on the second and
fourth, chords change with the bar. Each vote is a mean over the whole song of how far a half beat
stands out, in standard deviations over all half beats: what does not follow the bar votes near 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.ndimage
from numpy.typing import NDArray

from audio.onsets import FLUX_RATE_HZ
from audio.pitch import PITCH_RATE_HZ, pitch_levels

BEATS_PER_BAR = 4
HALF_BEATS = 2 * BEATS_PER_BAR
FLUX_LAG_S = 0.0115  # flux peaks so long before an attack reaches a window's middle
REACH_S = 0.04  # an attack this near is the half beat's
LOW_BANDS, MIDDLE_BANDS, HIGH_BANDS = slice(0, 3), slice(4, 12), slice(14, 24)  # kick, snare, hats
CHORD_SPAN, BAR_SPAN = 2, HALF_BEATS  # half beats compared before and after

# Conditional logit over all readings of 600 passages of the band's songs (`docs/experiments.md`).
WEIGHTS = {
    "low": 1.14,  # kick and bass on the first beat
    "backbeat": 0.25,  # middle and high on the second and fourth against first and third
    "low backbeat": -0.54,
    "chord": 2.98,  # a beat before against a beat after
    "bar": 0.91,  # a bar before against a bar after
}


@dataclass(frozen=True, slots=True)
class Sounds:
    """What votes are taken from.

    Attributes
    ----------
    attacks : (frames, 3) at FLUX_RATE_HZ, highest flux within REACH_S of low, middle and high bands
    pitch_sums : (frames + 1, bins) at PITCH_RATE_HZ, levels added up from the start
    """

    attacks: NDArray[np.float32]
    pitch_sums: NDArray[np.float64]


def hear_sounds(
    audio: NDArray[np.float32], flux: NDArray[np.float32], *, sample_rate_hz: int
) -> Sounds:
    """Sounds of a mono signal (samples,) and its flux (frames, bands) from `onsets.band_flux`."""
    bands = (LOW_BANDS, MIDDLE_BANDS, HIGH_BANDS)
    sums = np.stack([flux[:, band].sum(axis=1) for band in bands], axis=1)
    size = 2 * round(REACH_S * FLUX_RATE_HZ) + 1
    levels = pitch_levels(audio, sample_rate_hz=sample_rate_hz)
    zero = np.zeros((1, levels.shape[1]))
    return Sounds(
        scipy.ndimage.maximum_filter1d(sums, size, axis=0),
        np.concatenate([zero, np.cumsum(levels, axis=0, dtype=np.float64)]),
    )


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
    beats_s : two or more moments, rising
    """
    sounds = hear_sounds(audio, flux, sample_rate_hz=sample_rate_hz)
    middles_s = (beats_s[:-1] + beats_s[1:]) / 2
    halves_s = np.insert(beats_s, np.arange(1, len(beats_s)), middles_s)
    return int(np.argmax(phase_scores(bar_profile(sounds, halves_s))))


def bar_profile(sounds: Sounds, halves_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far each of a bar's half beats stands out, (5, HALF_BEATS), in standard deviations.

    Rows: attacks of low, middle and high bands, change of chord, change over a bar.

    Parameters
    ----------
    halves_s : half beats of the whole song, the first a beat
    """
    frames = np.round((halves_s - FLUX_LAG_S) * FLUX_RATE_HZ).astype(int)
    attacks = sounds.attacks[frames.clip(0, len(sounds.attacks) - 1)].T
    pitches = _between(sounds.pitch_sums, halves_s)
    rows = np.stack([*attacks, _change(pitches, CHORD_SPAN), _change(pitches, BAR_SPAN)])
    rows = (rows - rows.mean(axis=1, keepdims=True)) / (rows.std(axis=1, keepdims=True) + 1e-6)
    if rows.shape[1] < HALF_BEATS:
        return np.zeros((len(rows), HALF_BEATS))
    return np.stack([rows[:, half::HALF_BEATS].mean(axis=1) for half in range(HALF_BEATS)], axis=1)


def phase_votes(profile: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    """For each of the four beats, what speaks for it as the first: (BEATS_PER_BAR,) by name."""
    turned = np.stack([np.roll(profile, -2 * beat, axis=1) for beat in range(BEATS_PER_BAR)])
    low, middle, high, chord, bar = turned.transpose(1, 2, 0)  # each (HALF_BEATS, beats)
    return {
        "low": low[0],
        "backbeat": _backbeat(middle + high),
        "low backbeat": _backbeat(low),
        "chord": chord[0],
        "bar": bar[0],
    }


def phase_scores(profile: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weighted votes (BEATS_PER_BAR,) for each beat of a profile as the first of its bar."""
    votes = phase_votes(profile)
    return np.asarray(sum(WEIGHTS[name] * vote for name, vote in votes.items()))


def _backbeat(row: NDArray[np.float64]) -> NDArray[np.float64]:
    """Second and fourth beat against first and third of (HALF_BEATS, beats)."""
    return np.asarray(row[2] + row[6] - row[0] - row[4])


def _between(sums: NDArray[np.float64], edges_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean levels (edges, bins) from each edge to the next."""
    last = len(sums) - 1
    starts = np.clip(np.round(edges_s * PITCH_RATE_HZ).astype(int), 0, last - 1)
    ends = np.maximum(np.append(starts[1:], last), starts + 1)
    return np.asarray((sums[ends] - sums[starts]) / (ends - starts)[:, None])


def _change(pitches: NDArray[np.float64], span: int) -> NDArray[np.float64]:
    """How much (halves,) the `span` half beats from each on differ from those before: 1 - cosine.

    0 where there are not that many before or after.
    """
    sums = np.concatenate(
        [np.zeros((1, pitches.shape[1])), np.cumsum(pitches - pitches.mean(axis=0), axis=0)]
    )
    change = np.zeros(len(pitches))
    at = np.arange(span, len(pitches) - span + 1)
    if len(at) == 0:
        return change
    before, after = sums[at] - sums[at - span], sums[at + span] - sums[at]
    norm = np.linalg.norm(before, axis=1) * np.linalg.norm(after, axis=1)
    change[at] = 1 - (before * after).sum(axis=1) / np.maximum(norm, 1e-9)
    return change
