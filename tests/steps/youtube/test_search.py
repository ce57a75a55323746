"""Songs that mashups name and nobody here has: found on the loopback YouTube by the real client."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from catalog.musicbrainz import MusicBrainz
from steps.outcome import State
from steps.review import proposals_of, reject
from steps.search import found_songs, search_missing
from steps.sources import Sources
from steps.workbench import Workbench
from storage.records import PairState, ReviewState, TrackState
from tests.loopback.fixtures import FilesOf, clients_leave_sockets
from tests.loopback.musicbrainz import KnownRecording, serve_musicbrainz
from tests.loopback.youtube_folders import PLAYLISTS, world_of
from tests.loopback.youtube_world import Fault, LoopVideo, World
from tests.steps.conftest import SmallWorld
from tests.steps.line import ingest
from tests.steps.tracks import add_mashup, add_song
from tests.steps.youtube.conftest import OpenBench
from tests.steps.youtube.nights import end_pause, follow

pytestmark = clients_leave_sockets

MASHUP = "yt:mashup00000"
TITLE = "Toto - Africa vs. Avicii - Levels"


@pytest.fixture
def world(sounds: FilesOf) -> World:
    """A YouTube with one song, played live, by others and with something else."""
    world = World()
    titles = (
        "Toto - Africa (Live in Paris)",
        "Toto - Africa (Official HD Video)",
        "Africa - Toto - Karaoke Version",
        "Toto Africa x Avicii Levels MASHUP",
    )
    for number, title in enumerate(titles):
        world.add(LoopVideo(f"loopsong{number:03}", title, sounds(number), 295, channel="TotoVEVO"))
    return world


def lacking(bench: Workbench, title: str = TITLE) -> None:
    add_song(bench, "Avicii - Levels")
    add_mashup(bench, title, track_id=MASHUP)


def test_a_missing_song_is_found_and_becomes_a_song_to_listen_to(
    open_bench: OpenBench, world: World
) -> None:
    bench = open_bench(world)
    lacking(bench)
    outcomes = search_missing(bench)
    (item,) = found_songs(outcomes)
    song = bench.ledger.tracks.require(item.key)
    assert (song.track_id, song.kind, song.state, song.song_key) == (
        "yt:loopsong001",
        "song",
        TrackState.KNOWN,
        "toto|africa",
    )
    assert search_missing(bench) == []  # it is on its way


def test_an_unclear_search_goes_to_a_person_once_a_week(
    open_bench: OpenBench, world: World, tmp_path: Path
) -> None:
    del world.videos["loopsong001"]  # only other versions are left
    bench = open_bench(world)
    lacking(bench)
    (outcome,) = search_missing(bench)
    assert outcome.state is State.SKIPPED
    assert 'nearest is "Toto - Africa (Live in Paris)" (0.80, 0.84 is needed: live 0.20)' in (
        outcome.reason
    )
    (review,) = bench.ledger.reviews.list(state=ReviewState.OPEN)
    assert [song.track_id for each in proposals_of(review) for song in each.songs] == [
        "yt:loopsong000"
    ]
    world.requests.clear()
    assert search_missing(bench) == [] and world.requests == []
    week_ago = (datetime.now(UTC) - timedelta(days=8)).isoformat(timespec="microseconds")
    with sqlite3.connect(tmp_path / "work" / "ledger.db") as ledger:
        ledger.execute("UPDATE skips SET last_at = ?", [week_ago])
    ledger.close()
    reject(bench, MASHUP)
    (again,) = search_missing(bench)  # what was rejected is not proposed again
    assert "Live in Paris" not in again.reason and world.count("search") == 1
    assert bench.ledger.reviews.list(state=ReviewState.OPEN) == ()


@pytest.mark.parametrize(
    ("mashup_id", "everywhere", "asked"),
    [
        ("sha256:mashup", None, 0),  # of a folder: the network is left alone
        ("sha256:mashup", True, 1),
        (MASHUP, None, 1),
        (MASHUP, False, 0),
    ],
)
def test_only_videos_are_searched_for_unless_a_person_says_otherwise(
    open_bench: OpenBench, world: World, mashup_id: str, everywhere: bool | None, asked: int
) -> None:
    bench = open_bench(world)
    add_song(bench, "Avicii - Levels")
    add_mashup(bench, TITLE, track_id=mashup_id)
    assert len(search_missing(bench, everywhere=everywhere)) == asked
    assert (world.count("search"), world.count() > 0) == (asked, asked > 0)


def test_a_run_asks_only_so_often_and_the_next_goes_on(open_bench: OpenBench, world: World) -> None:
    bench = open_bench(world)
    titles = ("A One - B One", "C Two - D Two", "E Three - F Three")
    for number, title in enumerate(titles):
        add_mashup(bench, f"{title} vs. Toto - Africa", track_id=f"yt:mashup{number:05}")
    add_song(bench, "Toto - Africa")
    outcomes = [search_missing(bench, searches=2) for _ in range(3)]
    assert [len(night) for night in outcomes] == [2, 1, 0]
    assert world.count("search") == 3


def test_one_song_that_many_mashups_lack_is_asked_for_once(
    open_bench: OpenBench, world: World
) -> None:
    del world.videos["loopsong001"]
    bench = open_bench(world)
    add_song(bench, "Avicii - Levels")
    for number in range(3):
        add_mashup(bench, TITLE, track_id=f"yt:mashup{number:05}")
    assert len(search_missing(bench)) == 3
    assert (world.count("search"), len(bench.ledger.reviews.list())) == (1, 3)


def test_a_429_postpones_the_rest_and_the_next_run_carries_on(
    open_bench: OpenBench, world: World
) -> None:
    world.faults.append(Fault("search", 429, 99))
    bench = open_bench(world)
    add_mashup(bench, TITLE, track_id=MASHUP)
    (outcome,) = search_missing(bench)
    assert (outcome.state, outcome.until is not None) == (State.POSTPONED, True)
    world.faults.clear()
    end_pause(bench)
    assert [each.state for each in search_missing(bench)] == [State.DONE, State.SKIPPED]


def test_a_fault_of_the_network_is_tried_again_next_time(
    open_bench: OpenBench, world: World
) -> None:
    world.faults.append(Fault("search", "reset", 99))
    bench = open_bench(world)
    lacking(bench)
    (outcome,) = search_missing(bench)
    assert (outcome.state, outcome.fault != "") == (State.FAILED, True)
    world.faults.clear()
    assert [each.state for each in search_missing(bench)] == [State.DONE]


def test_musicbrainz_turns_a_reading_round_and_knows_the_length(
    open_bench: OpenBench, world: World, tmp_path: Path
) -> None:
    bench = open_bench(world)
    lacking(bench, "Africa - Toto vs. Levels - Avicii")
    world.videos["loopsong001"].duration_s = 330  # not the recording
    world.add(LoopVideo("loopsong009", "Toto - Africa (Audio)", {}, 296, channel="Toto - Topic"))
    known = (
        KnownRecording(("Toto",), "Africa", 295_893),
        KnownRecording(("Avicii",), "Levels", 199_000),
    )
    with serve_musicbrainz(*known) as service:
        asking = MusicBrainz(tmp_path / "mb", root=service.url, pause_s=0.0)
        with_database = Workbench(
            bench.store, bench.ledger, bench.work_dir, bench.youtube, musicbrainz=asking
        )
        (outcome,) = search_missing(with_database)
    assert (outcome.state, outcome.item.key) == (State.DONE, "yt:loopsong009")


def test_musicbrainz_out_of_reach_fails_nothing(
    open_bench: OpenBench, world: World, tmp_path: Path
) -> None:
    bench = open_bench(world)
    lacking(bench)
    with serve_musicbrainz() as service:
        gone = MusicBrainz(tmp_path / "mb", root=service.url, pause_s=0.0, backoff_s=())
    without = Workbench(bench.store, bench.ledger, bench.work_dir, bench.youtube, musicbrainz=gone)
    assert [each.state for each in search_missing(without)] == [State.DONE]


def test_a_mashup_alone_brings_its_songs_and_its_examples_in_one_night(
    open_bench: OpenBench, small_world: SmallWorld, tmp_path: Path
) -> None:
    folders = small_world.sources
    assert folders.mashups and folders.songs
    youtube = world_of(tmp_path / "videos", mashups=folders.mashups, songs=folders.songs)
    mashups = follow(f"https://www.youtube.com/playlist?list={PLAYLISTS['mashup']}")
    bench = open_bench(youtube)
    report = ingest(bench, Sources(subscriptions=(mashups,)))
    assert (report.counts["search"], report.counts["match"]) == ({"done": 2}, {"done": 1})
    assert [pair.state for pair in bench.ledger.pairs.list()] == [PairState.LOCATED]
    assert report.set_aside == ()
    assert report.new_examples == 5 + 14
