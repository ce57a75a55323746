"""What in the work folder nobody needs any more, kind by kind; anything unknown is never listed.

Every kind can be had again or is of no further use: originals are downloaded anew, checkpoints lie
in the store, the state of a finished training has done its work. Cached shards are not here:
their cache keeps its own limit (storage/cache.py). What leaves the store is decided elsewhere too
(storage/retention.py).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from catalog.musicbrainz import KEPT_S
from catalog.youtube.download import QUARANTINE, STAGING
from catalog.youtube.sidecar import read_sidecar
from steps.champion import champion_key
from steps.train import LAST
from steps.workbench import Workbench
from storage.errors import MissingFileError
from storage.files import TEMP_MAX_AGE_S, TEMP_PREFIX
from storage.upkeep_books import PIN_TIME

DAY_S = 24 * 3600.0
FORGOTTEN_S = 30 * DAY_S  # a download that nobody took up again, or that failed its checks
IN_USE_S = 6 * 3600.0  # a run may still be at work on what was used since
ABANDONED_S = PIN_TIME / timedelta(seconds=1)
_SCRATCH = re.compile(r"tmp[a-z0-9_]{8}")  # folders of tempfile.TemporaryDirectory


@dataclass(frozen=True, slots=True)
class Leftover:
    """Files or one folder that go together, why, and when the first of them was last used."""

    kind: str
    paths: tuple[Path, ...]
    size_bytes: int
    used_at_s: float  # seconds since 1970


def leftover(kind: str, *paths: Path) -> Leftover:
    """Describe files or folders as they are now."""
    files = [file for path in paths for file in files_of(path)]
    return Leftover(kind, paths, sum(size_of(file) for file in files), used_at_s(paths[0]))


def surplus_originals(folder: Path, *, limit_bytes: float, now_s: float) -> list[Leftover]:
    """List the originals above `limit_bytes`, the one unused for longest first."""
    groups = [leftover("original", *paths) for paths in original_files(folder)]
    excess = sum(group.size_bytes for group in groups) - limit_bytes
    found = []
    for group in sorted(groups, key=lambda group: group.used_at_s):
        if excess <= 0 or group.used_at_s > now_s - IN_USE_S:
            break
        found.append(group)
        excess -= group.size_bytes
    return found


def original_files(folder: Path) -> Iterator[tuple[Path, ...]]:
    """Yield each download that has its record: the sound, the record, the picture."""
    for record in folder.glob("*.json"):
        told = read_sidecar(record)
        if told:
            parts = (told.path, record, told.thumbnail)
            yield tuple(part for part in parts if part and part.is_file() and in_(folder, part))


def forgotten_downloads(folder: Path, *, now_s: float) -> list[Leftover]:
    """List downloads that failed their checks, or broke off and were not taken up, for a month."""
    kinds = {"quarantine": QUARANTINE, "unfinished download": STAGING}
    found = [
        leftover(kind, path) for kind, name in kinds.items() for path in (folder / name).glob("*")
    ]
    records = [leftover("unfinished download", path) for path in folder.glob("*.json.unfinished")]
    return idle([*found, *records], FORGOTTEN_S, now_s)


def spent_trainings(bench: Workbench, *, now_s: float) -> list[Leftover]:
    """List states whose training is finished, and those that nobody carried on for a month.

    The newest training's state stays: asking for that training again then costs nothing.
    """
    states = (bench.work_dir / "training").glob("*.pt")
    stored, needed = stored_checkpoints(bench), needed_checkpoints(bench)
    found = []
    for path in states:
        key = f"checkpoints/{path.stem}.safetensors"
        if key not in needed:
            age = DAY_S if key in stored else ABANDONED_S
            found += idle([leftover("training state", path)], age, now_s)
    return found


def spent_checkpoints(bench: Workbench, *, now_s: float) -> list[Leftover]:
    """List checkpoints that lie in the store too and are neither champion nor newest."""
    stored, needed = stored_checkpoints(bench), needed_checkpoints(bench)
    found = []
    for path in (bench.work_dir / "checkpoints").glob("*.safetensors"):
        key = f"checkpoints/{path.name}"
        if key not in needed and stored.get(key) == path.stat().st_size:
            found.append(leftover("checkpoint", path))
    return idle(found, DAY_S, now_s)


def stale_answers(folder: Path, *, now_s: float) -> list[Leftover]:
    """List MusicBrainz' answers that would be asked for again anyway."""
    found = [leftover("old answer", path) for path in folder.glob("*.json")]
    return [each for each in found if mtime_s(each.paths[0]) < now_s - KEPT_S]


def temporary_files(work_dir: Path, *, now_s: float) -> list[Leftover]:
    """List what writers and steps that were killed left behind."""
    kind = "temporary file"
    written = [leftover(kind, path) for path in work_dir.rglob(f"{TEMP_PREFIX}*")]
    folders = [path for path in work_dir.glob("tmp*") if _SCRATCH.fullmatch(path.name)]
    notes = [*work_dir.glob("youtube-breaker.json?*")]
    scratch = [leftover(kind, path) for path in (*folders, *notes)]
    return idle(written, TEMP_MAX_AGE_S, now_s) + idle(scratch, DAY_S, now_s)


def stored_checkpoints(bench: Workbench) -> dict[str, int]:
    """Return size in bytes by key of the checkpoints in the store."""
    return {file.key: file.size for file in bench.store.list("checkpoints/")}


def needed_checkpoints(bench: Workbench) -> frozenset[str]:
    """Return the keys of champion and newest training."""
    found = {champion_key(bench)}
    with suppress(MissingFileError):  # nothing was trained yet
        found.add(json.loads(bench.store.read_bytes(LAST))["checkpoint"])
    return frozenset(key for key in found if key)


def idle(found: Iterable[Leftover], age_s: float, now_s: float) -> list[Leftover]:
    """Keep those that nobody used for `age_s`."""
    return [each for each in found if each.used_at_s < now_s - age_s]


def used_at_s(path: Path) -> float:
    """Return when a file, or any in a folder, was last read or written; 0 if it is gone."""
    return max((_touched_s(file) for file in (path, *files_of(path))), default=0.0)


def _touched_s(path: Path) -> float:
    try:
        status = path.lstat()
    except FileNotFoundError:
        return 0.0
    # Listing a folder counts as reading it, so that only its writing tells of use.
    return status.st_mtime if path.is_dir() else max(status.st_atime, status.st_mtime)


def files_of(path: Path) -> list[Path]:
    """Return a file itself, or the files below a folder; links are never followed."""
    if path.is_symlink() or not path.is_dir():
        return [path]
    return [file for file in path.rglob("*") if file.is_symlink() or not file.is_dir()]


def size_of(path: Path) -> int:
    try:
        return path.lstat().st_size
    except FileNotFoundError:
        return 0


def mtime_s(path: Path) -> float:
    return path.stat().st_mtime


def in_(folder: Path, path: Path) -> bool:
    """Tell whether a record names a file of its own folder, and none elsewhere."""
    return path.parent.resolve() == folder.resolve()
