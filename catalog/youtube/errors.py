"""One taxonomy for all that YouTube and its clients do wrong; each client's errors map onto it.

The class says what to do. Leave the video alone: `UnavailableError`, `FilteredError`. Wait:
`ThrottledError`, `BotWallError`, `PausedError`. Try again: `TransientError`. Use another client:
`ClientBrokenError`.
"""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from catalog.errors import CatalogError


class Why(StrEnum):
    """Why a video cannot be had; the value is what a person reads in the report."""

    PRIVATE = "the video is private"
    REMOVED = "the video was removed"
    GEO = "the video is blocked in this country"
    AGE = "the video is age-restricted and needs an account (set a cookies file)"
    MEMBERS = "the video is for members of the channel only"
    LIVE = "the video is a live stream, running or still to come"
    DRM = "the video is copy-protected (DRM)"
    NO_LIST = "the playlist or channel does not exist, or is private"
    UNKNOWN = "the video is unavailable"


class YouTubeError(CatalogError):
    """Base of all errors of this package."""


class AddressError(YouTubeError):
    """An address is not one of a YouTube video, playlist or channel."""


class UnavailableError(YouTubeError):
    """This video cannot be had, whichever client asks; `why` says the reason."""

    def __init__(self, why: Why, *, video_id: str | None = None, detail: str = "") -> None:
        self.why = why
        self.video_id = video_id
        super().__init__(f"{why.value} ({detail})" if detail else why.value)


class FilteredError(YouTubeError):
    """The video exists, but the subscription's filters do not want it."""


class TransientError(YouTubeError):
    """The network or YouTube stumbled; the same request may work soon."""


class DamagedDownloadError(YouTubeError):
    """A downloaded file is empty, cut short, not decodable or of the wrong length: start anew."""


class ClientBrokenError(YouTubeError):
    """The client no longer understands YouTube, or is refused as such; another may work."""


class ListingShortError(ClientBrokenError):
    """A client saw fewer videos than the page states."""


class QuotaSpentError(ClientBrokenError):
    """The Data API's daily quota is spent; scraping clients can still list."""


class OptionsError(YouTubeError):
    """An option is wrong: a client's name, an argument for yt-dlp, an API key."""


class ThrottledError(YouTubeError):
    """YouTube asks for fewer requests (429); `retry_after_s` is its own wish, if it said one."""

    def __init__(self, message: str, *, retry_after_s: float | None = None) -> None:
        self.retry_after_s = retry_after_s
        super().__init__(message)


class BotWallError(YouTubeError):
    """YouTube wants proof that no machine asks; more requests make it worse."""


class PausedError(YouTubeError):
    """The circuit breaker is open: no request is made before `until`."""

    def __init__(self, until: dt.datetime, reason: str) -> None:
        self.until = until
        self.reason = reason
        super().__init__(f"paused until {until:%Y-%m-%d %H:%M:%S} UTC: {reason}")
