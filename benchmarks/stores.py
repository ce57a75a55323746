"""Up to Google Drive and down again: our store against the bare loop of the same client.

`python -m benchmarks.stores [--megabytes 500] [--rounds 5]`: a loopback Drive runs in a process of
its own; each contender runs in a fresh process, in turns, with chunks of the same size. Ours
reserves an id, keeps the session, compares the md5 both ways and flushes to the disk; the bare
loop is what the client's documentation shows: `next_chunk` until it is done. Twice: over a line of
1 Gbit/s, on which the goal is held, and as fast as the loopback goes, where a download is mere
copying of memory and a checksum of any kind shows.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httplib2
from googleapiclient.http import MediaFileUpload, MediaIoBaseDownload
from rich.console import Console
from rich.table import Table

from storage.files import md5_file
from storage.gdrive.client import build_service
from storage.gdrive.store import DriveStore
from storage.options import DriveOptions
from storage.stores import Upload

GOAL_SPEED, GOAL_PEAK_MB = 0.9, 300
LINE_MB_S = 125.0  # 1 Gbit/s
CONTENDERS = ("bare", "ours")


def run_ours(place: Mapping[str, str], source: Path, target: Path) -> dict[str, float]:
    """Put and fetch a file with the project's store."""
    options = DriveOptions(api_root=place["MASHUP_GDRIVE_API_ROOT"], state_dir=target.parent)
    store, sessions = DriveStore(place["MASHUP_STORE_URL"], options), list[str]()
    store.write_bytes("warm", b"up")
    md5 = md5_file(source)  # shards are hashed when they are built: their names are hashes
    upload = Upload(store.reserve_id(), save_session=sessions.append, md5=md5)
    measured = {
        "up": timed(lambda: store.put(source, "file", upload=upload)),
        "down": timed(lambda: store.fetch("file", target)),
    }
    store.delete("file")
    return measured


def run_bare(place: Mapping[str, str], source: Path, target: Path) -> dict[str, float]:
    """Upload and download a file with the loops of the client's documentation."""
    files = build_service(place["MASHUP_GDRIVE_API_ROOT"]).files()
    http = httplib2.Http()
    http.redirect_codes = http.redirect_codes - {308}
    chunk = DriveOptions().chunk_bytes
    ids: list[str] = []

    def upload() -> None:
        media = MediaFileUpload(str(source), resumable=True, chunksize=chunk)
        body = {"parents": [place["MASHUP_STORE_URL"].removeprefix("gdrive://")]}
        request = files.create(body=body, media_body=media)
        done = None
        while done is None:
            _, done = request.next_chunk(http=http)
        ids.append(done["id"])

    def download() -> None:
        request = files.get_media(fileId=ids[0])
        request.http = http
        with target.open("wb") as file:
            loop = MediaIoBaseDownload(file, request, chunksize=chunk)
            done = False
            while not done:
                _, done = loop.next_chunk()

    files.generateIds(count=1).execute(http=http)  # connects, as ours has by now
    measured = {"up": timed(upload), "down": timed(download)}
    files.delete(fileId=ids[0]).execute(http=http)
    return measured


def timed(action: Callable[[], object]) -> float:
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def contend(name: str, place: str, source: Path, folder: Path) -> None:
    """Run one contender in this process and print what it took."""
    run = run_ours if name == "ours" else run_bare
    measured = run(json.loads(place), source, folder / "target")
    usage = resource.getrusage(resource.RUSAGE_SELF)
    cpu_s = usage.ru_utime + usage.ru_stime
    print(json.dumps({**measured, "cpu": cpu_s, "peak": usage.ru_maxrss * 1024 / 1e6}))


def measure(name: str, place: Mapping[str, str], source: Path) -> dict[str, float]:
    """Run one contender in a fresh process."""
    os.sync()  # what the one before left to be written is not this one's burden
    with tempfile.TemporaryDirectory(dir=source.parent) as folder:
        command = [sys.executable, "-m", "benchmarks.stores", "--contender", name]
        command += ["--place", json.dumps(place), "--source", str(source), "--folder", folder]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    measured: dict[str, float] = json.loads(done.stdout)
    return measured


@contextmanager
def loopback_drive(folder: Path, line_mb_s: float | None) -> Iterator[Mapping[str, str]]:
    command = [sys.executable, "-m", "tests.loopback.drive", "--folder", str(folder)]
    command += ["--line-mb-s", str(line_mb_s)] if line_mb_s else []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            yield json.loads(server.stdout.readline())
        finally:
            server.kill()


def write_noise(path: Path, megabytes: int) -> None:
    with path.open("wb") as file:
        for _ in range(megabytes):
            file.write(os.urandom(10**6))


def compare(source: Path, line_mb_s: float | None, *, rounds: int) -> bool:
    """Let both contend over one line, print what it took, and tell whether the goals are met."""
    with tempfile.TemporaryDirectory() as folder, loopback_drive(Path(folder), line_mb_s) as place:
        measured = []
        for number in range(rounds):
            order = CONTENDERS if number % 2 else CONTENDERS[::-1]
            measured.append({name: measure(name, place, source) for name in order})
    line = f"a line of {line_mb_s:.0f} MB/s" if line_mb_s else "as fast as this machine goes"
    return report(measured, f"{source.stat().st_size / 1e6:.0f} MB, {line}: seconds")


def report(rounds: Sequence[Mapping[str, Mapping[str, float]]], title: str) -> bool:
    table = Table(title=title, title_justify="left")
    for column in ("round", "bare up", "ours up", "ratio", "bare down", "ours down", "ratio"):
        table.add_column(column)
    ratios: dict[str, list[float]] = {"up": [], "down": []}
    for number, one in enumerate(rounds, 1):
        row = [str(number)]
        for way in ("up", "down"):
            bare, ours = one["bare"][way], one["ours"][way]
            ratios[way].append(bare / ours)
            row += [f"{bare:.2f}", f"{ours:.2f}", f"{bare / ours:.2f}"]
        table.add_row(*row)
    out = Console(width=100)
    out.print(table)
    peaks = {name: max(one[name]["peak"] for one in rounds) for name in CONTENDERS}
    cpu = {name: statistics.median(one[name]["cpu"] for one in rounds) for name in CONTENDERS}
    median = {way: statistics.median(values) for way, values in ratios.items()}
    out.print(
        f"speed of ours against bare, median: up {median['up']:.2f}, down {median['down']:.2f} "
        f"(goal {GOAL_SPEED}); CPU s of the whole process: bare {cpu['bare']:.1f}, "
        f"ours {cpu['ours']:.1f}"
    )
    out.print(
        f"peak memory MB: bare {peaks['bare']:.0f}, ours {peaks['ours']:.0f} "
        f"(goal < {GOAL_PEAK_MB})"
    )
    return min(median.values()) >= GOAL_SPEED and peaks["ours"] < GOAL_PEAK_MB


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=3)
    for hidden in ("contender", "place", "source", "folder"):
        parser.add_argument(f"--{hidden}", help=argparse.SUPPRESS)
    wanted: Any = parser.parse_args()
    if wanted.contender:
        contend(wanted.contender, wanted.place, Path(wanted.source), Path(wanted.folder))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "source"
        write_noise(source, wanted.megabytes)
        reached = compare(source, LINE_MB_S, rounds=wanted.rounds)
        compare(source, None, rounds=wanted.rounds)
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main())
