"""Which of all pulses is the beat: its tempo, its phase and the first beat of its bars.

Every likely tempo, its half and its double, at every phase with many onsets, with each of four
beats as the first, is one reading of the song. Readings are ranked by a weighted sum of votes;
a half beat is told from a beat by what the bar does (`downbeats`), not by onsets alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.ndimage
from numpy.typing import NDArray

from audio.downbeats import BEATS_PER_BAR, FLUX_LAG_S, Sounds, bar_profile, phase_scores
from audio.onsets import FLUX_RATE_HZ
from audio.pulse import HARMONICS, Pulse, comb, follow, pooled, pooled_times_s
from audio.tempo import HIGHEST_BPM, LOWEST_BPM, PRIOR_CENTRE_BPM, Tempo

LEVELS = (0.5, 1.0, 2.0)  # of a tempo: half, as it is, double
MAX_FAMILIES = 3  # tempi that are not each other's half or double
RIVAL_SHARE = 0.5  # of the first tempo's confidence that a rival needs
OCTAVE_APART = 0.03
FOLD_BINS = 96
FOLD_GAP = 0.14  # beats between two phases
FOLD_SHARE = 0.25  # of the highest phase's onsets that another needs
MAX_PHASES = 4

# Fitted together with downbeats.WEIGHTS.
STRENGTH_WEIGHT = 1.15  # of the logarithm of the onsets in step with beat, half and quarter beat
PRIOR_WEIGHT = -6.0  # of the squared octaves from PRIOR_CENTRE_BPM
HEIGHT_WEIGHT = 2.68  # of the phase's onsets over the highest phase's


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to count a song: `beats_s` are rough moments, the bars' first beat is known."""

    pulse: Pulse
    bpm: float
    beats_s: NDArray[np.float64]
    downbeat: int  # index, 0 to 3, in beats_s
    score: float
    confidence: float


@dataclass(frozen=True, slots=True)
class Phase:
    """A place within the beat (0 to 1) with many onsets, `height` over the best place's."""

    place: float
    height: float


def read_metre(
    candidates: list[Tempo], envelope: NDArray[np.float32], sounds: Sounds
) -> list[Reading]:
    """All readings of a song, best first; each pulse and phase with its best downbeat.

    Parameters
    ----------
    candidates : tempi, best first, from `tempo.tempo_candidates`
    envelope : (frames,) from `tempo.onset_envelope`
    """
    onsets = pooled(envelope)
    readings = [
        reading
        for tempo in families(candidates)
        for reading in _family_readings(tempo, follow(onsets, tempo.bpm), envelope, sounds)
    ]
    return sorted(readings, key=lambda reading: -reading.score)


def families(candidates: list[Tempo]) -> list[Tempo]:
    """The likely tempi of which none is nearly half, the same or double another."""
    found: list[Tempo] = []
    for tempo in candidates:
        octaves = [abs((np.log2(tempo.bpm / known.bpm) + 0.5) % 1 - 0.5) for known in found]
        is_likely = tempo.confidence >= RIVAL_SHARE * candidates[0].confidence
        if is_likely and all(apart > OCTAVE_APART for apart in octaves):
            found.append(tempo)
    return found[:MAX_FAMILIES]


def _family_readings(
    tempo: Tempo, pulse: Pulse, envelope: NDArray[np.float32], sounds: Sounds
) -> list[Reading]:
    """Readings of one pulse at all levels that are tempi."""
    onsets = pooled(envelope)
    levels = [level for level in LEVELS if LOWEST_BPM <= tempo.bpm * level <= HIGHEST_BPM]
    readings = []
    for level in levels:
        counted = Pulse(pulse.count * level, pulse.is_steady, pulse.strength)
        base = _level_score(onsets, counted, tempo.bpm * level)
        for phase in fold_phases(envelope, counted):
            score = base + HEIGHT_WEIGHT * phase.height
            reading = _read(tempo, counted, level, phase, score, sounds)
            readings += [] if reading is None else [reading]
    return readings


def _level_score(onsets: NDArray[np.float32], pulse: Pulse, bpm: float) -> float:
    """What speaks for a tempo whatever its phase."""
    strength = np.log(comb(onsets, pulse.count, HARMONICS).sum() + 1e-3)
    octaves = np.log2(bpm / PRIOR_CENTRE_BPM)
    return float(STRENGTH_WEIGHT * strength + PRIOR_WEIGHT * octaves**2)


def fold_phases(envelope: NDArray[np.float32], pulse: Pulse) -> list[Phase]:
    """The places within the beat where most onsets fall, best first."""
    places_s = np.arange(len(envelope)) / FLUX_RATE_HZ
    count = np.interp(places_s, pooled_times_s(len(pulse.count)), pulse.count)
    bins = (count % 1 * FOLD_BINS).astype(int) % FOLD_BINS
    hits = np.maximum(np.bincount(bins, None, FOLD_BINS), 1)
    folded = np.bincount(bins, envelope, FOLD_BINS) / hits
    folded = scipy.ndimage.gaussian_filter1d(folded, 1.5, mode="wrap")
    folded -= folded.min()
    peaks = np.flatnonzero((folded >= np.roll(folded, 1)) & (folded > np.roll(folded, -1)))
    phases: list[Phase] = []
    for peak in peaks[np.argsort(folded[peaks])[::-1]]:
        place, height = (int(peak) + 0.5) / FOLD_BINS, float(folded[peak] / folded.max())
        apart = [abs((place - known.place + 0.5) % 1 - 0.5) for known in phases]
        if height > FOLD_SHARE and all(gap >= FOLD_GAP for gap in apart):
            phases.append(Phase(place, height))
    return phases[:MAX_PHASES]


def _read(
    tempo: Tempo, pulse: Pulse, level: float, phase: Phase, score: float, sounds: Sounds
) -> Reading | None:
    """The reading with its best downbeat; None where the song has less than two bars of it."""
    first, last = (float(edge) - phase.place for edge in (pulse.count[0], pulse.count[-1]))
    halves = np.arange(np.ceil(first) * 2, np.floor(last * 2) + 1) / 2
    if len(halves) < 4 * BEATS_PER_BAR:
        return None
    halves_s = pulse.times_s(halves + phase.place) + FLUX_LAG_S
    scores = phase_scores(bar_profile(sounds, halves_s))
    downbeat = int(scores.argmax())
    return Reading(
        pulse,
        tempo.bpm * level,
        halves_s[::2],
        downbeat,
        score + float(scores[downbeat]),
        tempo.confidence,
    )
