"""Beats and downbeats of a song, to a few milliseconds.

`metre` tells which pulse is the beat and roughly when; here each beat moves onto its attack, in
frames of 3 ms. Music made to a click then gets its beats on one straight line through all attacks;
where the attacks lead slowly away from any line, the tempo drifts and the beats go along with it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.ndimage
from numpy.typing import NDArray

from audio.downbeats import BEATS_PER_BAR, hear_sounds
from audio.errors import NoBeatError
from audio.metre import Reading, read_metre
from audio.onsets import COMPRESSION, Framing, band_flux, frame_count, magnitudes
from audio.params import PARAMS
from audio.tempo import MIN_CONFIDENCE, no_beat, onset_envelope, tempo_candidates

MIN_BEATS = 8
FINE = Framing(256, 64)  # windows of 11.6 ms every 2.9 ms
FINE_RATE_HZ = PARAMS.sample_rate_hz / FINE.hop_samples
REACH_S = 0.03  # how far a beat may move onto its attack
ATTACK_LAG_S = 0.0020  # fine flux peaks so long before an attack reaches a window's middle
SCATTER_S = 0.009  # attacks this far off count little
LINE_STEPS = 12  # of reweighting, Cauchy weights
LOCAL_BEATS = 6.0  # standard deviation of the window in which a drifting tempo is straight
LOCAL_STEPS = 4
WANDER_BEATS = 8.0  # the same where it is asked whether the attacks leave a straight line
BEND_GAIN_S = (
    0.0015  # so much nearer to the attacks a curve must be: drift of 0.1 % 1.7 ms up, none 1.3
)
EDGE_BEATS = 0.01  # a beat that falls this little before the first sample is the first beat
BLOCK_FRAMES = 8192
# A tempo that drifts is no line in the spectrum of a whole song, yet its pulse can be followed.
MIN_FOLLOWED = 0.2  # strength: drifting songs of the band 0.26 up, noise 0.06, Brahms 0.17
MIN_TRACE = 0.06  # confidence: drifting songs 0.14 up, noise up to 0.05, a tone 0.00


@dataclass(frozen=True, slots=True)
class Beats:
    """Pulse of a song: `beats_s` and `downbeats_s` are moments in seconds.

    `bpm` is the mean tempo, `confidence` (0 to 1) how far the pulse stands out.
    """

    bpm: float
    beats_s: NDArray[np.float64]
    downbeats_s: NDArray[np.float64]
    confidence: float

    @property
    def local_bpm(self) -> NDArray[np.float64]:
        """The tempo (beats,) around each beat."""
        return np.asarray(60 / np.gradient(self.beats_s))

    @property
    def drift(self) -> float:
        """How far the tempo wanders: fastest over slowest passage, less 1; 0 at a steady tempo."""
        slow_s, fast_s = np.quantile(np.gradient(self.beats_s), (0.95, 0.05))
        return float(slow_s / fast_s - 1) if slow_s - fast_s > 1e-9 else 0.0


def track_beats(
    audio: NDArray[np.float32], *, sample_rate_hz: int = PARAMS.sample_rate_hz
) -> Beats:
    """Beats and downbeats of a mono signal (samples,).

    Raises
    ------
    NoBeatError
        No pulse, or fewer than MIN_BEATS beats.
    """
    flux = band_flux(audio, sample_rate_hz=sample_rate_hz)
    envelope = onset_envelope(flux)
    candidates = tempo_candidates(flux)
    sounds = hear_sounds(audio, flux, sample_rate_hz=sample_rate_hz)
    reading = _believed(read_metre(candidates, envelope, sounds))
    duration_s = len(audio) / sample_rate_hz
    beats_s = _exact(reading, _fine_envelope(audio))
    extended_s = _to_the_edges(beats_s, duration_s)
    if len(extended_s) < MIN_BEATS:
        raise NoBeatError(
            f"expected at least {MIN_BEATS} beats, found {len(extended_s)} in {duration_s:.1f} s;"
            " use a longer passage with a beat"
        )
    added = int(np.searchsorted(extended_s, beats_s[reading.downbeat] - 0.25 * 60 / reading.bpm))
    bpm = 60 / float(np.polyfit(np.arange(len(extended_s)), extended_s, 1)[0])
    downbeats_s = extended_s[added % BEATS_PER_BAR :: BEATS_PER_BAR]
    return Beats(bpm, extended_s, downbeats_s, max(reading.confidence, reading.pulse.strength))


def _believed(readings: list[Reading]) -> Reading:
    """The best reading; NoBeatError where there is none, or its pulse does not stand out."""
    for best in readings[:1]:
        drifts = best.pulse.strength >= MIN_FOLLOWED and best.confidence >= MIN_TRACE
        if best.confidence >= MIN_CONFIDENCE or drifts:
            return best
    raise no_beat()


def _exact(reading: Reading, fine: NDArray[np.float32]) -> NDArray[np.float64]:
    """The reading's beats (beats,) moved onto the attacks, on a line or along the drift."""
    rough_s = reading.beats_s
    attacks_s = _on_attacks(fine, rough_s)
    strength = _strength(fine, attacks_s)
    strong = strength >= np.median(strength)
    line_s = _line(attacks_s, strength)
    curve_s = line_s + _local(attacks_s - line_s, strength, WANDER_BEATS)
    off_line, off_curve = (
        float(np.median(np.abs(attacks_s - each)[strong])) for each in (line_s, curve_s)
    )
    if off_line - off_curve <= BEND_GAIN_S:
        return line_s
    return rough_s + _local(attacks_s - rough_s, strength, LOCAL_BEATS)


def _fine_envelope(audio: NDArray[np.float32]) -> NDArray[np.float32]:
    """Onset strength (frames,) at FINE_RATE_HZ: summed rises of log magnitudes."""
    total = frame_count(len(audio), FINE.hop_samples)
    out = np.empty(total, np.float32)
    for start in range(0, total, BLOCK_FRAMES):
        stop = min(total, start + BLOCK_FRAMES)
        levels = np.log1p(COMPRESSION * magnitudes(audio, FINE, max(0, start - 1), stop))
        rises = np.maximum(np.diff(levels, axis=0), 0).sum(axis=1)
        out[start:stop] = rises if start else np.concatenate([[0.0], rises])
    return np.asarray(scipy.ndimage.gaussian_filter1d(out, 0.7), np.float32)


def _on_attacks(envelope: NDArray[np.float32], rough_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each beat moved to the strongest attack near it, weighted towards where it was."""
    reach = round(REACH_S * FINE_RATE_HZ)
    offsets = np.arange(-reach, reach + 1)
    weight = 1 - 0.5 * np.abs(offsets) / reach
    moved = rough_s.copy()
    for index, beat_s in enumerate(rough_s):
        frames = round(beat_s * FINE_RATE_HZ) + offsets
        if frames[0] < 1 or frames[-1] > len(envelope) - 2:
            continue
        peak = int((envelope[frames] * weight).argmax())
        left, middle, right = envelope[frames[peak] - 1 : frames[peak] + 2]
        bend = min(float(left - 2 * middle + right), -1e-9)
        top = float(frames[peak]) + np.clip(0.5 * float(left - right) / bend, -0.5, 0.5)
        moved[index] = top / FINE_RATE_HZ + ATTACK_LAG_S
    return moved


def _strength(envelope: NDArray[np.float32], beats_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """The fine envelope at each beat (beats,)."""
    frames = np.clip(np.round(beats_s * FINE_RATE_HZ).astype(int), 0, len(envelope) - 1)
    return np.asarray(envelope[frames] + 1e-9, np.float64)


def _line(attacks_s: NDArray[np.float64], strength: NDArray[np.float64]) -> NDArray[np.float64]:
    """The straight line (beats,) through attacks of which strong and near ones count most."""
    number = np.arange(len(attacks_s))
    line_s = attacks_s.copy()
    for _ in range(LINE_STEPS):
        weight = strength / np.hypot(1, (attacks_s - line_s) / (SCATTER_S / 4))
        slope_s, start_s = np.polyfit(number, attacks_s, 1, w=weight)
        line_s = start_s + slope_s * number
    return line_s


def _local(
    offsets_s: NDArray[np.float64], strength: NDArray[np.float64], beats: float
) -> NDArray[np.float64]:
    """Where offsets (beats,) lie by the straight lines through their neighbours (Cleveland 1979).

    Neighbours count by a bell of `beats` standard deviation, their strength, and how near they are
    to what was found in the round before.
    """

    def near(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(scipy.ndimage.gaussian_filter1d(values, beats, mode="constant"))

    number = np.arange(len(offsets_s)) - len(offsets_s) / 2
    found_s = np.zeros(len(offsets_s))
    for _ in range(LOCAL_STEPS):
        weight = strength / (1 + ((offsets_s - found_s) / SCATTER_S) ** 2)
        total, first, second = (near(weight * number**power) for power in range(3))
        value, product = near(weight * offsets_s), near(weight * number * offsets_s)
        spread = np.maximum(total * second - first**2, 1e-9 * total**2 + 1e-30)
        slope = (total * product - first * value) / spread
        found_s = (value - slope * first) / (total + 1e-30) + slope * number
    return found_s


def _to_the_edges(beats_s: NDArray[np.float64], duration_s: float) -> NDArray[np.float64]:
    """Beats (beats,) counted on at their first and last spacing, within the song."""
    if len(beats_s) < 2:
        return beats_s
    first_s, last_s = float(beats_s[1] - beats_s[0]), float(beats_s[-1] - beats_s[-2])
    before = int(np.floor(beats_s[0] / first_s + EDGE_BEATS))
    after = int(np.floor((duration_s - beats_s[-1]) / last_s))
    longer_s = np.concatenate(
        [
            beats_s[0] - first_s * np.arange(max(before, 0), 0, -1),
            beats_s,
            beats_s[-1] + last_s * np.arange(1, max(after, 0) + 1),
        ]
    )
    kept = (longer_s >= -EDGE_BEATS * first_s) & (longer_s <= duration_s)
    return np.asarray(longer_s[kept].clip(min=0.0))
