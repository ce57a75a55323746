"""What it costs to list and fetch from YouTube, against bare yt-dlp on the same loopback server.

`python -m benchmarks.youtube [--videos 50] [--rounds 3]`: each contender runs in a fresh process,
in turns, and downloads one video at a time. Ours lists the playlist, plans it in a ledger, fetches
every video without pauses, and checks size, hash and that the whole file decodes, while the next
one is on its way; bare yt-dlp downloads the same playlist with thumbnails and the same JavaScript
runtime. Then: requests for a playlist of 1,000 videos, on a first and on a second night.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from catalog.youtube.ytdlp_options import find_js_runtime
from tests.loopback.youtube import Loopback, serve_youtube
from tests.loopback.youtube_clients import PLAYLIST_URL, YTDLP_ARGUMENTS
from tests.loopback.youtube_media import make_tone
from tests.loopback.youtube_world import World, make_world

GOAL = 1.3
OURS = """
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from catalog.youtube.client import Options
from steps.originals import obtain
from steps.sync import sync
from tests.loopback.youtube_clients import YTDLP_ARGUMENTS
from tests.steps.youtube.nights import follow, open_youtube_bench
options = Options(proxy=sys.argv[2], ytdlp_arguments=YTDLP_ARGUMENTS)
one_at_a_time = threading.Lock()
bench = open_youtube_bench(
    Path(sys.argv[1]), options, client=sys.argv[3], turn=lambda: one_at_a_time
)
sync(bench, [follow()])
if sys.argv[4] == "fetch":
    with ThreadPoolExecutor(max_workers=2) as pool:
        list(pool.map(lambda track: obtain(bench, track).track, bench.ledger.tracks.list()))
"""


def ours(loopback: Loopback, folder: Path, *, client: str = "yt-dlp", job: str = "fetch") -> None:
    """List, plan and, unless `job` is "list", fetch with the project's own code."""
    run(loopback, [sys.executable, "-c", OURS, str(folder), loopback.url, client, job])


def bare(loopback: Loopback, folder: Path) -> None:
    """Download the playlist as a person would with yt-dlp alone."""
    runtime = find_js_runtime()
    arguments = [
        *("--ignore-config", "--proxy", loopback.url, "--format", "bestaudio/best", "--quiet"),
        *("--no-warnings", "--no-cache-dir", "--fixup", "never", "--write-thumbnail"),
        *("--paths", str(folder), "--output", "%(id)s.%(ext)s", *YTDLP_ARGUMENTS),
        *(("--js-runtimes", runtime) if runtime else ()),
    ]
    run(loopback, [sys.executable, "-m", "yt_dlp", *arguments, PLAYLIST_URL])


def run(loopback: Loopback, command: Sequence[str]) -> None:
    env = os.environ | {"SSL_CERT_FILE": str(loopback.ca_file)}
    subprocess.run(command, env=env, check=True)


def compare(world: World, loopback: Loopback, *, videos: int, rounds: int) -> float:
    """Fetch with both in turns, print what it took, and return the median ratio of wall times."""
    table = Table(title=f"{videos} videos, one at a time", title_justify="left")
    for column in ("round", "bare yt-dlp s", "ours s", "ratio", "requests bare", "requests ours"):
        table.add_column(column)
    ratios = []
    for number in range(1, rounds + 1):
        seconds, requests = {}, {}
        for name, contender in (("bare", bare), ("ours", ours)):
            with tempfile.TemporaryDirectory() as folder:
                world.requests.clear()
                began = time.perf_counter()
                contender(loopback, Path(folder))
                seconds[name], requests[name] = time.perf_counter() - began, world.count()
                kept = len(list(Path(folder).rglob("*.webm")))
            if kept != videos:
                raise RuntimeError(f"{name} kept {kept} of {videos} files")
        ratios.append(seconds["ours"] / seconds["bare"])
        cells = (seconds["bare"], seconds["ours"], ratios[-1])
        table.add_row(str(number), *(f"{c:.2f}" for c in cells), *map(str, requests.values()))
    Console().print(table)
    return statistics.median(ratios)


def count_listings(folder: Path, *, videos: int) -> None:
    """Print the requests that a known playlist costs on a first and a second night."""
    table = Table(title=f"Listing {videos} videos", title_justify="left")
    for column in ("client", "first night", "second night", "of them media"):
        table.add_column(column)
    world = make_world(no_files, fillers=videos, duration_s=3)
    with serve_youtube(world, folder / "authority-of-many") as loopback:
        for client in ("yt-dlp", "pytubefix", "pytube"):
            counts = []
            for _ in range(2):
                world.requests.clear()
                ours(loopback, folder / client, client=client, job="list")
                counts.append(world.count())
            table.add_row(client, *map(str, counts), str(world.count("media")))
    Console().print(table)


def no_files(_: int) -> dict[int, Path]:
    return {}


def main() -> int:
    """Run both parts; the exit status says whether the goal is met."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--videos", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=3)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        world = make_world(lambda index: make_tone(folder, index), fillers=wanted.videos)
        with serve_youtube(world, folder / "authority") as loopback:
            ratio = compare(world, loopback, videos=wanted.videos, rounds=wanted.rounds)
        count_listings(folder, videos=1000)
    Console().print(f"ours / bare yt-dlp: median {ratio:.2f} (goal: at most {GOAL})")
    return 0 if ratio <= GOAL else 1


if __name__ == "__main__":
    sys.exit(main())
