from __future__ import annotations

import numpy as np
import pytest

from audio.players.arrange import Band
from audio.players.score import SCALES, Clock, Line, lay_bars, parse_chord
from audio.players.styles import LAYER_CHANCES, STYLES
from audio.players.tune import Register, sing, third_above

FORM = [("intro", 4), ("verse", 8), ("chorus", 8), ("verse", 8), ("chorus", 8), ("outro", 4)]
REGISTER = Register(50, 67)
CLOCK = Clock(120, 0.0)


@pytest.fixture(scope="module", params=range(6))
def lines(request: pytest.FixtureRequest) -> tuple[Line, ...]:
    """What a pop singer, who never raps, sings over one progression."""
    chords = tuple(parse_chord(name, 0, size=3) for name in ("I", "V", "vi", "IV"))
    bars = lay_bars(FORM, dict.fromkeys(LAYER_CHANCES, chords))
    band = Band(STYLES[0], CLOCK, 0, "major", {})
    return sing(band, bars, REGISTER, np.random.default_rng(request.param))


def test_nobody_sings_in_intro_and_outro(lines: tuple[Line, ...]) -> None:
    starts = [line.syllables[0].start_s for line in lines]
    ends = [s.start_s + s.duration_s for line in lines for s in line.syllables]
    assert min(starts) >= 4 * CLOCK.bar_s
    assert max(ends) <= 36 * CLOCK.bar_s + 0.05


def test_the_lead_sings_in_key_within_the_register(lines: tuple[Line, ...]) -> None:
    pitches = [s.pitch for line in lines if line.level_db == 0 for s in line.syllables]
    assert {pitch % 12 for pitch in pitches} <= set(SCALES["major"])
    assert REGISTER.low - 3 <= min(pitches) <= max(pitches) <= REGISTER.high + 3


def test_choruses_repeat_tune_and_words_while_verses_repeat_only_the_tune(
    lines: tuple[Line, ...],
) -> None:
    def notes(section: str, first_bar: int) -> list[tuple[float, float, str]]:
        start_s = first_bar * CLOCK.bar_s
        return [
            (round(s.start_s - start_s, 6), s.pitch, s.consonant + s.vowel)
            for line in lines
            if line.section == section and line.level_db == 0
            for s in line.syllables
            if start_s <= s.start_s < start_s + 8 * CLOCK.bar_s
        ]

    assert notes("chorus", 12) == notes("chorus", 28)
    first, second = notes("verse", 4), notes("verse", 20)
    assert [n[2] for n in first] != [n[2] for n in second]
    sung_in_both = {n[0] for n in first} & {n[0] for n in second}
    assert {n[:2] for n in first if n[0] in sung_in_both} == {
        n[:2] for n in second if n[0] in sung_in_both
    }


def test_there_is_time_to_breathe(lines: tuple[Line, ...]) -> None:
    for line in lines:
        if line.level_db == 0:
            last = line.syllables[-1]
            phrase = int(line.syllables[0].start_s / (2 * CLOCK.bar_s))
            assert last.start_s + last.duration_s <= (phrase + 1) * 2 * CLOCK.bar_s + 0.03


def test_a_third_above_stays_in_the_scale() -> None:
    assert [third_above(pitch, 0, "major") for pitch in (60, 62, 64)] == [64, 65, 67]
