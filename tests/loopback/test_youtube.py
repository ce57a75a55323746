"""The loopback itself: no other host, a real TLS chain, Range as servers do it."""

from __future__ import annotations

import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.loopback.youtube import Loopback, serve_youtube
from tests.loopback.youtube_media import make_tone
from tests.loopback.youtube_player import MEDIA_HOST
from tests.loopback.youtube_world import make_world

MEDIA = f"https://{MEDIA_HOST}/videoplayback?id=loopvid0000&itag=251"


@pytest.fixture
def loopback(tmp_path: Path) -> Iterator[Loopback]:
    world = make_world(lambda index: make_tone(tmp_path, index), titles=("A x B",))
    with serve_youtube(world, tmp_path / "authority") as running:
        yield running


def get(loopback: Loopback, url: str, *, span: str | None = None, trusted: bool = True) -> bytes:
    authority = str(loopback.ca_file) if trusted else None
    context = ssl.create_default_context(cafile=authority)
    proxy = urllib.request.ProxyHandler({"https": loopback.url, "http": loopback.url})
    opener = urllib.request.build_opener(proxy, urllib.request.HTTPSHandler(context=context))
    request = urllib.request.Request(url, headers={"Range": span} if span else {})
    with opener.open(request, timeout=10) as response:
        return bytes(response.read())


@pytest.mark.parametrize("host", ["example.com", "www.google.com", "pypi.org", "youtube.com.evil"])
def test_no_other_host_is_reached(loopback: Loopback, host: str) -> None:
    with pytest.raises(urllib.error.URLError, match="403"):
        get(loopback, f"https://{host}/")
    assert loopback.world.refused_hosts == [host]


def test_only_its_own_authority_vouches_for_it(loopback: Loopback) -> None:
    with pytest.raises(urllib.error.URLError, match="CERTIFICATE_VERIFY_FAILED"):
        get(loopback, MEDIA, trusted=False)


def test_a_range_is_that_part_of_the_file(loopback: Loopback, tmp_path: Path) -> None:
    whole = make_tone(tmp_path, 0)[251].read_bytes()
    assert get(loopback, MEDIA) == whole
    assert get(loopback, MEDIA, span="bytes=100-199") == whole[100:200]
    assert get(loopback, MEDIA, span="bytes=30000-") == whole[30000:]
    assert get(loopback, f"{MEDIA}&range=5-9") == whole[5:10]


def test_a_range_beyond_the_end_is_refused(loopback: Loopback) -> None:
    with pytest.raises(urllib.error.HTTPError, match="416") as caught:
        get(loopback, MEDIA, span="bytes=9999999-")
    caught.value.close()
