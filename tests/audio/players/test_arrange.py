from __future__ import annotations

import numpy as np
import pytest

from audio.players.arrange import (
    Band,
    arpeggio_notes,
    bass_notes,
    chord_notes,
    draw_layers,
    drum_hits,
    lead_notes,
    voicing,
)
from audio.players.score import SCALES, Bar, Clock, lay_bars, parse_chord
from audio.players.styles import LAYER_CHANCES, STYLES, Style

FORM = [("intro", 4), ("verse", 8), ("chorus", 8), ("break", 4), ("outro", 4)]


def _band(style: Style) -> Band:
    everything = frozenset({"drums", "bass", "chords", "pad", "arp", "lead"})
    return Band(style, Clock(120, 0.25), 0, "major", dict.fromkeys(LAYER_CHANCES, everything))


def _bars() -> tuple[Bar, ...]:
    chords = tuple(parse_chord(name, 0, size=3) for name in ("I", "V", "vi", "IV"))
    return lay_bars(FORM, dict.fromkeys(LAYER_CHANCES, chords))


@pytest.mark.parametrize("style", STYLES, ids=lambda style: style.name)
def test_every_style_kicks_on_the_grid(style: Style) -> None:
    band = _band(style)
    hits = drum_hits(band, _bars(), np.random.default_rng(0))
    steps = np.array(
        [(hit.start_s - 0.25) / band.clock.step_s for hit in hits if hit.piece == "kick"]
    )
    assert len(steps) >= 28
    assert np.abs(steps - np.round(steps)).max() * band.clock.step_s <= 0.0151


@pytest.mark.parametrize("style", STYLES, ids=lambda style: style.name)
def test_chords_and_arpeggios_play_only_tones_of_the_chord(style: Style) -> None:
    band, bars = _band(style), _bars()
    notes = chord_notes(band, bars, np.random.default_rng(1), centre=60, layer="chords")
    notes += arpeggio_notes(band, bars, np.random.default_rng(2))
    for note in notes:
        bar = bars[round((note.start_s - 0.25) / band.clock.bar_s - 0.5 + 0.02)]
        assert {pitch % 12 for pitch in note.pitches} <= set(bar.chord.pitch_classes)


def test_the_bass_is_low_and_starts_bars_on_the_root() -> None:
    band, bars = _band(STYLES[1]), _bars()
    notes = bass_notes(band, bars, np.random.default_rng(3))
    assert max(note.pitches[0] for note in notes) < 60
    for bar in bars:
        start_s = band.clock.time_s(bar.index)
        first = min(notes, key=lambda note: abs(note.start_s - start_s))
        assert first.pitches[0] % 12 == bar.chord.root


def test_the_lead_keeps_to_the_scale() -> None:
    notes = lead_notes(_band(STYLES[0]), _bars(), np.random.default_rng(4))
    assert notes
    assert {note.pitches[0] % 12 for note in notes} <= set(SCALES["major"])


def test_no_section_is_without_a_pitched_player() -> None:
    for seed in range(50):
        layers = draw_layers(np.random.default_rng(seed))
        assert all(playing & {"chords", "pad", "arp"} for playing in layers.values())


def test_who_does_not_play_is_silent() -> None:
    band = Band(STYLES[0], Clock(120, 0), 0, "major", dict.fromkeys(LAYER_CHANCES, frozenset()))
    assert drum_hits(band, _bars(), np.random.default_rng(0)) == ()
    assert bass_notes(band, _bars(), np.random.default_rng(0)) == ()


def test_a_voicing_stays_within_an_octave() -> None:
    assert voicing((0, 4, 7), 60) == (55, 60, 64)
