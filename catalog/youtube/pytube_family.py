"""What the clients for pytube and its fork pytubefix share: the two have one API."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

from catalog.youtube.classify import classify
from catalog.youtube.client import Objection, Options
from catalog.youtube.errors import FilteredError, UnavailableError, Why
from catalog.youtube.page_facts import alert_in, facts_in, licence_in
from catalog.youtube.records import Fetched, Listing, VideoFacts, clean_text, once

CONTAINERS = {"audio/mp4": "m4a", "audio/webm": "webm"}
MEDIA_RETRIES = 3


class PageRecorder:
    """Keeps the facts on pages that pass by while pytube or pytubefix reads them."""

    def __init__(self) -> None:
        self.facts: dict[str, VideoFacts] = {}

    def note(self, page: str | dict[str, Any]) -> None:
        """Read one page, as JSON text or parsed."""
        parsed = json.loads(page) if isinstance(page, str) else page
        self.facts.update({facts.video_id: facts for facts in facts_in(parsed)})

    def watch_playlist(self, playlist: Any) -> None:
        """Note every page that `playlist` takes video ids from."""
        extract = playlist._extract_videos

        def noted(page: Any, *rest: Any) -> Any:
            self.note(page)
            return extract(page, *rest)

        playlist._extract_videos = noted

    def of(self, watch_url: str) -> VideoFacts:
        """Return what the pages told of the video at `watch_url`."""
        video_id = watch_url.rsplit("v=", 1)[-1].split("&")[0]
        return self.facts.get(video_id) or VideoFacts(video_id)


def list_pages(playlist: Any, url: str, *, limit: int | None, client: str) -> Listing:
    """Page through a `Playlist` or `Channel` of pytube or pytubefix."""
    alert = alert_in(playlist.initial_data)
    if alert:
        raise UnavailableError(Why.NO_LIST, detail=alert)
    recorder = PageRecorder()
    recorder.watch_playlist(playlist)
    urls = list(islice(playlist.url_generator(), limit))
    return Listing(
        url=url,
        title=clean_text(str(_told(playlist, "title") or "")),
        entries=once([recorder.of(watch_url) for watch_url in urls]),
        stated_count=_stated_count(playlist),
        client=client,
        cut=limit is not None and len(urls) >= limit,
    )


def search_page(search: Any, *, limit: int) -> tuple[VideoFacts, ...]:
    """Return the first results of a `Search` of pytube or pytubefix, from its page alone."""
    return once(list(facts_in(search.fetch_query())))[:limit]


def check_playable(video: Any, *, client: str) -> None:
    """Raise what the player's answer says against the video.

    The libraries compare YouTube's sentences word by word and end in `KeyError` at one they do not
    know (an age gate, a bot wall); the phrases of `classify.py` are wider.
    """
    status = video.vid_info.get("playabilityStatus") or {}
    if status.get("status") in (None, "OK"):
        return
    said = [str(status.get("reason") or status["status"]), *map(str, status.get("messages") or ())]
    refusal = LookupError(" ".join(said))
    raise classify(refusal, client=client, video_id=str(video.video_id))


def fetch(
    video: Any,
    target_dir: Path,
    *,
    objection: Objection,
    options: Options,
    client: str,
    read_bytes: Callable[[str], bytes],
) -> Fetched:
    """Write the best audio of a pytube or pytubefix `YouTube` into `target_dir`, from the start."""
    check_playable(video, client=client)
    facts = facts_of(video)
    if facts.is_live:
        raise UnavailableError(Why.LIVE, video_id=facts.video_id)
    if reason := objection(facts):
        raise FilteredError(reason)
    stream = _best_audio(video, facts)
    container = CONTAINERS.get(str(stream.mime_type), str(stream.subtype))
    path = target_dir / f"{facts.video_id}.{container}"
    _save(stream, path, options.timeout_s)
    return Fetched(
        path=path,
        container=container,
        size_bytes=path.stat().st_size,
        expected_bytes=int(stream.filesize),
        facts=facts,
        thumbnail=_thumbnail(facts, target_dir, read_bytes),
    )


def _save(stream: Any, path: Path, timeout_s: float) -> None:
    """Download to a name that yt-dlp, should it come next, does not take for a finished file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(f"{path.suffix}.unfinished")
    stream.download(
        output_path=str(path.parent),
        filename=unfinished.name,
        skip_existing=False,
        timeout=int(timeout_s),
        max_retries=MEDIA_RETRIES,
    )
    unfinished.replace(path)


def facts_of(video: Any) -> VideoFacts:
    """Return the facts of a pytube or pytubefix `YouTube`: its player response and watch page."""
    details = video.vid_info.get("videoDetails") or {}
    published = video.publish_date
    return VideoFacts(
        video_id=str(video.video_id),
        title=clean_text(str(details.get("title") or "")),
        channel=clean_text(str(details.get("author") or "")) or None,
        duration_s=float(details["lengthSeconds"]) if details.get("lengthSeconds") else None,
        uploaded=published.date() if isinstance(published, dt.datetime) else None,
        licence=licence_in(video.initial_data),
        is_live=bool(details.get("isLive") or details.get("isUpcoming")),
        description=details.get("shortDescription"),
        thumbnail_url=video.thumbnail_url,
    )


def _stated_count(playlist: Any) -> int | None:
    count = _told(playlist, "length")
    return count if isinstance(count, int) else None  # pytubefix: "Unknown" of a channel


def _told(playlist: Any, name: str) -> Any:
    """Return a property of a playlist, or None where its page does not tell it."""
    try:
        return getattr(playlist, name)
    except (KeyError, IndexError, ValueError, TypeError):
        return None


def _best_audio(video: Any, facts: VideoFacts) -> Any:
    if (video.vid_info.get("streamingData") or {}).get("licenseInfos"):
        raise UnavailableError(Why.DRM, video_id=facts.video_id)
    stream = video.streams.filter(only_audio=True).order_by("abr").last()
    if stream is None:
        raise UnavailableError(Why.UNKNOWN, video_id=facts.video_id, detail="it offers no audio")
    return stream


def _thumbnail(
    facts: VideoFacts, target_dir: Path, read_bytes: Callable[[str], bytes]
) -> Path | None:
    """Fetch the picture; a download does not fail for want of one."""
    if not facts.thumbnail_url:
        return None
    try:
        picture = read_bytes(facts.thumbnail_url)
    except OSError:
        return None
    path = target_dir / f"{facts.video_id}.jpg"
    path.write_bytes(picture)
    return path
