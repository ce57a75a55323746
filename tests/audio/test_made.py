from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from audio.band import BandSong
from audio.errors import AudioError
from audio.made import Recipe, Treatment, make_mashup, mix_parts
from audio.stems import Stems
from audio.timemap import Segment
from tests.audio.sounds import RATE_HZ, click_errors_s, clicks


def _recipe(voice: Treatment, bed: Treatment, duration_s: float = 4.0) -> Recipe:
    return Recipe(duration_s, 120.0, (0.0, 2.0), voice, bed)


def _click_song(times_s: list[float]) -> Stems:
    beat = clicks(times_s, 12.0)
    return Stems(vocals=beat, instrumental=beat.copy())


def test_parts_sum_exactly_and_songs_contain_them(folk_song: BandSong, rock_song: BandSong) -> None:
    recipe = _recipe(
        Treatment((Segment(0.0, 4.0, 12.0, 1.1),), semitones=2),
        Treatment((Segment(0.0, 4.0, 3.0, 0.95),), semitones=-1),
    )
    made = make_mashup(folk_song, rock_song, recipe, sample_rate_hz=44_100)
    assert made.mashup.shape == made.voice_song.shape == made.bed_song.shape == (2, 176_400)
    np.testing.assert_array_equal(made.voice_part + made.bed_part, made.mashup)
    assert made.voice_part.any()
    assert _share(made.voice_part, made.voice_song) > 0.03
    assert _share(made.bed_part, made.bed_song) > 0.5


def _share(part: NDArray[np.float32], song: NDArray[np.float32]) -> float:
    """How much of the song's energy the part explains."""
    return float(np.sum(part * song) ** 2 / (np.sum(part**2) * np.sum(song**2)))


def test_a_recipe_that_changes_nothing_gives_the_stems(
    folk_song: BandSong, rock_song: BandSong
) -> None:
    as_it_is = Treatment((Segment(0.0, 4.0, 10.0, 1.0),))
    made = make_mashup(folk_song, rock_song, _recipe(as_it_is, as_it_is), sample_rate_hz=44_100)
    whole = slice(10 * 44_100, 14 * 44_100)
    np.testing.assert_allclose(made.voice_part, folk_song.vocals[:, whole], atol=1e-6)
    np.testing.assert_allclose(made.bed_part, rock_song.instrumental[:, whole], atol=1e-6)
    np.testing.assert_allclose(made.voice_song, folk_song.mix[:, whole], atol=1e-6)
    np.testing.assert_allclose(made.bed_song, rock_song.mix[:, whole], atol=1e-6)


def test_only_parts_are_the_same_parts(folk_song: BandSong, rock_song: BandSong) -> None:
    recipe = _recipe(
        Treatment((Segment(0.0, 2.0, 12.0, 1.25),), 1.0, 3.0, 2.0, -2.0, 0.3),
        Treatment((Segment(0.0, 2.0, 3.0, 0.9),), gain_db=-6.0),
        duration_s=2.0,
    )
    made = make_mashup(folk_song, rock_song, recipe, sample_rate_hz=44_100)
    parts = mix_parts(folk_song.vocals, rock_song.instrumental, recipe, sample_rate_hz=44_100)
    np.testing.assert_array_equal(parts.voice, made.voice_part)
    np.testing.assert_array_equal(parts.bed, made.bed_part)
    np.testing.assert_array_equal(parts.mashup, made.mashup)


def test_clicks_land_where_the_segments_say_across_a_cut_and_a_loop() -> None:
    segments = (
        Segment(0.0, 2.0, 1.0, 1.25),
        Segment(2.0, 4.0, 6.0, 1.25),
        Segment(4.0, 6.0, 6.0, 1.25),
    )
    silent = Treatment((Segment(0.0, 6.0, 0.0, 1.0),))
    song = _click_song([1.5, 2.5, 6.5, 7.5])
    nothing = np.zeros_like(song.instrumental)
    recipe = _recipe(Treatment(segments), silent, duration_s=6.0)
    parts = mix_parts(song.vocals, nothing, recipe, sample_rate_hz=RATE_HZ)
    wanted_s = [segments[0].mashup_time(t) for t in (1.5, 2.5)]
    wanted_s += [segments[i].mashup_time(t) for i in (1, 2) for t in (6.5, 7.5)]
    assert np.abs(click_errors_s(parts.mashup, wanted_s)).max() < 0.003


def test_gain_changes_the_part_but_not_the_song() -> None:
    song = _click_song([0.5, 1.5])
    still = Treatment((Segment(0.0, 2.0, 0.0, 1.0),))
    louder = Treatment((Segment(0.0, 2.0, 0.0, 1.0),), gain_db=6.0206)
    plain, loud = (
        make_mashup(song, song, _recipe(voice, still, 2.0), sample_rate_hz=RATE_HZ)
        for voice in (still, louder)
    )
    np.testing.assert_allclose(loud.voice_part, 2 * plain.voice_part, rtol=1e-4)
    np.testing.assert_array_equal(loud.voice_song, plain.voice_song)


@pytest.mark.parametrize("shape", [(2, 500), (1, 1000), (1000,)])
def test_stems_that_do_not_fit_are_refused(shape: tuple[int, ...]) -> None:
    broken = Stems(np.zeros((2, 1000), np.float32), np.zeros(shape, np.float32))
    still = Treatment((Segment(0.0, 2.0, 0.0, 1.0),))
    with pytest.raises(AudioError, match=r"one shape \(2, samples\), got \(2, 1000\)"):
        make_mashup(broken, broken, _recipe(still, still), sample_rate_hz=RATE_HZ)
