"""What the band plays, on paper: clock, form and harmony, and the notes, hits and sung lines.

Nothing here makes a sound. Pitches are MIDI numbers (69 is A4, 440 Hz); times are in
seconds of the song; a bar has four beats, a beat four steps.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from audio.players.styles import FORMS

Mode = Literal["major", "minor"]

STEPS_PER_BAR = 16
BEATS_PER_BAR = 4
SCALES: dict[str, tuple[int, ...]] = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
}
_NUMERALS = {"i": 0, "ii": 2, "iii": 4, "iv": 5, "v": 7, "vi": 9, "vii": 11}


@dataclass(frozen=True, slots=True)
class Clock:
    """Maps places in the score to seconds; `swing` delays every second unit of the grid."""

    bpm: float
    first_s: float
    swing: float = 0.0
    swing_steps: int = 1

    @property
    def bar_s(self) -> float:
        return BEATS_PER_BAR * 60.0 / self.bpm

    @property
    def step_s(self) -> float:
        return self.bar_s / STEPS_PER_BAR

    def time_s(self, bar: int, step: float = 0.0) -> float:
        """Return when step `step` of bar `bar` sounds."""
        unit = self.swing_steps
        pair, within = divmod(step, 2 * unit)
        if within < unit:
            swung = within * (1 + self.swing)
        else:
            swung = unit * (1 + self.swing) + (within - unit) * (1 - self.swing)
        return self.first_s + bar * self.bar_s + (pair * 2 * unit + swung) * self.step_s


@dataclass(frozen=True, slots=True)
class Section:
    """A named span of the song: intro, verse, chorus, break or outro."""

    name: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Chord:
    """A root as pitch class 0-11 and the intervals above it in semitones."""

    root: int
    intervals: tuple[int, ...]

    @property
    def pitch_classes(self) -> tuple[int, ...]:
        return tuple((self.root + interval) % 12 for interval in self.intervals)


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: which chord, in which section, and how far into it."""

    index: int
    section: str
    occurrence: int  # 0 for the first verse, 1 for the second
    place: int  # bar within the section
    length: int  # bars in the section
    chord: Chord
    next_chord: Chord

    @property
    def is_phrase_end(self) -> bool:
        return (self.place + 1) % 4 == 0 or self.place + 1 == self.length


@dataclass(frozen=True, slots=True)
class Note:
    """One strike of one or more pitches on a pitched instrument."""

    start_s: float
    duration_s: float
    pitches: tuple[int, ...]
    velocity: float


@dataclass(frozen=True, slots=True)
class Hit:
    """One stroke on a drum."""

    start_s: float
    piece: str
    velocity: float


@dataclass(frozen=True, slots=True)
class Syllable:
    """One sung syllable: a consonant, then a vowel held at a pitch."""

    start_s: float  # when the vowel begins; the consonant comes just before
    duration_s: float
    pitch: float
    consonant: str
    vowel: str
    stress: float  # 0..1


@dataclass(frozen=True, slots=True)
class Line:
    """What one voice sings in one breath, and its place beside the lead."""

    section: str
    syllables: tuple[Syllable, ...]
    level_db: float = 0.0
    pan: float = 0.0  # -1 left to 1 right


def parse_chord(numeral: str, tonic: int, *, size: int) -> Chord:
    """Return the chord that a roman numeral names: capitals are major, `b` lowers the root.

    `size` 2 gives a power chord, 3 a triad, 4 a seventh chord (dominant on V, else the
    seventh that keeps to the scale's colour).
    """
    flat = numeral.startswith("b")
    name = numeral.lstrip("b")
    offset = _NUMERALS[name.lower()] - int(flat)
    is_major = name.isupper()
    third = 4 if is_major else 3
    seventh = 11 if is_major and name != "V" else 10
    intervals = {2: (0, 7, 12), 3: (0, third, 7), 4: (0, third, 7, seventh)}[size]
    return Chord((tonic + offset) % 12, intervals)


def plan_form(n_bars: int, rng: np.random.Generator) -> list[tuple[str, int]]:
    """Return section names with their bars; they sum to `n_bars`, whatever its size.

    Long songs are built of eight-bar phrases, short ones of four, two or one; an intro and
    an outro appear as soon as there is room for a verse and a chorus between them.
    """
    unit = next((u for u, least in ((8, 40), (4, 14), (2, 6)) if n_bars >= least), 1)
    n_units, spare = divmod(n_bars, unit)
    body = FORMS[int(rng.integers(len(FORMS)))]
    n_body = n_units - int(n_units >= 3) - int(n_units >= 4)
    names = [body[i % len(body)] for i in range(max(n_body, 1))]
    names = (["intro"] if n_units >= 3 else []) + names + (["outro"] if n_units >= 4 else [])
    form = [(name, unit) for name in names]
    form[-1] = (form[-1][0], unit + spare)
    return form


def lay_bars(
    form: list[tuple[str, int]], progressions: dict[str, tuple[Chord, ...]]
) -> tuple[Bar, ...]:
    """Write the chords of each section's progression, one per bar, under the form."""
    plan = [
        (name, sum(earlier == name for earlier, _ in form[:number]), place, length)
        for number, (name, length) in enumerate(form)
        for place in range(length)
    ]
    chords = [progressions[name][place % len(progressions[name])] for name, _, place, _ in plan]
    following = [*chords[1:], chords[0]]
    return tuple(
        Bar(index, *place, chord, after)
        for index, (place, chord, after) in enumerate(zip(plan, chords, following, strict=True))
    )


def spans(form: list[tuple[str, int]], clock: Clock, duration_s: float) -> tuple[Section, ...]:
    """Return the sections in seconds: the first begins at 0, the last ends with the song."""
    edges = np.cumsum([0, *(length for _, length in form)])
    times = [clock.time_s(int(edge)) for edge in edges]
    times[0], times[-1] = 0.0, duration_s
    return tuple(
        Section(name, start, end)
        for (name, _), start, end in zip(form, times[:-1], times[1:], strict=True)
    )


def beat_times(clock: Clock, duration_s: float) -> NDArray[np.float64]:
    """Return the seconds of all beats within the song, first downbeat first."""
    beat_s = clock.bar_s / BEATS_PER_BAR
    n_beats = max(1, int(np.ceil((duration_s - clock.first_s) / beat_s)))
    return clock.first_s + beat_s * np.arange(n_beats, dtype=np.float64)


def scale_pitches(tonic: int, mode: str, low: float, high: float) -> NDArray[np.int64]:
    """Return the scale's MIDI pitches between `low` and `high`."""
    pitches = np.arange(int(np.ceil(low)), int(high) + 1)
    return pitches[np.isin((pitches - tonic) % 12, SCALES[mode])]


def nearest_tone(pitch: float, pitch_classes: tuple[int, ...]) -> int:
    """Return the pitch with one of the given pitch classes that lies nearest."""
    around = np.arange(round(pitch) - 6, round(pitch) + 7)
    tones = around[np.isin(around % 12, pitch_classes)]
    return int(tones[np.argmin(np.abs(tones - pitch))])
