"""What exists in the loopback YouTube: videos, playlists, and the faults planned for it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Literal

CHANNEL_ID = "UCloopbackloopbackloopba"
CHANNEL_HANDLE = "/@kjmixes"
PLAYLIST_ID = "PLloopbackloopbackloopbackloopback00"
# truncate: half of a body, then the line is cut; stall: half, then silence; nothing: an empty body.
FaultKind = Literal["truncate", "stall", "nothing", "reset", "malformed", "bot_wall"] | int
Shape = Literal["classic", "lockup"]


class State(StrEnum):
    """Why the loopback refuses a video, each as YouTube words it (`youtube_player.py`)."""

    OK = "ok"
    PRIVATE = "private"
    REMOVED = "removed"
    GEO = "geo"
    AGE = "age"
    MEMBERS = "members"
    LIVE = "live"
    UPCOMING = "upcoming"
    DRM = "drm"
    BOT_WALL = "bot_wall"


@dataclass(slots=True)
class LoopVideo:
    """One video; `files` maps an itag (140 m4a, 251 webm) to the audio it serves."""

    video_id: str
    title: str
    files: dict[int, Path] = field(default_factory=dict)
    duration_s: int = 3
    channel: str = "KJ Mixes"
    state: State = State.OK
    is_short: bool = False
    creative_commons: bool = False
    uploaded: str = "2024-01-02"
    description: str = "Sources: Dua Lipa - Levitating, Bee Gees - Stayin' Alive"


@dataclass(slots=True)
class Fault:
    """Answer requests of a `place` wrongly, `times` times; of any video unless one is named.

    Places: playlist, browse (further pages), watch, player, media, search, api, thumbnail.
    """

    place: str
    kind: FaultKind
    times: int = 1
    video_id: str | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """One line of the access log."""

    place: str
    host: str
    video_id: str | None
    range_header: str | None


@dataclass(slots=True)
class World:
    """Everything that one loopback server serves; thread-safe where requests change it."""

    videos: dict[str, LoopVideo] = field(default_factory=dict)
    playlists: dict[str, list[str]] = field(default_factory=dict)
    stated_counts: dict[str, int] = field(default_factory=dict)  # a page that promises more
    shape: Shape = "classic"
    page_size: int = 100
    faults: list[Fault] = field(default_factory=list)
    quota_units: int = 10_000
    used_units: int = 0
    requests: list[Request] = field(default_factory=list)
    refused_hosts: list[str] = field(default_factory=list)
    stalled: threading.Event = field(default_factory=threading.Event)  # set: stalls end
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, video: LoopVideo, *, playlist_id: str = PLAYLIST_ID) -> LoopVideo:
        """Put `video` at the end of a playlist, which is made when it is new."""
        self.videos[video.video_id] = video
        self.playlists.setdefault(playlist_id, []).append(video.video_id)
        return video

    def stated_count(self, playlist_id: str) -> int:
        return self.stated_counts.get(playlist_id, len(self.playlists[playlist_id]))

    def note(self, request: Request) -> Fault | None:
        """Log `request` and return the fault that is planned for it, if any."""
        with self.lock:
            self.requests.append(request)
            for fault in self.faults:
                meant = fault.video_id in (None, request.video_id)
                if fault.place == request.place and meant and fault.times > 0:
                    fault.times -= 1
                    return fault
        return None

    def count(self, *places: str) -> int:
        """Number of logged requests, of all places or of those named."""
        return sum(not places or request.place in places for request in self.requests)

    def spend(self, units: int) -> bool:
        """Take Data API units; False when the day's quota is spent."""
        with self.lock:
            self.used_units += units
            return self.used_units <= self.quota_units


def make_world(
    files_of: Callable[[int], dict[int, Path]],
    *,
    titles: tuple[str, ...] = (),
    fillers: int = 0,
    playlist_id: str = PLAYLIST_ID,
    duration_s: int = 3,
) -> World:
    """Return a world with one playlist: `titles`, then numbered fillers; ids `loopvid0000`..."""
    world = World(playlists={playlist_id: []})
    names = [*titles, *(f"Artist {n} - Song {n}" for n in range(fillers))]
    for index, title in enumerate(names):
        files = files_of(index)
        video = LoopVideo(f"loopvid{index:04d}", title, files=files, duration_s=duration_s)
        world.add(video, playlist_id=playlist_id)
    return world
