from __future__ import annotations

import numpy as np
import pytest

from audio.errors import AudioError
from audio.stretch import stretch, warp
from audio.timemap import Segment
from tests.audio.sounds import RATE_HZ, click_errors_s, clicks, noise, sine

CLICKS_S = np.arange(0.5, 5.6, 0.5)


@pytest.mark.parametrize("tempo_ratio", [0.75, 0.9, 1.0, 1.037, 1.25])
@pytest.mark.parametrize("semitones", [-4.0, 0.0, 4.0])
def test_clicks_stay_where_the_tempo_puts_them(tempo_ratio: float, semitones: float) -> None:
    audio = clicks(CLICKS_S, 6.0)
    result = stretch(audio, sample_rate_hz=RATE_HZ, tempo_ratio=tempo_ratio, semitones=semitones)
    assert result.shape == (2, round(audio.shape[1] / tempo_ratio))
    errors_s = click_errors_s(result, CLICKS_S / tempo_ratio)
    assert np.abs(np.median(errors_s)) < 0.0005
    assert np.abs(errors_s).max() < 0.003


@pytest.mark.parametrize("semitones", [-3.0, 0.5, 3.0])
@pytest.mark.parametrize("tempo_ratio", [0.8, 1.0, 1.25])
@pytest.mark.parametrize("frequency_hz", [110, 440])
def test_pitch_moves_by_semitones_and_not_by_tempo(
    semitones: float, tempo_ratio: float, frequency_hz: float
) -> None:
    audio = sine(frequency_hz, 2.0)
    result = stretch(audio, sample_rate_hz=RATE_HZ, tempo_ratio=tempo_ratio, semitones=semitones)
    size = 2**19
    spectrum = np.abs(np.fft.rfft(result[0] * np.hanning(result.shape[1]), size))
    found_hz = spectrum.argmax() * RATE_HZ / size
    assert 12 * np.log2(found_hz / frequency_hz) == pytest.approx(semitones, abs=0.01)
    assert result.std() == pytest.approx(audio.std(), rel=0.05)


def test_sound_reaches_to_both_ends() -> None:
    result = stretch(sine(440, 1.0), sample_rate_hz=RATE_HZ, tempo_ratio=0.8, semitones=0)
    loudness = np.sqrt(np.mean(result[0].reshape(-1, 1575) ** 2, axis=1))
    assert loudness.min() > 0.75 * np.median(loudness)


def test_nothing_to_change_gives_an_equal_copy() -> None:
    audio = noise(0.2)
    result = stretch(audio, sample_rate_hz=RATE_HZ, tempo_ratio=1.0, semitones=0.0)
    np.testing.assert_array_equal(result, audio)
    result[:] = 0
    assert audio.any()


def test_equal_input_gives_equal_output() -> None:
    first, second = (
        stretch(noise(0.5), sample_rate_hz=RATE_HZ, tempo_ratio=1.1, semitones=1) for _ in "ab"
    )
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("samples", [1, 100, 5000])
def test_very_short_audio_has_the_right_length(samples: int) -> None:
    audio = noise(0.2)[:, :samples]
    result = stretch(audio, sample_rate_hz=RATE_HZ, tempo_ratio=0.75, semitones=1)
    assert result.shape == (2, round(samples / 0.75))
    assert np.isfinite(result).all()


@pytest.mark.parametrize(
    ("audio", "tempo_ratio", "semitones", "message"),
    [
        (np.zeros(100, np.float32), 1.1, 0.0, "channels, samples"),
        (np.zeros((2, 0), np.float32), 1.1, 0.0, "channels, samples"),
        (np.zeros((2, 100), np.float32), 0.0, 0.0, "tempo ratio from 0.25 to 4"),
        (np.zeros((2, 100), np.float32), float("nan"), 0.0, "tempo ratio from 0.25 to 4"),
        (np.zeros((2, 100), np.float32), 1.1, 99.0, "at most 24 semitones"),
    ],
)
def test_an_impossible_stretch_is_refused(
    audio: np.ndarray, tempo_ratio: float, semitones: float, message: str
) -> None:
    with pytest.raises(AudioError, match=message):
        stretch(audio, sample_rate_hz=RATE_HZ, tempo_ratio=tempo_ratio, semitones=semitones)


def test_each_segment_lies_where_the_time_map_says() -> None:
    clicks_s = np.arange(0.25, 20, 0.5)
    segments = [Segment(1, 4.2, 6.0, 1.05), Segment(4.2, 6, 12.1, 0.93), Segment(7, 9, 0, 1.2)]
    result = warp(
        clicks(clicks_s, 20.0), segments, sample_rate_hz=RATE_HZ, semitones=1, duration_s=10.0
    )
    assert result.shape == (2, 10 * RATE_HZ)
    for segment in segments:
        start_s, end_s = segment.song_start_s + 0.1, segment.song_end_s - 0.1
        inside_s = clicks_s[(clicks_s > start_s) & (clicks_s < end_s)]
        errors_s = click_errors_s(result, segment.mashup_time(inside_s))
        assert np.abs(errors_s).max() < 0.001


def test_it_is_silent_where_no_segment_is() -> None:
    segments = [Segment(1, 2, 0, 1.1), Segment(3, 4, 0, 1.1)]
    result = warp(noise(5.0), segments, sample_rate_hz=RATE_HZ, semitones=0, duration_s=5.0)
    heard = np.abs(result).max(axis=0).reshape(5, RATE_HZ).max(axis=1) > 0
    assert heard.tolist() == [False, True, False, True, False]


def test_an_unchanged_song_is_copied_to_the_sample() -> None:
    song = noise(4.0)
    segments = [Segment(0, 1, 2.5, 1.0), Segment(1, 1.5, 3.5, 1.0)]
    result = warp(song, segments, sample_rate_hz=RATE_HZ, semitones=0, duration_s=1.5)
    np.testing.assert_allclose(result, song[:, round(2.5 * RATE_HZ) :], atol=1e-6)


@pytest.mark.parametrize("second_start_s", [2.1, 10.0], ids=["the song goes on", "the song jumps"])
def test_a_join_has_no_click_dip_or_bump(second_start_s: float) -> None:
    song = noise(15.0, band_hz=(200, 2000))
    segments = [Segment(0, 2, 0, 1.05), Segment(2, 4, second_start_s, 1.05)]
    result = warp(song, segments, sample_rate_hz=RATE_HZ, semitones=0, duration_s=4.0)
    join, half = 2 * RATE_HZ, RATE_HZ // 100
    assert result[:, join - half : join + half].std() == pytest.approx(0.1, rel=0.3)
    steps = np.abs(np.diff(result))
    assert steps[:, join - half : join + half].max() <= steps.max()
    assert steps[:, join - 2 : join + 2].max() < 0.1


def test_ends_in_the_middle_of_the_timeline_are_faded_and_its_own_ends_are_not() -> None:
    song = np.ones((2, 5 * RATE_HZ), np.float32)
    middle = warp(song, [Segment(1, 2, 0, 1)], sample_rate_hz=RATE_HZ, semitones=0, duration_s=3)
    assert np.abs(np.diff(middle)).max() < 0.01
    whole = warp(song, [Segment(0, 3, 0, 1)], sample_rate_hz=RATE_HZ, semitones=0, duration_s=3)
    np.testing.assert_array_equal(whole, np.ones((2, 3 * RATE_HZ)))


def test_what_the_song_does_not_have_is_silent() -> None:
    song = np.ones((2, RATE_HZ), np.float32)
    segments = [Segment(0, 3, -1.0, 1.0), Segment(3, 4, 50.0, 1.0)]
    result = warp(song, segments, sample_rate_hz=RATE_HZ, semitones=0, duration_s=4.0)
    assert result.reshape(2, 4, RATE_HZ).mean(axis=(0, 2)).tolist() == [0.0, 1.0, 0.0, 0.0]


@pytest.mark.parametrize("tempo_ratio", [0.8, 1.25])
def test_a_segment_from_the_middle_of_a_song_sounds_from_its_first_sample(
    tempo_ratio: float,
) -> None:
    segments = [Segment(0, 1, 2.0, tempo_ratio)]
    song = sine(441, 6.0)
    result = warp(song, segments, sample_rate_hz=RATE_HZ, semitones=0, duration_s=1.0)
    loudness = result[0].reshape(50, -1).std(axis=1)
    np.testing.assert_allclose(loudness[[0, -1]], song.std(), rtol=0.03)


def test_a_segment_beyond_the_timeline_is_cut() -> None:
    segments = [Segment(0.5, 9, 0, 1.1), Segment(20, 21, 0, 1.0)]
    result = warp(noise(2.0), segments, sample_rate_hz=RATE_HZ, semitones=0, duration_s=1.0)
    assert result.shape == (2, RATE_HZ)
    assert result[:, -100:].any()


@pytest.mark.parametrize(
    ("segments", "duration_s", "message"),
    [
        ([Segment(0, 2, 0, 1.0), Segment(1, 3, 0, 1.0)], 5.0, "segments overlap"),
        ([Segment(0, 2, 0, 1.0)], 0.0, "timeline of some seconds"),
        ([Segment(0, 2, 0, 9.0)], 5.0, "tempo ratio"),
    ],
)
def test_an_impossible_timeline_is_refused(
    segments: list[Segment], duration_s: float, message: str
) -> None:
    with pytest.raises(AudioError, match=message):
        warp(noise(1.0), segments, sample_rate_hz=RATE_HZ, semitones=0, duration_s=duration_s)
