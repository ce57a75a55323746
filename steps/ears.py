"""Ears for two files: where a song plays in a mashup, without ledger or store."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from audio.decode import decode, to_analysis
from audio.features import SongFeatures, extract
from audio.locate import Location, locate
from audio.roles import assign_roles


def locate_files(mashup: Path, song: Path) -> dict[str, Any]:
    """Locate `song` in `mashup` and return plain values.

    Returns
    -------
    `found`, `offset_s` (the second of the song that sounds at the mashup's second 0),
    `tempo_ratio` (the mashup's tempo over the song's own), `semitones` (how far the song was
    raised), `confidence`, `role` ("voice", "bed", or None where it was not found), `reason`,
    and `segments`.

    Raises
    ------
    AudioError
        A file cannot be decoded, is silent, or is too short.
    """
    heard, known = features_of_file(mashup), features_of_file(song)
    found = locate(heard, known)
    return {
        "found": found.located,
        "offset_s": found.offset_s if found.located else None,
        "tempo_ratio": found.tempo_ratio,
        "semitones": found.semitones,
        "confidence": found.confidence,
        "role": role_of(heard, known, found) if found.located else None,
        "reason": found.reason,
        "segments": [
            {
                "mashup_start_s": segment.mashup_start_s,
                "mashup_end_s": segment.mashup_end_s,
                "song_start_s": segment.song_start_s,
                "tempo_ratio": segment.tempo_ratio,
            }
            for segment in found.segments
        ],
    }


def role_of(mashup: SongFeatures, song: SongFeatures, found: Location) -> str:
    """Tell whether a located song sings or plays, by how much of the low onsets is its own."""
    roles = assign_roles(mashup, (song, song), (found.segments, ()))
    return "voice" if roles.voice == "a" else "bed"


def features_of_file(path: Path) -> SongFeatures:
    return extract(to_analysis(decode(path)))
