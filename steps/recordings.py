"""Recordings on the workbench: their sound, their two minutes in the store, their features."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from audio import features
from audio.decode import decode, encode_mp3, to_analysis
from audio.errors import DecodeError
from audio.features import EAR_VERSION, FeatureFileError, SongFeatures
from audio.params import RENDER_RATE_HZ
from audio.trim import Excerpt, excerpt
from catalog.names import file_name
from catalog.records import StandardName, TrackKind
from model.evaluate import Stems
from steps.workbench import Workbench
from storage.errors import MissingFileError
from storage.records import TrackRecord

Stereo = NDArray[np.float32]  # (2, samples) at RENDER_RATE_HZ


def standard_name(track: TrackRecord) -> StandardName:
    return StandardName(track.artist, track.title, track.version)


def safe_id(track_id: str) -> str:
    """Return a track's id as part of a key or file name."""
    return track_id.replace(":", "-")


def decode_stems(vocals: Path, instrumental: Path | None) -> Stems:
    """Decode both files of a multitrack to one length.

    Raises
    ------
    AudioError
        One of the files cannot be decoded, or there is no instrumental.
    """
    if instrumental is None:
        raise DecodeError(f"{vocals} has no instrumental track beside it")
    sung, played = decode(vocals), decode(instrumental)
    length = min(sung.shape[1], played.shape[1])
    return Stems(sung[:, :length], played[:, :length])


def load_stems(track: TrackRecord) -> Stems:
    """Decode a multitrack of the ledger; see `decode_stems`."""
    return decode_stems(Path(track.source), Path(track.companion) if track.companion else None)


def load(path: Path, companion: Path | None = None) -> Stereo:
    """Decode a whole recording; a vocal track with its instrumental sounds as their mix."""
    return decode_stems(path, companion).mix() if companion else decode(path)


def load_sound(track: TrackRecord) -> Stereo:
    """Decode a recording of the ledger; a multitrack sounds as its mix."""
    return load(Path(track.source), Path(track.companion) if track.companion else None)


def two_minutes(sound: Stereo) -> Excerpt:
    """Return the first two minutes of a sound after leading silence."""
    return excerpt(sound, sample_rate_hz=RENDER_RATE_HZ)


def keep_mp3(bench: Workbench, track: TrackRecord, sound: Stereo, *, note: str = "") -> str:
    """Write a part of a track to the store as a tagged mp3 and return its key.

    Parameters
    ----------
    note
        Stands after the name, where a track is kept more than once.
    """
    key = f"audio/{file_name(standard_name(track), track.track_id)}{note}.mp3"
    tags = {
        "artist": track.artist or "",
        "title": track.title or "",
        "comment": track.url or track.source_key,
        "copyright": track.licence or "",
    }
    with tempfile.TemporaryDirectory(dir=bench.work_dir) as folder:
        path = Path(folder) / "excerpt.mp3"
        encode_mp3(path, sound, tags={name: value for name, value in tags.items() if value})
        bench.store.put(path, key)
    return key


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
            return keep_features(bench, track, heard_sound(track))


def heard_sound(track: TrackRecord) -> Stereo:
    """Return what the ears hear of a track: a song whole, of a mashup its two minutes."""
    sound = load_sound(track)
    return two_minutes(sound).audio if track.kind == TrackKind.MASHUP else sound


def features_key(track_id: str) -> str:
    return f"features/v{EAR_VERSION}/{safe_id(track_id)}.npz"
