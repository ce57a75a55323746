"""What the loopback YouTube says about one video: playability, formats, watch page."""

from __future__ import annotations

import time
import urllib.parse
from pathlib import Path
from typing import Any

from tests.loopback.youtube_world import CHANNEL_ID, LoopVideo, State

Json = dict[str, Any]
MEDIA_HOST = "rr1---sn-loop.googlevideo.com"
PLAYER_PATH = "/s/player/0badcafe/player_ias.vflset/en_US/base.js"
VISITOR = "CgtMT09QQkFDSw%3D%3D"
MIME = {140: 'audio/mp4; codecs="mp4a.40.2"', 251: 'audio/webm; codecs="opus"'}

# pytube 15 always builds a cipher from base.js, also for urls that are signed already: these
# lines are what its regular expressions look for.
BASE_JS = r"""var _yt_player={};(function(g){var window=this;
var zZ={AJ:function(a){a.reverse()},
VR:function(a,b){a.splice(0,b)},
kT:function(a,b){var c=a[0];a[0]=a[b%a.length];a[b%a.length]=c}};
Xab=function(a){a=a.split("");zZ.AJ(a,15);zZ.VR(a,3);zZ.kT(a,7);return a.join("")};
var Bpa=[iha];
iha=function(a){var b=a.split(""),c=[null,1,function(d){d.reverse()},b];try{c[2](c[3])}catch(d){return"enhanced_except_"+a}return b.join("")};
a.D&&(b=a.get("n"))&&(b=Bpa[0](b),a.set("n",b),Bpa.length||iha(""));
c&&d.set(e,encodeURIComponent(Xab(decodeURIComponent(f))));
var cfg={signatureTimestamp:20000};})(_yt_player);"""  # noqa: E501

_PRIVATE = "This is a private video. Please sign in to verify that you may see it."
_GEO = "The uploader has not made this video available in your country"
_PLAYABILITY: dict[State, Json] = {
    State.OK: {"status": "OK", "playableInEmbed": True},
    State.LIVE: {"status": "OK", "playableInEmbed": True},
    State.DRM: {"status": "OK", "playableInEmbed": True},
    State.PRIVATE: {"status": "LOGIN_REQUIRED", "messages": [_PRIVATE], "reason": _PRIVATE},
    State.REMOVED: {
        "status": "ERROR",
        "reason": "This video has been removed by the uploader",
    },
    State.GEO: {
        "status": "UNPLAYABLE",
        "reason": _GEO,
        "errorScreen": {"playerErrorMessageRenderer": {"subreason": {"simpleText": _GEO}}},
    },
    State.AGE: {"status": "LOGIN_REQUIRED", "reason": "Sign in to confirm your age"},
    State.MEMBERS: {
        "status": "UNPLAYABLE",
        "reason": "Join this channel to get access to members-only content like this video, "
        "and other exclusive perks.",
    },
    State.UPCOMING: {
        "status": "LIVE_STREAM_OFFLINE",
        "reason": "This live event will begin in 3 hours.",
    },
    State.BOT_WALL: {
        "status": "LOGIN_REQUIRED",
        "reason": "Sign in to confirm you’re not a bot",
    },
}


def player_response(video: LoopVideo | None) -> Json:
    """Return the innertube player response; of an unknown id, YouTube's refusal."""
    if video is None:
        return {
            "playabilityStatus": {"status": "ERROR", "reason": "Video unavailable"},
            "responseContext": {"visitorData": VISITOR},
        }
    response: Json = {
        "responseContext": {"visitorData": VISITOR, "serviceTrackingParams": []},
        "playabilityStatus": _PLAYABILITY[video.state],
        "microformat": {"playerMicroformatRenderer": _microformat(video)},
        "playerConfig": {
            "mediaCommonConfig": {
                "mediaUstreamerRequestConfig": {"videoPlaybackUstreamerConfig": ""}
            }
        },
    }
    if video.state is not State.PRIVATE:
        response["videoDetails"] = _details(video)
    if video.state in (State.OK, State.LIVE):
        response["streamingData"] = {
            "expiresInSeconds": "21540",
            "adaptiveFormats": _formats(video),
        }
    if video.state is State.DRM:
        response["streamingData"] = {"licenseInfos": [{"drmFamily": "WIDEVINE"}]}
    return response


def _details(video: LoopVideo) -> Json:
    thumbnail = {"url": f"https://i.ytimg.com/vi/{video.video_id}/hq.jpg", "width": 2, "height": 2}
    details: Json = {
        "videoId": video.video_id,
        "title": video.title,
        "lengthSeconds": str(video.duration_s),
        "keywords": [],
        "channelId": CHANNEL_ID,
        "shortDescription": video.description,
        "isCrawlable": True,
        "thumbnail": {"thumbnails": [thumbnail]},
        "allowRatings": True,
        "viewCount": "42",
        "author": video.channel,
        "isPrivate": False,
        "isLiveContent": video.state in (State.LIVE, State.UPCOMING),
    }
    if video.state is State.LIVE:
        details["isLive"] = True
    return details


def _microformat(video: LoopVideo) -> Json:
    return {
        "title": {"simpleText": video.title},
        "lengthSeconds": str(video.duration_s),
        "publishDate": video.uploaded,
        "uploadDate": video.uploaded,
        "ownerChannelName": video.channel,
        "externalChannelId": CHANNEL_ID,
        "availableCountries": ["US", "DE"],
        "category": "Music",
    }


def _formats(video: LoopVideo) -> list[Json]:
    return [_format(video, itag, path) for itag, path in video.files.items()]


def _format(video: LoopVideo, itag: int, path: Path) -> Json:
    size = path.stat().st_size
    query = urllib.parse.urlencode(
        {
            "expire": int(time.time()) + 21600,
            "id": video.video_id,
            "itag": itag,
            "mime": MIME[itag].split(";")[0],
            "clen": size,
            "sig": "LOOPBACK",
            "ratebypass": "yes",
            "source": "youtube",
        }
    )
    bitrate = int(size * 8 / video.duration_s)
    return {
        "itag": itag,
        "url": f"https://{MEDIA_HOST}/videoplayback?{query}",
        "mimeType": MIME[itag],
        "bitrate": bitrate,
        "averageBitrate": bitrate,
        "contentLength": str(size),
        "approxDurationMs": str(video.duration_s * 1000),
        "lastModified": "1700000000000000",
        "quality": "tiny",
        "projectionType": "RECTANGULAR",
        "audioQuality": "AUDIO_QUALITY_MEDIUM",
        "audioSampleRate": "48000",
        "audioChannels": 2,
    }


def watch_data(video: LoopVideo | None) -> Json:
    """Return the data beside the player on a watch page; it tells the licence."""
    rows = []
    if video is not None and video.creative_commons:
        licence = "Creative Commons Attribution license (reuse allowed)"
        content = {"runs": [{"text": licence}]}
        row = {"title": {"simpleText": "License"}, "contents": [content]}
        rows.append({"metadataRowRenderer": row})
    secondary: Json = {"metadataRowContainer": {"metadataRowContainerRenderer": {"rows": rows}}}
    if video is not None:
        secondary["owner"] = {"videoOwnerRenderer": {"title": {"runs": [{"text": video.channel}]}}}
    contents = [{"videoSecondaryInfoRenderer": secondary}]
    return {
        "responseContext": {"visitorData": VISITOR},
        "contents": {"twoColumnWatchNextResults": {"results": {"results": {"contents": contents}}}},
    }
