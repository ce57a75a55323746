"""The default client: yt-dlp, which lists, downloads and searches."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from catalog.youtube.address import AddressKind, check_video_id, parse_address
from catalog.youtube.classify import classify
from catalog.youtube.client import Objection, Options, no_objection
from catalog.youtube.errors import FilteredError, UnavailableError, Why, YouTubeError
from catalog.youtube.records import Fetched, Listing, VideoFacts, clean_text, once
from catalog.youtube.ytdlp_options import build_parameters
from catalog.youtube.ytdlp_sessions import YtdlpSessions

logger = logging.getLogger(__name__)

_LIVE = frozenset({"is_live", "is_upcoming", "post_live"})


class YtdlpClient:
    """Talks to YouTube through yt-dlp with its command line's defaults."""

    name = "yt-dlp"

    def __init__(self, options: Options) -> None:
        self._sessions = YtdlpSessions(build_parameters(options))

    def list_videos(self, url: str, *, limit: int | None = None) -> Listing:
        """Return the videos behind `url` from its pages alone: about one request per 100."""
        address = parse_address(url)
        if address.kind is AddressKind.VIDEO:
            return Listing(url, "", (VideoFacts(address.key),), 1, self.name)
        wanted = {"extract_flat": "in_playlist", "noplaylist": False, "playlistend": limit}
        info = self._extract(address.url, wanted)
        entries = once([facts_of(entry) for entry in info.get("entries") or () if _is_video(entry)])
        return Listing(
            url=url,
            title=clean_text(str(info.get("title") or "")),
            entries=entries,
            stated_count=info.get("playlist_count"),
            client=self.name,
            cut=limit is not None and len(entries) >= limit,
        )

    def fetch_audio(
        self, video_id: str, target_dir: Path, *, objection: Objection = no_objection
    ) -> Fetched:
        """Write the best audio into `target_dir`, resuming a `.part` file that lies there."""
        gate = _Gate(objection)
        wanted = {
            "match_filter": gate,
            "paths": {"home": str(target_dir)},
            "writethumbnail": True,
        }
        url = f"https://www.youtube.com/watch?v={check_video_id(video_id)}"
        ears = _Ears()
        info = self._extract(url, wanted, ears=ears, video_id=video_id, download=True)
        if gate.refusal is not None:
            raise gate.refusal
        done = info["requested_downloads"][0]
        path = Path(done["filepath"])
        return Fetched(
            path=path,
            container=path.suffix.lstrip("."),
            size_bytes=path.stat().st_size,
            expected_bytes=done.get("filesize"),
            facts=facts_of(info),
            thumbnail=_thumbnail(info),
            throttled=ears.heard_throttling,
        )

    def search(self, text: str, *, limit: int = 5) -> tuple[VideoFacts, ...]:
        """Return the first `limit` videos that YouTube offers for `text`."""
        info = self._extract(f"ytsearch{limit}:{clean_text(text)}", {"extract_flat": "in_playlist"})
        return once([facts_of(entry) for entry in info.get("entries") or () if _is_video(entry)])

    def close(self) -> None:
        """Close the connections; the client may be used again."""
        self._sessions.close()

    def _extract(
        self,
        url: str,
        changes: Mapping[str, Any],
        *,
        ears: _Ears | None = None,
        video_id: str | None = None,
        download: bool = False,
    ) -> Mapping[str, Any]:
        """Run one extraction, its errors mapped onto the taxonomy."""
        ears = ears or _Ears()
        try:
            with self._sessions.borrow({**changes, "logger": ears}) as session:
                info = session.extract_info(url, download=download)
        except YouTubeError:
            raise
        except Exception as error:  # yt-dlp lets errors of any kind through
            raise classify(error, client=self.name, said=ears.said, video_id=video_id) from error
        return info or {}


class _Gate:
    """yt-dlp's `match_filter`: refuses live streams, which never end, and what is not wanted."""

    def __init__(self, objection: Objection) -> None:
        self._objection = objection
        self.refusal: YouTubeError | None = None

    def __call__(self, info: Mapping[str, Any], *, incomplete: bool = False) -> str | None:
        if incomplete:
            return None
        facts = facts_of(info)
        if facts.is_live:
            self.refusal = UnavailableError(Why.LIVE, video_id=facts.video_id)
        elif reason := self._objection(facts):
            self.refusal = FilteredError(reason)
        return str(self.refusal) if self.refusal else None


class _Ears:
    """Listens to yt-dlp: some refusals, such as a 429 of the player, are only said, not raised."""

    def __init__(self) -> None:
        self.said: list[str] = []

    @property
    def heard_throttling(self) -> bool:
        return any("HTTP Error 429" in message for message in self.said)

    def debug(self, message: str) -> None:
        logger.debug("yt-dlp: %s", message)

    def info(self, message: str) -> None:
        logger.debug("yt-dlp: %s", message)

    def warning(self, message: str) -> None:
        logger.debug("yt-dlp warns: %s", message)
        self.said.append(message)

    def error(self, message: str) -> None:
        logger.debug("yt-dlp fails: %s", message)
        self.said.append(message)


def facts_of(info: Mapping[str, Any]) -> VideoFacts:
    """Return the facts of one of yt-dlp's info dictionaries, flat or full."""
    title = clean_text(str(info.get("title") or ""))
    status, flagged = info.get("live_status"), info.get("is_live")
    return VideoFacts(
        video_id=str(info["id"]),
        title=title,
        channel=clean_text(info.get("channel") or info.get("uploader") or "") or None,
        duration_s=info.get("duration"),
        uploaded=_day(info.get("upload_date")),
        licence=info.get("license"),
        is_live=bool(flagged) or status in _LIVE if status or flagged is not None else None,
        is_short="/shorts/" in str(info.get("url") or "") or None,
        is_private=title in ("[Private video]", "[Deleted video]"),
        description=info.get("description"),
        artist=info.get("artist"),
        track=info.get("track"),
        chapters=tuple(clean_text(str(c.get("title"))) for c in info.get("chapters") or ()),
        thumbnail_url=info.get("thumbnail"),
    )


def _is_video(entry: Mapping[str, Any] | None) -> bool:
    """Tell videos from the playlists and channels that a page may list too."""
    return entry is not None and entry.get("ie_key") in (None, "Youtube") and bool(entry.get("id"))


def _day(compact: str | None) -> dt.date | None:
    return dt.datetime.strptime(compact, "%Y%m%d").date() if compact else None


def _thumbnail(info: Mapping[str, Any]) -> Path | None:
    """Return the picture that yt-dlp wrote; it only warns when it could not."""
    paths = [Path(p["filepath"]) for p in info.get("thumbnails") or () if p.get("filepath")]
    return next((path for path in paths if path.exists()), None)
