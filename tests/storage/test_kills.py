"""kill -9 at every kind of moment, and a disk that fills up: every example exactly once."""

from __future__ import annotations

import multiprocessing
import random
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from storage.cache import ShardCache
from storage.commit import commit
from storage.files import TEMP_PREFIX
from storage.folder import FolderStore
from storage.reader import ShardReader
from storage.snapshots import newest_snapshot
from storage.verify import verify
from tests.storage.examples import open_ledger
from tests.storage.kill_worker import ROWS, ingest_units, ingest_within, tidy_up

UNITS = 6
EVERY_MOMENT = (pytest.mark.slow, pytest.mark.timeout(3600))
EVERY_ID = sorted(f"u{unit}/{row}" for unit in range(UNITS) for row in range(ROWS))


@pytest.fixture(scope="module")
def processes() -> Iterator[multiprocessing.context.ForkServerContext]:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.storage.kill_worker"])
    yield context


def _run(
    processes: multiprocessing.context.ForkServerContext,
    work: Callable[..., None],
    *arguments: object,
    kill_after_s: float | None = None,
) -> int | None:
    """Run `work` in a process, kill it after some time if told so, and return its exit code."""
    process = processes.Process(target=work, args=arguments)
    process.start()
    if kill_after_s is not None:
        time.sleep(kill_after_s)
        process.kill()
    process.join(60)
    code = process.exitcode
    process.close()
    return code


def _read_all(root: Path) -> list[str]:
    """Read the newest snapshot as training does, levels and all; nothing if there is none."""
    store = FolderStore(root / "store")
    assert not [file.key for file in store.list() if TEMP_PREFIX in file.key]
    snapshot = newest_snapshot(store)
    if snapshot is None:
        return []
    reader = ShardReader(ShardCache(store, root / "cache"), snapshot, batch_size=4)
    return sorted(name for batch in reader.batches() for name in batch.example_id)


def _assert_complete(root: Path) -> None:
    assert _read_all(root) == EVERY_ID
    with open_ledger(root) as ledger:
        assert verify(FolderStore(root / "store"), ledger).problems == ()
    left = [path.name for path in (root / "work").rglob("*.parquet")]
    assert left == []


@pytest.mark.parametrize("step", [23, pytest.param(1, marks=EVERY_MOMENT)])
def test_a_kill_at_any_file_event_or_transaction_loses_and_doubles_nothing(
    tmp_path: Path, processes: multiprocessing.context.ForkServerContext, step: int
) -> None:
    assert _run(processes, ingest_units, tmp_path / "whole", UNITS) == 0
    events = int((tmp_path / "whole" / "events").read_text())
    _assert_complete(tmp_path / "whole")
    for kill_at in range(7, events + 1, step):
        root = tmp_path / str(kill_at)
        assert _run(processes, ingest_units, root, UNITS, kill_at) == -9
        assert set(_read_all(root)) <= set(EVERY_ID)
        assert _run(processes, ingest_units, root, UNITS) == 0
        _assert_complete(root)


@pytest.mark.parametrize("step", [17, pytest.param(1, marks=EVERY_MOMENT)])
def test_a_kill_at_any_moment_of_compaction_and_retention_loses_and_doubles_nothing(
    tmp_path: Path, processes: multiprocessing.context.ForkServerContext, step: int
) -> None:
    assert _run(processes, ingest_units, tmp_path / "nights", UNITS) == 0
    shutil.copytree(tmp_path / "nights", tmp_path / "whole")
    assert _run(processes, tidy_up, tmp_path / "whole") == 0
    events = int((tmp_path / "whole" / "events").read_text())
    _assert_compact(tmp_path / "whole")
    for kill_at in range(3, events + 1, step):
        root = tmp_path / str(kill_at)
        shutil.copytree(tmp_path / "nights", root)
        assert _run(processes, tidy_up, root, kill_at) == -9
        assert _read_all(root) == EVERY_ID
        assert _run(processes, tidy_up, root) == 0
        _assert_compact(root)


def _assert_compact(root: Path) -> None:
    _assert_complete(root)
    kinds = [file.key.partition("/")[0] for file in FolderStore(root / "store").list()]
    assert kinds == ["shards", "snapshots"]


def test_kills_at_random_moments_of_growing_runs_lose_and_double_nothing(
    tmp_path: Path, processes: multiprocessing.context.ForkServerContext
) -> None:
    dice = random.Random(1)
    for units in (2, 4, UNITS):
        for _ in range(4):
            _run(processes, ingest_units, tmp_path, units, kill_after_s=dice.uniform(0.02, 0.3))
            found = _read_all(tmp_path)
            assert len(found) == len(set(found))
            assert set(found) <= set(EVERY_ID)
    assert _run(processes, ingest_units, tmp_path, UNITS) == 0
    _assert_complete(tmp_path)


def test_a_full_disk_while_a_shard_is_written_is_explained_and_the_next_run_carries_on(
    tmp_path: Path, processes: multiprocessing.context.ForkServerContext
) -> None:
    assert _run(processes, ingest_within, tmp_path, UNITS, 4_000_000) == 0
    assert "no room to write" in (tmp_path / "error").read_text()
    assert _read_all(tmp_path) == []
    assert list((tmp_path / "work" / "spool").iterdir()) == []
    with open_ledger(tmp_path) as ledger:
        assert commit(ledger, FolderStore(tmp_path / "store"), tmp_path / "work").lost_units == ()
    _assert_complete(tmp_path)
