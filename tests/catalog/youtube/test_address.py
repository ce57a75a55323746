"""Addresses as people paste them."""

from __future__ import annotations

import pytest

from catalog.youtube.address import Address, AddressKind, check_video_id, parse_address
from catalog.youtube.errors import AddressError

VIDEO = Address(AddressKind.VIDEO, "loopvid0001")
PLAYLIST = Address(AddressKind.PLAYLIST, "PL0123")


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://www.youtube.com/watch?v=loopvid0001", VIDEO),
        ("https://www.youtube.com/watch?v=loopvid0001&list=PL0123&index=4", VIDEO),
        ("https://youtu.be/loopvid0001?si=tracking", VIDEO),
        ("youtube.com/shorts/loopvid0001", VIDEO),
        (" https://m.youtube.com/playlist?list=PL0123 ", PLAYLIST),
        ("https://music.youtube.com/playlist?list=PL0123", PLAYLIST),
        ("https://www.youtube.com/@kjmixes/videos", Address(AddressKind.CHANNEL, "@kjmixes")),
        (
            "https://www.youtube.com/channel/UCloopbackloopbackloopba",
            Address(AddressKind.CHANNEL, "channel/UCloopbackloopbackloopba"),
        ),
        ("https://www.youtube.com/user/kj", Address(AddressKind.CHANNEL, "user/kj")),
    ],
)
def test_an_address_names_a_video_a_playlist_or_a_channel(url: str, address: Address) -> None:
    assert parse_address(url) == address


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://example.com/watch?v=loopvid0001",
        "https://youtube.com.example.com/watch?v=loopvid0001",
        "https://www.youtube.com/watch?v=../../etc",
        "https://www.youtube.com/watch",
        "https://www.youtube.com/",
        "file:///etc/passwd",
    ],
)
def test_anything_else_is_refused_with_an_example(url: str) -> None:
    with pytest.raises(AddressError, match=r"expected a YouTube video.*copy it from the browser"):
        parse_address(url)


@pytest.mark.parametrize("video_id", ["../../etc/pw", "loopvid0001\n", "short", "loopvid00011"])
def test_an_id_that_could_be_a_path_is_refused(video_id: str) -> None:
    with pytest.raises(AddressError, match="expected a video id of 11 letters"):
        check_video_id(video_id)
