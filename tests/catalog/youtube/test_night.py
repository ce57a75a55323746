"""One night after the other: plan, gate and download together, as the line uses them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from catalog.youtube.breaker import Breaker
from catalog.youtube.client import Client
from catalog.youtube.download import download, find_download
from catalog.youtube.errors import PausedError, YouTubeError
from catalog.youtube.filters import Filters
from catalog.youtube.sync import objection_of, plan_sync
from catalog.youtube.throttle import Gate, Pace
from tests.catalog.youtube.conftest import Open
from tests.loopback.fixtures import FilesOf, clients_leave_sockets
from tests.loopback.youtube_clients import PLAYLIST_URL
from tests.loopback.youtube_media import check_audio
from tests.loopback.youtube_world import Fault, State, World, make_world

pytestmark = clients_leave_sockets

FILTERS = Filters(min_duration_s=0)


@dataclass
class Night:
    """What one run did."""

    done: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    paused: str | None = None


def run_night(client: Client, folder: Path, *, limit: int | None = None) -> Night:
    night = Night()
    pace = Pace(sleep=lambda pause_s: None)
    gate = Gate(Breaker(folder / "breaker.json"), pace)
    try:
        listing = gate.run(lambda: client.list_videos(PLAYLIST_URL))
        known = [f.video_id for f in listing.entries if find_download(folder, f.video_id)]
        for facts in plan_sync(listing, known, FILTERS, limit).new:
            _fetch(client, gate, facts.video_id, folder, night)
    except PausedError as error:
        night.paused = error.reason
    return night


def _fetch(client: Client, gate: Gate, video_id: str, folder: Path, night: Night) -> None:
    objection = objection_of(FILTERS)
    try:
        gate.run(
            lambda: download(client, video_id, folder, check_audio=check_audio, objection=objection)
        )
    except PausedError:
        raise
    except YouTubeError as error:
        night.failed[video_id] = str(error)
    else:
        night.done.append(video_id)


@pytest.fixture
def world(tones: FilesOf) -> World:
    return make_world(tones, titles=("A x B", "C vs D"), fillers=2)


def test_bad_videos_do_not_hold_up_the_rest(
    open_loopback: Open, world: World, tmp_path: Path
) -> None:
    world.videos["loopvid0000"].state = State.GEO
    world.videos["loopvid0001"].duration_s = 30
    world.videos["loopvid0002"].state = State.REMOVED
    night = run_night(open_loopback("yt-dlp", world), tmp_path)
    assert night.done == ["loopvid0003"]
    assert night.failed == {
        "loopvid0000": "the video is blocked in this country",
        "loopvid0001": "expected 30 s of audio, got 3.0 s: cut short or wrong file",
        "loopvid0002": "the video was removed",
    }


def test_a_second_night_asks_for_the_listing_only(
    open_loopback: Open, world: World, tmp_path: Path
) -> None:
    client = open_loopback("yt-dlp", world)
    assert len(run_night(client, tmp_path).done) == 4
    world.requests.clear()
    assert run_night(client, tmp_path) == Night()
    assert [request.place for request in world.requests] == ["playlist", "browse"]


def test_a_429_pauses_the_run_and_the_next_one_carries_on(
    open_loopback: Open, world: World, tmp_path: Path
) -> None:
    world.faults = [Fault("media", 429, 999, video_id="loopvid0002")]
    client = open_loopback("yt-dlp", world)
    first = run_night(client, tmp_path)
    assert (first.done, first.failed) == (["loopvid0000", "loopvid0001"], {})
    assert first.paused == "YouTube asks yt-dlp to slow down (HTTP 429)"
    asked = world.count()
    assert run_night(client, tmp_path).paused == first.paused
    assert world.count() == asked  # an open breaker costs no request
    (tmp_path / "breaker.json").unlink()
    world.faults = []
    assert run_night(client, tmp_path).done == [f"loopvid000{n}" for n in (2, 3)]
    assert world.count("media") == 5  # four files, and the one refusal


def test_a_limit_spreads_a_playlist_over_nights(
    open_loopback: Open, world: World, tmp_path: Path
) -> None:
    client = open_loopback("pytubefix", world)
    nights = [run_night(client, tmp_path, limit=3).done for _ in range(3)]
    assert [len(done) for done in nights] == [3, 1, 0]
    assert sorted(nights[0] + nights[1]) == list(world.videos)
