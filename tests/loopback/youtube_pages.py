"""The lists of the loopback YouTube: playlist, channel and search pages, in both page shapes."""

from __future__ import annotations

import json
import re
from typing import Any

from tests.loopback.youtube_player import PLAYER_PATH, VISITOR
from tests.loopback.youtube_world import CHANNEL_HANDLE, CHANNEL_ID, LoopVideo, State, World

Json = dict[str, Any]
CHANNEL_PAGE = 30
PLAYLIST_TITLE = "Loopback mashups"
_CONTEXT = {
    "visitorData": VISITOR,
    "webResponseContextExtensionData": {"ytConfigData": {"visitorData": VISITOR}},
}
_OWNER = {"browseId": CHANNEL_ID, "canonicalBaseUrl": CHANNEL_HANDLE}


def html(data: Json, player: Json | None = None) -> bytes:
    """Return a page that carries `data`, and a player response where there is one."""
    context = {
        "client": {
            "hl": "en",
            "gl": "US",
            "clientName": "WEB",
            "clientVersion": "2.20260708.00.00",
            "visitorData": VISITOR,
        }
    }
    config = {
        "INNERTUBE_API_KEY": "LOOPBACKKEY",
        "INNERTUBE_CLIENT_VERSION": "2.20260708.00.00",
        "VISITOR_DATA": VISITOR,
        "INNERTUBE_CONTEXT": context,
        "INNERTUBE_CONTEXT_CLIENT_NAME": 1,
        "STS": 20000,
        "PLAYER_JS_URL": PLAYER_PATH,
    }
    page = (
        "<!DOCTYPE html><html><head><title>loopback</title>"
        f'<script>ytcfg.set({json.dumps(config)});</script><script src="{PLAYER_PATH}"></script>'
        f"</head><body><script>var ytInitialData = {json.dumps(data)};</script>"
    )
    if player is not None:
        page += f"<script>var ytInitialPlayerResponse = {json.dumps(player)};</script>"
        day = player.get("microformat", {}).get("playerMicroformatRenderer", {}).get("publishDate")
        page += f'<meta itemprop="datePublished" content="{day}T10:00:00-07:00">'
    return (page + "</body></html>").encode()


def no_such_playlist() -> Json:
    """Return YouTube's answer to an unknown playlist."""
    alert = {"type": "ERROR", "text": _text("The playlist does not exist.")}
    return {"alerts": [{"alertRenderer": alert}]}


def playlist_data(world: World, playlist_id: str) -> Json:
    """Return the first page of a playlist with the count that it states."""
    items = page_items(world, playlist_id, 0)
    if world.shape == "classic":
        listed = {"playlistId": playlist_id, "contents": items}
        items = [{"playlistVideoListRenderer": listed}]
    content = {"sectionListRenderer": {"contents": [{"itemSectionRenderer": {"contents": items}}]}}
    tab = {"tabRenderer": {"selected": True, "content": content}}
    return {
        "responseContext": _CONTEXT,
        "contents": {"twoColumnBrowseResultsRenderer": {"tabs": [tab]}},
        "metadata": {"playlistMetadataRenderer": {"title": PLAYLIST_TITLE, "description": "d"}},
        "sidebar": {"playlistSidebarRenderer": {"items": _sidebar(world, playlist_id)}},
    }


def channel_data(world: World, channel_list: str) -> Json:
    """Return the Videos tab of the channel, whose uploads stand in playlist `channel_list`."""
    contents = _rich_items(world, channel_list, 0)
    url = {"commandMetadata": {"webCommandMetadata": {"url": f"{CHANNEL_HANDLE}/videos"}}}
    tab = {
        "endpoint": url,
        "title": "Videos",
        "selected": True,
        "content": {"richGridRenderer": {"contents": contents}},
    }
    about = {
        "title": "KJ Mixes",
        "externalId": CHANNEL_ID,
        "vanityChannelUrl": f"http://www.youtube.com{CHANNEL_HANDLE}",
        "ownerUrls": [f"http://www.youtube.com{CHANNEL_HANDLE}"],
        "channelUrl": f"https://www.youtube.com/channel/{CHANNEL_ID}",
    }
    return {
        "responseContext": _CONTEXT,
        "contents": {"twoColumnBrowseResultsRenderer": {"tabs": [{"tabRenderer": tab}]}},
        "metadata": {"channelMetadataRenderer": about},
    }


def page_items(world: World, playlist_id: str, start: int) -> list[Json]:
    """Return one page of items from `start`, and the token of the next page if there is one."""
    ids = world.playlists[playlist_id]
    end = start + world.page_size
    lockups = world.shape == "lockup"
    make = _lockup if lockups else _classic
    items = [make(world.videos[video_id]) for video_id in ids[start:end]]
    if end < len(ids):
        token = f"CONT:{playlist_id}:{end}"
        inner = {"innertubeCommand": {"continuationCommand": _command(token)}}
        wrapped = {"continuationItemViewModel": {"continuationCommand": inner}}
        items.append(wrapped if lockups else _continuation(token))
    return items


def continuation_data(world: World, token: str) -> Json:
    """Return the page that `token` names: of a playlist (CONT) or a channel (RICH)."""
    kind, playlist_id, start = token.split(":")
    make = _rich_items if kind == "RICH" else page_items
    action = {"continuationItems": make(world, playlist_id, int(start)), "targetId": playlist_id}
    return {
        "responseContext": _CONTEXT,
        "onResponseReceivedActions": [{"appendContinuationItemsAction": action}],
    }


def _rich_items(world: World, playlist_id: str, start: int) -> list[Json]:
    """Return one page of a channel's grid; its items come 30 at a time."""
    ids, end = world.playlists[playlist_id], start + CHANNEL_PAGE
    items: list[Json] = [
        {"richItemRenderer": {"content": _lockup(world.videos[video_id])}}
        for video_id in ids[start:end]
    ]
    if end < len(ids):
        items.append(_continuation(f"RICH:{playlist_id}:{end}"))
    return items


def _continuation(token: str) -> Json:
    endpoint = {"continuationCommand": _command(token)}
    return {"continuationItemRenderer": {"continuationEndpoint": endpoint}}


def _command(token: str) -> Json:
    return {"token": token, "request": "CONTINUATION_REQUEST_TYPE_BROWSE"}


def search_hits(world: World, query: str) -> list[LoopVideo]:
    """Return all videos, those that share most words with `query` first."""
    wanted = _words(query)
    return sorted(world.videos.values(), key=lambda video: -len(wanted & _words(video.title)))


def search_data(world: World, query: str) -> Json:
    """Return a page of search results."""
    results = [{"videoRenderer": _result(video)} for video in search_hits(world, query)]
    section = {"itemSectionRenderer": {"contents": results}}
    contents = {"sectionListRenderer": {"contents": [section]}}
    return {
        "responseContext": _CONTEXT,
        "refinements": [],
        "estimatedResults": str(len(results)),
        "contents": {"twoColumnSearchResultsRenderer": {"primaryContents": contents}},
    }


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))


def _text(text: str) -> Json:
    return {"runs": [{"text": text}]}


def _clock(duration_s: int) -> str:
    return f"{duration_s // 60}:{duration_s % 60:02d}"


def _shown_title(video: LoopVideo) -> str:
    return "[Private video]" if video.state is State.PRIVATE else video.title


def _watch(video: LoopVideo) -> Json:
    if video.is_short:
        path = {"webCommandMetadata": {"url": f"/shorts/{video.video_id}"}}
        return {"commandMetadata": path, "reelWatchEndpoint": {"videoId": video.video_id}}
    return {"watchEndpoint": {"videoId": video.video_id}}


def _byline(video: LoopVideo) -> Json:
    return {
        "runs": [{"text": video.channel, "navigationEndpoint": {"browseEndpoint": dict(_OWNER)}}]
    }


def _classic(video: LoopVideo) -> Json:
    renderer: Json = {
        "videoId": video.video_id,
        "title": _text(_shown_title(video)),
        "shortBylineText": _byline(video),
        "isPlayable": video.state is State.OK,
        "navigationEndpoint": _watch(video),
    }
    if video.state is State.LIVE:
        style = {"style": "LIVE", "text": {"simpleText": "LIVE"}}
        renderer["thumbnailOverlays"] = [{"thumbnailOverlayTimeStatusRenderer": style}]
    elif video.state is not State.PRIVATE:
        renderer["lengthText"] = {"simpleText": _clock(video.duration_s)}
        renderer["lengthSeconds"] = str(video.duration_s)
    return {"playlistVideoRenderer": renderer}


def _lockup(video: LoopVideo) -> Json:
    live = video.state is State.LIVE
    style = "LIVE" if live else "DEFAULT"
    badge = {
        "text": "LIVE" if live else _clock(video.duration_s),
        "badgeStyle": f"THUMBNAIL_OVERLAY_BADGE_STYLE_{style}",
    }
    badges = {"badges": [{"thumbnailBadgeViewModel": badge}]}
    overlays = [{"thumbnailBottomOverlayViewModel": badges}]
    command = {"onTap": {"innertubeCommand": {"browseEndpoint": dict(_OWNER)}}}
    part = {"text": {"content": video.channel, "commandRuns": [command]}}
    rows = {"contentMetadataViewModel": {"metadataRows": [{"metadataParts": [part]}]}}
    shown = {"title": {"content": _shown_title(video)}, "metadata": rows}
    model = {
        "contentId": video.video_id,
        "contentType": "LOCKUP_CONTENT_TYPE_VIDEO",
        "contentImage": {"thumbnailViewModel": {"image": {"sources": []}, "overlays": overlays}},
        "metadata": {"lockupMetadataViewModel": shown},
    }
    return {"lockupViewModel": model}


def _result(video: LoopVideo) -> Json:
    command = {"webCommandMetadata": {"url": CHANNEL_HANDLE}}
    endpoint = {"commandMetadata": command, "browseEndpoint": dict(_OWNER)}
    owner = {"text": video.channel, "navigationEndpoint": endpoint}
    return {
        "videoId": video.video_id,
        "title": _text(video.title),
        "ownerText": {"runs": [owner]},
        "lengthText": {"simpleText": _clock(video.duration_s)},
        "viewCountText": {"simpleText": "42 views"},
        "thumbnail": {"thumbnails": [{"url": f"https://i.ytimg.com/vi/{video.video_id}/hq.jpg"}]},
        "navigationEndpoint": _watch(video),
    }


def _sidebar(world: World, playlist_id: str) -> list[Json]:
    stated = {"runs": [{"text": f"{world.stated_count(playlist_id):,}"}, {"text": " videos"}]}
    updated = {"runs": [{"text": "Last updated on "}, {"text": "Jan 2, 2024"}]}
    primary = {
        "title": _text(PLAYLIST_TITLE),
        "stats": [stated, {"simpleText": "12 views"}, updated],
        "description": {"simpleText": "d"},
    }
    owner = {"text": "KJ Mixes", "navigationEndpoint": {"browseEndpoint": dict(_OWNER)}}
    owner_box = {"videoOwnerRenderer": {"title": {"runs": [owner]}}}
    return [
        {"playlistSidebarPrimaryInfoRenderer": primary},
        {"playlistSidebarSecondaryInfoRenderer": {"videoOwner": owner_box}},
    ]
