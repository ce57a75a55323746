"""Naming: what a source says of a recording becomes its standard name and its song's key."""

from __future__ import annotations

from dataclasses import replace

from catalog.names import parse_song, song_key, standardize
from catalog.records import StandardName, TrackKind
from storage.records import TrackRecord


def name_track(
    track: TrackRecord, *, artist: str | None = None, title: str | None = None
) -> TrackRecord:
    """Return a track named by what its source says of it.

    Parameters
    ----------
    artist, title
        Music metadata, where the source has any: it knows better than a title that a person typed.
    """
    name = name_of(track, artist, title)
    return replace(
        track,
        artist=name.artist,
        title=name.title,
        version=name.version,
        song_key=song_key(name),
    )


def name_of(track: TrackRecord, artist: str | None, title: str | None) -> StandardName:
    if track.kind == TrackKind.MASHUP:  # its title stays whole, because it names two songs
        return StandardName(artist=None, title=standardize(track.raw_title))
    typed = parse_song(track.raw_title, channel=track.channel)
    if not (artist and title):
        return typed
    stated = parse_song(f"{artist} - {title}")
    return replace(stated, version=tuple(dict.fromkeys((*stated.version, *typed.version))))
