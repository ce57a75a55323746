"""A few kills of nightly runs in every world; `make chaos` kills hundreds of times."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import AbstractContextManager
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest

from tests.chaos.kills import Chaos, open_processes
from tests.chaos.nights import example_ids, ingest_night
from tests.chaos.worlds import World, drive_world, folder_world
from tests.postgres import Postgres

MANY = (pytest.mark.slow, pytest.mark.timeout(1800))

OpenWorld = Callable[[Path], AbstractContextManager[World]]


@pytest.fixture(scope="module")
def processes() -> ForkServerContext:
    return open_processes()


@pytest.mark.parametrize("kills", [4, pytest.param(60, marks=MANY)])
@pytest.mark.parametrize("open_world", [folder_world, drive_world])
def test_killed_nights_leave_every_example_once_and_no_stray_file(
    tmp_path: Path, processes: ForkServerContext, open_world: OpenWorld, kills: int
) -> None:
    with open_world(tmp_path) as world:
        chaos = Chaos(world, processes, random.Random(kills))
        chaos.live(kills)
        assert (chaos.wrong, chaos.kills) == ([], kills)


@pytest.mark.parametrize("kills", [pytest.param(60, marks=MANY)])
def test_a_ledger_on_postgres_survives_the_same(
    tmp_path: Path, processes: ForkServerContext, postgres: Postgres, kills: int
) -> None:
    with folder_world(tmp_path, ledger_url=postgres.url("chaos")) as world:
        chaos = Chaos(world, processes, random.Random(kills))
        chaos.live(kills)
        assert chaos.wrong == []


def test_what_goes_wrong_is_found(tmp_path: Path, processes: ForkServerContext) -> None:
    with folder_world(tmp_path) as world:
        chaos = Chaos(world, processes, random.Random(0), nights=1)
        chaos.live_through(ingest_night, 0)
        chaos.check_end()
        assert (chaos.wrong, len(example_ids(1))) == ([], 5)
        store = world.place.open_store()
        shard = next(file for file in store.list("shards/"))
        store.delete(shard.key)
        store.write_bytes("shards/stray.parquet", b"x")
        chaos.check_night()
        assert {text.split(":")[0] for text in chaos.wrong} == {
            f"missing {shard.key}",
            "orphan shards/stray.parquet",
        }
        chaos.nights = 0
        with pytest.raises(FileNotFoundError):
            chaos.check_reading()
