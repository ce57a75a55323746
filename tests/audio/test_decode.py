from __future__ import annotations

import logging
import resource
import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile

from audio import decode as decode_module
from audio.decode import audio_sha256, decode, encode_mp3, read_tags, to_analysis
from audio.errors import AudioError, DecodeError
from audio.ffmpeg_cli import ffmpeg_path
from audio.params import PARAMS
from tests.audio.sounds import RATE_HZ, lag_samples, noise, sine


@pytest.mark.parametrize("rate_hz", [32_000, 44_100, 48_000])
@pytest.mark.parametrize("channels", [1, 2])
def test_an_mp3_of_ours_decodes_without_lag_at_its_length(
    tmp_path: Path, rate_hz: int, channels: int
) -> None:
    audio = noise(1.5, band_hz=(100, 4000))[:channels]
    encode_mp3(tmp_path / "a.mp3", audio, sample_rate_hz=rate_hz, tags={})
    back = decode(tmp_path / "a.mp3", sample_rate_hz=rate_hz, channels=channels)
    assert back.shape == audio.shape
    assert lag_samples(back, audio) == 0
    assert np.sqrt(np.mean((back - audio) ** 2)) < 0.03  # RMS 0.1; 192 kbit/s keeps 10 dB


def test_a_part_of_an_mp3_is_cut_to_the_sample(tmp_path: Path) -> None:
    encode_mp3(tmp_path / "a.mp3", noise(3.0), tags={})
    whole = decode(tmp_path / "a.mp3")
    part = decode(tmp_path / "a.mp3", start_s=1.2345, duration_s=0.5)
    first = round(1.2345 * RATE_HZ)
    np.testing.assert_array_equal(part, whole[:, first : first + RATE_HZ // 2])


@pytest.mark.parametrize("rate_hz", [8_000, 22_050, 48_000, 192_000])
@pytest.mark.parametrize("channels", [1, 2, 3, 6, 8])
def test_any_rate_and_layout_becomes_what_was_asked_for(
    tmp_path: Path, rate_hz: int, channels: int
) -> None:
    one = sine(440, 0.5, rate_hz=rate_hz)[0]
    silent = np.zeros_like(one)
    sides = [one, one] + [silent] * (channels - 2) if channels > 1 else [one]
    soundfile.write(tmp_path / "a.wav", np.stack(sides, axis=1), rate_hz)
    for wanted in (1, 2):
        back = decode(tmp_path / "a.wav", channels=wanted)
        assert back.shape == (wanted, RATE_HZ // 2)
        assert back.dtype == np.float32
        middle = slice(2000, -2000)  # resampling rings at a cut sine's ends
        expected = sine(440, 0.5)[:wanted, middle]
        np.testing.assert_allclose(back[:, middle], expected, atol=2e-3)


def test_a_video_gives_its_sound(tmp_path: Path) -> None:
    video = tmp_path / "clip.mkv"
    soundfile.write(tmp_path / "a.wav", sine(440, 1.0).T, RATE_HZ)
    source = ["-f", "lavfi", "-i", "color=size=32x32:duration=1", "-i", str(tmp_path / "a.wav")]
    subprocess.run([ffmpeg_path(), "-v", "error", *source, "-c:a", "flac", str(video)], check=True)
    assert lag_samples(decode(video), sine(440, 1.0)) == 0


def test_to_analysis_keeps_time_and_mixes_the_sides() -> None:
    audio = noise(2.0, band_hz=(100, 4000))
    mono = to_analysis(audio)
    assert mono.shape == (PARAMS.sample_rate_hz * 2,)
    every_second = audio.mean(axis=0)[::2]
    np.testing.assert_allclose(mono[500:-500], every_second[500:-500], atol=3e-3)


def test_to_analysis_at_the_analysis_rate_only_mixes() -> None:
    audio = noise(0.5)
    mono = to_analysis(audio, sample_rate_hz=PARAMS.sample_rate_hz)
    np.testing.assert_array_equal(mono, audio.mean(axis=0))
    with pytest.raises(AudioError, match="channels, samples"):
        to_analysis(mono)


@pytest.mark.parametrize(
    "content",
    [
        b"these are words, not sound\n" * 200,
        b"\x00" * 50_000,
        np.random.default_rng(0).bytes(200_000),
        b"RIFF\x24\x00\x00\x00WAVEfmt ",
        b"<html><body>404 Not Found</body></html>",
    ],
    ids=["text", "zeros", "random", "cut-header", "web-page"],
)
def test_a_file_that_holds_no_sound_is_named_with_advice(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "song.mp3"
    path.write_bytes(content)
    with pytest.raises(DecodeError, match=r"expected .* in .*song\.mp3.*leave it out"):
        decode(path)


def test_a_cut_off_mp3_gives_what_there_is(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "a.mp3"
    encode_mp3(path, noise(4.0), tags={})
    whole = decode(path)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    half = decode(path)
    assert 1.8 < half.shape[1] / RATE_HZ < 2.2
    np.testing.assert_allclose(half[:, :RATE_HZ], whole[:, :RATE_HZ], atol=1e-6)
    holed = bytearray(content)
    holed[20_000:30_000] = bytes(np.random.default_rng(0).bytes(10_000))
    path.write_bytes(holed)
    with caplog.at_level(logging.WARNING):
        decode(path)
    assert "damaged in places" in caplog.text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"start_s": 5.0}, "from 5 s on, found none"),
        ({"start_s": -1.0}, "start of 0 s or later"),
        ({"duration_s": 0.0}, "duration above 0"),
        ({"duration_s": 1e9}, "duration above 0"),
        ({"channels": 3}, "1 or 2 channels"),
    ],
)
def test_an_impossible_part_is_refused(
    tmp_path: Path, arguments: dict[str, float], message: str
) -> None:
    soundfile.write(tmp_path / "a.wav", sine(440, 0.5).T, RATE_HZ)
    with pytest.raises(DecodeError, match=message):
        decode(tmp_path / "a.wav", **arguments)


def test_a_file_too_long_for_memory_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decode_module, "MAX_DECODE_S", 1.0)
    soundfile.write(tmp_path / "fits.wav", sine(440, 1.0).T, RATE_HZ)
    soundfile.write(tmp_path / "long.wav", sine(440, 1.1).T, RATE_HZ)
    assert decode(tmp_path / "fits.wav").shape == (2, RATE_HZ)
    with pytest.raises(DecodeError, match="longer than 1 s; give `duration_s`"):
        decode(tmp_path / "long.wav")


def test_the_hash_is_of_the_sound_and_not_of_the_tags(tmp_path: Path) -> None:
    audio = noise(1.0)
    for name, sound, title in (("a", audio, "one"), ("b", audio, "two"), ("c", -audio, "one")):
        encode_mp3(tmp_path / f"{name}.mp3", sound, tags={"title": title})
    first, retagged, other = (audio_sha256(tmp_path / f"{name}.mp3") for name in "abc")
    assert len(first) == 64
    assert first == retagged != other


def test_equal_sound_and_tags_give_equal_bytes(tmp_path: Path) -> None:
    for name in ("a.mp3", "b.mp3"):
        encode_mp3(tmp_path / name, noise(0.5), tags={"title": "one"})
    assert (tmp_path / "a.mp3").read_bytes() == (tmp_path / "b.mp3").read_bytes()


@pytest.mark.parametrize(
    ("audio", "message"),
    [
        (np.zeros(100, np.float32), "channels, samples"),
        (np.zeros((3, 100), np.float32), "channels, samples"),
        (np.zeros((2, 0), np.float32), "channels, samples"),
        (np.full((2, 100), np.nan, np.float32), "finite samples"),
    ],
)
def test_samples_that_cannot_be_encoded_are_refused(
    tmp_path: Path, audio: np.ndarray, message: str
) -> None:
    with pytest.raises(AudioError, match=message):
        encode_mp3(tmp_path / "a.mp3", audio, tags={})
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_the_old_file_and_nothing_half_written(tmp_path: Path) -> None:
    path = tmp_path / "a.mp3"
    encode_mp3(path, sine(440, 0.5), tags={"title": "old"})
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, limits[1]))  # as a disk that is full
    try:
        with pytest.raises(AudioError, match=r"could not write .*a\.mp3.*free space"):
            encode_mp3(path, noise(5.0), tags={"title": "new"})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert list(tmp_path.iterdir()) == [path]
    assert read_tags(path)["title"] == "old"


def test_a_folder_that_is_missing_or_in_the_way_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "taken.mp3").mkdir()
    for path in (tmp_path / "gone" / "a.mp3", tmp_path / "taken.mp3"):
        with pytest.raises(AudioError, match="could not write"):
            encode_mp3(path, sine(440, 0.5), tags={})
    assert [path.name for path in tmp_path.iterdir()] == ["taken.mp3"]
