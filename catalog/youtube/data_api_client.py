"""Lists with the YouTube Data API: exact counts, dates and licences for two units per 50 videos.

`playlistItems.list` and `videos.list` cost one unit each out of 10,000 a day. `search.list` is
never called: its own bucket holds 100 calls a day.
"""

from __future__ import annotations

import datetime as dt
import os
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import httplib2
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError

from catalog.youtube.address import Address, AddressKind, parse_address
from catalog.youtube.classify import classify
from catalog.youtube.client import Options
from catalog.youtube.errors import (
    OptionsError,
    QuotaSpentError,
    ThrottledError,
    UnavailableError,
    Why,
    YouTubeError,
)
from catalog.youtube.records import CREATIVE_COMMONS, Listing, VideoFacts, clean_text, once

BATCH = 50
_LICENCES = {"creativeCommon": CREATIVE_COMMONS, "youtube": "standard YouTube licence"}
_QUOTA = frozenset({"quotaExceeded", "dailyLimitExceeded"})
_RATE = frozenset({"rateLimitExceeded", "userRateLimitExceeded"})
_DURATION = re.compile(r"P(?:(\d+)D)?T?(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?")
_HIDDEN = frozenset({"Private video", "Deleted video"})


class DataApiLister:
    """Lists playlists and channels by key; counts the units it spends."""

    name = "data-api"

    def __init__(self, options: Options) -> None:
        if not options.api_key:
            raise OptionsError(
                "expected an API key for the YouTube Data API, got none: set MASHUP_YOUTUBE_API_KEY"
            )
        self._options = options
        self._lock, self._local = threading.Lock(), threading.local()
        self.used_units = 0
        where = {"api_endpoint": options.api_endpoint} if options.api_endpoint else None
        self._service = build(
            "youtube",
            "v3",
            developerKey=options.api_key,
            static_discovery=True,
            client_options=where,
            http=self._http(),
        )

    def list_videos(self, url: str, *, limit: int | None = None) -> Listing:
        """Return the videos behind `url`, with dates, durations and licences.

        Raises
        ------
        QuotaSpentError
            The key's daily units are spent; scraping clients still can list.
        """
        self._local.http = self._http()  # httplib2's connections are not for several threads
        try:
            return self._list(url, parse_address(url), limit)
        except HttpError as error:
            raise _mapped(error, self.name) from error
        except YouTubeError:
            raise
        except Exception as error:  # network errors of httplib2 come bare
            raise classify(error, client=self.name) from error
        finally:
            self._local.http.close()

    def _list(self, url: str, address: Address, limit: int | None) -> Listing:
        if address.kind is AddressKind.VIDEO:
            return Listing(url, "", self._describe([VideoFacts(address.key)]), 1, self.name)
        playlist_id = address.key
        if address.kind is AddressKind.CHANNEL:
            playlist_id = self._uploads_of(address.key)
        pages = self._pages(playlist_id, limit)
        listed = once([_listed(item) for page in pages for item in page["items"]])[:limit]
        entries = tuple(
            facts
            for start in range(0, len(listed), BATCH)
            for facts in self._describe(listed[start : start + BATCH])
        )
        stated = pages[0]["pageInfo"]["totalResults"]
        cut = limit is not None and len(entries) >= limit
        return Listing(url, "", entries, stated, self.name, cut=cut)

    def _pages(self, playlist_id: str, limit: int | None) -> list[Mapping[str, Any]]:
        pages: list[Mapping[str, Any]] = []
        token: str | None = None
        while not pages or (token and (limit is None or len(pages) * BATCH < limit)):
            call = self._service.playlistItems().list(
                part="snippet,contentDetails",
                playlistId=playlist_id,
                maxResults=BATCH,
                pageToken=token,
            )
            pages.append(self._spend(call))
            token = pages[-1].get("nextPageToken")
        return pages

    def _describe(self, listed: Sequence[VideoFacts]) -> tuple[VideoFacts, ...]:
        """Return up to 50 videos with full facts; one that the API hides is private or removed."""
        call = self._service.videos().list(
            part="snippet,contentDetails,status", id=",".join(f.video_id for f in listed)
        )
        told = {item["id"]: item for item in self._spend(call).get("items", ())}
        return tuple(
            _described(told[f.video_id])
            if f.video_id in told
            else VideoFacts(f.video_id, title=f.title, channel=f.channel, is_private=True)
            for f in listed
        )

    def _uploads_of(self, channel: str) -> str:
        """Return the playlist of a channel's uploads: from its id, or one call for a handle."""
        kind, _, rest = channel.rpartition("/")
        if kind == "channel":
            return "UU" + rest[2:]
        wanted = {"forUsername": rest} if kind == "user" else {"forHandle": rest}
        call = self._service.channels().list(part="contentDetails", **wanted)
        items = self._spend(call).get("items") or ()
        if not items:
            raise UnavailableError(Why.NO_LIST, detail=channel)
        return str(items[0]["contentDetails"]["relatedPlaylists"]["uploads"])

    def _spend(self, call: Any) -> Mapping[str, Any]:
        with self._lock:
            self.used_units += 1
        answer: Mapping[str, Any] = call.execute(http=self._local.http)
        return answer

    def _http(self) -> httplib2.Http:
        proxy = self._options.proxy
        info = httplib2.proxy_info_from_url(proxy) if proxy else None
        trusted = os.environ.get("SSL_CERT_FILE")  # as the other clients; httplib2 does not look
        return httplib2.Http(
            timeout=self._options.timeout_s, proxy_info=info, ca_certs=trusted or None
        )


def _listed(item: Mapping[str, Any]) -> VideoFacts:
    snippet = item["snippet"]
    title = clean_text(str(snippet.get("title") or ""))
    return VideoFacts(
        video_id=str(item["contentDetails"]["videoId"]),
        title=title,
        channel=snippet.get("videoOwnerChannelTitle"),
        is_private=title in _HIDDEN,
    )


def _described(item: Mapping[str, Any]) -> VideoFacts:
    snippet, status = item["snippet"], item.get("status") or {}
    published = str(snippet.get("publishedAt") or "")[:10]
    pictures = (snippet.get("thumbnails") or {}).values()
    return VideoFacts(
        video_id=str(item["id"]),
        title=clean_text(str(snippet.get("title") or "")),
        channel=clean_text(str(snippet.get("channelTitle") or "")) or None,
        duration_s=_seconds(str((item.get("contentDetails") or {}).get("duration") or "")),
        uploaded=dt.date.fromisoformat(published) if published else None,
        licence=_LICENCES.get(str(status.get("license"))),
        is_live=snippet.get("liveBroadcastContent") in ("live", "upcoming"),
        description=snippet.get("description"),
        thumbnail_url=next((str(p["url"]) for p in reversed(list(pictures))), None),
    )


def _seconds(iso: str) -> float | None:
    """Return the seconds of an ISO 8601 duration such as PT1H2M3S."""
    match = _DURATION.fullmatch(iso)
    if not match or not iso:
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return float(((days * 24 + hours) * 60 + minutes) * 60 + seconds)


def _reasons(error: HttpError) -> Iterator[str]:
    details = error.error_details if isinstance(error.error_details, list) else ()
    return (str(detail.get("reason")) for detail in details)


def _mapped(error: HttpError, client: str) -> YouTubeError:
    reasons, status = set(_reasons(error)), int(error.resp.status)
    if reasons & _QUOTA:
        return QuotaSpentError(
            "the YouTube Data API's daily quota is spent; it returns at midnight Pacific time"
        )
    if status == 429 or reasons & _RATE:
        wait = str(error.resp.get("retry-after") or "")
        return ThrottledError(
            f"the YouTube Data API asks {client} to slow down (HTTP {status})",
            retry_after_s=float(wait) if wait.isdigit() else None,
        )
    if status == 404:
        return UnavailableError(Why.NO_LIST, detail=str(error.reason))
    if status in (400, 401, 403):
        return OptionsError(
            f"the YouTube Data API refused the key or the call ({error.reason}): "
            "check MASHUP_YOUTUBE_API_KEY"
        )
    return classify(_AnswerError(status, str(error.reason)), client=client)


class _AnswerError(OSError):
    """An HTTP answer in the form that `classify` reads."""

    def __init__(self, status: int, reason: str) -> None:
        self.status = status
        super().__init__(reason)
