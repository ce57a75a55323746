from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from audio.errors import AudioError, SilentAudioError, TooShortError
from audio.trim import excerpt, excerpt_start_s, fade_ends
from tests.audio.sounds import RATE_HZ, noise


def after_silence(silence_s: float, audio: np.ndarray) -> np.ndarray:
    silence = np.zeros((2, round(silence_s * RATE_HZ)), np.float32)
    return np.concatenate([silence, audio], axis=1)


@pytest.mark.parametrize("silence_s", [0.0, 0.5, 7.25])
@pytest.mark.parametrize("gain", [1.0, 0.02, 5.0])
def test_an_excerpt_starts_where_silence_ends_however_quiet_the_track(
    silence_s: float, gain: float
) -> None:
    audio = after_silence(silence_s, noise(1.0)) * np.float32(gain)
    assert excerpt_start_s(audio, sample_rate_hz=RATE_HZ) == pytest.approx(silence_s, abs=0.01)


def test_hiss_and_a_slow_fade_in_are_silence_until_they_are_heard() -> None:
    hiss = after_silence(2.0, noise(1.0)) + 1e-4 * noise(3.0, seed=1)
    assert excerpt_start_s(hiss, sample_rate_hz=RATE_HZ) == pytest.approx(2.0, abs=0.01)
    swell = noise(4.0) * np.logspace(-5, 0, 4 * RATE_HZ, dtype=np.float32)  # 25 dB a second
    assert 1.0 < excerpt_start_s(swell, sample_rate_hz=RATE_HZ) < 2.5


def test_sound_on_one_side_only_is_sound() -> None:
    audio = after_silence(1.0, noise(1.0)) * np.array([[0.0], [1.0]], np.float32)
    assert excerpt_start_s(audio, sample_rate_hz=RATE_HZ) == pytest.approx(1.0, abs=0.01)


def test_an_excerpt_is_the_wanted_length_after_the_silence() -> None:
    audio = after_silence(2.0, noise(14.0))
    result = excerpt(audio, sample_rate_hz=RATE_HZ, duration_s=11.0)
    assert (result.start_s, result.duration_s) == (2.0, 11.0)
    np.testing.assert_array_equal(result.audio, audio[:, 2 * RATE_HZ : 13 * RATE_HZ])


def test_a_shorter_track_is_kept_to_its_end() -> None:
    audio = noise(10.5)
    result = excerpt(audio, sample_rate_hz=RATE_HZ)
    assert (result.start_s, result.duration_s) == (0.0, 10.5)
    np.testing.assert_array_equal(result.audio, audio)


@pytest.mark.parametrize("level", [0.0, 5e-4])
def test_a_silent_track_is_refused(level: float) -> None:
    audio = np.full((2, 12 * RATE_HZ), level, np.float32)
    with pytest.raises(SilentAudioError, match="got silence from start to end"):
        excerpt(audio, sample_rate_hz=RATE_HZ)


def test_a_track_of_three_seconds_is_refused_with_advice() -> None:
    with pytest.raises(TooShortError, match=r"at least 10 s of sound, got 3\.0 s .* longer file"):
        excerpt(after_silence(20.0, noise(3.0)), sample_rate_hz=RATE_HZ)


@pytest.mark.parametrize("fade_s", [0.0, 0.001, 0.0123, 0.1, 0.75])
def test_faded_ends_rise_from_silence_and_leave_the_rest_alone(fade_s: float) -> None:
    audio = np.full((2, 2 * RATE_HZ), 1.5, np.float32)
    result = fade_ends(audio, sample_rate_hz=RATE_HZ, fade_in_s=fade_s, fade_out_s=fade_s)
    length = round(fade_s * RATE_HZ)
    line = np.linspace(0, 1.5, length)
    np.testing.assert_allclose(result[0, :length], line, atol=0.08)
    np.testing.assert_allclose(result[1, len(audio[1]) - length :], line[::-1], atol=0.08)
    inside = slice(length, audio.shape[1] - length)
    np.testing.assert_array_equal(result[:, inside], audio[:, inside])
    assert result is not audio


def test_fading_silence_is_silence() -> None:
    audio = np.zeros((2, RATE_HZ), np.float32)
    np.testing.assert_array_equal(fade_ends(audio, sample_rate_hz=RATE_HZ), audio)


@pytest.mark.parametrize(
    ("audio", "message"),
    [
        (np.zeros(100, np.float32), "channels, samples"),
        (np.zeros((2, 0), np.float32), "channels, samples"),
        (np.full((2, 100), np.nan, np.float32), "finite samples"),
    ],
)
def test_what_is_no_audio_is_refused(audio: np.ndarray, message: str) -> None:
    for edit in (excerpt, fade_ends, excerpt_start_s):
        with pytest.raises(AudioError, match=message):
            edit(audio, sample_rate_hz=RATE_HZ)


def test_fades_longer_than_the_audio_are_refused() -> None:
    with pytest.raises(AudioError, match=r"fades that fit in 0\.500 s"):
        fade_ends(noise(0.5), sample_rate_hz=RATE_HZ, fade_in_s=0.3, fade_out_s=0.3)


def test_importing_warns_of_nothing() -> None:
    subprocess.run([sys.executable, "-W", "error", "-c", "import audio.trim"], check=True)
