"""`locate` on two files."""

from __future__ import annotations

from pathlib import Path

import pytest

from steps.ears import locate_files
from tests.steps.conftest import SmallWorld


@pytest.mark.parametrize("role", ["voice", "bed"])
def test_a_song_is_found_with_its_place_speed_and_shift(small_world: SmallWorld, role: str) -> None:
    song = getattr(small_world, role)
    truth = getattr(small_world.recipe, role)
    assert small_world.sources.songs is not None
    assert small_world.sources.mashups is not None
    (mashup,) = small_world.sources.mashups.iterdir()
    found = locate_files(mashup, small_world.sources.songs / f"{song.artist} - {song.title}.mp3")
    assert found["found"]
    assert found["offset_s"] == pytest.approx(truth.segments[0].song_time(0.0), abs=0.030)
    assert found["tempo_ratio"] == pytest.approx(truth.segments[0].tempo_ratio, rel=1e-3)
    assert found["semitones"] == round(truth.semitones)


def test_a_located_bed_is_called_a_bed(small_world: SmallWorld) -> None:
    assert small_world.sources.songs is not None
    assert small_world.sources.mashups is not None
    (mashup,) = small_world.sources.mashups.iterdir()
    bed = small_world.sources.songs / f"{small_world.bed.artist} - {small_world.bed.title}.mp3"
    assert locate_files(mashup, bed)["role"] == "bed"


def test_a_song_that_is_not_there_is_not_found(small_world: SmallWorld, tmp_path: Path) -> None:
    assert small_world.sources.mashups is not None
    assert small_world.sources.multitracks is not None
    (mashup,) = small_world.sources.mashups.iterdir()
    other = min(
        small_world.sources.multitracks.glob(f"{small_world.voice.artist}*_instrumental.mp3")
    )
    found = locate_files(mashup, other)
    assert (found["found"], found["offset_s"], found["role"], found["segments"]) == (
        False,
        None,
        None,
        [],
    )
