"""The table client x fault: every real client, every fault, one taxonomy, sentences for people."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from catalog.youtube.data_api_client import DataApiLister
from catalog.youtube.download import download
from catalog.youtube.errors import (
    BotWallError,
    ClientBrokenError,
    ListingShortError,
    ThrottledError,
    TransientError,
    UnavailableError,
    Why,
    YouTubeError,
)
from catalog.youtube.pytubefix_client import PytubefixClient
from tests.catalog.youtube.conftest import Open
from tests.loopback.fixtures import FilesOf, Serve, clients_leave_sockets
from tests.loopback.youtube_clients import PLAYLIST_URL, api_options, scraping_options
from tests.loopback.youtube_media import check_audio
from tests.loopback.youtube_world import Fault, FaultKind, State, World, make_world

pytestmark = clients_leave_sockets

SCRAPERS = ("yt-dlp", "pytubefix", "pytube")
ALWAYS = 999
VIDEO = "loopvid0000"
every_client = pytest.mark.parametrize("name", SCRAPERS)


def world_of(tones: FilesOf, *faults: Fault) -> World:
    world = make_world(tones, titles=("A x B", "C vs D"), fillers=3)
    world.page_size, world.faults = 3, list(faults)
    return world


@every_client
@pytest.mark.parametrize("place", ["playlist", "browse"])
@pytest.mark.parametrize(
    ("kind", "expected", "sentence"),
    [
        (429, ThrottledError, "YouTube asks {} to slow down (HTTP 429)"),
        (403, ClientBrokenError, "YouTube refused {} with HTTP 403"),
        ("malformed", ClientBrokenError, "{}"),
        ("reset", TransientError, "the connection of {} broke"),
    ],
)
def test_a_listing_fails_with_a_class_and_a_sentence(
    open_loopback: Open,
    name: str,
    place: str,
    kind: FaultKind,
    expected: type[YouTubeError],
    sentence: str,
) -> None:
    client = open_loopback(name, world_of(lambda index: {}, Fault(place, kind, ALWAYS)))
    with pytest.raises(YouTubeError) as caught:
        client.list_videos(PLAYLIST_URL)
    assert type(caught.value) is expected
    assert sentence.format(name) in str(caught.value)


@every_client
@pytest.mark.parametrize("place", ["playlist", "browse"])
def test_a_listing_survives_two_stumbles(open_loopback: Open, name: str, place: str) -> None:
    world = world_of(lambda index: {}, Fault(place, 503, 2))
    listing = open_loopback(name, world).list_videos(PLAYLIST_URL)
    assert [facts.video_id for facts in listing.entries] == list(world.videos)


@every_client
@pytest.mark.parametrize("place", ["player", "media"])
@pytest.mark.parametrize(
    ("kind", "expected"),
    [(429, ThrottledError), (403, ClientBrokenError), ("reset", TransientError)],
)
def test_a_download_fails_with_a_class_and_leaves_nothing_visible(
    open_loopback: Open,
    tones: FilesOf,
    tmp_path: Path,
    name: str,
    place: str,
    kind: FaultKind,
    expected: type[YouTubeError],
) -> None:
    client = open_loopback(name, world_of(tones, Fault(place, kind, ALWAYS)))
    with pytest.raises(YouTubeError) as caught:
        download(client, VIDEO, tmp_path / "audio", check_audio=check_audio)
    assert type(caught.value) is expected
    assert not list((tmp_path / "audio").glob("[!.]*"))


@every_client
@pytest.mark.parametrize(
    "fault",
    [
        Fault("player", 503, 2),
        Fault("media", 503, 2),
        Fault("media", "truncate"),
        Fault("media", "reset"),
        Fault("player", "reset"),
        Fault("thumbnail", 404, ALWAYS),
    ],
    ids=lambda fault: f"{fault.kind} of {fault.place}",
)
def test_a_download_survives(
    open_loopback: Open, tones: FilesOf, tmp_path: Path, name: str, fault: Fault
) -> None:
    world = world_of(tones, Fault(fault.place, fault.kind, fault.times))
    done = download(open_loopback(name, world), VIDEO, tmp_path / "audio", check_audio=check_audio)
    source = tones(0)[140 if done.container == "m4a" else 251]
    assert done.path.read_bytes() == source.read_bytes()


@every_client
@pytest.mark.parametrize(
    ("state", "why"),
    [
        (State.PRIVATE, Why.PRIVATE),
        (State.REMOVED, Why.REMOVED),
        (State.GEO, Why.GEO),
        (State.AGE, Why.AGE),
        (State.MEMBERS, Why.MEMBERS),
        (State.LIVE, Why.LIVE),
        (State.UPCOMING, Why.LIVE),
        (State.DRM, Why.DRM),
    ],
)
def test_a_refused_video_is_unavailable_for_its_reason(
    open_loopback: Open, tones: FilesOf, tmp_path: Path, name: str, state: State, why: Why
) -> None:
    world = world_of(tones)
    world.videos[VIDEO].state = state
    with pytest.raises(UnavailableError) as caught:
        download(open_loopback(name, world), VIDEO, tmp_path / "audio", check_audio=check_audio)
    assert (caught.value.why, world.count("media")) == (why, 0)


@every_client
def test_a_bot_wall_is_told_as_one(
    open_loopback: Open, tones: FilesOf, tmp_path: Path, name: str
) -> None:
    world = world_of(tones)
    world.videos[VIDEO].state = State.BOT_WALL
    with pytest.raises(BotWallError, match=f"asks {name} to prove that it is no bot"):
        open_loopback(name, world).fetch_audio(VIDEO, tmp_path)


@every_client
def test_an_empty_playlist_is_an_empty_listing(open_loopback: Open, name: str) -> None:
    world = World(playlists={PLAYLIST_URL.split("=")[1]: []})
    listing = open_loopback(name, world).list_videos(PLAYLIST_URL)
    assert (listing.entries, listing.stated_count) == ((), 0)


@every_client
def test_an_unknown_playlist_is_told(open_loopback: Open, name: str) -> None:
    client = open_loopback(name, world_of(lambda index: {}))
    with pytest.raises(UnavailableError, match="the playlist or channel does not exist"):
        client.list_videos("https://www.youtube.com/playlist?list=PLnone")


@pytest.mark.parametrize("name", SCRAPERS[:2])
def test_a_short_playlist_is_listed_with_a_note(open_loopback: Open, name: str) -> None:
    world = world_of(lambda index: {})
    world.stated_counts = {PLAYLIST_URL.split("=")[1]: 9}
    listing = open_loopback(name, world).list_videos(PLAYLIST_URL)
    assert (len(listing.entries), listing.missing) == (5, 4)
    assert listing.notes[0].startswith(f"the page states 9 videos, {name} saw 5")


def test_pytube_refuses_a_short_playlist(open_loopback: Open) -> None:
    world = world_of(lambda index: {})
    world.stated_counts = {PLAYLIST_URL.split("=")[1]: 9}
    with pytest.raises(ListingShortError, match="the page states 9 videos, pytube saw 5"):
        open_loopback("pytube", world).list_videos(PLAYLIST_URL)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (429, ThrottledError),
        (503, TransientError),
        ("reset", TransientError),
        ("malformed", ClientBrokenError),
    ],
)
def test_the_data_api_shares_the_taxonomy(
    serve: Serve, kind: FaultKind, expected: type[YouTubeError]
) -> None:
    lister = DataApiLister(api_options(serve(world_of(lambda index: {}, Fault("api", kind, 9)))))
    with pytest.raises(YouTubeError) as caught:
        lister.list_videos(PLAYLIST_URL)
    assert type(caught.value) is expected


def test_pytubefix_does_not_ask_for_ever_when_nothing_comes(
    serve: Serve, tones: FilesOf, tmp_path: Path
) -> None:
    world = world_of(tones, Fault("media", "nothing", ALWAYS))
    with pytest.raises(TransientError, match="gave up after 100 requests"):
        PytubefixClient(scraping_options(serve(world))).fetch_audio(VIDEO, tmp_path)
    assert world.count() == 100


def test_auto_falls_back_when_yt_dlp_is_refused(
    open_loopback: Open, tones: FilesOf, tmp_path: Path
) -> None:
    world = world_of(tones, Fault("media", 403, 1))
    done = download(
        open_loopback("auto", world), VIDEO, tmp_path / "audio", check_audio=check_audio
    )
    assert done.path.read_bytes() == tones(0)[251].read_bytes()
    assert world.count("media") >= 2


def test_auto_falls_back_behind_a_bot_wall(
    open_loopback: Open, tones: FilesOf, tmp_path: Path
) -> None:
    world = world_of(tones, Fault("player", "bot_wall", 2), Fault("watch", "bot_wall", 1))
    fetched = open_loopback("auto", world).fetch_audio(VIDEO, tmp_path)
    assert fetched.path.read_bytes() == tones(0)[251].read_bytes()


def test_auto_does_not_fall_back_on_a_429(
    open_loopback: Open, tones: FilesOf, tmp_path: Path
) -> None:
    world = world_of(tones, Fault("media", 429, ALWAYS))
    with pytest.raises(ThrottledError) as caught:
        open_loopback("auto", world).fetch_audio(VIDEO, tmp_path)
    assert "asks yt-dlp" in str(caught.value)
    assert world.count("media") == 1


def test_auto_tells_what_each_client_said(
    open_loopback: Open, tones: FilesOf, tmp_path: Path
) -> None:
    world = world_of(tones, Fault("media", 403, ALWAYS))
    with pytest.raises(ClientBrokenError, match=r"no client works: .*yt-dlp.*; .*pytubefix"):
        open_loopback("auto", world).fetch_audio(VIDEO, tmp_path)


def test_a_429_on_the_way_of_a_good_download_is_remembered(
    open_loopback: Open, tones: FilesOf, tmp_path: Path
) -> None:
    client = open_loopback("yt-dlp", world_of(tones, Fault("watch", 429, ALWAYS)))
    assert download(client, VIDEO, tmp_path / "audio", check_audio=check_audio).throttled


def test_threads_share_a_client(open_loopback: Open, tones: FilesOf, tmp_path: Path) -> None:
    world = world_of(tones)
    client = open_loopback("yt-dlp", world)

    def fetch(video_id: str) -> bytes:
        return download(client, video_id, tmp_path, check_audio=check_audio).path.read_bytes()

    with ThreadPoolExecutor(4) as pool:
        fetched = list(pool.map(fetch, world.videos))
    assert fetched == [tones(index)[251].read_bytes() for index in range(5)]
    assert world.count("media") == 5
