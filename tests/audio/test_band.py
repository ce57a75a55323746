from __future__ import annotations

from typing import Any

import librosa
import numpy as np
import pytest
from numpy.typing import NDArray

from audio.band import BandSong, artist_name, play, song_title
from audio.errors import AudioError
from audio.loudness import integrated_lufs
from audio.players.score import SCALES

RATE_HZ = 22_050


@pytest.fixture(scope="module")
def songs() -> list[BandSong]:
    return [play(seed, duration_s=16, sample_rate_hz=RATE_HZ) for seed in range(8)]


def test_the_same_seed_gives_the_same_bytes() -> None:
    first, second = (play(3, duration_s=4, sample_rate_hz=RATE_HZ) for _ in range(2))
    assert first.vocals.tobytes() == second.vocals.tobytes()
    assert first.instrumental.tobytes() == second.instrumental.tobytes()


@pytest.mark.parametrize(
    ("duration_s", "rate_hz"), [(1.0, 8_000), (5, 44_100), (37.3, RATE_HZ), (150, 11_025)]
)
def test_a_song_lasts_exactly_as_long_as_asked(duration_s: float, rate_hz: int) -> None:
    song = play(2, duration_s=duration_s, sample_rate_hz=rate_hz)
    expected = (2, round(duration_s * rate_hz))
    assert (song.vocals.shape, song.instrumental.shape) == (expected, expected)
    assert song.vocals.dtype == song.instrumental.dtype == song.mix.dtype == np.float32
    assert song.sections[-1].end_s == duration_s
    assert song.beats_s[-1] < duration_s


def test_neighbouring_seeds_play_different_songs(songs: list[BandSong]) -> None:
    assert len({song.bpm for song in songs}) == len(songs)
    assert len({(song.tonic, song.mode) for song in songs}) >= 6
    alike = np.corrcoef([song.mix[0] for song in songs]) - np.eye(len(songs))
    assert np.abs(alike).max() < 0.25  # kicks may meet


def test_names_of_a_thousand_seeds_differ() -> None:
    assert len({artist_name(seed) for seed in range(1000)}) == 1000
    assert len({song_title(seed) for seed in range(1000)}) == 1000


def test_some_names_set_traps_for_parsers() -> None:
    names = [f"{artist_name(seed)} / {song_title(seed)}" for seed in range(20)]
    for trap in (" & ", "The ", "'", " - ", "(Part 2)"):
        assert any(trap in name for name in names), trap


def test_levels_are_those_of_a_record(songs: list[BandSong]) -> None:
    for song in songs:
        lufs = integrated_lufs(song.mix, sample_rate_hz=RATE_HZ)
        assert -19.0 < lufs < -11.5
        assert np.abs(song.mix).max() < 1.0
        assert np.abs(song.mix.mean(axis=1)).max() < 1e-3


def test_beats_are_where_the_onsets_are(songs: list[BandSong]) -> None:
    strengths = [_on_beat_strength(song) for song in songs]
    assert np.median(strengths) > 1.3
    assert np.mean(np.array(strengths) > 1.0) >= 0.75  # house and reggae stress the off beat


def _on_beat_strength(song: BandSong) -> float:
    """Mean onset strength on beats over that a quarter, half and three quarters later."""
    flux = librosa.onset.onset_strength(y=song.mix.mean(axis=0), sr=RATE_HZ, hop_length=256)
    beats_s, beat_s = song.beats_s[1:-2], 60 / song.bpm
    strengths = [_near(flux, beats_s + share * beat_s) for share in (0.0, 0.25, 0.5, 0.75)]
    return strengths[0] / max(strengths[1:])


def _near(flux: NDArray[np.float32], times_s: NDArray[np.float64]) -> float:
    frames = np.round(times_s * RATE_HZ / 256).astype(int)
    return float(np.mean([flux[max(f - 1, 0) : f + 4].max() for f in frames]))


def test_the_instruments_play_in_key(songs: list[BandSong]) -> None:
    """The song's scale holds more of the sound than most: at worst its neighbours by a fifth."""
    for song in songs:
        mono = song.instrumental.mean(axis=0)
        chroma = librosa.feature.chroma_cqt(y=mono, sr=RATE_HZ, hop_length=4096)
        total = np.median(chroma, axis=1)
        shares = [total[(np.array(SCALES[song.mode]) + tonic) % 12].sum() for tonic in range(12)]
        assert song.tonic in np.argsort(shares)[-3:]


def test_a_wished_tempo_and_key_are_played() -> None:
    song = play(1, duration_s=12, sample_rate_hz=8_000, bpm=100, key=(9, "minor"))
    assert (song.bpm, song.tonic, song.mode) == (100, 9, "minor")
    np.testing.assert_allclose(np.diff(song.beats_s), 0.6)
    np.testing.assert_allclose(np.diff(song.downbeats_s), 2.4)


def test_sections_follow_each_other_on_downbeats(songs: list[BandSong]) -> None:
    for song in songs:
        starts = [section.start_s for section in song.sections]
        assert starts[0] == 0.0
        assert starts[1:] == [section.end_s for section in song.sections[:-1]]
        assert all(np.abs(song.downbeats_s - start).min() < 1e-6 for start in starts[1:])


def test_the_voice_rests_in_the_intro_and_sings_in_the_verse(folk_song: BandSong) -> None:
    spans = {section.name: section for section in folk_song.sections}
    intro = folk_song.vocals[:, : int((spans["intro"].end_s - 0.6) * 44_100)]
    chorus = folk_song.vocals[
        :, int(spans["chorus"].start_s * 44_100) : int(spans["chorus"].end_s * 44_100)
    ]
    assert np.abs(intro).max() < 1e-6
    assert chorus.std() > 0.02


def test_voice_and_instruments_are_separate_tracks(songs: list[BandSong]) -> None:
    for song in songs:
        alike = np.corrcoef(song.vocals[0], song.instrumental[0])[0, 1]
        assert abs(alike) < 0.05


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"seed": -1, "duration_s": 5}, "seed must be 0 or more, got -1"),
        ({"seed": 0, "duration_s": 0.5}, "at least 1 seconds, got 0.5"),
        ({"seed": 0, "duration_s": float("nan")}, "at least 1 seconds, got nan"),
        ({"seed": 0, "duration_s": 5, "bpm": 0}, "bpm must be 40 to 240, got 0"),
        ({"seed": 0, "duration_s": 5, "key": (12, "major")}, r"got \(12, 'major'\)"),
        ({"seed": 0, "duration_s": 5, "key": (0, "dorian")}, "'major' or 'minor'"),
        ({"seed": 0, "duration_s": 5, "sample_rate_hz": 100}, "8000 to 192000, got 100"),
    ],
)
def test_what_cannot_be_played_is_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(AudioError, match=message):
        play(**arguments)
