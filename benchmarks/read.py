"""How fast examples are read: `python -m benchmarks.read [--rows N] [--large GB ...] [--json]`.

All read the same shards on one core, each in a process of its own, by turns in every round, and
give the three spectrograms of every example as uint8 arrays, with all small columns:

ours      `ShardReader` as training uses it: shuffled windows of eight row groups, batches of eight
          as arrays `(8, 256, 1025)`, checksums of all pages compared in the first epoch
scan      `pyarrow.dataset`, `to_batches` as it comes: stored order, `(256, 1025)` views of what
          Arrow decoded, nothing compared
tuned     the same on one thread with `batch_size=16` and no read-ahead, its best that was found
datasets  HF `datasets`, streaming, `shuffle` with a buffer of as many rows as our window; views

CPU seconds and peak memory are the process's own, without the libraries' loading. With `--large`,
ours alone reads the set repeated to so many GB through a cache of 1 GB (see
`benchmarks.read_sets`), and its peak memory is printed for each size.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.read_sets import LinkedStore, newest_in, repeated, write_set
from storage.cache import ShardCache
from storage.folder import FolderStore
from storage.reader import ShardReader
from storage.schema import SMALL_COLUMNS

LEVELS = ("mashup", "voice", "bed")
BATCH_ROWS, WINDOW_GROUPS = 8, 8
PASSES = 4
CACHE_BYTES = 1_000_000_000
LIBRARIES = {
    "ours": "storage.reader",
    "scan": "pyarrow.dataset",
    "tuned": "pyarrow.dataset",
    "datasets": "datasets",
}


@dataclass(frozen=True, slots=True)
class Reading:
    """What one process measured."""

    rows: int
    rows_per_cpu_s: float
    rows_per_s: float
    peak_mb: float  # resident, with the interpreter and its libraries
    libraries_mb: float  # of those, before the first row
    fetched_of_read: float | None = None  # bytes, where a cache was used


def ours(root: Path, *, passes: int) -> Iterator[int]:
    """Yield the number of rows in each batch, over several epochs."""
    store = FolderStore(root / "store")
    reader = ShardReader(
        ShardCache(store, root / "cache"),
        newest_in(store),
        batch_size=BATCH_ROWS,
        kinds=("human",),
        window_groups=WINDOW_GROUPS,
    )
    for epoch in range(passes):
        for batch in reader.batches(reader.start(epoch)):
            yield len(batch)


def scan(root: Path, *, passes: int, **options: Any) -> Iterator[int]:
    """Yield 1 for each row of a plain scan."""
    import pyarrow.dataset

    for _ in range(passes):
        shards = pyarrow.dataset.dataset(shard_paths(root), format="parquet")
        for batch in shards.to_batches(columns=columns(), **options):
            small = batch.select(columns()[: -len(LEVELS)]).to_pylist()
            levels = [batch.column(name) for name in LEVELS]
            for row in range(len(small)):
                view(
                    {
                        name: column[row].as_buffer()
                        for name, column in zip(LEVELS, levels, strict=True)
                    }
                )
                yield 1


def datasets(root: Path, *, passes: int) -> Iterator[int]:
    """Yield 1 for each row of HF's streaming."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    import datasets as hf

    rows = hf.load_dataset(
        "parquet",
        data_files=shard_paths(root),
        split="train",
        streaming=True,
        columns=columns(),
        cache_dir=str(root / "hf"),
    )
    shuffled = rows.shuffle(seed=0, buffer_size=15 * WINDOW_GROUPS)
    for epoch in range(passes):
        shuffled.set_epoch(epoch)
        for row in shuffled:
            view(row)
            yield 1


def view(row: Mapping[str, Any]) -> list[np.ndarray]:
    """Return the arrays of one row without copying them."""
    return [np.frombuffer(row[name], np.uint8).reshape(256, 1025) for name in LEVELS]


def columns() -> list[str]:
    return [*SMALL_COLUMNS, *LEVELS]


def shard_paths(root: Path) -> list[str]:
    return [str(path) for path in sorted((root / "store" / "shards").rglob("*.parquet"))]


def large(root: Path, *, size_gb: float) -> Reading:
    """Read one epoch of a set of that size through a cache of `CACHE_BYTES`."""
    store = LinkedStore(root / "store")
    everything = repeated(newest_in(store), size_bytes=size_gb * 1e9)
    with tempfile.TemporaryDirectory(dir=root) as folder:
        cache = ShardCache(store, Path(folder), limit_bytes=CACHE_BYTES)
        reader = ShardReader(cache, everything, batch_size=BATCH_ROWS, kinds=("human",))
        reading = clock(len(batch) for batch in reader.batches())
    total = sum(shard.size for shard in everything.shards)
    return Reading(**{**asdict(reading), "fetched_of_read": round(store.fetched_bytes / total, 3)})


def clock(counts: Iterator[int]) -> Reading:
    """Run through `counts` and measure what it takes."""
    libraries_mb = peak_mb()
    cpu_s, wall_s = time.process_time(), time.perf_counter()
    rows = sum(counts)
    cpu_s, wall_s = time.process_time() - cpu_s, time.perf_counter() - wall_s
    return Reading(rows, round(rows / cpu_s), round(rows / wall_s), peak_mb(), libraries_mb)


def peak_mb() -> float:
    """Return the most memory that this process held, in MB.

    `getrusage` would tell the peak of the process that started this one, where that was higher.
    """
    status = Path("/proc/self/status")
    if not status.is_file():  # not Linux
        return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6, 1)
    (line,) = (line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return round(int(line.split()[1]) / 1e3, 1)


def read(name: str, root: Path) -> Reading:
    """Measure one reader in this process."""
    importlib.import_module(LIBRARIES.get(name, "storage.reader"))
    if name == "ours":
        return clock(ours(root, passes=PASSES))
    if name == "scan":
        return clock(scan(root, passes=PASSES))
    if name == "tuned":
        small = {"batch_size": 16, "batch_readahead": 1, "fragment_readahead": 1}
        return clock(scan(root, passes=PASSES, use_threads=False, **small))
    if name == "datasets":
        return clock(datasets(root, passes=PASSES))
    return large(root, size_gb=float(name))


def in_process(name: str, root: Path) -> Reading:
    """Measure one reader in a process of its own, so that memory is its own too."""
    command = [sys.executable, "-m", "benchmarks.read", "--only", name, "--root", str(root)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return Reading(**json.loads(done.stdout.splitlines()[-1]))


def summed_up(readings: list[Reading]) -> Reading:
    """Return the medians of several rounds, and the highest peak."""
    return Reading(
        rows=readings[0].rows,
        rows_per_cpu_s=statistics.median(each.rows_per_cpu_s for each in readings),
        rows_per_s=statistics.median(each.rows_per_s for each in readings),
        peak_mb=max(each.peak_mb for each in readings),
        libraries_mb=max(each.libraries_mb for each in readings),
    )


def measure(root: Path, *, rows: int, rounds: int, large_gb: list[float]) -> dict[str, Any]:
    """Write the shards, let all read them by turns, then ours the large sets."""
    write_set(root, rows=rows)
    found: dict[str, list[Reading]] = {name: [] for name in LIBRARIES}
    for _ in range(rounds):
        for name, readings in found.items():
            readings.append(in_process(name, root))
    speeds = {
        name: statistics.median(
            mine.rows_per_cpu_s / theirs.rows_per_cpu_s
            for mine, theirs in zip(found["ours"], readings, strict=True)
        )
        for name, readings in found.items()
    }
    return {
        "readers": {name: asdict(summed_up(readings)) for name, readings in found.items()},
        "ours_times_as_fast": {name: round(speed, 2) for name, speed in speeds.items()},
        "large": {
            f"{size_gb:g} GB": asdict(in_process(str(size_gb), root)) for size_gb in large_gb
        },
    }


def table(report: dict[str, Any]) -> str:
    """The report as lines of text."""
    lines = ["reader    rows/CPU s  rows/s  ours is  peak MB  of which libraries"]
    for name, each in report["readers"].items():
        lines.append(
            f"{name:9}{each['rows_per_cpu_s']:11.0f}{each['rows_per_s']:8.0f}"
            f"{report['ours_times_as_fast'][name]:8.2f}x{each['peak_mb']:9.0f}"
            f"{each['libraries_mb']:20.0f}"
        )
    for size, each in report["large"].items():
        lines.append(
            f"ours, {size}: {each['rows']} rows, {each['rows_per_cpu_s']:.0f} rows/CPU s, peak "
            f"{each['peak_mb']:.0f} MB, fetched {each['fetched_of_read']} of what was read"
        )
    return "\n".join(lines)


def main() -> None:
    """Print every number, for people or as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=600)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--large", type=float, nargs="*", default=[1.0, 5.0], metavar="GB")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    parser.add_argument("--only", help=argparse.SUPPRESS)
    parser.add_argument("--root", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):  # not on macOS: there the scheduler may use more cores
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    if options.only:
        print(json.dumps(asdict(read(options.only, options.root))))
        return
    with tempfile.TemporaryDirectory() as name:
        report = measure(
            Path(name), rows=options.rows, rounds=options.rounds, large_gb=options.large
        )
    print(json.dumps(report, indent=2) if options.json else table(report))


if __name__ == "__main__":
    main()
