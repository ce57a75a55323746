"""How fast a file becomes a shard: `python -m benchmarks.prepare [--rounds N] [--json]`.

Four do the same two minutes of each file, one after the other in every round, on one core:

ours      what `steps.prepare` does: decode to mono at 22,050 Hz, trim, loudness, levels, piece,
          shard, both on the disk
ffmpeg    merely decodes those seconds to 16-bit PCM at the rate and channels of the file
origin    the way of the project that this one began from: librosa.load, librosa.stft of two
          minutes, numpy.save
told      the same, but librosa is told how many seconds to load; `load` by itself reads the whole

Files: a song the band plays, as mp3, Opus, AAC and FLAC, and real songs from MASHUP_CORPUS. CPU
seconds are the process's own and its children's. Ratios are medians of the rounds' ratios.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import librosa
import numpy as np

from audio.analysis import file_excerpt, lufs_on_both_sides
from audio.band import play
from audio.decode import encode_mp3
from audio.ffmpeg_cli import ffmpeg_path
from audio.params import EXCERPT_S, TARGET_LUFS
from benchmarks.ear_cases import corpus_folder
from model.examples import SongLabel, song_examples
from storage.shards import build_shard, write_piece

MOST_OF_FFMPEG, LEAST_OF_ORIGIN = 1.6, 2.0  # what this project promises
SONG_S = 210.0
REAL_SONGS = (
    "songs/joshua_morin_on_the_run.ogg",
    "songs/health_and_safety_sharply_bent_wire.mp3",
    "multitracks/hydrogen_instrumental.mp3",
)
ENCODERS = {
    "band.opus": ("-c:a", "libopus", "-b:a", "128k"),
    "band.m4a": ("-c:a", "aac", "-b:a", "160k"),
    "band.flac": ("-c:a", "flac"),
}


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run took, in seconds."""

    cpu_s: float
    wall_s: float


@dataclass(frozen=True, slots=True)
class Rival:
    """What a rival took for the same file, and how ours compares, as medians of rounds."""

    cpu_s: float
    ours_cpu: float  # times the rival's CPU seconds
    ours_wall: float


@dataclass(frozen=True, slots=True)
class Row:
    """One file."""

    file: str
    read_s: float  # seconds of sound from its head
    shard_mb: float
    cpu_s: float
    wall_s: float
    rivals: dict[str, Rival]  # none of librosa's where it cannot read the file


def write_songs(folder: Path) -> list[Path]:
    """Write one song of the band in every format."""
    sound = play(1, duration_s=SONG_S).mix
    sound *= np.float32(0.98 / np.abs(sound).max())
    paths = [folder / f"band_{kbps}.mp3" for kbps in (192, 320)]
    for path, kbps in zip(paths, (192, 320), strict=True):
        encode_mp3(path, sound, tags={}, bitrate_kbps=kbps)
    for name, options in ENCODERS.items():
        source = ["-f", "f32le", "-ar", "44100", "-ac", "2", "-i", "-"]
        command = [ffmpeg_path(), "-v", "error", "-y", *source, *options, str(folder / name)]
        subprocess.run(command, input=sound.T.astype("<f4").tobytes(), check=True)
        paths.append(folder / name)
    return paths


def ours(path: Path, folder: Path) -> float:
    """Make a shard of a file's two minutes as the line does; return how many seconds it read."""
    part = file_excerpt(path)
    mono = part.audio[0]
    label = SongLabel(
        song_id=path.name, split="train", gain_db=TARGET_LUFS - lufs_on_both_sides(mono)
    )
    write_piece(folder / "piece.parquet", song_examples(mono, label))
    build_shard(folder / "shard.parquet", [(path.name, folder / "piece.parquet")])
    return part.start_s + part.duration_s


def merely_decode(path: Path, read_s: float) -> None:
    """Decode the first `read_s` seconds to 16-bit PCM and throw it away."""
    command = [ffmpeg_path(), "-v", "error", "-nostdin", "-y", "-i", str(path)]
    part = ["-map", "0:a:0", "-t", f"{read_s:.3f}", "-f", "s16le", os.devnull]
    subprocess.run([*command, *part], check=True)


def origin(path: Path, folder: Path, read_s: float, *, told: bool) -> None:
    """Save the complex spectrogram of the same seconds, uncompressed."""
    sound, rate_hz = librosa.load(path, duration=read_s if told else None)
    sound = sound[: round(read_s * rate_hz)][-round(EXCERPT_S * rate_hz) :]
    np.save(folder / "origin.npy", librosa.stft(sound))


def cost(work: Callable[[], object]) -> Cost:
    """Run `work` once and return what it took."""
    cpu_s, wall_s = cpu_seconds(), time.perf_counter()
    work()
    return Cost(cpu_seconds() - cpu_s, time.perf_counter() - wall_s)


def cpu_seconds() -> float:
    """CPU seconds of this process and of its children that have ended."""
    parts = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(part.ru_utime + part.ru_stime for part in parts)


def measure(path: Path, folder: Path, *, rounds: int) -> Row:
    """Run all in turn, after a first round that warms up."""
    read_s = ours(path, folder)
    runs: dict[str, Callable[[], object]] = {
        "ours": lambda: ours(path, folder),
        "ffmpeg": lambda: merely_decode(path, read_s),
    }
    if path.suffix != ".m4a":  # librosa would need a system ffmpeg for it
        runs["origin"] = lambda: origin(path, folder, read_s, told=False)
        runs["told"] = lambda: origin(path, folder, read_s, told=True)
    costs: dict[str, list[Cost]] = {name: [] for name in runs}
    for number in range(rounds + 1):
        for name, work in runs.items():
            spent = cost(work)
            if number:
                costs[name].append(spent)
    mine = costs.pop("ours")
    return Row(
        file=path.name,
        read_s=round(read_s, 2),
        shard_mb=round((folder / "shard.parquet").stat().st_size / 1e6, 2),
        cpu_s=middle(each.cpu_s for each in mine),
        wall_s=middle(each.wall_s for each in mine),
        rivals={name: compare(mine, theirs) for name, theirs in costs.items()},
    )


def compare(mine: list[Cost], theirs: list[Cost]) -> Rival:
    """Compare round by round, because the machine is not equally busy in all of them."""
    rounds = list(zip(mine, theirs, strict=True))
    return Rival(
        cpu_s=middle(other.cpu_s for _, other in rounds),
        ours_cpu=middle(own.cpu_s / other.cpu_s for own, other in rounds),
        ours_wall=middle(own.wall_s / other.wall_s for own, other in rounds),
    )


def middle(values: Iterable[float]) -> float:
    return round(statistics.median(values), 3)


def table(rows: list[Row]) -> str:
    """The report as lines of text."""
    names = ("ffmpeg", "origin", "told")
    lines = [
        f"{'file':40}{'CPU s':>6}{'wall s':>7}{'MB':>6}"
        + "".join(f" |{name:>7} s{'CPU':>7}{'wall':>7}" for name in names)
    ]
    for each in rows:
        cells = [
            f" |{rival.cpu_s:9.3f}{rival.ours_cpu:6.2f}x{rival.ours_wall:6.2f}x"
            for rival in each.rivals.values()
        ]
        lines.append(
            f"{each.file:40}{each.cpu_s:6.3f}{each.wall_s:7.3f}{each.shard_mb:6.1f}"
            + "".join(cells)
        )
    return "\n".join([*lines, verdict(rows)])


def verdict(rows: list[Row]) -> str:
    """Say how the worst file stands to what is promised, in CPU time."""
    found = {
        name: [each.rivals[name].ours_cpu for each in rows if name in each.rivals]
        for name in ("ffmpeg", "origin", "told")
    }
    return (
        f"CPU, worst file: {max(found['ffmpeg']):.2f} of ffmpeg's decoding (promised: at most "
        f"{MOST_OF_FFMPEG}), {1 / max(found['origin']):.2f} times as fast as the origin's way "
        f"(promised: {LEAST_OF_ORIGIN}), {1 / max(found['told']):.2f} times where it is told"
    )


def main() -> None:
    """Print every number, for people or as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9, help="after one that warms up")
    parser.add_argument("--corpus", type=Path, default=corpus_folder())
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    options = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):  # not on macOS: there the scheduler may use more cores
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paths = write_songs(folder)
        paths += [path for song in REAL_SONGS if (path := options.corpus / song).is_file()]
        rows = [measure(path, folder, rounds=options.rounds) for path in paths]
    print(json.dumps([asdict(each) for each in rows], indent=2) if options.json else table(rows))


if __name__ == "__main__":
    main()
