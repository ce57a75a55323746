"""Which songs go together, by tempo and pitch classes."""

from __future__ import annotations

import numpy as np
import pytest

from audio.features import SongFeatures
from audio.tempo import Tempo
from model.compatibility import NO_PULSE, compatibility


def song(bpm: float | None, *, notes: tuple[int, ...] = (0, 4, 7)) -> SongFeatures:
    """A song of one chord: `notes` are semitones above C, two bins a semitone."""
    pitch = np.zeros((64, 120), np.uint8)
    for note in notes:
        pitch[:, 2 * note :: 24] = 100
    tempi = (Tempo(bpm, 0.5),) if bpm else ()
    return SongFeatures(20.0, np.zeros((64, 24), np.uint8), pitch, tempi)


@pytest.mark.parametrize(
    ("bpm", "ratio", "tempo"),
    [(120, 1.0, 1.0), (60, 1.0, 1.0), (124, 1.0333, 1.0), (85, 0.7083, 0)],
)
def test_tempi_are_folded_and_far_ones_do_not_fit(bpm: float, ratio: float, tempo: float) -> None:
    found = compatibility(song(120), song(bpm))
    assert found.tempo_ratio == pytest.approx(ratio, abs=1e-4)
    assert found.tempo == pytest.approx(tempo, abs=1e-9)


def test_the_shift_brings_one_chord_onto_the_other() -> None:
    found = compatibility(song(120), song(120, notes=(2, 6, 9)))
    assert found.semitones == 2
    assert found.key > 0.9


def test_a_song_without_a_pulse_fits_half() -> None:
    assert compatibility(song(120), song(None)).tempo == NO_PULSE
