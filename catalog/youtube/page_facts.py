"""Reads video facts from the JSON of YouTube's pages, in both shapes that pages have had.

pytube and pytubefix return only ids of a playlist; its pages carry titles and durations too, so
that filters can work without one request per video.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from catalog.youtube.records import VideoFacts, clean_text

_CLOCK = re.compile(r"\d+(:\d{2}){1,2}")


def facts_in(page: object) -> Iterator[VideoFacts]:
    """Yield the facts of every video in a page's JSON, in page order."""
    for key, value in _pairs(page):
        if key == "lockupViewModel" and _is_video_lockup(value):
            yield _of_lockup(value)
        elif key in ("playlistVideoRenderer", "videoRenderer") and "videoId" in value:
            yield _of_renderer(value)


def licence_in(page: object) -> str | None:
    """Return the licence that a watch page states; YouTube states only Creative Commons."""
    for key, value in _pairs(page):
        if key == "metadataRowRenderer" and _text(value.get("title")) == "License":
            return _text(next(iter(value.get("contents") or ()), None)) or None
    return None


def alert_in(page: object) -> str | None:
    """Return the error that a page shows instead of a list."""
    for key, value in _pairs(page):
        if key == "alertRenderer" and value.get("type") == "ERROR":
            return _text(value.get("text")) or "the page shows an error"
    return None


def _pairs(page: object) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every (key, object) of nested JSON in document order."""
    stack = [page]
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            yield from ((key, value) for key, value in node.items() if isinstance(value, dict))
            stack += reversed(list(node.values()))
        elif isinstance(node, list):
            stack += reversed(node)


def _of_renderer(renderer: dict[str, Any]) -> VideoFacts:
    title = _text(renderer.get("title"))
    seconds = str(renderer.get("lengthSeconds") or "")
    shown = _text(renderer.get("lengthText"))
    return VideoFacts(
        video_id=str(renderer["videoId"]),
        title=title,
        channel=_text(renderer.get("shortBylineText") or renderer.get("ownerText")) or None,
        duration_s=float(seconds) if seconds.isdigit() else _seconds(shown),
        is_live=_has_live_badge(renderer) or None,
        is_short="reelWatchEndpoint" in (renderer.get("navigationEndpoint") or {}) or None,
        is_private=_is_private(title),
    )


def _of_lockup(lockup: dict[str, Any]) -> VideoFacts:
    shown = (lockup.get("metadata") or {}).get("lockupMetadataViewModel") or {}
    badges = [
        str(value.get("text")) for key, value in _pairs(lockup) if key == "thumbnailBadgeViewModel"
    ]
    title = clean_text(str((shown.get("title") or {}).get("content") or ""))
    return VideoFacts(
        video_id=str(lockup["contentId"]),
        title=title,
        channel=_first_row(shown) or None,
        duration_s=next((s for badge in badges if (s := _seconds(badge)) is not None), None),
        is_live="LIVE" in badges or None,
        is_private=_is_private(title),
    )


def _is_video_lockup(lockup: dict[str, Any]) -> bool:
    return lockup.get("contentType") == "LOCKUP_CONTENT_TYPE_VIDEO" and "contentId" in lockup


def _first_row(shown: dict[str, Any]) -> str:
    """Return the channel's name: the first text of a lockup's rows."""
    rows = [value for key, value in _pairs(shown.get("metadata")) if key == "text"]
    return clean_text(str(rows[0].get("content") or "")) if rows else ""


def _has_live_badge(renderer: dict[str, Any]) -> bool:
    badges = [v for k, v in _pairs(renderer) if k == "thumbnailOverlayTimeStatusRenderer"]
    return any(badge.get("style") == "LIVE" for badge in badges)


def _is_private(title: str) -> bool:
    return title in ("[Private video]", "[Deleted video]", "Private video", "Deleted video")


def _text(node: dict[str, Any] | None) -> str:
    """Return the text of YouTube's `{"simpleText"}` or `{"runs": [{"text"}]}`."""
    if not node:
        return ""
    runs = node.get("runs") or ()
    return clean_text(str(node.get("simpleText") or "".join(str(run["text"]) for run in runs)))


def _seconds(clock: str) -> float | None:
    """Return the seconds of "1:02:03"."""
    if not _CLOCK.fullmatch(clock):
        return None
    total = 0
    for part in clock.split(":"):
        total = total * 60 + int(part)
    return float(total)
