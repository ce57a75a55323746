"""At which speed, shift and place a song lies in a mashup: one correlation over time and pitch.

Both pitch pictures are sharpened to their local contrast; the mashup's is retimed to the song's
clock for each candidate speed; a two-dimensional FFT then correlates them at every offset and
every shift at once. The score is how many standard deviations the highest point stands above all
others: 5 to 7 where the song is absent, mostly 12 to 100 where it is there, sung or played.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from audio.features import LEVEL_STEP, SongFeatures
from audio.pitch import PITCH_RATE_HZ, contrast, paired, retimed

MAX_SEARCH_SEMITONES = 5
LOWEST_RATIO, HIGHEST_RATIO = 0.66, 1.52
BEAT_RATIOS = (
    0.5,
    2 / 3,
    0.75,
    1.0,
    4 / 3,
    1.5,
    2.0,
)  # one's beat heard as another's half or third
MASHUP_TEMPI, SONG_TEMPI = 3, 2  # how many tempo candidates of each are paired
SAME_RATIO = 0.0015  # candidates nearer than this are one
SURE_Z = 30.0  # no wrong speed ever came near: stop looking
WIDE_STEP = 0.004
REFINE_STEPS = (0.004, 0.002, 0.001, 0.0005)
GUARD_SEMITONES = 3  # zero rows between the highest and lowest pitch, so that shifts do not wrap


@dataclass(frozen=True, slots=True)
class Picture:
    """Pitch levels (frames, semitones) before sharpening, and their frame rate."""

    levels: NDArray[np.float32]
    rate_hz: float


@dataclass(frozen=True, slots=True)
class Find:
    """The best place of a song in a mashup at one speed.

    `offset_s` is the song's second at the mashup's second 0; `runner_up` is the z of the best
    other offset, half a second or more away.
    """

    tempo_ratio: float
    semitones: int
    cents: float
    offset_s: float
    z: float
    runner_up: float


def picture(features: SongFeatures, *, halvings: int) -> Picture:
    """Semitone levels at PITCH_RATE_HZ / 2**halvings."""
    levels = features.pitch.astype(np.float32) * LEVEL_STEP
    levels = paired(levels, axis=1)
    for _ in range(halvings):
        levels = paired(levels, axis=0)
    return Picture(levels, PITCH_RATE_HZ / 2**halvings)


class SongSearch:
    """A song made ready to be looked for in mashups, at one resolution."""

    def __init__(self, song: Picture, *, mashup_frames: int) -> None:
        self.rate_hz = song.rate_hz
        self.frames, self.pitches = song.levels.shape
        longest = int(mashup_frames * HIGHEST_RATIO) + 2
        self.size = scipy.fft.next_fast_len(self.frames + longest, real=True)
        self.rows = scipy.fft.next_fast_len(self.pitches + MAX_SEARCH_SEMITONES + GUARD_SEMITONES)
        self.spectrum = self._transform(contrast(song.levels, rate_hz=self.rate_hz))

    def find(self, mashup: Picture, tempo_ratio: float) -> Find:
        """Best offset and shift of the song in the mashup played at `tempo_ratio`."""
        levels = contrast(retimed(mashup.levels, tempo_ratio), rate_hz=self.rate_hz)
        surface = self._correlate(levels)
        surface -= surface.mean()
        surface /= surface.std() + 1e-9
        row, column = np.unravel_index(int(surface.argmax()), surface.shape)
        near = max(1, round(0.5 * self.rate_hz))
        best = float(surface[row, column])
        cents = 100 * parabolic_shift(surface[max(0, row - 1) : row + 2, column])
        surface[:, max(0, int(column) - near) : int(column) + near + 1] = 0
        return Find(
            tempo_ratio=tempo_ratio,
            semitones=int(row) - MAX_SEARCH_SEMITONES,
            cents=cents,
            offset_s=(int(column) - len(levels)) / self.rate_hz,
            z=best,
            runner_up=float(surface.max()),
        )

    def _transform(self, levels: NDArray[np.float32]) -> NDArray[np.complex64]:
        over_time = scipy.fft.rfft(levels, self.size, axis=0)
        return np.asarray(scipy.fft.fft(over_time, self.rows, axis=1))

    def _correlate(self, levels: NDArray[np.float32]) -> NDArray[np.float32]:
        """Correlation (2 MAX_SEARCH_SEMITONES + 1, lags); lag i is song frame i - len(levels)."""
        product = self.spectrum * np.conj(self._transform(levels))
        over_pitch = scipy.fft.ifft(product, axis=1, overwrite_x=True)
        shifts = np.arange(-MAX_SEARCH_SEMITONES, MAX_SEARCH_SEMITONES + 1)
        lags = scipy.fft.irfft(over_pitch[:, -shifts % self.rows], self.size, axis=0).T
        return np.concatenate([lags[:, -len(levels) :], lags[:, : self.frames]], axis=1)


def beat_ratios(mashup: SongFeatures, song: SongFeatures) -> list[float]:
    """Speeds at which the beats of both agree, likeliest first."""
    return distinct_ratios(
        factor * mine.bpm / other.bpm
        for mine in mashup.tempi[:MASHUP_TEMPI]
        for other in song.tempi[:SONG_TEMPI]
        for factor in BEAT_RATIOS
    )


def distinct_ratios(ratios: Iterable[float]) -> list[float]:
    """Ratios in reach, in order, those next to an earlier one left out."""
    found: list[float] = []
    for ratio in ratios:
        new = all(abs(math.log(ratio / known)) > SAME_RATIO for known in found)
        if new and LOWEST_RATIO <= ratio <= HIGHEST_RATIO:
            found.append(ratio)
    return found


def wide_ratios() -> list[float]:
    """Every speed in reach, for music without a common beat."""
    count = int(np.log(HIGHEST_RATIO / LOWEST_RATIO) / WIDE_STEP)
    return [float(LOWEST_RATIO * np.exp(WIDE_STEP * step)) for step in range(count + 1)]


def best_find(search: SongSearch, mashup: Picture, ratios: Iterable[float]) -> Find | None:
    """The find of highest z; stops at the first beyond SURE_Z. None without candidates."""
    best: Find | None = None
    for ratio in ratios:
        find = search.find(mashup, ratio)
        if best is None or find.z > best.z:
            best = find
        if best.z > SURE_Z:
            break
    return best


def refined(search: SongSearch, mashup: Picture, find: Find) -> Find:
    """Walk to the speed of highest z, in ever smaller steps."""
    best = find
    for step in REFINE_STEPS:
        for direction in (-step, step):
            while True:
                tried = search.find(mashup, best.tempo_ratio * (1 + direction))
                if tried.z <= best.z:
                    break
                best = tried
    return best


def parabolic_shift(three: NDArray[np.float32]) -> float:
    """How far (-0.5 to 0.5 steps) the top lies from the middle of three points; 0 at an edge."""
    if len(three) < 3:
        return 0.0
    left, middle, right = (float(value) for value in three)
    bend = left - 2 * middle + right
    return 0.0 if bend >= 0 else max(-0.5, min(0.5, 0.5 * (left - right) / bend))
