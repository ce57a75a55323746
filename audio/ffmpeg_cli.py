"""The one place that runs ffmpeg: the program of the imageio-ffmpeg wheel, never a shell.

Graphs are built by ffmpeg-python. Input is limited to local files in formats that hold
their own sound, so a playlist or a subtitle cannot make ffmpeg open other files.
"""

from __future__ import annotations

import io
import logging
import re
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

import ffmpeg
import imageio_ffmpeg
import numpy as np
from numpy.typing import NDArray

from audio.errors import AudioError, DecodeError

_TIMEOUT_S = 900.0  # an hour of sound takes a tenth of this on a slow core
_FORMATS = (
    "aac,ac3,aiff,amr,ape,asf,au,avi,caf,dsf,eac3,flac,flv,matroska,mov,mp3,mpc,mpc8,mpeg,"
    "mpegts,ogg,tta,w64,wav,wv"
)
_PICTURES = "image2,jpeg_pipe,png_pipe,webp_pipe"
_PART = re.compile(r"^(\[[^\]]*\] *)+")  # which part of ffmpeg speaks, and its address in memory
_log = logging.getLogger(__name__)


@lru_cache(maxsize=1)
def ffmpeg_path() -> str:
    """Return the ffmpeg program that came with the imageio-ffmpeg wheel.

    Raises
    ------
    AudioError: the wheel has no program for this machine.
    """
    try:
        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError as error:
        raise AudioError(
            "found no ffmpeg; run `pip install --force-reinstall imageio-ffmpeg`"
        ) from error


def file_url(path: Path) -> str:
    """Return `path` such that ffmpeg takes it for a file, whatever its name looks like.

    A bare `-y.mp3` would be an option, and `concat:a|b` or `http://x` a protocol.

    Raises
    ------
    DecodeError: the name is not text, as some from old archives.
    """
    url = f"file:{path.absolute()}"
    try:
        url.encode("utf-8")
    except UnicodeEncodeError as error:
        raise DecodeError(f"expected a UTF-8 file name, got {url!r}; rename the file") from error
    return url


def open_input(path: Path, *, strict: bool = False) -> Any:
    """Return an ffmpeg-python input node for a local file.

    Parameters
    ----------
    strict
        Checksums and headers that do not fit are errors, not to be worked around.

    Raises
    ------
    DecodeError: `path` is missing, not a regular file, empty, or named in no text encoding.
    """
    if not path.exists():
        raise DecodeError(f"expected an audio file at {path}, found nothing; check the path")
    if not path.is_file():
        raise DecodeError(f"expected an audio file at {path}, found a folder or device")
    if path.stat().st_size == 0:
        raise DecodeError(f"expected audio in {path}, found an empty file; download it again")
    careful = {"err_detect": "explode"} if strict else {}
    return ffmpeg.input(
        file_url(path), protocol_whitelist="file,pipe", format_whitelist=_FORMATS, **careful
    )


def open_cover(path: Path) -> Any:
    """Return a node that reads a picture and makes it small enough for a tag."""
    picture = ffmpeg.input(
        file_url(path), protocol_whitelist="file,pipe", format_whitelist=_PICTURES
    )
    return picture["v:0"].filter("scale", "min(640,iw)", -2).filter("format", "yuvj420p")


def read_output(stream: Any, path: Path, *, strict: bool = False) -> bytes:
    """Run a graph that reads `path` and writes to a pipe; return what it wrote.

    Raises
    ------
    DecodeError: ffmpeg found nothing that it can read, or took longer than 15 minutes; with
        `strict`, also when it complained and went on.
    """
    try:
        done = run(stream)
    except subprocess.TimeoutExpired as error:
        raise _too_slow(path) from error
    _check(done, path, strict=strict)
    return done.stdout


def read_samples(stream: Any, path: Path, *, most: int) -> NDArray[np.float32]:
    """Run a graph that reads `path` and writes mono float32; return its first `most` samples.

    They go straight to where they stay, which costs a third of collecting bytes.

    Raises
    ------
    DecodeError: as `read_output`.
    """
    samples = np.empty(most, "<f4")  # what is not written takes no memory
    room, filled = samples.view(np.uint8).data, 0
    with (
        tempfile.TemporaryFile() as complaints,
        subprocess.Popen(
            _command(stream),
            bufsize=0,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=complaints,
        ) as process,
        _killed_after(process, _TIMEOUT_S) as late,
    ):
        source = cast(io.FileIO, process.stdout)  # as `bufsize=0` makes it
        while got := source.readinto(room[filled:]):
            filled += got
        process.wait()
        complaints.seek(0)
        if late.is_set():
            raise _too_slow(path)
        _check(subprocess.CompletedProcess((), process.returncode, b"", complaints.read()), path)
    return samples[: filled // samples.itemsize]


def run(stream: Any, *, stdin: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
    """Run a graph to its end and capture its output, whatever its exit status."""
    source: dict[str, Any] = {"stdin": subprocess.DEVNULL} if stdin is None else {"input": stdin}
    return subprocess.run(
        _command(stream), capture_output=True, check=False, timeout=_TIMEOUT_S, **source
    )


def reason(done: subprocess.CompletedProcess[bytes]) -> str:
    """Return the last line of ffmpeg's complaint, or how it ended."""
    lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
    last = _PART.sub("", lines[-1]) if lines else ""
    return last or f"ffmpeg ended with status {done.returncode}"


def _command(stream: Any) -> list[str]:
    command: list[str] = ffmpeg.compile(
        stream.global_args("-nostdin", "-hide_banner", "-loglevel", "error"), cmd=ffmpeg_path()
    )
    return command


@contextmanager
def _killed_after(process: subprocess.Popen[bytes], limit_s: float) -> Iterator[threading.Event]:
    """End a process that takes too long, or that an error leaves behind; tell which it was."""
    late = threading.Event()

    def stop() -> None:
        late.set()
        process.kill()

    timer = threading.Timer(limit_s, stop)
    timer.start()
    try:
        yield late
    finally:
        timer.cancel()
        process.kill()  # nothing happens to one that has ended


def _check(done: subprocess.CompletedProcess[bytes], path: Path, *, strict: bool = False) -> None:
    """Raise where ffmpeg could not read `path`; log what it worked around."""
    if done.returncode or (strict and done.stderr):
        raise DecodeError(
            f"expected audio that ffmpeg can read in {path}, but: {reason(done)}; "
            "play it to check, download it again or leave it out"
        )
    if done.stderr:
        _log.warning("%s is damaged in places: %s", path, reason(done))


def _too_slow(path: Path) -> DecodeError:
    return DecodeError(
        f"reading {path} took over {_TIMEOUT_S:g} s; convert it to wav or leave it out"
    )
