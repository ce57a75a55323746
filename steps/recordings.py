"""Recordings in the store: the two minutes that are kept of a track, and its features."""

from __future__ import annotations

import logging
import tempfile
from pathlib import Path

from audio import features
from audio.decode import decode, encode_mp3, to_analysis
from audio.errors import AudioError
from audio.features import EAR_VERSION, FeatureFileError, SongFeatures
from catalog.names import file_name
from catalog.records import StandardName, TrackKind
from steps.originals import is_at_hand, load_sound
from steps.sounds import Stereo, two_minutes
from steps.workbench import Workbench
from storage.errors import MissingFileError
from storage.records import TrackRecord

logger = logging.getLogger(__name__)


def standard_name(track: TrackRecord) -> StandardName:
    return StandardName(track.artist, track.title, track.version)


def safe_id(track_id: str) -> str:
    """Return a track's id as part of a key or file name."""
    return track_id.replace(":", "-")


def keep_mp3(
    bench: Workbench,
    track: TrackRecord,
    sound: Stereo,
    *,
    note: str = "",
    cover: Path | None = None,
) -> str:
    """Write a part of a track to the store as a tagged mp3 and return its key.

    Parameters
    ----------
    note
        Stands after the name, where a track is kept more than once.
    cover
        A picture to embed; one that cannot be read is left out.
    """
    key = f"audio/{file_name(standard_name(track), track.track_id)}{note}.mp3"
    with tempfile.TemporaryDirectory(dir=bench.work_dir) as folder:
        path = Path(folder) / "excerpt.mp3"
        try:
            encode_mp3(path, sound, tags=tags_of(track), cover=cover)
        except AudioError as error:
            if cover is None:
                raise
            logger.warning("the picture of %s is left out: %s", track.track_id, error)
            encode_mp3(path, sound, tags=tags_of(track))
        bench.store.put(path, key)
    return key


def tags_of(track: TrackRecord) -> dict[str, str]:
    """Return what the mp3 says of itself: names, where it came from, and its licence."""
    tags = {
        "artist": track.artist or track.channel or "",
        "title": track.title or "",
        "comment": track.url or track.source_key,
        "track_id": track.track_id,
        "copyright": track.licence or "",
    }
    return {name: value for name, value in tags.items() if value}


def keep_features(bench: Workbench, track: TrackRecord, sound: Stereo) -> SongFeatures:
    """Extract what the ears need of a sound and keep it in the store."""
    found = features.extract(to_analysis(sound))
    with tempfile.TemporaryDirectory(dir=bench.work_dir) as folder:
        path = Path(folder) / "features.npz"
        features.save(found, path)
        bench.store.put(path, features_key(track.track_id))
    return found


def features_of(bench: Workbench, track: TrackRecord) -> SongFeatures:
    """Return a track's features; those that are lost or of older ears are made again.

    Raises
    ------
    AudioError
        They must be made again and the recording cannot be read any more.
    """
    with tempfile.TemporaryDirectory(dir=bench.work_dir) as folder:
        try:
            return features.load(
                bench.store.fetch(features_key(track.track_id), Path(folder) / "features.npz")
            )
        except (MissingFileError, FeatureFileError):
            return keep_features(bench, track, heard_sound(bench, track))


def heard_sound(bench: Workbench, track: TrackRecord) -> Stereo:
    """Return what the ears hear of a track: a song whole, of a mashup its two minutes."""
    if track.kind == TrackKind.MASHUP:
        return load_two_minutes(bench, track)
    return load_sound(bench, track)


def load_two_minutes(bench: Workbench, track: TrackRecord) -> Stereo:
    """Return a track's two minutes: of the recording if it is at hand, else as they were kept."""
    if track.audio_key is None or is_at_hand(bench, track):
        return two_minutes(load_sound(bench, track)).audio
    with tempfile.TemporaryDirectory(dir=bench.work_dir) as folder:
        return decode(bench.store.fetch(track.audio_key, Path(folder) / "kept.mp3"))


def features_key(track_id: str) -> str:
    return f"features/v{EAR_VERSION}/{safe_id(track_id)}.npz"
