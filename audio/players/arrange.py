"""The band's parts: who plays in which section, and the notes of drums, bass, chords and lead."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from audio.players.drums import SWELL_S
from audio.players.score import (
    STEPS_PER_BAR,
    Bar,
    Clock,
    Hit,
    Mode,
    Note,
    nearest_tone,
    scale_pitches,
)
from audio.players.styles import BASS_LINES, FIGURES, GROOVES, LAYER_CHANCES, VELOCITIES, Style

Layers = dict[str, frozenset[str]]

_BASS_INTERVALS = {"r": 0, "f": 7, "o": 12, "t": 0, "a": 0}  # t and a follow the chords
_FILLS = (
    "............ssSs",
    "........s.s.ssss",
    "........ttttTTTT",
    "..........sst.T.",
    "............k.k.",
)
_FILL_PIECES = {"s": "snare", "S": "snare", "t": "tom", "T": "low tom", "k": "kick"}


@dataclass(frozen=True, slots=True)
class Band:
    """What all players of one song share: its clock, scale and looseness."""

    style: Style
    clock: Clock
    tonic: int
    mode: Mode
    layers: Layers

    def plays(self, layer: str, bar: Bar) -> bool:
        return layer in self.layers[bar.section]


def draw_layers(rng: np.random.Generator) -> Layers:
    """Draw who plays in each section; someone with a pitch always does, drums lead the chorus."""
    layers = {
        section: {layer for layer, chance in chances.items() if rng.random() < chance}
        for section, chances in LAYER_CHANCES.items()
    }
    for playing in layers.values():
        if not playing & {"chords", "pad", "arp"}:
            playing.add("chords")
    return {section: frozenset(playing) for section, playing in layers.items()}


def stray(time_s: float, loose_ms: float, rng: np.random.Generator) -> float:
    """Move a strike off the grid as a player would, never before the song begins."""
    return max(0.0, time_s + float(np.clip(rng.normal(0, loose_ms), -15, 15)) / 1000)


def drum_hits(band: Band, bars: tuple[Bar, ...], rng: np.random.Generator) -> tuple[Hit, ...]:
    """Play one groove per song, thinner outside the chorus, with fills and crashes at the seams."""
    groove = GROOVES[str(rng.choice(band.style.grooves))]
    fill = str(rng.choice(_FILLS))
    spare = str(rng.choice([piece for piece in groove if piece != "kick"]))
    has_swell = bool(rng.random() < 0.4)
    hits: list[Hit] = []
    for bar in bars:
        if band.plays("drums", bar):
            thin = spare if bar.section in ("intro", "break") else ""
            is_fill = bar.is_phrase_end and bar.place + 1 == bar.length and bar.length > 1
            hits += _groove_bar(band, bar, groove, rng, without=thin, is_cut=is_fill)
            hits += _fill_bar(band, bar, fill, rng) if is_fill else []
            hits += _accents(band, bar, has_swell=has_swell and is_fill)
    return tuple(hits)


def _groove_bar(
    band: Band,
    bar: Bar,
    groove: dict[str, str],
    rng: np.random.Generator,
    *,
    without: str,
    is_cut: bool,
) -> list[Hit]:
    """Play the groove once; a cut bar leaves its second half's upper drums to the fill."""
    last = STEPS_PER_BAR // 2 if is_cut else STEPS_PER_BAR
    return [
        Hit(
            stray(band.clock.time_s(bar.index, step), band.style.loose_ms, rng),
            piece,
            VELOCITIES[mark] * float(rng.uniform(0.85, 1.0)),
        )
        for piece, row in groove.items()
        if piece != without
        for step, mark in enumerate(row)
        if mark != "." and (piece == "kick" or step < last)
    ]


def _fill_bar(band: Band, bar: Bar, fill: str, rng: np.random.Generator) -> list[Hit]:
    return [
        Hit(
            stray(band.clock.time_s(bar.index, step), band.style.loose_ms, rng),
            _FILL_PIECES[mark],
            0.45 + 0.5 * step / STEPS_PER_BAR,
        )
        for step, mark in enumerate(fill)
        if mark != "."
    ]


def _accents(band: Band, bar: Bar, *, has_swell: bool) -> list[Hit]:
    """A crash where a section with drums begins, in some songs a swell towards it."""
    is_start = bar.place == 0 and bar.section in ("verse", "chorus", "outro")
    end_s = band.clock.time_s(bar.index + 1)
    crash = [Hit(band.clock.time_s(bar.index), "crash", 0.8)] if is_start else []
    return crash + ([Hit(max(0.0, end_s - SWELL_S), "swell", 0.8)] if has_swell else [])


def bass_notes(band: Band, bars: tuple[Bar, ...], rng: np.random.Generator) -> tuple[Note, ...]:
    """Play one pattern in verses and one in choruses, leading into the next chord's root."""
    names = rng.choice(band.style.bass_lines, size=2)
    low = int(rng.integers(28, 36))  # the lowest root: E1 to B1
    notes: list[Note] = []
    for bar in bars:
        if band.plays("bass", bar):
            row = BASS_LINES[str(names[int(bar.section == "chorus")])]
            for step, length, mark in _strikes(row):
                pitch = _bass_pitch(bar, mark, low)
                notes.append(_note(band, bar, step, length * 0.95, (pitch,), 0.9, rng))
    return tuple(notes)


def _bass_pitch(bar: Bar, mark: str, low: int) -> int:
    root = low + (bar.chord.root - low) % 12
    following = nearest_tone(root, (bar.next_chord.root,))
    if mark == "a":
        return following + (-1 if following >= root else 1)
    if mark == "t":
        return root + bar.chord.intervals[1]
    return root + _BASS_INTERVALS[mark]


def chord_notes(
    band: Band, bars: tuple[Bar, ...], rng: np.random.Generator, *, centre: int, layer: str
) -> tuple[Note, ...]:
    """Strike each bar's chord in one figure, voiced near the chord before it."""
    figure = FIGURES["whole" if layer == "pad" else str(rng.choice(band.style.figures))]
    notes: list[Note] = []
    for bar in bars:
        if band.plays(layer, bar):
            pitches = voicing(bar.chord.pitch_classes, centre)
            for step, length, mark in _strikes(figure):
                velocity = 0.9 if mark == "X" else 0.7
                notes.append(_note(band, bar, step, length * 0.97, pitches, velocity, rng))
    return tuple(notes)


def voicing(pitch_classes: tuple[int, ...], centre: int) -> tuple[int, ...]:
    """Return one pitch per pitch class within half an octave of `centre`, low to high.

    Staying within one octave keeps common tones in place from chord to chord.
    """
    return tuple(sorted({centre - 6 + (pc - centre + 6) % 12 for pc in pitch_classes}))


def arpeggio_notes(band: Band, bars: tuple[Bar, ...], rng: np.random.Generator) -> tuple[Note, ...]:
    """Break each chord over two octaves in a repeating order of steps."""
    every = int(rng.choice((1, 2, 2)))
    order = rng.permutation(np.arange(6))[: int(rng.choice((3, 4, 6)))]
    centre = int(rng.integers(66, 78))
    notes: list[Note] = []
    for bar in bars:
        if band.plays("arp", bar):
            tones = voicing(bar.chord.pitch_classes, centre)
            tones = (*tones, *(tone + 12 for tone in tones))
            for number, step in enumerate(range(0, STEPS_PER_BAR, every)):
                pitch = tones[int(order[number % len(order)]) % len(tones)]
                notes.append(_note(band, bar, step, every * 1.2, (pitch,), 0.75, rng))
    return tuple(notes)


def lead_notes(band: Band, bars: tuple[Bar, ...], rng: np.random.Generator) -> tuple[Note, ...]:
    """Play a two-bar motif where nobody sings, its strong notes on the chord."""
    centre = int(rng.integers(67, 80))
    scale = scale_pitches(band.tonic, band.mode, centre - 9, centre + 9)
    steps = np.sort(rng.choice(np.arange(0, 28, 2), size=int(rng.integers(4, 9)), replace=False))
    walk = np.clip(len(scale) // 2 + np.cumsum(rng.integers(-2, 3, len(steps))), 0, len(scale) - 1)
    ends = np.append(steps[1:], 30)
    motif = list(zip((int(s) for s in steps), (int(e) for e in ends), scale[walk], strict=True))
    return tuple(
        _lead_note(band, bar, step, end, int(pitch), rng)
        for bar in bars
        if band.plays("lead", bar)
        for step, end, pitch in motif
        if step // STEPS_PER_BAR == bar.place % 2
    )


def _lead_note(
    band: Band, bar: Bar, step: int, end: int, pitch: int, rng: np.random.Generator
) -> Note:
    within = step % STEPS_PER_BAR
    if within % 8 == 0:
        pitch = nearest_tone(pitch, bar.chord.pitch_classes)
    return _note(band, bar, within, min(end - step, 6) * 0.95, (pitch,), 0.8, rng)


def _strikes(row: str) -> list[tuple[int, int, str]]:
    """Return (step, length in steps, mark) for each strike of a row; `-` lengthens the last."""
    strikes: list[tuple[int, int, str]] = []
    for step, mark in enumerate(row):
        if mark not in "-.":
            held = len(row[step + 1 :]) - len(row[step + 1 :].lstrip("-"))
            strikes.append((step, 1 + held, mark))
    return strikes


def _note(
    band: Band,
    bar: Bar,
    step: float,
    length: float,
    pitches: tuple[int, ...],
    velocity: float,
    rng: np.random.Generator,
) -> Note:
    start_s = stray(band.clock.time_s(bar.index, step), band.style.loose_ms, rng)
    duration_s = length * band.clock.step_s
    return Note(start_s, duration_s, pitches, velocity * float(rng.uniform(0.85, 1.0)))
