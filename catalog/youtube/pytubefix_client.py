"""The fallback client: pytubefix, the living fork of pytube."""

from __future__ import annotations

from pathlib import Path

import pytubefix
import pytubefix.request

from catalog.youtube.address import AddressKind, check_video_id, parse_address
from catalog.youtube.client import Objection, Options, no_objection
from catalog.youtube.pytube_family import fetch, list_pages, search_page
from catalog.youtube.pytube_requests import one_job, set_opener
from catalog.youtube.records import Fetched, Listing, VideoFacts, clean_text


class PytubefixClient:
    """Talks to YouTube through pytubefix; it cannot resume, and knows no cookies file."""

    name = "pytubefix"

    def __init__(self, options: Options) -> None:
        self._options = options
        set_opener(pytubefix.request, options)

    def list_videos(self, url: str, *, limit: int | None = None) -> Listing:
        """Return the videos behind `url` from its pages alone."""
        address = parse_address(url)
        if address.kind is AddressKind.VIDEO:
            return Listing(url, "", (VideoFacts(address.key),), 1, self.name)
        pages = pytubefix.Channel if address.kind is AddressKind.CHANNEL else pytubefix.Playlist
        with one_job(self.name):
            return list_pages(pages(address.url), url, limit=limit, client=self.name)

    def fetch_audio(
        self, video_id: str, target_dir: Path, *, objection: Objection = no_objection
    ) -> Fetched:
        """Write the best audio into `target_dir`, always from the start."""
        url = f"https://www.youtube.com/watch?v={check_video_id(video_id)}"
        with one_job(self.name, video_id=video_id):
            return fetch(
                pytubefix.YouTube(url),
                target_dir,
                objection=objection,
                options=self._options,
                client=self.name,
                read_bytes=_read_bytes,
            )

    def close(self) -> None:
        """Do nothing: each job closes its own connections."""

    def search(self, text: str, *, limit: int = 5) -> tuple[VideoFacts, ...]:
        """Return the first `limit` videos that YouTube offers for `text`."""
        with one_job(self.name):
            return search_page(pytubefix.Search(clean_text(text)), limit=limit)


def _read_bytes(url: str) -> bytes:
    with pytubefix.request._execute_request(url) as response:
        return bytes(response.read())
