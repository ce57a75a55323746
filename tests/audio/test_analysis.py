from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile

from audio import analysis
from audio.analysis import LEAD_S, decode_analysis, file_excerpt, lufs_on_both_sides
from audio.decode import decode, encode_mp3, to_analysis
from audio.errors import AudioError, DecodeError, SilentAudioError, TooShortError
from audio.ffmpeg_cli import ffmpeg_path
from audio.loudness import integrated_lufs
from audio.params import PARAMS
from tests.audio.sounds import RATE_HZ, music, noise, sine

ANALYSIS_HZ = PARAMS.sample_rate_hz
EDGE = 1000  # samples near a cut, where the resampler rings


def write_sound(path: Path, audio: np.ndarray, *, rate_hz: int = RATE_HZ) -> Path:
    """Write `(channels, samples)` in the format of the name."""
    if path.suffix == ".mp3":
        encode_mp3(path, audio, sample_rate_hz=rate_hz, tags={})
        return path
    plain = path.with_suffix(".plain.wav")
    soundfile.write(plain, audio.T, rate_hz, subtype="FLOAT")
    subprocess.run([ffmpeg_path(), "-v", "error", "-i", plain, path], check=True)
    return path


@pytest.mark.parametrize("suffix", ["wav", "flac", "mp3", "ogg", "opus", "m4a", "mkv"])
def test_a_file_sounds_as_when_it_is_decoded_and_then_converted(
    tmp_path: Path, suffix: str
) -> None:
    path = write_sound(tmp_path / f"a.{suffix}", noise(3.0, band_hz=(100, 9000)))
    expected = to_analysis(decode(path))
    found = decode_analysis(path)
    assert (found.dtype, found.shape) == (np.float32, expected.shape)
    tolerance = 2e-3 if suffix == "opus" else 1e-5  # Opus has 48 kHz, which `decode` resamples
    inside = slice(EDGE, -EDGE)
    np.testing.assert_allclose(found[inside], expected[inside], atol=tolerance)


@pytest.mark.parametrize("rate_hz", [8_000, 22_050, 48_000])
@pytest.mark.parametrize("channels", [1, 2, 3, 6])
def test_any_rate_and_layout_becomes_mono(tmp_path: Path, rate_hz: int, channels: int) -> None:
    one = sine(440, 0.5, rate_hz=rate_hz)[0]
    sides = [one, one] + [np.zeros_like(one)] * (channels - 2) if channels > 1 else [one]
    soundfile.write(tmp_path / "a.wav", np.stack(sides, axis=1), rate_hz)
    found = decode_analysis(tmp_path / "a.wav")
    expected = sine(440, 0.5, rate_hz=ANALYSIS_HZ)[0]
    np.testing.assert_allclose(found[EDGE:-EDGE], expected[EDGE:-EDGE], atol=2e-3)


@pytest.mark.parametrize("suffix", ["flac", "mp3", "ogg"])
def test_a_head_is_the_beginning_of_the_whole(tmp_path: Path, suffix: str) -> None:
    path = write_sound(tmp_path / f"a.{suffix}", noise(12.0))
    head = decode_analysis(path, duration_s=1.2345)
    assert len(head) == round(1.2345 * ANALYSIS_HZ)
    np.testing.assert_array_equal(head, decode_analysis(path)[: len(head)])


def test_what_libsndfile_stumbles_over_is_left_to_ffmpeg(tmp_path: Path) -> None:
    path = write_sound(tmp_path / "a.flac", noise(4.0))
    whole = decode_analysis(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    half = decode_analysis(path)
    assert 1.5 < len(half) / ANALYSIS_HZ < 2.5
    np.testing.assert_allclose(half[:ANALYSIS_HZ], whole[:ANALYSIS_HZ], atol=1e-6)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "found an empty file"),
        (b"these are words, not sound\n" * 200, r"expected .* in .*song\.mp3.*leave it out"),
        (b"\x00" * 50_000, r"expected .* in .*song\.mp3.*leave it out"),
        (b"RIFF\x24\x00\x00\x00WAVEfmt ", r"expected .* in .*song\.mp3.*leave it out"),
    ],
)
def test_a_file_that_holds_no_sound_is_named_with_advice(
    tmp_path: Path, content: bytes, message: str
) -> None:
    (tmp_path / "song.mp3").write_bytes(content)
    with pytest.raises(DecodeError, match=message):
        decode_analysis(tmp_path / "song.mp3")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DecodeError, match="found nothing; check the path"):
        file_excerpt(tmp_path / "gone.mp3")


@pytest.mark.parametrize("duration_s", [0.0, -1.0, 4000.0, float("nan")])
def test_an_impossible_duration_is_refused(tmp_path: Path, duration_s: float) -> None:
    path = write_sound(tmp_path / "a.flac", sine(440, 0.5))
    with pytest.raises(DecodeError, match="duration above 0 and up to 3600 s"):
        decode_analysis(path, duration_s=duration_s)


@pytest.mark.parametrize("suffix", ["flac", "ogg"])
def test_a_file_too_long_for_memory_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    path = write_sound(tmp_path / f"a.{suffix}", noise(2.0))
    monkeypatch.setattr(analysis, "MAX_DECODE_S", 1.0)
    with pytest.raises(DecodeError, match="is longer than 1 s; give `duration_s`"):
        decode_analysis(path)


@pytest.mark.parametrize("silence_s", [0.0, 1.5, LEAD_S + 3, 30.0])
def test_an_excerpt_begins_after_the_silence_however_long(tmp_path: Path, silence_s: float) -> None:
    silence = np.zeros((2, round(silence_s * RATE_HZ)), np.float32)
    audio = np.concatenate([silence, noise(14.0)], axis=1)
    path = write_sound(tmp_path / "a.flac", audio)
    part = file_excerpt(path, duration_s=11.0)
    assert part.start_s == pytest.approx(silence_s, abs=0.02)
    assert (part.duration_s, part.audio.shape) == (11.0, (1, 11 * ANALYSIS_HZ))
    first = round(part.start_s * ANALYSIS_HZ)
    np.testing.assert_array_equal(
        part.audio[0], decode_analysis(path)[first : first + 11 * ANALYSIS_HZ]
    )


def test_a_shorter_file_is_kept_to_its_end(tmp_path: Path) -> None:
    part = file_excerpt(write_sound(tmp_path / "a.flac", noise(10.5)))
    assert (part.start_s, part.duration_s) == (0.0, 10.5)


@pytest.mark.parametrize(
    ("sound_s", "level", "error"),
    [(14.0, 1e-4, SilentAudioError), (3.0, 1.0, TooShortError)],
)
def test_a_file_without_ten_seconds_of_sound_is_refused(
    tmp_path: Path, sound_s: float, level: float, error: type[AudioError]
) -> None:
    path = write_sound(tmp_path / "a.flac", noise(sound_s) * np.float32(level))
    with pytest.raises(error):
        file_excerpt(path, duration_s=11.0)


@pytest.mark.parametrize("sound", ["music", "bass", "bright", "loud then quiet"])
def test_loudness_is_that_of_the_signal_from_two_speakers(sound: str) -> None:
    signal = {
        "music": music(6.0),
        "bass": noise(6.0, band_hz=(30, 120)),
        "bright": noise(6.0, band_hz=(4000, 9000)),
        "loud then quiet": music(6.0) * np.repeat([1.0, 0.01], 3 * RATE_HZ),
    }[sound]
    mono = to_analysis(signal.astype(np.float32))
    expected = integrated_lufs(np.stack([mono, mono]), ANALYSIS_HZ)
    assert lufs_on_both_sides(mono) == pytest.approx(expected, abs=0.1)


@pytest.mark.parametrize(
    ("mono", "error", "message"),
    [
        (np.zeros(ANALYSIS_HZ, np.float32), SilentAudioError, "got silence"),
        (np.full(ANALYSIS_HZ // 4, 0.5, np.float32), TooShortError, r"at least 0\.4 s .* got 0\.2"),
        (np.zeros((2, ANALYSIS_HZ), np.float32), AudioError, r"mono audio \(samples,\)"),
    ],
)
def test_what_has_no_loudness_is_refused(
    mono: np.ndarray, error: type[AudioError], message: str
) -> None:
    with pytest.raises(error, match=message):
        lufs_on_both_sides(mono)
