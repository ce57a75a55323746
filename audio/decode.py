"""Audio files in and out: samples, tags, and a hash of the sound; `ffmpeg_cli` does the reading."""

from __future__ import annotations

import math
import os
import secrets
import struct
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import ffmpeg
import librosa
import numpy as np
from numpy.typing import NDArray

from audio.errors import AudioError, DecodeError
from audio.ffmpeg_cli import file_url, open_cover, open_input, read_output, reason, run
from audio.params import PARAMS, RENDER_RATE_HZ
from audio.tags import metadata_options, parse_ffmetadata

MAX_DECODE_S = 3600.0  # 1.3 GB of stereo samples; a longer file is read in parts


def decode(
    path: Path,
    *,
    sample_rate_hz: int = RENDER_RATE_HZ,
    channels: int = 2,
    start_s: float = 0.0,
    duration_s: float | None = None,
    strict: bool = False,
) -> NDArray[np.float32]:
    """Return the samples of an audio or video file, at the wanted rate and channels.

    Any layout is mixed down; mono is copied to both sides. Encoder delay that the file
    declares is removed, so mp3 stays aligned. Reading starts at the head of the file and
    is cut to the sample, because seeking in mp3 is not exact.

    Parameters
    ----------
    channels : 1 or 2
    start_s, duration_s : the part to return; to the end without a duration
    strict : a file that is damaged in places is refused, not mended

    Returns
    -------
    `(channels, samples)`; values may exceed 1

    Raises
    ------
    DecodeError: missing, empty, damaged, not audio, nothing behind `start_s`, or longer
        than `MAX_DECODE_S` without a duration.
    """
    _check_part(channels=channels, start_s=start_s, duration_s=duration_s)
    first = round(start_s * sample_rate_hz)
    wanted = round((MAX_DECODE_S if duration_s is None else duration_s) * sample_rate_hz)
    # A sample too many tells a file that is too long from one that just fits.
    last = first + wanted + (duration_s is None)
    stream = (
        _sound(path, strict=strict)
        .filter("aresample", sample_rate_hz)
        .filter("aformat", sample_fmts="flt", channel_layouts="mono|stereo")
        .filter("atrim", start_sample=first, end_sample=last)
        .output("pipe:", format="au", acodec="pcm_f32be")
    )
    audio = _from_au(read_output(stream, path, strict=strict))
    limit = wanted if duration_s is None else None
    _check_samples(path, audio.shape[1], start_s=start_s, limit=limit)
    return _to_channels(audio, channels)


def to_analysis(
    audio: NDArray[np.float32], *, sample_rate_hz: int = RENDER_RATE_HZ
) -> NDArray[np.float32]:
    """Mix `(channels, samples)` to mono at 22,050 Hz; sample `n` stays at `n / rate`.

    Raises
    ------
    AudioError: `audio` has not two axes.
    """
    if audio.ndim != 2:
        raise AudioError(f"expected audio (channels, samples), got {audio.shape}")
    mono = audio.mean(axis=0, dtype=np.float32)
    if sample_rate_hz == PARAMS.sample_rate_hz:
        return np.ascontiguousarray(mono)
    resampled: NDArray[np.float32] = librosa.resample(
        mono, orig_sr=sample_rate_hz, target_sr=PARAMS.sample_rate_hz, res_type="soxr_hq"
    )
    return resampled


def encode_mp3(
    path: Path,
    audio: NDArray[np.float32],
    *,
    sample_rate_hz: int = RENDER_RATE_HZ,
    tags: Mapping[str, str],
    bitrate_kbps: int = 192,
    cover: Path | None = None,
) -> None:
    """Write `audio` as a tagged mp3 that appears whole or not at all.

    The bytes go to a hidden file in the same folder, reach the disk, and are then renamed.
    ffmpeg writes a file and not a pipe, since only then it can go back and note the encoder
    delay (1,105 samples) by which decoders realign.

    Parameters
    ----------
    audio : `(1 or 2 channels, samples)`
    tags : names as ffmpeg knows them (`title`, `artist`, `comment`); values are any text
    cover : a jpeg, png or webp picture to embed, made a jpeg of at most 640 pixels

    Raises
    ------
    AudioError: unfit samples or tag names, or the file could not be written.
    """
    _check_encodable(audio)
    target = path.absolute()
    partial = target.with_name(f".{secrets.token_hex(8)}.part")
    sound = ffmpeg.input("pipe:", format="f32le", ar=sample_rate_hz, ac=audio.shape[0])
    stream = ffmpeg.output(
        sound,
        *([open_cover(cover)] if cover else []),
        file_url(partial),
        format="mp3",
        acodec="libmp3lame",
        audio_bitrate=f"{bitrate_kbps}k",
        id3v2_version=3,
        fflags="+bitexact",  # no encoder version in the file: equal sound, equal bytes
        **({"vcodec": "mjpeg", "disposition:v": "attached_pic"} if cover else {}),
        **metadata_options(tags),
    )
    try:
        done = run(stream, stdin=np.ascontiguousarray(audio.T, "<f4").tobytes())
        if done.returncode:
            raise AudioError(
                f"could not write {path}: {reason(done)}; check free space and permissions"
            )
        _sync(partial)
        partial.replace(target)
        _sync(target.parent)
    except (OSError, subprocess.SubprocessError) as error:
        raise AudioError(f"could not write {path}: {error}") from error
    finally:
        partial.unlink(missing_ok=True)


def read_tags(path: Path) -> dict[str, str]:
    """Return the tags of an audio file by lower-case name.

    Raises
    ------
    DecodeError: as in `decode`.
    """
    stream = _sound(path).output(
        "pipe:", format="ffmetadata", acodec="copy", map_chapters=-1, fflags="+bitexact"
    )
    raw = read_output(stream, path)
    return parse_ffmetadata(raw.decode("utf-8", "replace"))


def audio_sha256(path: Path) -> str:
    """Return the SHA-256, in hex, of the encoded sound without tags and pictures.

    Two downloads of one recording that were tagged differently give one hash.

    Raises
    ------
    DecodeError: as in `decode`.
    """
    stream = _sound(path).output("pipe:", format="hash", hash="sha256", acodec="copy")
    return read_output(stream, path).decode("ascii").strip().removeprefix("SHA256=").lower()


def _sound(path: Path, *, strict: bool = False) -> Any:
    """Return the first audio stream of a file; a video's pictures are left alone."""
    return open_input(path, strict=strict)["a:0"]


def _from_au(raw: bytes) -> NDArray[np.float32]:
    """Return `(channels, samples)` from a Sun AU file: six big-endian words, then float32.

    AU says in 24 bytes how many channels there are, which a raw pipe cannot.
    """
    _, offset, _, _, _, channels = struct.unpack(">6I", raw[:24])
    whole = (len(raw) - offset) // (4 * channels) * channels
    samples = np.frombuffer(raw, ">f4", count=whole, offset=offset)
    return np.ascontiguousarray(samples.reshape(-1, channels).T, dtype=np.float32)


def _to_channels(audio: NDArray[np.float32], channels: int) -> NDArray[np.float32]:
    """Return mono or stereo from mono or stereo, at unchanged loudness of equal sides."""
    if len(audio) == channels:
        return audio
    if channels == 1:
        mono: NDArray[np.float32] = audio.mean(axis=0, keepdims=True, dtype=np.float32)
        return mono
    return np.repeat(audio, channels, axis=0)


def _check_part(*, channels: int, start_s: float, duration_s: float | None) -> None:
    if channels not in (1, 2):
        raise DecodeError(f"expected 1 or 2 channels, got {channels}")
    if not 0 <= start_s < math.inf:
        raise DecodeError(f"expected a start of 0 s or later, got {start_s:g} s")
    if duration_s is not None and not 0 < duration_s <= MAX_DECODE_S:
        raise DecodeError(
            f"expected a duration above 0 and up to {MAX_DECODE_S:g} s, got {duration_s:g} s"
        )


def _check_samples(path: Path, samples: int, *, start_s: float, limit: int | None) -> None:
    if samples == 0:
        raise DecodeError(f"expected sound in {path} from {start_s:g} s on, found none")
    if limit is not None and samples > limit:
        raise DecodeError(
            f"{path} is longer than {MAX_DECODE_S:g} s; give `duration_s` and read it in parts"
        )


def _check_encodable(audio: NDArray[np.float32]) -> None:
    if audio.ndim != 2 or not 1 <= len(audio) <= 2 or audio.shape[1] == 0:
        raise AudioError(f"expected audio (1 or 2 channels, samples), got {audio.shape}")
    if not np.isfinite(audio).all():
        raise AudioError("expected finite samples to encode, got NaN or infinity")


def _sync(path: Path) -> None:
    """Force a file's bytes, or a folder's names, to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
