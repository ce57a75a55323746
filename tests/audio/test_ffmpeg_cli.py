from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest

from audio import ffmpeg_cli
from audio.decode import decode, encode_mp3
from audio.errors import DecodeError
from audio.ffmpeg_cli import ffmpeg_path, file_url, open_input, read_samples
from tests.audio.sounds import sine


def test_ffmpeg_comes_from_the_wheel_and_runs() -> None:
    assert "imageio_ffmpeg" in Path(ffmpeg_path()).parts
    done = subprocess.run([ffmpeg_path(), "-version"], capture_output=True, check=True)
    assert done.stdout.startswith(b"ffmpeg version")


@pytest.mark.parametrize(
    "name",
    ["-y.mp3", "http:x.mp3", "concat:a|b.mp3", "a; rm -rf *.mp3", "%03d.mp3", 'it\'s "q"\n.mp3'],
)
def test_a_name_that_looks_like_an_option_or_a_protocol_is_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    encode_mp3(Path(name), sine(440, 0.5), tags={})
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert decode(Path(name)).shape == (2, 22_050)


@pytest.mark.parametrize(
    ("name", "playlist"),
    [
        ("song.m3u8", "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nsecret.mp3\n#EXT-X-ENDLIST\n"),
        ("song.mp3", "ffconcat version 1.0\nfile 'secret.mp3'\n"),
    ],
)
def test_a_playlist_cannot_make_us_read_another_file(
    tmp_path: Path, name: str, playlist: str
) -> None:
    encode_mp3(tmp_path / "secret.mp3", sine(440, 0.5), tags={})
    (tmp_path / name).write_text(playlist)
    with pytest.raises(DecodeError, match="ffmpeg can read"):
        decode(tmp_path / name)


def test_a_path_becomes_an_absolute_file_url() -> None:
    assert file_url(Path("/music/-y.mp3")) == "file:/music/-y.mp3"


def test_a_name_in_no_encoding_is_refused_with_advice(tmp_path: Path) -> None:
    with pytest.raises(DecodeError, match="rename the file"):
        file_url(tmp_path / os.fsdecode(b"caf\xe9.mp3"))


def test_what_is_no_file_with_bytes_is_named(tmp_path: Path) -> None:
    empty = tmp_path / "empty.mp3"
    empty.touch()
    expected = {
        tmp_path / "gone.mp3": "gone.mp3, found nothing",
        tmp_path: "found a folder",
        empty: "empty.mp3, found an empty file",
    }
    for path, message in expected.items():
        with pytest.raises(DecodeError, match=message):
            open_input(path)


def test_samples_come_up_to_the_most_that_is_wanted(tmp_path: Path) -> None:
    encode_mp3(tmp_path / "a.mp3", sine(440, 0.5), tags={})
    mono = open_input(tmp_path / "a.mp3")["a:0"].filter("pan", "mono|c0<FL")
    stream = mono.output("pipe:", format="f32le")
    whole = read_samples(stream, tmp_path / "a.mp3", most=100_000)
    assert whole.shape == (22_050,)
    np.testing.assert_allclose(whole[2000:-2000], sine(440, 0.5)[0, 2000:-2000], atol=0.05)


def test_a_file_that_takes_too_long_is_given_up_and_ffmpeg_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    encode_mp3(tmp_path / "a.mp3", sine(440, 60.0), tags={})
    monkeypatch.setattr(ffmpeg_cli, "_TIMEOUT_S", 0.2)
    slow = open_input(tmp_path / "a.mp3")["a:0"].filter("arealtime")
    began_s = time.monotonic()
    with pytest.raises(DecodeError, match=r"took over 0\.2 s; convert it to wav or leave it out"):
        read_samples(slow.output("pipe:", format="f32le"), tmp_path / "a.mp3", most=10_000_000)
    assert time.monotonic() - began_s < 20  # by itself it takes a minute
