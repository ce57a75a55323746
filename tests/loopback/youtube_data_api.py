"""The loopback's YouTube Data API v3: playlistItems, videos and channels, with a daily quota."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.loopback.youtube_world import CHANNEL_ID, LoopVideo, State, World

Json = dict[str, Any]
UPLOADS_ID = "UU" + CHANNEL_ID[2:]


@dataclass(frozen=True, slots=True)
class Answer:
    """A JSON body and its HTTP status."""

    body: Json
    status: int = 200


def answer(world: World, resource: str, query: Mapping[str, str]) -> Answer:
    """Answer one call; every call costs one unit."""
    if not world.spend(1):
        return _error(403, "quotaExceeded", "You have exceeded your quota.")
    if query.get("key") == "WRONG":
        return _error(400, "badRequest", "API key not valid. Please pass a valid API key.")
    if resource == "playlistItems":
        return _playlist_items(world, query)
    if resource == "videos":
        return _videos(world, query)
    if resource == "channels":
        uploads = {"relatedPlaylists": {"uploads": UPLOADS_ID}}
        return Answer({"items": [{"id": CHANNEL_ID, "contentDetails": uploads}]})
    return _error(404, "notFound", resource)


def _playlist_items(world: World, query: Mapping[str, str]) -> Answer:
    playlist_id = query["playlistId"]
    if playlist_id == UPLOADS_ID:
        playlist_id = next(iter(world.playlists))
    if playlist_id not in world.playlists:
        return _error(404, "playlistNotFound", "The playlist cannot be found.")
    ids = world.playlists[playlist_id]
    size = min(int(query.get("maxResults", "5")), 50)
    start = int(query.get("pageToken", "T0")[1:])
    items = [_item(world.videos[video_id]) for video_id in ids[start : start + size]]
    page = {"totalResults": world.stated_count(playlist_id), "resultsPerPage": size}
    body: Json = {"pageInfo": page, "items": items}
    if start + size < len(ids):
        body["nextPageToken"] = f"T{start + size}"
    return Answer(body)


def _item(video: LoopVideo) -> Json:
    hidden = video.state is State.PRIVATE
    snippet = {
        "title": "Private video" if hidden else video.title,
        "resourceId": {"videoId": video.video_id},
        "videoOwnerChannelTitle": video.channel,
    }
    return {"snippet": snippet, "contentDetails": {"videoId": video.video_id}}


def _videos(world: World, query: Mapping[str, str]) -> Answer:
    gone = (State.PRIVATE, State.REMOVED)
    wanted = [world.videos[i] for i in query["id"].split(",") if i in world.videos]
    return Answer({"items": [_video(video) for video in wanted if video.state not in gone]})


def _video(video: LoopVideo) -> Json:
    minutes, seconds = divmod(video.duration_s, 60)
    licence = "creativeCommon" if video.creative_commons else "youtube"
    return {
        "id": video.video_id,
        "snippet": {
            "title": video.title,
            "description": video.description,
            "channelTitle": video.channel,
            "publishedAt": f"{video.uploaded}T10:00:00Z",
            "liveBroadcastContent": "live" if video.state is State.LIVE else "none",
        },
        "contentDetails": {"duration": f"PT{minutes}M{seconds}S"},
        "status": {"privacyStatus": "public", "license": licence},
    }


def _error(status: int, reason: str, message: str) -> Answer:
    detail = {"message": message, "domain": "youtube", "reason": reason}
    error = {"code": status, "message": message, "errors": [detail]}
    return Answer({"error": error}, status)
