"""Short tones as YouTube would store them: m4a (itag 140) and webm (itag 251)."""

from __future__ import annotations

import re
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import imageio_ffmpeg

CODECS = {140: ("m4a", "aac"), 251: ("webm", "libopus")}
TONES_HZ = (220, 330, 440)


def make_tone(folder: Path, index: int, *, duration_s: float = 3.0) -> dict[int, Path]:
    """Return one of three tones by itag, encoded into `folder` once."""
    frequency_hz = TONES_HZ[index % len(TONES_HZ)]
    files = {}
    for itag, (extension, codec) in CODECS.items():
        path = folder / f"tone{frequency_hz}_{duration_s:g}.{extension}"
        if not path.exists():
            _encode(path, frequency_hz, duration_s, codec)
        files[itag] = path
    return files


def _encode(path: Path, frequency_hz: int, duration_s: float, codec: str) -> None:
    """Encode a tone over a little noise, so that no encoder shrinks it to nothing."""
    tone = f"sine=frequency={frequency_hz}:duration={duration_s}:sample_rate=48000"
    noise = f"anoisesrc=duration={duration_s}:color=pink:amplitude=0.2:seed=7:sample_rate=48000"
    run_ffmpeg(
        "-f", "lavfi", "-i", tone, "-f", "lavfi", "-i", noise,
        "-filter_complex", "amix=inputs=2", "-ac", "2", "-c:a", codec, "-b:a", "128k", str(path),
    )  # fmt: skip


@cache
def thumbnail() -> bytes:
    """Return a small jpeg, as YouTube has one for every video."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "thumbnail.jpg"
        run_ffmpeg("-f", "lavfi", "-i", "testsrc=size=64x36", "-frames:v", "1", str(path))
        return path.read_bytes()


def run_ffmpeg(*arguments: str) -> str:
    """Run the wheel's ffmpeg and return what it said; raises ValueError when it fails."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-nostdin", "-y", *arguments]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise ValueError(f"ffmpeg could not read it: {done.stderr.strip().splitlines()[-1:]}")
    return done.stderr


def check_audio(path: Path) -> float:
    """Decode all of `path` strictly and return its duration in seconds.

    Raises
    ------
    ValueError
        When any frame does not decode.
    """
    said = run_ffmpeg("-xerror", "-err_detect", "explode", "-i", str(path), "-f", "null", "-")
    stamps = re.findall(r"time=(\d+):(\d+):(\d+\.\d+)", said)
    if not stamps:
        raise ValueError(f"{path.name} holds no audio")
    hours, minutes, seconds = stamps[-1]
    return int(hours) * 3600 + int(minutes) * 60 + float(seconds)
