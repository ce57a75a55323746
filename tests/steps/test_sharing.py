"""Several workers on one ledger: each item is done by one of them."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from steps.outcome import Item, Outcome, State
from steps.sharing import ELSEWHERE, Step, is_reachable, shared
from steps.sources import Sources
from steps.workbench import Workbench, open_workbench
from storage.ledger import Ledger
from storage.records import TrackRecord
from storage.snapshots import newest_snapshot
from storage.verify import verify
from tests.postgres import Postgres
from tests.steps.conftest import SmallWorld
from tests.steps.line import ingest

ITEM = Item("a", "A")


@pytest.fixture
def workers(bench: Workbench, tmp_path: Path) -> Iterator[tuple[Workbench, Workbench]]:
    """Two workbenches of two workplaces on one ledger."""
    url = f"sqlite:///{tmp_path / 'shared.db'}"
    with Ledger(url, workplace="here") as here, Ledger(url, workplace="there") as there:
        yield replace(bench, ledger=here), replace(bench, ledger=there)


def _counting(done: list[str], *, left: bool) -> Step:
    @shared("count", lambda bench, item: left)
    def count(bench: Workbench, item: Item) -> Outcome:
        done.append(item.key)
        return Outcome.done("count", item)

    return count


def test_a_single_workplace_does_what_it_is_told(bench: Workbench) -> None:
    done: list[str] = []
    step = _counting(done, left=False)
    assert (step(bench, ITEM).state, done) == (State.DONE, ["a"])


@pytest.mark.parametrize(("left", "state"), [(True, State.DONE), (False, State.POSTPONED)])
def test_what_another_worker_has_finished_meanwhile_is_left(
    workers: tuple[Workbench, Workbench], left: bool, state: State
) -> None:
    done: list[str] = []
    step = _counting(done, left=left)
    assert (step(workers[0], ITEM).state, done) == (state, ["a"] if left else [])


def test_what_another_worker_has_claimed_is_left(workers: tuple[Workbench, Workbench]) -> None:
    here, there = workers
    done: list[str] = []
    step = _counting(done, left=True)
    assert there.ledger.claims.take("count:a")
    assert step(here, ITEM) == Outcome("count", ITEM, State.POSTPONED, ELSEWHERE)
    there.ledger.claims.release("count:a")
    assert (step(here, ITEM).state, done) == (State.DONE, ["a"])


def test_a_step_that_fails_gives_its_item_back(workers: tuple[Workbench, Workbench]) -> None:
    @shared("fail", lambda bench, item: True)
    def fail(bench: Workbench, item: Item) -> Outcome:
        raise TimeoutError

    with pytest.raises(TimeoutError):
        fail(workers[0], ITEM)
    assert workers[1].ledger.claims.take("fail:a")


def test_videos_are_within_reach_of_all_and_files_of_those_who_have_them(
    bench: Workbench, tmp_path: Path
) -> None:
    video = TrackRecord("yt:abc", "song", None, "A", "a", "abc", "https://example.org/abc")
    file = TrackRecord("sha256:1", "song", None, "A", "a", "a.mp3", str(tmp_path / "a.mp3"))
    assert is_reachable(bench, video)
    assert not is_reachable(bench, video, file)
    (tmp_path / "a.mp3").write_bytes(b"x")
    assert is_reachable(bench, video, file)


def _work(root: Path, name: str, ledger_url: str, sources: Sources) -> None:
    bench = open_workbench(
        store_url=f"file://{root / 'data'}", ledger_url=ledger_url, work_dir=root / name
    )
    report = ingest(bench, sources)
    (root / f"{name}.txt").write_text(str(report.new_examples))
    bench.ledger.close()


@pytest.mark.slow
def test_two_workers_ingest_one_world_together(
    tmp_path: Path, small_world: SmallWorld, postgres: Postgres
) -> None:
    url, context = postgres.url("two_workers"), multiprocessing.get_context("spawn")
    workers = [
        context.Process(target=_work, args=(tmp_path, name, url, small_world.sources))
        for name in ("one", "two")
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(240)
    assert [worker.exitcode for worker in workers] == [0, 0]
    last = open_workbench(
        store_url=f"file://{tmp_path / 'data'}", ledger_url=url, work_dir=tmp_path / "one"
    )
    ingest(last, small_world.sources)
    snapshot = newest_snapshot(last.store)
    assert snapshot is not None
    assert snapshot.rows == 33
    assert verify(last.store, last.ledger).problems == ()
    last.ledger.close()
