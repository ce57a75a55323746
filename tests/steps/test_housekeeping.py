"""Housekeeping of a real work folder: what goes, what stays, and that it stays bounded."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from catalog.youtube.records import VideoFacts
from catalog.youtube.sidecar import Downloaded, sha256_of, write_sidecar
from steps.champion import CHAMPION
from steps.housekeeping import Removed, clean
from steps.leftovers import DAY_S
from steps.train import LAST
from steps.workbench import Workbench

NOW_S = time.time()
KB = 1000


def file(path: Path, *, age_days: float = 0.0, size: int = KB) -> Path:
    """Write a file that was last used so many days before `NOW_S`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * size)
    return used(path, age_days)


def used(path: Path, age_days: float) -> Path:
    at = NOW_S - age_days * DAY_S
    os.utime(path, (at, at))
    return path


def original(bench: Workbench, video_id: str, *, age_days: float, size: int = 50 * KB) -> Path:
    """Put a finished download with its record into the folder of originals."""
    sound = file(bench.youtube.folder / f"{video_id}.m4a", size=size)
    facts = VideoFacts(video_id=video_id, title="Band - Song")
    record = sound.with_suffix(".json")
    write_sidecar(record, Downloaded(sound, "m4a", size, 1.0, sha256_of(sound), facts, "yt-dlp"))
    used(record, age_days)
    return used(sound, age_days)


def trained(bench: Workbench, name: str, *, age_days: float, champion: bool = False) -> None:
    """Leave what a finished training leaves, here and in the store."""
    key = f"checkpoints/{name}.safetensors"
    bench.store.put(file(bench.work_dir / key, size=13 * KB), key)
    used(bench.work_dir / key, age_days)
    file(bench.work_dir / "training" / f"{name}.pt", age_days=age_days, size=38 * KB)
    for path in [LAST, CHAMPION] if champion else [LAST]:
        bench.store.write_bytes(path, json.dumps({"checkpoint": key}).encode())


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.glob("*")}


def test_an_empty_work_folder_has_nothing_to_give(bench: Workbench) -> None:
    assert clean(bench).removed == ()


def test_originals_above_the_limit_go_the_least_used_first(bench: Workbench) -> None:
    for age, video_id in enumerate(("aaaaaaaaaaa", "bbbbbbbbbbb", "ccccccccccc"), start=1):
        original(bench, video_id, age_days=age)
    clean(bench, originals_gb=110e-6, now_s=NOW_S)
    left = {f"{name * 11}.{end}" for name in "ab" for end in ("json", "m4a")}
    assert names(bench.youtube.folder) == left


def test_an_original_used_in_the_last_hours_stays_whatever_the_limit(bench: Workbench) -> None:
    original(bench, "aaaaaaaaaaa", age_days=0.1)
    assert clean(bench, originals_gb=0, now_s=NOW_S).removed == ()


def test_a_record_that_names_a_file_elsewhere_cannot_remove_it(bench: Workbench) -> None:
    valued = file(bench.work_dir / "valued.wav", age_days=99)
    record = original(bench, "aaaaaaaaaaa", age_days=9).with_suffix(".json")
    told = json.loads(record.read_text()) | {"file": "../valued.wav"}
    used(record.parent / record.name, 9).write_text(json.dumps(told))
    used(record, 9)
    clean(bench, originals_gb=0, now_s=NOW_S)
    assert valued.is_file()


@pytest.mark.parametrize("folder", [".quarantine", ".part"])
def test_downloads_that_failed_or_broke_off_go_after_a_month(bench: Workbench, folder: str) -> None:
    for video_id, age in (("aaaaaaaaaaa", 31), ("bbbbbbbbbbb", 29)):
        path = file(bench.youtube.folder / folder / video_id / "sound.m4a", age_days=age)
        used(path.parent, age)
    clean(bench, now_s=NOW_S)
    assert names(bench.youtube.folder / folder) == {"bbbbbbbbbbb"}


def test_of_trainings_the_champions_and_the_newest_stay(bench: Workbench) -> None:
    trained(bench, "old", age_days=9)
    trained(bench, "best", age_days=8, champion=True)
    trained(bench, "between", age_days=7)
    trained(bench, "newest", age_days=6)
    clean(bench, now_s=NOW_S)
    assert names(bench.work_dir / "training") == {"best.pt", "newest.pt"}
    left = {"best.safetensors", "newest.safetensors"}
    assert names(bench.work_dir / "checkpoints") == left


def test_a_training_under_way_stays_and_one_left_for_a_month_goes(bench: Workbench) -> None:
    for name, age in (("under-way", 29), ("abandoned", 31)):
        file(bench.work_dir / "training" / f"{name}.pt", age_days=age)
    clean(bench, now_s=NOW_S)
    assert names(bench.work_dir / "training") == {"under-way.pt"}


def test_a_checkpoint_that_the_store_lacks_stays(bench: Workbench) -> None:
    mine = file(bench.work_dir / "checkpoints" / "mine.safetensors", age_days=99)
    clean(bench, now_s=NOW_S)
    assert mine.is_file()


def test_what_killed_writers_left_goes_and_what_is_unknown_stays(bench: Workbench) -> None:
    killed = [file(bench.work_dir / "cache" / ".tmp-1", age_days=0.1)]
    killed.append(file(bench.work_dir / "tmpab12_xyz" / "mashup.mp3", age_days=2))
    used(killed[1].parent, 2)
    unknown = [file(bench.work_dir / name, age_days=999) for name in ("notes.txt", "tmp", "a/b.pt")]
    live = file(bench.work_dir / "tmpcd34_xyz" / "mashup.mp3", age_days=0.5)
    done = clean(bench, now_s=NOW_S)
    assert done.removed == (Removed("temporary file", 2, 2 * KB),)
    assert [path.is_file() for path in (*killed, *unknown, live)] == [False] * 2 + [True] * 4


def test_a_dry_run_counts_the_same_and_removes_nothing(bench: Workbench) -> None:
    sound = original(bench, "aaaaaaaaaaa", age_days=9)
    record = sound.with_suffix(".json").stat().st_size
    dry = clean(bench, originals_gb=0, dry_run=True, now_s=NOW_S)
    assert dry.removed == (Removed("original", 1, 50 * KB + record),)
    assert sound.is_file()
    assert clean(bench, originals_gb=0, now_s=NOW_S).removed == dry.removed


def test_a_use_between_finding_and_removing_saves_a_file(bench: Workbench) -> None:
    from steps.housekeeping import find, remove

    sound = original(bench, "aaaaaaaaaaa", age_days=9)
    (found,) = find(bench, originals_gb=0, now_s=NOW_S)
    used(sound, 0)
    assert (remove(found), sound.is_file()) == (False, True)


def test_the_work_folder_does_not_grow_over_thirty_nights(bench: Workbench) -> None:
    sizes = []
    for night in range(30):
        age = 30 - night
        for number in range(4):
            original(bench, f"{night:05d}-{number:05d}", age_days=age + 0.5)
        trained(bench, f"night-{night}", age_days=age + 0.5, champion=night == 3)
        file(bench.work_dir / f".tmp-{night}", age_days=age + 0.5, size=20 * KB)
        sizes.append(clean(bench, originals_gb=400e-6, now_s=NOW_S - age * DAY_S).work_folder_bytes)
    # 400 KB of originals, two trainings of 51 KB and the one of the last day, the ledger's tables
    assert max(sizes) < 400 * KB + 3 * 51 * KB + ledger_bytes(bench)
    assert sizes[-1] <= sizes[9]
    assert (bench.work_dir / "checkpoints" / "night-3.safetensors").is_file()  # the champion's


def ledger_bytes(bench: Workbench) -> int:
    return sum(path.stat().st_size for path in bench.work_dir.glob("ledger.db*"))
