"""Known names that stand anywhere in a title: the reading that only a catalogue can give."""

from __future__ import annotations

from catalog import names
from catalog.catalogue import Catalogue
from catalog.records import StandardName
from catalog.titles import TitleHypothesis

MAX_NAME_WORDS = 8
MIN_SINGLE_LETTERS = 4  # a single short word is more often a word than a name
TRUST_ARTISTS = 0.5
TRUST_SONGS = 0.4


def known_names_in(title: str, catalogue: Catalogue, *, songs: bool) -> list[TitleHypothesis]:
    """Readings of a title by names that the catalogue knows; none for fewer than two names.

    `songs` asks for song names on their own too; not where the title says whose song it means.
    """
    words = names.fold(names.standardize(title)).split()
    artists = _spans(words, catalogue, songs=False)
    rest = " ".join(filter(None, words))
    readings = []
    if len(artists) > 1:
        sources = tuple(StandardName(artist, None) for artist in artists)
        evidence = ("known artists stand in the title",)
        readings.append(TitleHypothesis(sources, TRUST_ARTISTS, evidence, rest))
    words = names.fold(names.standardize(title)).split() if songs else []
    titles = _spans(words, catalogue, songs=True)
    if len(titles) > 1:
        sources = tuple(StandardName(None, song) for song in titles)
        evidence = ("known songs stand in the title",)
        readings.append(TitleHypothesis(sources, TRUST_SONGS, evidence))
    return readings


def _spans(words: list[str], catalogue: Catalogue, *, songs: bool) -> list[str]:
    """Known names among the words, longest first, none overlapping; taken words are blanked."""
    found: list[tuple[int, str]] = []
    for length in range(min(MAX_NAME_WORDS, len(words)), 0, -1):
        for start in range(len(words) - length + 1):
            span = words[start : start + length]
            name = " ".join(span)
            if not all(span) or (length == 1 and len(name) < MIN_SINGLE_LETTERS):
                continue
            if catalogue.is_title(name) if songs else catalogue.is_artist(name):
                found.append((start, name))
                words[start : start + length] = [""] * length
    return [name for _, name in sorted(found)]
