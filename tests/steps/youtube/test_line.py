"""The whole line from YouTube: mashups and songs in playlists become examples."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from steps.sources import Sources
from steps.workbench import Workbench
from storage.records import PairState
from storage.snapshots import newest_snapshot
from tests.loopback.fixtures import clients_leave_sockets
from tests.loopback.youtube_folders import PLAYLISTS, world_of
from tests.loopback.youtube_world import World
from tests.steps.conftest import SmallWorld
from tests.steps.line import ingest
from tests.steps.youtube.conftest import OpenBench
from tests.steps.youtube.nights import follow

pytestmark = clients_leave_sockets

MASHUPS = follow(f"https://www.youtube.com/playlist?list={PLAYLISTS['mashup']}")
SONGS = follow(f"https://www.youtube.com/playlist?list={PLAYLISTS['song']}", kind="song")


@pytest.fixture
def youtube(small_world: SmallWorld, tmp_path: Path) -> World:
    """The small world's songs and mashup as two playlists."""
    sources = small_world.sources
    assert sources.mashups
    assert sources.songs
    return world_of(tmp_path / "videos", mashups=sources.mashups, songs=sources.songs)


def examples(bench: Workbench) -> dict[tuple[str, str], int]:
    snapshot = newest_snapshot(bench.store)
    return dict(snapshot.count()) if snapshot else {}


def test_playlists_of_mashups_and_songs_become_examples(
    open_bench: OpenBench, youtube: World
) -> None:
    report = ingest(open_bench(youtube), Sources(subscriptions=(MASHUPS, SONGS)))
    assert report.set_aside == ()
    assert report.new_examples == 5 + 14


def test_a_mashup_that_comes_later_finds_its_songs_again(
    open_bench: OpenBench, youtube: World
) -> None:
    bench = open_bench(youtube)
    ingest(bench, Sources(subscriptions=(SONGS,)))
    assert examples(bench) == {("song", "train"): 14}
    shutil.rmtree(bench.work_dir / "originals")  # the work folder may be wiped between nights
    report = ingest(bench, Sources(subscriptions=(MASHUPS,)))
    assert examples(bench) == {("song", "train"): 14, ("human", "train"): 5}
    assert [pair.state for pair in bench.ledger.pairs.list()] == [PairState.LOCATED]
    assert report.set_aside == ()
