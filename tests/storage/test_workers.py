"""Several workers on one Postgres ledger: units are shared out, the dead are taken over."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from storage.cache import ShardCache
from storage.commit import STRAY_AGE_S, commit, prepare_unit
from storage.delivery import Delivery
from storage.errors import GivenUpError
from storage.folder import FolderStore
from storage.ledger import Ledger
from storage.reader import ShardReader
from storage.records import ShardRecord, ShardState, UnitRecord, utc_now
from storage.snapshots import newest_snapshot, number_of, snapshot_names
from storage.stores import NEW_UPLOAD, StoredFile, Upload
from storage.tables import WORKPLACES
from storage.verify import verify
from storage.workplaces import LOCAL, workplace_of
from tests.postgres import Postgres
from tests.storage.examples import unit_examples
from tests.storage.ledgers import OpenLedger
from tests.storage.share_worker import ROWS, share_work

UNITS = 24


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "store")


def test_three_workers_prepare_each_unit_once_and_lose_none(
    postgres: Postgres, tmp_path: Path, store: FolderStore
) -> None:
    url = postgres.url("three_workers")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.storage.share_worker"])
    names = ("one", "two", "three")
    workers = [
        context.Process(target=share_work, args=(url, tmp_path, name, UNITS)) for name in names
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(120)
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    prepared = Counter(
        unit for name in names for unit in (tmp_path / f"{name}.txt").read_text().split()
    )
    assert prepared == Counter(f"u{number}" for number in range(UNITS))
    with Ledger(url) as ledger:
        checked = verify(store, ledger)
    assert (checked.units, checked.examples, checked.problems) == (UNITS, UNITS * ROWS, ())
    numbers = [number_of(name) for name in snapshot_names(store)]
    assert numbers == list(range(len(numbers), 0, -1))
    newest = newest_snapshot(store)
    assert newest is not None
    reader = ShardReader(ShardCache(store, tmp_path / "cache"), newest, batch_size=4)
    assert sum(len(batch.example_id) for batch in reader.batches()) == UNITS * ROWS


def test_a_workplace_is_named_after_machine_and_folder_where_several_share(
    tmp_path: Path,
) -> None:
    assert workplace_of("sqlite:///./ledger.db", tmp_path) == LOCAL
    name = workplace_of("postgresql://me:secret@host/db", tmp_path)
    assert name.endswith(f":{tmp_path}")
    assert name != workplace_of("postgresql://me:secret@host/db", tmp_path / "other")


def test_a_claim_is_one_workers_until_it_is_released_or_expires(open_ledger: OpenLedger) -> None:
    with open_ledger(workplace="here") as here, open_ledger(workplace="there") as there:
        assert here.claims.take("a")
        assert here.claims.take("a")  # as a run that was killed does
        assert not there.claims.take("a")
        there.claims.release("a")
        assert not there.claims.take("a")
        here.claims.release("a")
        assert there.claims.take("a", time=timedelta(0))
        assert here.claims.take("a")


def test_a_single_workplace_claims_nothing(open_ledger: OpenLedger) -> None:
    with open_ledger() as one, open_ledger() as two:
        assert one.claims.take("a")
        assert two.claims.take("a")
        one.claims.release("a")


def test_of_two_pieces_of_one_unit_the_first_counts_and_the_second_goes(
    open_ledger: OpenLedger, tmp_path: Path, store: FolderStore
) -> None:
    with open_ledger(workplace="here") as here, open_ledger(workplace="there") as there:
        _prepare(here, tmp_path / "here", "a")
        here.shards.plan(target_bytes=1, final=True)
        late = UnitRecord("a", "human", "train", "x.parquet", 9, 9)
        assert not there.units.record(late)
        _prepare(there, tmp_path / "there", "a")
        assert list((tmp_path / "there").rglob("*.parquet")) == []
        assert commit(here, store, tmp_path / "here").rows == ROWS


def _prepare(ledger: Ledger, work: Path, *units: str) -> None:
    for unit in units:
        prepare_unit(ledger, work, unit, unit_examples(unit, ROWS))


def _die(ledger: Ledger, *, hours: float) -> None:
    """Let a workplace have given its last sign of life hours ago."""
    then = utc_now() - timedelta(hours=hours)
    with ledger.workplaces._database.write() as connection:
        this = WORKPLACES.c.workplace == ledger.workplaces.name
        connection.execute(sa.update(WORKPLACES).where(this).values(seen_at=then))


def _take_over(ledger: Ledger) -> None:
    ledger.workplaces.sign()
    ledger.workplaces.take_over("there")


class _Unconfirmed(FolderStore):
    """A store that takes the next file and loses its answer."""

    fault = True

    def put(self, source: Path, key: str, *, upload: Upload = NEW_UPLOAD) -> StoredFile:
        stored = super().put(source, key, upload=upload)
        if self.fault:
            raise ConnectionError("the answer was lost")
        return stored


def _leave_prepared(ledger: Ledger, root: Path) -> None:
    _prepare(ledger, root / "there", "a", "b")


def _leave_planned(ledger: Ledger, root: Path) -> None:
    _leave_prepared(ledger, root)
    ledger.shards.plan(target_bytes=10**9, final=True)


def _leave_unconfirmed(ledger: Ledger, root: Path) -> None:
    _leave_prepared(ledger, root)
    with pytest.raises(ConnectionError):
        commit(ledger, _Unconfirmed(root / "store"), root / "there")


@pytest.mark.parametrize(
    ("leave", "lost"),
    [
        (_leave_prepared, ("a", "b")),
        (_leave_planned, ("a", "b")),
        (_leave_unconfirmed, ()),
    ],
)
def test_what_a_dead_workplace_left_is_finished_or_prepared_again(
    open_ledger: OpenLedger,
    tmp_path: Path,
    store: FolderStore,
    leave: Callable[[Ledger, Path], None],
    lost: tuple[str, ...],
) -> None:
    with open_ledger(workplace="here") as here, open_ledger(workplace="there") as there:
        leave(there, tmp_path)
        _die(there, hours=47)
        assert commit(here, store, tmp_path / "here").lost_units == ()
        _die(there, hours=49)
        assert commit(here, store, tmp_path / "here").lost_units == lost
        _prepare(here, tmp_path / "here", "a", "b")
        commit(here, store, tmp_path / "here")
        assert commit(there, store, tmp_path / "there").rows == 0  # it was not dead after all
        checked = verify(store, here)
        assert (checked.examples, checked.problems) == (2 * ROWS, ())


def test_a_workplace_that_signs_is_never_taken_over(
    open_ledger: OpenLedger, tmp_path: Path, store: FolderStore
) -> None:
    with open_ledger(workplace="here") as here, open_ledger(workplace="there") as there:
        _prepare(there, tmp_path / "there", "a")
        there.workplaces.sign()
        assert here.workplaces.others() == {"there"}
        assert here.workplaces.silent(["there", "here", "never seen"]) == ("never seen",)
        commit(here, store, tmp_path / "here")
        assert commit(there, store, tmp_path / "there").rows == ROWS


def test_a_shard_that_was_taken_over_during_its_upload_is_left_alone(
    open_ledger: OpenLedger, tmp_path: Path, store: FolderStore
) -> None:
    with open_ledger(workplace="here") as here, open_ledger(workplace="there") as there:
        _leave_planned(there, tmp_path)
        (shard,) = there.shards.unstored()
        _take_over(here)
        with pytest.raises(GivenUpError, match=r"another one took it over.*next run carries on"):
            there.shards.set_stored(shard.shard_id, file_id="x")
        assert here.shards.unstored()[0].state == ShardState.PLANNED
        assert commit(there, store, tmp_path / "there").shards == 0


def test_a_commit_whose_shard_is_taken_over_says_so_and_goes_on(
    open_ledger: OpenLedger,
    tmp_path: Path,
    store: FolderStore,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with open_ledger(workplace="here") as here, open_ledger(workplace="there") as there:
        _leave_planned(there, tmp_path)
        upload = Delivery.upload

        def slow(delivery: Delivery, shard: ShardRecord) -> str:
            _take_over(here)
            return upload(delivery, shard)

        monkeypatch.setattr(Delivery, "upload", slow)
        assert commit(there, store, tmp_path / "there").shards == 0
        monkeypatch.undo()
        assert "no longer this workplace's" in caplog.text
        assert commit(here, store, tmp_path / "here").lost_units == ()
        assert verify(store, here).problems == ()


def test_pieces_that_nobody_names_go_after_a_day(
    open_ledger: OpenLedger, tmp_path: Path, store: FolderStore
) -> None:
    with open_ledger(workplace="here") as here, open_ledger(workplace="there") as there:
        _prepare(there, tmp_path / "there", "a", "b")
        _take_over(here)
        commit(there, store, tmp_path / "there")
        pieces = sorted((tmp_path / "there" / "pieces").iterdir())
        assert len(pieces) == 2
        past = time.time() - STRAY_AGE_S - 60
        os.utime(pieces[0], (past, past))
        commit(there, store, tmp_path / "there")
        assert list((tmp_path / "there" / "pieces").iterdir()) == pieces[1:]


def test_two_publishers_of_one_snapshot_write_one_file(open_ledger: OpenLedger) -> None:
    with open_ledger(workplace="here") as here, open_ledger(workplace="there") as there:
        here.snapshots.adopt(1, "snapshots/1")
        assert here.snapshots.settle_file_id(1, "first") == "first"
        assert there.snapshots.settle_file_id(1, "second") == "first"
