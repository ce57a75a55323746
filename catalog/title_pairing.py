"""Lists of artists and songs put together: the readings that two lists or one allow."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import combinations, permutations

from catalog.records import StandardName
from catalog.title_artists import is_known_artist
from catalog.title_parts import Listing, clean_item
from catalog.title_reading import TRUST, Reading, name_of

REVERSED_ORDER = 0.45  # trust in `X / Y - B & A` for each unit of trust in `X / Y - A & B`
NAME_OF_ONE = 0.22  # trust in a mashup's being called as one of its songs is
OTHER_ORDER = 0.15
UNEVEN = 0.3  # trust in an artist's having made two of the songs
MAX_UNEVEN = 4
UNCUT = 0.6  # on artists in whose name a dash stands
SURE_MARGIN = 2.0  # an orientation with half this lead leaves the other reading no trust


def one_artist(artist: str, songs: Listing, trust: float, evidence: str) -> Reading:
    """One artist made all of the songs."""
    return Reading(tuple(name_of(artist, song) for song in songs.items), trust, evidence)


def artists_only(artists: Listing, mashup_name: str, trust: float, evidence: str) -> Reading:
    """A list names artists; their songs may hide in the mashup's name."""
    sources = tuple(StandardName(artist, None) for artist in artists.items)
    trust *= UNCUT if any(" - " in artist for artist in artists.items) else 1.0
    return Reading(sources, trust, evidence, clean_item(mashup_name))


def songs_only(songs: Listing, trust: float) -> Reading:
    """A list names songs and nothing tells of their artists."""
    sources = tuple(name_of(None, song) for song in songs.items)
    return Reading(sources, trust, "a list of songs; artists unknown")


def oriented(artists: Listing, songs: Listing, trust: float, lead: float) -> list[Reading]:
    """Both readings of two lists of one length, each in both orders; `lead` speaks for this one."""
    share = min(1.0, max(0.0, 0.5 + lead / SURE_MARGIN))
    return [
        *both_orders(artists, songs, trust * math.sqrt(share)),
        *both_orders(songs, artists, trust * (1 - share)),
    ]


def both_orders(artists: Listing, songs: Listing, trust: float) -> list[Reading]:
    """Artists and songs of two lists of one length, straight and crossed."""
    straight = tuple(map(name_of, artists.items, songs.items))
    crossed = tuple(map(name_of, artists.items, reversed(songs.items)))
    return [
        Reading(straight, trust, "two lists of one length, in one order"),
        Reading(crossed, trust * REVERSED_ORDER, "two lists of one length, in reversed order"),
        *_other_orders(artists, songs, trust),
    ]


def _other_orders(artists: Listing, songs: Listing, trust: float) -> list[Reading]:
    """Of three artists and three songs the four orders that are neither straight nor reversed."""
    if len(songs.items) != 3:
        return []
    evidence = "two lists of one length, in another order"
    return [
        Reading(tuple(map(name_of, artists.items, order)), trust * OTHER_ORDER, evidence)
        for order in permutations(songs.items)
        if order not in (songs.items, songs.items[::-1])
    ]


def songs_and_artist(artist: str, songs: Listing, *, stands_last: bool) -> list[Reading]:
    """`A - X x Y`: A made X, or both, or neither; `X x Y - A`: most likely both."""
    trust = TRUST["a list of songs and one artist"]
    first_only = (
        name_of(artist, songs.items[0]),
        *(_artist_or_song(name) for name in songs.items[1:]),
    )
    evidence = "the artist before the dash made the first song"
    return [
        one_artist(artist, songs, trust * (1.0 if stands_last else 0.8), "one artist of all songs"),
        Reading(first_only, trust * (0.5 if stands_last else 1.0), evidence),
        replace(songs_only(songs, trust * 0.6), evidence="the single name only performs"),
        artists_only(songs, artist, trust * 0.5, "the list names artists"),
    ]


def _artist_or_song(name: str) -> StandardName:
    """A name on its own: of a known artist, else of a song."""
    return StandardName(name, None) if is_known_artist(name) else name_of(None, name)


def one_song_each(artists: Listing, songs: Listing) -> list[Reading]:
    """A name of as many words as there are artists may hold one word of each song."""
    words = songs.text.split()
    if not 1 < len(words) == len(artists.items) <= 4:
        return []
    evidence = "one word of the mashup's name for each artist"
    return [Reading(tuple(map(name_of, artists.items, words)), 0.2, evidence, songs.text)]


def more_songs_than_artists(artists: Listing, songs: Listing, trust: float) -> list[Reading]:
    """`A vs. B - X / Y / Z`: A made X and Y, or B made Y and Z."""
    n_artists, n_songs = len(artists.items), len(songs.items)
    if not songs.is_strong or not n_artists < n_songs <= MAX_UNEVEN:
        return []
    evidence = "more songs than artists, in one order"
    ends = combinations(range(1, n_songs), n_artists - 1)
    owners = [[sum(song >= end for end in cut) for song in range(n_songs)] for cut in ends]
    return [
        Reading(
            tuple(name_of(artists.items[o], x) for o, x in zip(owner, songs.items, strict=True)),
            trust * UNEVEN,
            evidence,
        )
        for owner in owners
    ]


def name_of_one(artists: Listing, mashup_name: str, trust: float) -> list[Reading]:
    """`A vs. B - X`: the mashup may be called as the song of one of two artists is."""
    name = clean_item(mashup_name)
    if len(artists.items) != 2 or not name:
        return []
    first, second = artists.items
    evidence = "the mashup is called as one of its songs"
    return [
        Reading((name_of(first, name), name_of(second, None)), trust * NAME_OF_ONE, evidence),
        Reading((name_of(first, None), name_of(second, name)), trust * NAME_OF_ONE, evidence),
    ]


def discounted(reading: Reading, factor: float) -> Reading:
    """The same reading, trusted less (or more)."""
    return replace(reading, confidence=reading.confidence * factor)
