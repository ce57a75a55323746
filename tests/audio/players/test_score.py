from __future__ import annotations

import numpy as np
import pytest

from audio.players.score import (
    Chord,
    Clock,
    beat_times,
    lay_bars,
    nearest_tone,
    parse_chord,
    plan_form,
    scale_pitches,
    spans,
)


@pytest.mark.parametrize(
    ("numeral", "size", "expected"),
    [
        ("I", 3, Chord(9, (0, 4, 7))),
        ("ii", 3, Chord(11, (0, 3, 7))),
        ("bVII", 3, Chord(7, (0, 4, 7))),
        ("V", 4, Chord(4, (0, 4, 7, 10))),
        ("IV", 4, Chord(2, (0, 4, 7, 11))),
        ("vi", 2, Chord(6, (0, 7, 12))),
    ],
)
def test_roman_numerals_name_chords_in_a(numeral: str, size: int, expected: Chord) -> None:
    assert parse_chord(numeral, 9, size=size) == expected


def test_a_form_fills_any_number_of_bars() -> None:
    for n_bars in range(1, 200):
        form = plan_form(n_bars, np.random.default_rng(n_bars))
        assert sum(length for _, length in form) == n_bars
        assert {"verse", "chorus"} & {name for name, _ in form}


def test_a_long_form_has_all_sections() -> None:
    form = plan_form(90, np.random.default_rng(0))
    assert {name for name, _ in form} == {"intro", "verse", "chorus", "break", "outro"}


def test_swing_delays_off_steps_and_leaves_beats() -> None:
    clock = Clock(bpm=120, first_s=0.5, swing=0.2)
    assert clock.time_s(1, 4) == pytest.approx(0.5 + 2.0 + 0.5)
    assert clock.time_s(0, 1) == pytest.approx(0.5 + 1.2 * 0.125)
    assert clock.time_s(0, 2) == pytest.approx(0.5 + 0.25)


def test_swung_eighths_move_the_half_beat() -> None:
    clock = Clock(bpm=120, first_s=0.0, swing=0.2, swing_steps=2)
    assert clock.time_s(0, 2) == pytest.approx(1.2 * 0.25)
    assert clock.time_s(0, 4) == pytest.approx(0.5)


def test_bars_know_their_section_chord_and_what_follows() -> None:
    one, four = parse_chord("I", 0, size=3), parse_chord("IV", 0, size=3)
    bars = lay_bars([("verse", 2), ("verse", 1)], {"verse": (one, four)})
    found = [(b.index, b.occurrence, b.place, b.length, b.chord, b.next_chord) for b in bars]
    assert found == [(0, 0, 0, 2, one, four), (1, 0, 1, 2, four, one), (2, 1, 0, 1, one, one)]


def test_sections_span_the_whole_song() -> None:
    sections = spans([("intro", 1), ("verse", 2)], Clock(120, 0.3), 6.0)
    assert [(s.name, s.start_s, s.end_s) for s in sections] == [
        ("intro", 0.0, 2.3),
        ("verse", 2.3, 6.0),
    ]


def test_beats_end_with_the_song() -> None:
    np.testing.assert_allclose(beat_times(Clock(60, 0.5), 3.5), [0.5, 1.5, 2.5])


def test_scale_and_nearest_tone() -> None:
    assert scale_pitches(9, "minor", 57, 69).tolist() == [57, 59, 60, 62, 64, 65, 67, 69]
    assert nearest_tone(61, (0, 4)) == 60
