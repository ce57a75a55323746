"""Originals: the whole recording behind a track, on this machine or fetched again.

A folder's files stay where the user has them. Of a video the original is needed once, to keep two
minutes of it; a song's stays in the work folder as long as there is room, because each new mashup
of it uses another part.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

from audio.decode import decode
from audio.params import RENDER_RATE_HZ
from catalog.records import TrackKind
from catalog.youtube.client import Objection
from catalog.youtube.filters import Filters, reason_against
from catalog.youtube.records import VideoFacts
from catalog.youtube.sidecar import Downloaded
from steps.outcome import Download
from steps.sounds import Stereo, load
from steps.sync import VIDEO_PREFIX, describe
from steps.workbench import Workbench
from storage.records import TrackRecord


@dataclass(frozen=True, slots=True)
class Recording:
    """A whole recording, decoded, with what its source told of it by now."""

    track: TrackRecord
    sound: Stereo
    cover: Path | None = None
    download: Download | None = None  # None where it lay here already


def obtain(bench: Workbench, track: TrackRecord) -> Recording:
    """Return a track's whole recording; a video's is downloaded, checked and decoded once.

    Raises
    ------
    AudioError
        The recording cannot be decoded.
    YouTubeError
        The video cannot be had now or ever; see `catalog/youtube/errors.py`.
    """
    if not is_video(track):
        companion = Path(track.companion) if track.companion else None
        return Recording(track, load(Path(track.source), companion))
    began, check = time.monotonic(), _Check()
    got = fetch(bench, track, check)
    seconds = time.monotonic() - began
    return Recording(
        track=describe(track, got.facts),
        sound=decode(got.path) if check.sound is None else check.sound,
        cover=got.thumbnail,
        download=None if got.reused else Download(got.size_bytes, seconds),
    )


def load_sound(bench: Workbench, track: TrackRecord) -> Stereo:
    """Return the whole sound of a track; see `obtain`."""
    return obtain(bench, track).sound


def original_file(bench: Workbench, track: TrackRecord) -> Path:
    """Return the file of a track's whole recording; a video's is fetched again if it is gone."""
    return fetch(bench, track, _Check()).path if is_video(track) else Path(track.source)


def is_at_hand(bench: Workbench, track: TrackRecord) -> bool:
    """Tell whether the whole recording lies on this machine."""
    if is_video(track):
        return bench.youtube.find(video_id_of(track)) is not None
    return Path(track.source).is_file()


def is_video(track: TrackRecord) -> bool:
    return track.track_id.startswith(VIDEO_PREFIX)


def video_id_of(track: TrackRecord) -> str:
    return track.track_id.removeprefix(VIDEO_PREFIX)


def let_go(bench: Workbench, track: TrackRecord) -> None:
    """Remove a mashup's original once its two minutes are kept: nothing needs more of it."""
    if is_video(track) and track.kind == TrackKind.MASHUP:
        bench.youtube.forget(video_id_of(track))


def fetch(bench: Workbench, track: TrackRecord, check: _Check) -> Downloaded:
    objection = objection_for(bench, video_id_of(track))
    got = bench.youtube.fetch(video_id_of(track), check_audio=check, objection=objection)
    os.utime(got.path, (time.time(), got.path.stat().st_mtime))  # disks may not note who reads
    return got


def objection_for(bench: Workbench, video_id: str) -> Objection:
    """Return the check of a video's full facts: it goes when every address that lists it objects.

    A listing is silent about dates and licences, so filters on these can only be used here.
    """
    told = bench.ledger.listings.filters_for(video_id)
    filters = [Filters.model_validate(each) for each in told]

    def objection(facts: VideoFacts) -> str | None:
        reasons = [reason_against(facts, each, complete=True) for each in filters]
        return reasons[0] if reasons and all(reasons) else None

    return objection


class _Check:
    """Decodes a fresh download to its end and keeps the sound, so that nobody decodes it again."""

    def __init__(self) -> None:
        self.sound: Stereo | None = None

    def __call__(self, path: Path) -> float:
        self.sound = sound = decode(path, strict=True)
        return float(sound.shape[1]) / RENDER_RATE_HZ
