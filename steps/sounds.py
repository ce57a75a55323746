"""Sounds: files decoded for the line, multitracks as their stems or as their mix."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from audio.decode import decode
from audio.errors import DecodeError
from audio.params import RENDER_RATE_HZ
from audio.stems import Stems
from audio.trim import Excerpt, excerpt
from storage.records import TrackRecord

Stereo = NDArray[np.float32]  # (2, samples) at RENDER_RATE_HZ


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


def two_minutes(sound: Stereo) -> Excerpt:
    """Return the first two minutes of a sound after leading silence."""
    return excerpt(sound, sample_rate_hz=RENDER_RATE_HZ)
