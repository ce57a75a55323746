"""What the singer sings: two-bar motifs that return, lyrics without meaning, rests to breathe.

The voice rests in intro, break and outro; choruses bring the same tune and words back, higher
and often doubled or in two voices, while each verse has new words to its tune.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from audio.players.arrange import Band, voicing
from audio.players.score import (
    STEPS_PER_BAR,
    Bar,
    Line,
    Syllable,
    nearest_tone,
    scale_pitches,
)

SUNG_SECTIONS = ("verse", "chorus")
_LETTER_ORDERS = ("AABC", "ABAC", "AAAB", "ABAB", "ABCB")
_VOWELS = ("a", "e", "i", "o", "u", "A", "E")  # capitals: the open vowels of "cat" and "bed"
_CONSONANTS = tuple("pttkbddgsssSfhmnnllw") + ("",) * 3  # about as often as in English
_PHRASE_STEPS = 2 * STEPS_PER_BAR


@dataclass(frozen=True, slots=True)
class Register:
    """The pitches that a singer is at home in, as MIDI numbers."""

    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Motif:
    """Two bars of tune: onsets and lengths in steps, and a walk in steps of the scale."""

    steps: tuple[int, ...]
    lengths: tuple[int, ...]
    walk: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Habits:
    """How this singer treats a tune; drawn once per song."""

    is_rap: bool
    late_s: float
    doubles_chorus: bool
    harmonises: bool
    has_choir: bool


def draw_habits(band: Band, rng: np.random.Generator) -> Habits:
    """Draw what this song's singer does."""
    backing = rng.random()
    return Habits(
        is_rap=bool(rng.random() < band.style.rap_share),
        late_s=float(rng.uniform(0.0, 0.025)),
        doubles_chorus=bool(backing < 0.5),
        harmonises=bool(rng.random() < 0.45),
        has_choir=bool(backing > 0.75),
    )


def sing(
    band: Band, bars: tuple[Bar, ...], register: Register, rng: np.random.Generator
) -> tuple[Line, ...]:
    """Write all sung lines of the song: the lead's, and in choruses those of other voices."""
    habits = draw_habits(band, rng)
    lines: list[Line] = []
    for lead in _lead_lines(band, bars, register, habits, rng):
        lines += [lead]
        if lead.section == "chorus" and not habits.is_rap:
            lines += _doubles(lead, rng) if habits.doubles_chorus else []
            lines += [_harmony(band, lead)] if habits.harmonises else []
    if habits.has_choir:
        lines += _choir(band, bars, register, rng)
    return tuple(lines)


def _lead_lines(
    band: Band,
    bars: tuple[Bar, ...],
    register: Register,
    habits: Habits,
    rng: np.random.Generator,
) -> list[Line]:
    """Write one line per two-bar phrase that is not left to rest."""
    tunes = {name: _draw_tune(habits, name, rng) for name in SUNG_SECTIONS}
    words_seed = int(rng.integers(2**31))
    lines = []
    for pair in _phrases(bars):
        first = pair[0]
        letter, motif = tunes[first.section].at(first.place // 2)
        words = np.random.default_rng(
            [words_seed, first.section == "chorus", _verse_number(first), first.place // 2]
        )
        centre = _centre(register, first.section, letter)
        if words.random() < 0.93:
            syllables = _set_to_words(band, motif, pair, register, centre, habits, words)
            lines.append(Line(first.section, syllables))
    return [line for line in lines if line.syllables]


def _doubles(lead: Line, rng: np.random.Generator) -> list[Line]:
    """The lead once more on either side, never quite together."""
    return [
        replace(
            lead,
            syllables=tuple(
                replace(s, start_s=s.start_s + float(rng.normal(0, 0.01))) for s in lead.syllables
            ),
            level_db=-9.0,
            pan=pan,
        )
        for pan in (-0.8, 0.8)
    ]


def _harmony(band: Band, lead: Line) -> Line:
    """A second voice a third above in the scale."""
    above = tuple(
        replace(s, pitch=third_above(s.pitch, band.tonic, band.mode)) for s in lead.syllables
    )
    return replace(lead, syllables=above, level_db=-7.0, pan=0.4)


def _choir(
    band: Band, bars: tuple[Bar, ...], register: Register, rng: np.random.Generator
) -> list[Line]:
    """Three voices hold each chord of the choruses on one vowel."""
    vowel = str(rng.choice(("a", "o", "u")))
    lines = []
    for bar in bars:
        if bar.section == "chorus":
            pitches = voicing(bar.chord.pitch_classes[:3], (register.low + register.high) // 2)
            start_s, held_s = band.clock.time_s(bar.index), 0.93 * band.clock.bar_s
            for number, pitch in enumerate(pitches):
                held = Syllable(start_s, held_s, pitch, "", vowel, 0.8)
                lines.append(Line("chorus", (held,), -11.0, (number - 1) * 0.6))
    return lines


@dataclass(frozen=True, slots=True)
class Tune:
    """Motifs by letter, and the order in which they are sung."""

    order: str
    motifs: dict[str, Motif]

    def at(self, phrase: int) -> tuple[str, Motif]:
        letter = self.order[phrase % len(self.order)]
        return letter, self.motifs[letter]


def _draw_tune(habits: Habits, section: str, rng: np.random.Generator) -> Tune:
    density = float(rng.uniform(0.45, 0.8)) - (0.15 if section == "chorus" else 0.0)
    motifs = {letter: _draw_motif(habits, density, rng) for letter in "ABC"}
    return Tune(str(rng.choice(_LETTER_ORDERS)), motifs)


def _draw_motif(habits: Habits, density: float, rng: np.random.Generator) -> Motif:
    """Draw onsets that favour strong steps, then end on a long note and a rest."""
    grid = 1 if habits.is_rap else 2
    last = int(rng.integers(9, 13)) * 2
    candidates = np.arange(int(rng.integers(0, 3)) * 2, last, grid)
    pull = np.where(candidates % 4 == 0, 0.2, -0.1) + (0.1 if habits.is_rap else 0.0)
    onsets = candidates[rng.random(len(candidates)) < density + pull]
    steps = [*(int(step) for step in onsets), last]
    lengths = [after - step for step, after in pairwise(steps)] + [int(rng.integers(2, 7))]
    leaps = rng.choice((-3, -2, -1, -1, 0, 0, 1, 1, 2, 4), size=len(steps))
    walk = np.cumsum(leaps) - int(np.median(np.cumsum(leaps)))
    return Motif(tuple(steps), tuple(lengths), tuple(int(w) for w in walk))


def _phrases(bars: tuple[Bar, ...]) -> list[tuple[Bar, Bar]]:
    """Return the pairs of bars that are sung on; a lone last bar pairs with itself."""
    starts = [bar for bar in bars if bar.section in SUNG_SECTIONS and bar.place % 2 == 0]
    return [(bar, bars[bar.index + 1] if bar.place + 1 < bar.length else bar) for bar in starts]


def _verse_number(bar: Bar) -> int:
    return bar.occurrence if bar.section == "verse" else 0


def _centre(register: Register, section: str, letter: str) -> float:
    """Choruses lie higher than verses, and a B part above its A."""
    share = (0.6 if section == "chorus" else 0.38) + (0.08 if letter == "B" else 0.0)
    return register.low + share * (register.high - register.low)


def _set_to_words(
    band: Band,
    motif: Motif,
    bars: tuple[Bar, Bar],
    register: Register,
    centre: float,
    habits: Habits,
    words: np.random.Generator,
) -> tuple[Syllable, ...]:
    """Place a motif on its two bars and give each note a syllable."""
    scale = scale_pitches(band.tonic, band.mode, register.low, register.high)
    middle = int(np.argmin(np.abs(scale - centre)))
    syllables = []
    for step, length, move in zip(motif.steps, motif.lengths, motif.walk, strict=True):
        half, within = divmod(step, STEPS_PER_BAR)
        if bars[half].index == bars[0].index + half:  # a lone bar has no second half
            place = int(np.clip(middle + move, 0, len(scale) - 1))
            pitch = float(scale[place])
            if habits.is_rap:
                pitch = centre - 5 + 0.7 * move - 2.5 * step / _PHRASE_STEPS
            elif within % 4 == 0:
                pitch = nearest_tone(pitch, bars[half].chord.pitch_classes)
            start_s = band.clock.time_s(bars[half].index, within) + habits.late_s
            held = min(length, 8) * float(words.uniform(0.85, 0.98))
            syllables.append(
                Syllable(
                    start_s,
                    held * band.clock.step_s,
                    pitch,
                    str(words.choice(_CONSONANTS)),
                    str(words.choice(_VOWELS)),
                    float(words.uniform(0.6, 1.0)) * (1.0 if within % 4 == 0 else 0.85),
                )
            )
    return tuple(syllables)


def third_above(pitch: float, tonic: int, mode: str) -> float:
    """Return the pitch two steps of the scale above."""
    above = scale_pitches(tonic, mode, round(pitch) + 1, round(pitch) + 6)
    return float(above[1])
