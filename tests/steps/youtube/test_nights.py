"""YouTube through the line: lists, downloads, what is kept, and what a second night does."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from audio.decode import decode, read_tags
from audio.params import RENDER_RATE_HZ
from catalog.youtube.filters import Filters
from steps.collect import collect
from steps.originals import is_at_hand
from steps.preview import preview
from steps.report import IngestReport
from steps.retry import try_again
from steps.sources import Sources
from storage.records import TrackState
from tests.loopback.fixtures import FilesOf, clients_leave_sockets
from tests.loopback.youtube_clients import PLAYLIST_URL
from tests.loopback.youtube_world import Fault, LoopVideo, State, World, make_world
from tests.steps.line import ingest
from tests.steps.youtube.conftest import OpenBench
from tests.steps.youtube.nights import MASHUPS, end_pause, follow, night, reasons, states

pytestmark = clients_leave_sockets


def test_a_video_becomes_two_tagged_minutes_with_its_picture(
    open_bench: OpenBench, world: World
) -> None:
    world.videos["loopvid0000"].creative_commons = True
    bench = open_bench(world)
    night(bench)
    track = bench.ledger.tracks.require("yt:loopvid0000")
    path = bench.store.local_path(track.audio_key or "")
    assert path is not None
    tags = read_tags(path)
    assert {name: tags.get(name) for name in ("artist", "title", "comment", "track_id")} == {
        "artist": "KJ Mixes",
        "title": "A x B",
        "comment": "https://www.youtube.com/watch?v=loopvid0000",
        "track_id": "yt:loopvid0000",
    }
    assert "Creative Commons" in tags["copyright"]
    assert b"APIC" in path.read_bytes()  # the frame of an attached picture, ID3v2.3
    assert decode(path).shape == (2, 11 * RENDER_RATE_HZ)


def test_a_mashups_original_goes_and_a_songs_stays(open_bench: OpenBench, world: World) -> None:
    world.add(
        LoopVideo("loopsong000", "E - F", world.videos["loopvid0000"].files, 11),
        playlist_id="PLsongs",
    )
    bench = open_bench(world)
    songs = follow("https://www.youtube.com/playlist?list=PLsongs", kind="song")
    night(bench, Sources(subscriptions=(follow(), songs)))
    at_hand = {t.source_key: is_at_hand(bench, t) for t in bench.ledger.tracks.list()}
    assert at_hand == {f"loopvid000{n}": False for n in range(3)} | {"loopsong000": True}


def test_a_second_night_asks_for_the_listing_only(open_bench: OpenBench, world: World) -> None:
    bench = open_bench(world)
    assert len(night(bench)) == 6
    world.requests.clear()
    assert night(bench) == []
    assert {request.place for request in world.requests} <= {"playlist", "browse"}


def test_a_video_in_two_playlists_is_taken_once(open_bench: OpenBench, world: World) -> None:
    world.playlists["PLsecond"] = ["loopvid0001", "loopvid0000"]
    bench = open_bench(world)
    second = follow("https://www.youtube.com/playlist?list=PLsecond")
    collected = collect(bench, Sources(subscriptions=(follow(), second)))
    assert [(s.listed, s.new, s.known) for s in collected.sources] == [(3, 3, 0), (2, 0, 2)]


def test_what_goes_upstream_is_noted_once_and_kept(open_bench: OpenBench, world: World) -> None:
    bench = open_bench(world)
    night(bench)
    world.playlists[next(iter(world.playlists))].remove("loopvid0001")
    removed = [collect(bench, MASHUPS).sources[0].removed for _ in range(2)]
    assert removed == [1, 0]
    assert bench.ledger.listings.removed(PLAYLIST_URL) == {"loopvid0001"}
    assert states(bench)["loopvid0001"] == TrackState.KEPT


def test_a_limit_spreads_a_playlist_over_nights(open_bench: OpenBench, world: World) -> None:
    bench = open_bench(world)
    taken = [sum(o.step == "listen" for o in night(bench, limit=2)) for _ in range(3)]
    assert taken == [2, 1, 0]


def test_a_preview_says_what_would_come_and_changes_nothing(
    open_bench: OpenBench, world: World
) -> None:
    world.videos["loopvid0002"].duration_s = 5000
    bench = open_bench(world)
    seen = preview(bench, MASHUPS, limit=1)
    assert seen.headline() == "would take 0 files and 1 videos; nothing was changed"
    assert [line.split()[0] for line in seen.lines[1:]] == ["fetch", "skip"]
    assert (states(bench), reasons(bench), world.count("player", "media")) == ({}, {}, 0)


def test_shorts_live_and_long_videos_are_left_with_a_reason(
    open_bench: OpenBench, world: World
) -> None:
    world.videos["loopvid0000"].duration_s = 5000
    world.videos["loopvid0001"].state = State.LIVE
    bench = open_bench(world)
    night(bench)
    assert reasons(bench)["loopvid0000"] == "too long: 5000 s, wanted at most 900 s"
    assert "a live stream" in reasons(bench)["loopvid0001"]
    assert states(bench)["loopvid0002"] == TrackState.KEPT


def test_a_429_ends_the_run_gracefully_and_the_next_carries_on(
    open_bench: OpenBench, world: World
) -> None:
    world.faults = [Fault("media", 429, 999, video_id="loopvid0001")]
    bench = open_bench(world)
    report = ingest(bench, MASHUPS)
    assert report.counts["listen"] == {"done": 1, "postponed": 2}
    assert report.paused_until is not None
    assert report.paused_until - datetime.now(UTC) < timedelta(minutes=16)
    assert "slow down (HTTP 429)" in report.headline()
    asked = world.count()
    assert {o.state for o in night(bench)} == {"postponed"}
    assert world.count() == asked
    end_pause(bench)
    world.faults = []
    night(bench)
    assert set(states(bench).values()) == {TrackState.KEPT}
    assert world.count("media") == 4  # three files, and the one refusal


def test_clients_that_all_give_up_on_everything_pause_the_run(
    open_bench: OpenBench, sounds: FilesOf
) -> None:
    world = make_world(sounds, fillers=8, duration_s=11)
    world.faults = [Fault("media", 403, 999)]
    report = ingest(open_bench(world), MASHUPS)
    assert report.counts["listen"] == {"failed": 4, "postponed": 4}
    assert report.failed_by_class == {"ClientBrokenError": 4}


def test_filters_on_what_a_listing_does_not_say_are_used_before_the_download(
    open_bench: OpenBench, world: World
) -> None:
    world.videos["loopvid0001"].creative_commons = True
    bench = open_bench(world)
    strict = Filters(min_duration_s=0, creative_commons_only=True)
    night(bench, Sources(subscriptions=(follow(filters=strict),)))
    assert states(bench) == {
        "loopvid0000": TrackState.UNWANTED,
        "loopvid0001": TrackState.KEPT,
        "loopvid0002": TrackState.UNWANTED,
    }
    assert world.count("media") == 1
    night(bench)  # with looser filters, what was refused is looked at again
    assert set(states(bench).values()) == {TrackState.KEPT}


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (State.PRIVATE, "private"),
        (State.REMOVED, "removed"),
        (State.GEO, "blocked in this country"),
        (State.AGE, "age-restricted"),
        (State.MEMBERS, "members of the channel"),
        (State.DRM, "copy-protected"),
    ],
)
def test_a_video_that_cannot_be_had_is_set_aside_and_the_rest_comes(
    open_bench: OpenBench, world: World, state: State, words: str
) -> None:
    world.videos["loopvid0001"].state = state
    bench = open_bench(world)
    night(bench)
    assert words in reasons(bench)["loopvid0001"]
    assert [states(bench)[f"loopvid000{n}"] for n in (0, 2)] == [TrackState.KEPT] * 2


def test_what_was_refused_is_tried_again_on_demand_only(
    open_bench: OpenBench, world: World
) -> None:
    world.videos["loopvid0001"].state = State.AGE
    bench = open_bench(world)
    night(bench)
    world.videos["loopvid0001"].state = State.OK
    assert night(bench) == []
    assert try_again(bench) == 1
    night(bench)
    assert states(bench)["loopvid0001"] == TrackState.KEPT


def test_a_file_that_is_damaged_every_night_is_tried_for_a_week(
    open_bench: OpenBench, world: World, tmp_path: Path
) -> None:
    world.videos["loopvid0001"].duration_s = 60
    bench = open_bench(world)
    night(bench)
    assert states(bench)["loopvid0001"] == TrackState.KNOWN
    week_ago = (datetime.now(UTC) - timedelta(days=8)).isoformat(timespec="microseconds")
    with sqlite3.connect(tmp_path / "work" / "ledger.db") as ledger:
        ledger.execute("UPDATE skips SET first_at = ?", [week_ago])
    ledger.close()
    night(bench)
    assert states(bench)["loopvid0001"] == TrackState.SET_ASIDE


@pytest.mark.parametrize(
    "title",
    [
        "../../etc/passwd",
        "A\x00B\x1b[31m × C\u202e",
        "방탄소년단 × 🎵 <script>",
        "x" * 300,
        "{{ 7 }} %s {0}",
    ],
)
def test_no_title_leaves_its_place(open_bench: OpenBench, world: World, title: str) -> None:
    world.videos["loopvid0000"].title = title
    bench = open_bench(world)
    night(bench)
    track = bench.ledger.tracks.require("yt:loopvid0000")
    assert track.state == TrackState.KEPT
    folder, _, name = (track.audio_key or "").partition("/")
    assert (folder, name.endswith("[yt-loopvid0000].mp3"), "/" in name) == ("audio", True, False)


def test_two_videos_with_one_title_are_two_files(open_bench: OpenBench, world: World) -> None:
    world.videos["loopvid0001"].title = world.videos["loopvid0000"].title
    bench = open_bench(world)
    night(bench)
    assert len(bench.store.list("audio/")) == 3


def test_a_playlist_that_cannot_be_listed_does_not_hold_up_the_others(
    open_bench: OpenBench, world: World
) -> None:
    gone = follow("https://www.youtube.com/playlist?list=PLgone")
    bench = open_bench(world)
    report = ingest(bench, Sources(subscriptions=(gone, follow())))
    assert report.counts["collect"] == {"skipped": 1, "done": 3}
    assert "does not exist, or is private" in next(iter(report.skipped_by_reason))


def test_the_report_counts_and_explains(open_bench: OpenBench, world: World) -> None:
    world.videos["loopvid0000"].state = State.GEO
    world.videos["loopvid0001"].duration_s = 60
    report: IngestReport = ingest(open_bench(world), MASHUPS)
    assert report.failed_by_class == {"DamagedDownloadError": 1}
    assert report.skipped_by_reason["the video is blocked in this country"] == 1
    assert (report.downloads.files, report.sources[0].new) == (1, 3)
    assert report.downloads.size_bytes == world.videos["loopvid0002"].files[251].stat().st_size
    assert "| Failed | how many |" in report.markdown()
