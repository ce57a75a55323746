"""pytube itself, for whoever asks for it by name: abandoned upstream, so it fails loudly.

On YouTube's playlist pages of 2026 it finds no video and says nothing; this client compares what it
found with what the page states.
"""

from __future__ import annotations

from pathlib import Path

import pytube
import pytube.request

from catalog.youtube.address import AddressKind, check_video_id, parse_address
from catalog.youtube.client import Objection, Options, no_objection
from catalog.youtube.errors import ClientBrokenError, ListingShortError
from catalog.youtube.pytube_family import fetch, list_pages, search_page
from catalog.youtube.pytube_requests import one_job, set_opener
from catalog.youtube.records import Fetched, Listing, VideoFacts, clean_text

_ADVICE = "pytube is no longer maintained: set MASHUP_YOUTUBE_CLIENT=auto"


class PytubeClient:
    """Talks to YouTube through pytube 15, and distrusts it."""

    name = "pytube"

    def __init__(self, options: Options) -> None:
        self._options = options
        set_opener(pytube.request, options)

    def list_videos(self, url: str, *, limit: int | None = None) -> Listing:
        """Return the videos behind `url`.

        Raises
        ------
        ListingShortError
            pytube saw fewer videos than the page states, or none at all.
        """
        address = parse_address(url)
        if address.kind is AddressKind.VIDEO:
            return Listing(url, "", (VideoFacts(address.key),), 1, self.name)
        if address.kind is AddressKind.CHANNEL:
            raise ClientBrokenError(f"pytube cannot list channels; {_ADVICE}")
        with one_job(self.name):
            pages = pytube.Playlist(address.url)
            return _trusted(list_pages(pages, url, limit=limit, client=self.name))

    def fetch_audio(
        self, video_id: str, target_dir: Path, *, objection: Objection = no_objection
    ) -> Fetched:
        """Write the best audio into `target_dir`, always from the start."""
        url = f"https://www.youtube.com/watch?v={check_video_id(video_id)}"
        with one_job(self.name, video_id=video_id):
            return fetch(
                pytube.YouTube(url),
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
            return search_page(pytube.Search(clean_text(text)), limit=limit)


def _trusted(listing: Listing) -> Listing:
    found = len(listing.entries)
    nothing_known = found == 0 and listing.stated_count is None
    if listing.missing or nothing_known:
        raise ListingShortError(
            f"the page states {listing.stated_count or 'an unknown number of'} videos, "
            f"pytube saw {found}; {_ADVICE}"
        )
    return listing


def _read_bytes(url: str) -> bytes:
    with pytube.request._execute_request(url) as response:
        return bytes(response.read())
