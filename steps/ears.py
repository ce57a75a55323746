"""Ears for two files: where a song plays in a mashup, without ledger or store."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from audio.decode import decode, to_analysis
from audio.features import SongFeatures, extract
from audio.locate import Location, locate
from audio.params import RENDER_RATE_HZ
from audio.roles import assign_roles
from audio.stretch import warp
from model.location_picture import draw_location
from steps.sounds import Stereo


def locate_files(mashup: Path, song: Path, *, plot: Path | None = None) -> dict[str, Any]:
    """Locate `song` in `mashup` and return plain values.

    Parameters
    ----------
    plot
        Also draw it here, as PNG, for a person to check.

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
    sounds = decode(mashup), decode(song)
    heard, known = (extract(to_analysis(sound)) for sound in sounds)
    found = locate(heard, known)
    if plot:
        draw_files(plot, sounds, found, caption=f"{song.stem} in {mashup.stem}")
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


def draw_files(plot: Path, sounds: tuple[Stereo, Stereo], found: Location, *, caption: str) -> None:
    """Draw a mashup, the song as it was found in it, and the song."""
    mashup, song = sounds
    warped = warp(
        song,
        found.segments,
        sample_rate_hz=RENDER_RATE_HZ,
        semitones=found.semitones + found.cents / 100,
        duration_s=mashup.shape[1] / RENDER_RATE_HZ,
    )
    draw_location(
        plot, mashup=mashup, warped=warped, song=song, segments=found.segments, caption=caption
    )
