from __future__ import annotations

import logging
import re
import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile

from audio.errors import AudioError, SilentAudioError, TooShortError
from audio.ffmpeg_cli import ffmpeg_path
from audio.loudness import integrated_lufs, master, normalize, true_peak_dbtp
from tests.audio.sounds import RATE_HZ, clicks, music, noise, sine


@pytest.mark.parametrize("amplitude", [1.0, 0.1])
def test_a_sine_of_997_hz_reads_as_the_standard_says(amplitude: float) -> None:
    one_side = sine(997, 3.0, amplitude=amplitude)[:1]
    expected = -3.01 + 20 * np.log10(amplitude)
    assert integrated_lufs(one_side, RATE_HZ) == pytest.approx(expected, abs=0.05)


@pytest.mark.parametrize("rate_hz", [44_100, 48_000, 96_000])
def test_a_peak_between_the_samples_is_found(rate_hz: int) -> None:
    times = np.arange(rate_hz)
    audio = np.sin(np.pi / 2 * times + np.pi / 4)[np.newaxis].astype(np.float32)
    audio[:, :1000] *= np.linspace(0, 1, 1000)
    audio[:, -1000:] *= np.linspace(1, 0, 1000)
    assert 20 * np.log10(np.abs(audio).max()) == pytest.approx(-3.01, abs=0.01)
    assert true_peak_dbtp(audio, rate_hz) == pytest.approx(0.0, abs=0.1)


def test_loudness_and_peak_agree_with_ffmpeg(tmp_path: Path) -> None:
    audio = music(6.0) + noise(6.0, band_hz=(5000, 15_000))
    soundfile.write(tmp_path / "a.wav", audio.T, RATE_HZ, subtype="FLOAT")
    command = [ffmpeg_path(), "-nostdin", "-i", str(tmp_path / "a.wav")]
    done = subprocess.run(
        [*command, "-af", "ebur128=peak=true", "-f", "null", "-"],
        capture_output=True,
        check=True,
        text=True,
    )
    theirs_lufs = float(re.findall(r"I:\s+(-?[\d.]+) LUFS", done.stderr)[-1])
    theirs_dbtp = float(re.findall(r"Peak:\s+(-?[\d.]+) dBFS", done.stderr)[-1])
    assert integrated_lufs(audio, RATE_HZ) == pytest.approx(theirs_lufs, abs=0.1)
    assert true_peak_dbtp(audio, RATE_HZ) == pytest.approx(theirs_dbtp, abs=0.1)


def test_silence_has_no_loudness_and_no_peak() -> None:
    silence = np.zeros((2, RATE_HZ), np.float32)
    assert integrated_lufs(silence, RATE_HZ) == -np.inf
    assert true_peak_dbtp(silence, RATE_HZ) == -np.inf


def test_normalize_is_one_gain_to_the_target() -> None:
    audio = music(3.0)
    result = normalize(audio, RATE_HZ, -23.0)
    assert integrated_lufs(result, RATE_HZ) == pytest.approx(-23.0, abs=0.01)
    np.testing.assert_allclose(result, audio * (result[0, 0] / audio[0, 0]), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("gain", [0.003, 0.1, 1.0, 30.0])
@pytest.mark.parametrize("source", ["music", "noise", "one side", "quiet then loud"])
def test_mastered_audio_has_the_loudness_and_keeps_the_ceiling(source: str, gain: float) -> None:
    audio = {
        "music": music(5.0),
        "noise": noise(5.0, band_hz=(50, 18_000)),
        "one side": music(5.0)[:1],
        "quiet then loud": music(5.0) * np.repeat([0.05, 1.0], 5 * RATE_HZ // 2),
    }[source].astype(np.float32)
    result = master(audio * np.float32(gain), RATE_HZ)
    assert integrated_lufs(result.audio, RATE_HZ) == pytest.approx(-14.0, abs=0.2)
    assert true_peak_dbtp(result.audio, RATE_HZ) <= -1.0
    assert np.abs(result.audio).max() < 0.9
    assert result.lufs == pytest.approx(integrated_lufs(result.audio, RATE_HZ), abs=0.01)
    assert result.audio.shape == audio.shape
    assert result.audio.dtype == np.float32


def test_quiet_music_with_room_for_its_peaks_is_only_scaled() -> None:
    audio = noise(3.0) * np.float32(0.1)
    result = master(audio, RATE_HZ)
    np.testing.assert_allclose(result.audio, audio * 10 ** (result.gain_db / 20), rtol=1e-4)


def test_half_a_second_that_ends_loud_hits_the_target_too() -> None:
    audio = noise(0.55) * np.repeat([0.3, 1.0], [20_255, 4000]).astype(np.float32)
    result = master(audio, RATE_HZ)
    assert integrated_lufs(result.audio, RATE_HZ) == pytest.approx(-14.0, abs=0.11)


def test_limiting_does_not_click() -> None:
    audio = sine(100, 3.0, amplitude=0.3)
    audio[:, RATE_HZ : RATE_HZ + 200] *= 6.0  # a burst 15 dB over the rest
    result = master(audio, RATE_HZ)
    change = result.audio[0, 1:] / 10 ** (result.gain_db / 20) - audio[0, 1:]
    assert np.abs(np.diff(change[: RATE_HZ - 100])).max() < 0.02
    assert true_peak_dbtp(result.audio, RATE_HZ) <= -1.0


def test_single_clicks_keep_the_ceiling_and_the_log_says_so(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.WARNING):
        result = master(clicks([0.5, 2.5], 3.0), RATE_HZ)
    assert true_peak_dbtp(result.audio, RATE_HZ) <= -1.0
    assert result.lufs < -14.5
    assert "peaks stand too far out" in caplog.text


@pytest.mark.parametrize(
    ("audio", "error", "message"),
    [
        (np.zeros((2, RATE_HZ), np.float32), SilentAudioError, "got silence"),
        (np.full((2, 1000), 0.5, np.float32), TooShortError, r"at least 0\.4 s"),
        (np.zeros(RATE_HZ, np.float32), AudioError, "channels, samples"),
        (np.full((2, RATE_HZ), np.nan, np.float32), AudioError, "finite samples"),
    ],
)
def test_what_has_no_loudness_is_refused(
    audio: np.ndarray, error: type[AudioError], message: str
) -> None:
    for make_louder in (normalize, master):
        with pytest.raises(error, match=message):
            make_louder(audio, RATE_HZ)
