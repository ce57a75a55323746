from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from storage.database import Database
from storage.ledger import Ledger
from storage.records import ShardRecord, ShardState, UnitRecord, UnitState
from storage.shard_book import batch_units
from storage.unit_book import Scope, UnitBook
from tests.storage.ledgers import Ledgers, OpenLedger


def _unit(key: str, *, kind: str = "human", split: str = "train", size: int = 10) -> UnitRecord:
    return UnitRecord(key, kind, split, f"{key}.parquet", 3, size)


def _plan(ledger: Ledger, *keys: str, target_bytes: int = 1000) -> tuple[str, ...]:
    for key in keys:
        ledger.units.record(_unit(key))
    return ledger.shards.plan(target_bytes=target_bytes, final=True)


def _states(ledger: Ledger) -> dict[str, str]:
    return {unit.unit_key: unit.state for unit in ledger.units.list()}


@pytest.mark.parametrize(
    ("sizes", "final", "batches"),
    [
        ((4, 4, 4, 4), True, ["ab", "cd"]),
        ((4, 4, 4), True, ["ab", "c"]),
        ((4, 4, 4), False, ["ab"]),
        ((20, 1, 1), True, ["a", "bc"]),
        ((1, 1), False, []),
        ((10,), False, ["a"]),
        ((), True, []),
    ],
)
def test_units_fill_shards_in_order(
    sizes: tuple[int, ...], final: bool, batches: list[str]
) -> None:
    named = dict(zip("abcd", sizes, strict=False))
    found = batch_units(named, target_bytes=10, final=final)
    assert ["".join(batch) for batch in found] == batches


def test_a_unit_is_done_from_its_piece_on_unless_that_is_lost(ledger: Ledger) -> None:
    assert not ledger.units.is_done("a")
    ledger.units.record(_unit("a"))
    assert ledger.units.is_done("a")
    ledger.units.mark_missing(["a"])
    assert not ledger.units.is_done("a")
    assert ledger.units.record(_unit("a"))
    assert ledger.units.is_done("a")


def test_a_unit_in_a_shard_is_never_planned_again(ledger: Ledger) -> None:
    (shard_id,) = _plan(ledger, "a", "b")
    assert not ledger.units.record(replace(_unit("a"), rows=99))
    assert ledger.shards.plan(target_bytes=1, final=True) == ()
    assert [(unit.unit_key, unit.rows) for unit in ledger.units.of_shard(shard_id)] == [
        ("a", 3),
        ("b", 3),
    ]


def test_units_of_one_kind_and_split_lie_side_by_side(ledger: Ledger) -> None:
    for key, kind, split in (
        ("a", "song", "train"),
        ("b", "human", "train"),
        ("c", "human", "test"),
    ):
        ledger.units.record(_unit(key, kind=kind, split=split))
    (shard_id,) = ledger.shards.plan(target_bytes=1000, final=True)
    assert [unit.unit_key for unit in ledger.units.of_shard(shard_id)] == ["c", "b", "a"]


def test_a_shard_goes_from_plan_to_store_with_its_units(ledger: Ledger) -> None:
    (shard_id,) = _plan(ledger, "a", "b")
    built = ShardRecord(
        shard_id,
        ShardState.BUILT,
        key="shards/x.parquet",
        file_id="id-1",
        md5="m",
        sha256="s",
        size=5,
        rows=6,
        groups=(("human", "train", (3, 3)),),
    )
    ledger.shards.set_built(built)
    ledger.shards.save_session(shard_id, "https://session")
    assert ledger.shards.unstored() == (replace(built, session="https://session"),)
    ledger.shards.set_stored(shard_id, file_id="id-2")
    stored = replace(built, state=ShardState.STORED, file_id="id-2")
    assert (ledger.shards.unstored(), ledger.shards.stored()) == ((), (stored,))
    assert _states(ledger) == {"a": UnitState.STORED, "b": UnitState.STORED}


def test_going_back_to_the_plan_forgets_the_file(ledger: Ledger) -> None:
    (shard_id,) = _plan(ledger, "a")
    ledger.shards.set_built(ShardRecord(shard_id, ShardState.BUILT, key="k", md5="m", rows=3))
    ledger.shards.set_planned(shard_id)
    assert ledger.shards.unstored() == (ShardRecord(shard_id, ShardState.PLANNED),)


def test_a_dissolved_shard_frees_what_is_left_of_it(ledger: Ledger) -> None:
    (shard_id,) = _plan(ledger, "a", "b", "c")
    ledger.shards.dissolve(shard_id, lost=["b"])
    assert ledger.shards.unstored() == ()
    assert _states(ledger) == {
        "a": UnitState.PREPARED,
        "b": UnitState.MISSING,
        "c": UnitState.PREPARED,
    }
    (again,) = ledger.shards.plan(target_bytes=1000, final=True)
    assert [unit.unit_key for unit in ledger.units.of_shard(again)] == ["a", "c"]


def test_a_lost_piece_is_noticed_by_name_and_size(ledger: Ledger, tmp_path: Path) -> None:
    for key in ("a", "b", "c"):
        ledger.units.record(_unit(key))
    (tmp_path / "a.parquet").write_bytes(b"0123456789")
    (tmp_path / "b.parquet").write_bytes(b"short")
    assert [unit.unit_key for unit in ledger.units.lost(tmp_path)] == ["b", "c"]


def test_pieces_of_stored_units_are_listed_until_forgotten(ledger: Ledger) -> None:
    (shard_id,) = _plan(ledger, "a", "b")
    assert ledger.units.with_spent_pieces() == ()
    ledger.shards.set_stored(shard_id, file_id="x")
    assert [unit.piece for unit in ledger.units.with_spent_pieces()] == ["a.parquet", "b.parquet"]
    ledger.units.forget_pieces(["a"])
    assert [unit.piece for unit in ledger.units.with_spent_pieces()] == ["b.parquet"]


def test_an_adopted_shard_ends_the_plans_for_its_units(ledger: Ledger) -> None:
    (rival,) = _plan(ledger, "a", "b", "c")
    shard_id = ledger.shards.shard_id_of(["a", "x"])
    stored = ShardRecord(shard_id, ShardState.STORED, "k", "f", None, "m", None, 5, 6)
    units = [replace(_unit(key), piece=None, shard_id=shard_id) for key in ("a", "x")]
    ledger.shards.adopt(stored, units)
    ledger.shards.adopt(stored, units)
    assert rival not in [shard.shard_id for shard in ledger.shards.unstored()]
    assert ledger.shards.stored() == (stored,)
    assert _states(ledger) == {
        "a": UnitState.STORED,
        "b": UnitState.PREPARED,
        "c": UnitState.PREPARED,
        "x": UnitState.STORED,
    }


def test_two_workplaces_share_a_ledger_but_not_their_pieces(
    open_ledger: OpenLedger, tmp_path: Path
) -> None:
    with (
        open_ledger() as here,
        open_ledger(workplace="elsewhere") as there,
    ):
        there.units.record(_unit("a"))
        assert here.units.is_done("a")
        assert here.shards.plan(target_bytes=1000, final=True) == ()
        assert here.units.lost(tmp_path) == ()
        assert len(there.shards.plan(target_bytes=1000, final=True)) == 1
        assert here.shards.unstored() == ()


def test_a_dataset_in_another_format_starts_anew(ledger: Ledger, ledgers: Ledgers) -> None:
    ledger.units.record(_unit("a"))
    database = Database(ledgers.url())
    other = UnitBook(database, Scope(data_format="v2-other"))
    assert not other.is_done("a")
    assert other.record(_unit("a"))
    assert len(other.list()) == len(ledger.units.list()) == 1
    database.close()
