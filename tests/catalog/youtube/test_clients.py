"""Each real client against the loopback YouTube: lists in both page shapes, fetches, searches."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path

import pytest

from catalog.youtube.auto_client import AutoClient
from catalog.youtube.data_api_client import DataApiLister
from catalog.youtube.errors import (
    ClientBrokenError,
    FilteredError,
    ListingShortError,
    OptionsError,
    QuotaSpentError,
)
from catalog.youtube.open_client import open_client
from catalog.youtube.records import Listing
from catalog.youtube.ytdlp_client import YtdlpClient
from tests.catalog.youtube.conftest import Open
from tests.loopback.fixtures import FilesOf, Serve, clients_leave_sockets
from tests.loopback.youtube_clients import (
    CHANNEL_URL,
    PLAYLIST_URL,
    api_options,
    scraping_options,
)
from tests.loopback.youtube_media import check_audio
from tests.loopback.youtube_world import CHANNEL_ID, Shape, World, make_world

pytestmark = clients_leave_sockets

SCRAPERS = ("yt-dlp", "pytubefix", "pytube")
TITLES = ("Dua Lipa x Bee Gees - Levitating Fever", "BLACKPINK - 뚜두뚜두 x bad guy 🔥")


def small_world(*, shape: Shape = "classic", videos: int = 5) -> World:
    world = make_world(lambda index: {}, titles=TITLES, fillers=videos - 2)
    world.shape, world.page_size = shape, 2
    return world


def ids(listing: Listing) -> list[str]:
    return [facts.video_id for facts in listing.entries]


@pytest.mark.parametrize(
    ("name", "shape"),
    [(name, "classic") for name in SCRAPERS] + [(name, "lockup") for name in SCRAPERS[:2]],
)
def test_lists_a_playlist_over_several_pages(open_loopback: Open, name: str, shape: Shape) -> None:
    world = small_world(shape=shape)
    listing = open_loopback(name, world).list_videos(PLAYLIST_URL)
    assert ids(listing) == list(world.videos)
    assert (listing.title, listing.stated_count, listing.missing) == ("Loopback mashups", 5, 0)
    first = listing.entries[1]
    assert (first.title, first.channel, first.duration_s) == (TITLES[1], "KJ Mixes", 3.0)


def test_pytube_fails_loudly_on_the_page_shape_it_cannot_read(open_loopback: Open) -> None:
    client = open_loopback("pytube", small_world(shape="lockup"))
    with pytest.raises(ListingShortError, match=r"states 5 videos, pytube saw 0.*CLIENT=auto"):
        client.list_videos(PLAYLIST_URL)


@pytest.mark.parametrize("name", SCRAPERS[:2])
def test_lists_a_channel_over_several_pages(open_loopback: Open, name: str) -> None:
    world = small_world(videos=35)
    listing = open_loopback(name, world).list_videos(CHANNEL_URL)
    assert ids(listing) == list(world.videos)
    assert listing.entries[0].duration_s == 3.0


def test_pytube_says_that_it_cannot_list_channels(open_loopback: Open) -> None:
    with pytest.raises(ClientBrokenError, match="cannot list channels"):
        open_loopback("pytube", small_world()).list_videos(CHANNEL_URL)


@pytest.mark.parametrize("name", SCRAPERS)
def test_a_limit_ends_the_listing_early(open_loopback: Open, name: str) -> None:
    listing = open_loopback(name, small_world()).list_videos(PLAYLIST_URL, limit=3)
    assert (len(listing.entries), listing.cut, listing.missing) == (3, True, 0)


@pytest.mark.parametrize("name", SCRAPERS)
def test_the_address_of_one_video_costs_no_request(open_loopback: Open, name: str) -> None:
    world = small_world()
    listing = open_loopback(name, world).list_videos("https://youtu.be/loopvid0001")
    assert (ids(listing), world.count()) == (["loopvid0001"], 0)


@pytest.mark.parametrize("name", SCRAPERS)
def test_fetches_audio_with_its_facts(
    open_loopback: Open, tones: FilesOf, tmp_path: Path, name: str
) -> None:
    world = make_world(tones, titles=TITLES)
    world.videos["loopvid0001"].creative_commons = True
    fetched = open_loopback(name, world).fetch_audio("loopvid0001", tmp_path / "staging")
    source = tones(1)[140 if fetched.container == "m4a" else 251]
    assert fetched.path.read_bytes() == source.read_bytes()
    assert fetched.size_bytes == fetched.expected_bytes == source.stat().st_size
    assert check_audio(fetched.path) == pytest.approx(3.0, abs=0.1)
    facts = fetched.facts
    assert (facts.title, facts.channel, facts.duration_s) == (TITLES[1], "KJ Mixes", 3)
    assert (facts.uploaded, facts.creative_commons) == (dt.date(2024, 1, 2), True)
    assert fetched.thumbnail is not None and fetched.thumbnail.read_bytes()[:3] == b"\xff\xd8\xff"


@pytest.mark.parametrize("name", SCRAPERS)
def test_an_objection_to_the_facts_saves_the_download(
    open_loopback: Open, tones: FilesOf, tmp_path: Path, name: str
) -> None:
    world = make_world(tones, titles=TITLES)
    client = open_loopback(name, world)
    with pytest.raises(FilteredError, match="uploaded 2024-01-02"):
        client.fetch_audio(
            "loopvid0000", tmp_path, objection=lambda facts: f"uploaded {facts.uploaded}"
        )
    assert world.count("media") == 0


@pytest.mark.parametrize("name", SCRAPERS)
def test_search_ranks_by_the_words(open_loopback: Open, name: str) -> None:
    found = open_loopback(name, small_world()).search("BLACKPINK bad guy", limit=2)
    assert [facts.title for facts in found] == [TITLES[1], TITLES[0]]


def test_the_data_api_lists_in_batches_of_fifty(serve: Serve) -> None:
    world = small_world(videos=120)
    world.videos["loopvid0003"].creative_commons = True
    lister = DataApiLister(api_options(serve(world)))
    listing = lister.list_videos(PLAYLIST_URL)
    assert ids(listing) == list(world.videos)
    assert (lister.used_units, world.count("api"), listing.stated_count) == (6, 6, 120)
    told = listing.entries[3]
    assert (told.uploaded, told.duration_s) == (dt.date(2024, 1, 2), 3.0)
    assert [facts.creative_commons for facts in listing.entries[2:4]] == [False, True]


@pytest.mark.parametrize("channel", ["@kjmixes", f"channel/{CHANNEL_ID}"])
def test_the_data_api_lists_the_uploads_of_a_channel(serve: Serve, channel: str) -> None:
    world = small_world()
    lister = DataApiLister(api_options(serve(world)))
    assert ids(lister.list_videos(f"https://www.youtube.com/{channel}")) == list(world.videos)


def test_a_spent_quota_leaves_the_listing_to_yt_dlp(serve: Serve) -> None:
    world = small_world()
    world.quota_units = 0
    loopback = serve(world)
    lister = DataApiLister(api_options(loopback))
    with pytest.raises(QuotaSpentError, match="quota is spent; it returns at midnight"):
        lister.list_videos(PLAYLIST_URL)
    client = AutoClient([YtdlpClient(scraping_options(loopback))], first_lister=lister)
    listing = client.list_videos(PLAYLIST_URL)
    assert (listing.client, len(listing.entries)) == ("yt-dlp", 5)
    assert "quota is spent" in listing.notes[0]


def test_a_wrong_key_is_told_by_name(serve: Serve) -> None:
    lister = DataApiLister(api_options(serve(small_world()), key="WRONG"))
    with pytest.raises(OptionsError, match=r"API key not valid.*MASHUP_YOUTUBE_API_KEY"):
        lister.list_videos(PLAYLIST_URL)


def test_the_data_api_needs_a_key(serve: Serve) -> None:
    with pytest.raises(OptionsError, match="set MASHUP_YOUTUBE_API_KEY"):
        DataApiLister(scraping_options(serve(small_world())))


def test_an_unknown_client_is_answered_with_the_known_ones(serve: Serve) -> None:
    with pytest.raises(OptionsError, match="auto, yt-dlp, pytubefix, pytube, got 'youtube-dl'"):
        open_client("youtube-dl", scraping_options(serve(small_world())))


def test_an_argument_that_yt_dlp_does_not_know_is_named(serve: Serve) -> None:
    options = scraping_options(serve(small_world()), ytdlp_arguments=("--no-such-thing",))
    with pytest.raises(OptionsError, match=r"no such option: --no-such-thing.*YOUTUBE_OPTIONS"):
        open_client("yt-dlp", options)


def test_arguments_pass_through_to_yt_dlp(serve: Serve, tones: FilesOf, tmp_path: Path) -> None:
    world = make_world(tones, titles=TITLES)
    options = scraping_options(serve(world), ytdlp_arguments=("--format=140",))
    fetched = open_client("yt-dlp", options).fetch_audio("loopvid0000", tmp_path)
    assert fetched.path.read_bytes() == tones(0)[140].read_bytes()


def test_missing_cookies_are_told_before_any_request(serve: Serve, tmp_path: Path) -> None:
    cookies = tmp_path / "none.txt"
    options = dataclasses.replace(scraping_options(serve(small_world())), cookies_file=cookies)
    with pytest.raises(OptionsError, match=r"none.txt.*MASHUP_YOUTUBE_COOKIES"):
        open_client("yt-dlp", options)
