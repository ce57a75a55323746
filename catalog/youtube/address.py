"""YouTube addresses: which video, playlist or channel a pasted URL means."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import parse_qs, urlsplit

from catalog.youtube.errors import AddressError

_HOSTS = frozenset({"youtube.com", "www.youtube.com", "m.youtube.com", "music.youtube.com"})
_VIDEO_ID = re.compile(r"[A-Za-z0-9_-]{11}")
_LIST_ID = re.compile(r"[A-Za-z0-9_-]{2,64}")
_CHANNEL = re.compile(r"(@[\w.\-·%]+|channel/UC[A-Za-z0-9_-]{22}|c/[^/]+|user/[^/]+)")


class AddressKind(StrEnum):
    """What an address names."""

    VIDEO = "video"
    PLAYLIST = "playlist"
    CHANNEL = "channel"


@dataclass(frozen=True, slots=True)
class Address:
    """A parsed address; `key` is a video id, a playlist id, or a channel's path."""

    kind: AddressKind
    key: str

    @property
    def url(self) -> str:
        """The one form in which clients get it; of a channel, its Videos tab."""
        tails = {
            AddressKind.VIDEO: f"watch?v={self.key}",
            AddressKind.PLAYLIST: f"playlist?list={self.key}",
            AddressKind.CHANNEL: f"{self.key}/videos",
        }
        return f"https://www.youtube.com/{tails[self.kind]}"


def parse_address(url: str) -> Address:
    """Return what `url` names; a video seen inside a playlist is the video alone.

    Raises
    ------
    AddressError
        `url` is not an address of YouTube, or names nothing that can be listed.
    """
    text = url.strip()
    parts = urlsplit(text if "://" in text else f"https://{text}")
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    path = parts.path.strip("/")
    if parts.hostname == "youtu.be":
        return _video(path.split("/")[0], url)
    if parts.hostname not in _HOSTS:
        raise _unknown(url)
    if path == "watch":
        return _video(query.get("v", ""), url)
    if path.startswith(("shorts/", "embed/", "live/")):
        return _video(path.split("/")[1], url)
    return _list(path, query, url)


def _list(path: str, query: dict[str, str], url: str) -> Address:
    if path == "playlist" and _LIST_ID.fullmatch(query.get("list", "")):
        return Address(AddressKind.PLAYLIST, query["list"])
    channel = _CHANNEL.match(path)
    if channel:
        return Address(AddressKind.CHANNEL, channel[1])
    raise _unknown(url)


def check_video_id(video_id: str) -> str:
    """Return `video_id` if it is one: ids become file names, so nothing else may pass."""
    if not _VIDEO_ID.fullmatch(video_id):
        raise AddressError(
            f"expected a video id of 11 letters, digits, - or _, got {video_id[:80]!r}"
        )
    return video_id


def _video(video_id: str, url: str) -> Address:
    if not _VIDEO_ID.fullmatch(video_id):
        raise _unknown(url)
    return Address(AddressKind.VIDEO, video_id)


def _unknown(url: str) -> AddressError:
    return AddressError(
        f"expected a YouTube video, playlist or channel such as "
        f"https://www.youtube.com/playlist?list=..., got {url[:200]!r}: copy it from the browser"
    )
