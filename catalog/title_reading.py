"""A reading of a title, how far its rule is trusted, and what a name looks like.

No rule knows any music: where a title leaves it open, two readings come out, for a catalogue to
decide between.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from catalog import names, title_words
from catalog.records import StandardName
from catalog.title_artists import is_known_artist

# How far each form and rule is trusted: set by hand in the order in which they fared on the
# tuning half of the corpus, not a measured probability.
TRUST = {
    "dash": 0.92,
    "bracket": 0.95,
    "by": 0.9,
    "quoted": 0.93,
    "colon": 0.85,
    "possessive": 0.8,
    "tight dash": 0.5,
    "known artist": 0.82,
    "artist alone": 0.82,
    "songs by artists": 0.85,
    "artists in a bracket": 0.9,
    "artists of a weak list in a bracket": 0.5,
    "two lists": 0.9,
    "a list and a weak list": 0.7,
    "a list and a name": 0.85,
    "a list of songs and one artist": 0.55,
    "a weak list and a name": 0.6,
    "a list alone": 0.8,
    "a weak list alone": 0.55,
    "songs between pipes": 0.6,
    "a remixed song": 0.3,
    "known artists mentioned": 0.15,
}
# What makes a name look like a song's (> 0) or an artist's (< 0).
LIKENESS = {
    "song word": 0.5,
    "plain word": 0.2,
    "artist word": -0.7,
    "letters and digits": -0.7,  # M83, deadmau5
    "starts like an artist": -0.3,
    "initials or `The Xs`": -0.5,  # R. Kelly, The Doors
    "a phrase": 0.1,
}
KNOWN_ARTIST = -1.5  # beyond what words alone can say
_LETTER_DIGIT = re.compile(r"[a-z]\d|\d[a-z]")
_INITIALS = re.compile(r"\b[A-Z]\.|^[Tt]he \S+$")


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a title: its sources, how far to trust it, and why."""

    sources: tuple[StandardName, ...]
    confidence: float
    evidence: str
    mashup_name: str = ""  # the mashup's own name, in which the songs' names may hide


def song_likeness(text: str) -> float:
    """How much a name reads like a song's (> 0) rather than an artist's (< 0), from -1.5 to 1."""
    words = names.fold(text).split()
    if not words:
        return 0.0
    if is_known_artist(text):
        return KNOWN_ARTIST
    counts = {
        "song word": sum(word in title_words.SONG_WORDS for word in words),
        "plain word": sum(word in title_words.PLAIN_WORDS for word in words),
        "artist word": sum(word in title_words.ARTIST_WORDS for word in words),
        "letters and digits": sum(bool(_LETTER_DIGIT.search(word)) for word in words),
        "starts like an artist": len(words) > 1 and words[0] in title_words.ARTIST_WORDS,
        "initials or `The Xs`": bool(_INITIALS.search(text)),
        "a phrase": len(words) > 3,
    }
    score = sum(LIKENESS[sign] * count for sign, count in counts.items())
    return max(-1.0, min(1.0, score))


def name_of(artist: str | None, title: str | None) -> StandardName:
    """A source's name, its version words split off."""
    if title is None:
        return StandardName(artist, None)
    plain, version = names.split_version(title)
    return StandardName(artist, plain, version)
