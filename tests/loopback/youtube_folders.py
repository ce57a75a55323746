"""Folders of sound files as playlists of a loopback YouTube, as a program of its own.

`python -m tests.loopback.youtube_folders --folder DIR --mashups DIR --songs DIR` serves two
playlists until it is ended, and prints the settings that lead the project's clients to it as one
line of JSON.
"""

from __future__ import annotations

import argparse
import json
import shlex
import threading
from pathlib import Path

import yaml

from tests.loopback.youtube import Loopback, serve_youtube
from tests.loopback.youtube_clients import YTDLP_ARGUMENTS
from tests.loopback.youtube_media import check_audio, run_ffmpeg
from tests.loopback.youtube_world import LoopVideo, State, World

WEBM_ITAG = 251
PLAYLISTS = {"mashup": "PLmashupsmashupsmashups", "song": "PLsongssongssongs"}


def world_of(folder: Path, *, mashups: Path, songs: Path) -> World:
    """Return a world whose playlists hold the files of two folders, titled by their names.

    A file that holds no sound becomes a video that was removed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    world = World(playlists={playlist: [] for playlist in PLAYLISTS.values()})
    for kind, place in (("mashup", mashups), ("song", songs)):
        for number, path in enumerate(sorted(place.iterdir())):
            video = video_of(f"loop{kind[:4]}{number:03}", path, folder)
            world.add(video, playlist_id=PLAYLISTS[kind])
    return world


def video_of(video_id: str, path: Path, folder: Path) -> LoopVideo:
    """Return a sound file as a video, encoded as YouTube keeps it."""
    webm = folder / f"{video_id}.webm"
    try:
        if not webm.exists():
            run_ffmpeg("-i", str(path), "-vn", "-c:a", "libopus", "-b:a", "128k", str(webm))
    except ValueError:
        return LoopVideo(video_id, path.stem, state=State.REMOVED)
    seconds = round(check_audio(webm))
    return LoopVideo(video_id, path.stem, {WEBM_ITAG: webm}, seconds, description="")


def write_subscriptions(path: Path) -> None:
    """Write the subscriptions file that follows both playlists; its videos may be short."""
    subscriptions = [
        {
            "url": f"https://www.youtube.com/playlist?list={playlist}",
            "kind": kind,
            "filters": {"min_duration_s": 10},
        }
        for kind, playlist in PLAYLISTS.items()
    ]
    path.write_text(yaml.safe_dump({"subscriptions": subscriptions}), encoding="utf-8")


def settings_for(loopback: Loopback, subscriptions: Path) -> dict[str, str]:
    """Return the environment in which the project's clients reach `loopback`, without pauses."""
    return {
        "SSL_CERT_FILE": str(loopback.ca_file),
        "MASHUP_YOUTUBE_PROXY": loopback.url,
        "MASHUP_YOUTUBE_OPTIONS": shlex.join(YTDLP_ARGUMENTS),
        "MASHUP_YOUTUBE_PAUSE_S": "0",
        "MASHUP_SUBSCRIPTIONS": str(subscriptions),
    }


def main() -> None:
    """Serve until the process is ended."""
    parser = argparse.ArgumentParser(description="A loopback YouTube of two folders.")
    for name in ("folder", "mashups", "songs"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    wanted = parser.parse_args()
    world = world_of(wanted.folder / "videos", mashups=wanted.mashups, songs=wanted.songs)
    subscriptions = wanted.folder / "subscriptions.yaml"
    write_subscriptions(subscriptions)
    with serve_youtube(world, wanted.folder / "authority") as loopback:
        print(json.dumps(settings_for(loopback, subscriptions)), flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
