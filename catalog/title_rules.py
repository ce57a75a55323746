"""Rules that read a mashup's title: each knows one shape, and which names are artists in it."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from catalog import title_words
from catalog.records import StandardName
from catalog.title_artists import is_known_artist, known_artists_in
from catalog.title_parts import (
    Join,
    Listing,
    TitleParts,
    clean_item,
    split_listing,
    split_serial,
)
from catalog.title_pieces import FORMS, named_pieces
from catalog.title_reading import TRUST, Reading, name_of, song_likeness

# Orientation of `FIRST - SECOND`: what speaks for artists standing first, in song-likeness.
ARTISTS_FIRST = 0.3  # the habit of all music titles
TAG_BETWEEN = -1.2  # `SONGS (mashup) - ARTISTS`
VERSUS_MARKS_ARTISTS = 0.8
WEAK_LIST_MARKS_ARTISTS = 0.8
SLASH_MARKS_SONGS = 0.4
QUOTES_MARK_SONGS = 1.5
CROSS_BESIDE_NAME_MARKS_ARTISTS = 0.5  # `A x B - NAME`, where NAME is no list
BRACKET_HOLDS_ARTISTS = 1.0
BESIDE_BRACKET = 0.3  # `A vs. B - NAME (X / Y)`: the list before the name holds the artists
LIST_ALONE_HOLDS_SONGS = 0.35
TAGGED_SLASH_HOLDS_ARTISTS = 0.4  # `A/B mashup`
DROPPED_FIELD_DISCOUNT = 0.6
REVERSED_ORDER = 0.45  # trust in `X / Y - B & A` for each unit of trust in `X / Y - A & B`
NAME_OF_ONE = 0.22  # trust in a mashup's being called as one of its songs is
SURE_MARGIN = 2.0  # an orientation with half this lead leaves the other reading no trust

_NO_BRACKETS = re.compile(r"[()\[\]{}\"]")

Rule = Callable[[TitleParts], list[Reading]]
_BESIDE = "artists beside the mashup's own name"


def _likeness(listing: Listing) -> float:
    return sum(map(song_likeness, listing.items)) / len(listing.items)


def artists_in_bracket(parts: TitleParts) -> list[Reading]:
    """`NAME (A vs. B)` and `X x Y [A, B]`: a bracket lists the sources' artists."""
    listings = [split_listing(inner) for inner in parts.brackets]
    lists = [listing for listing in listings if len(listing.items) > 1]
    if not lists:
        return _artist_of_all(parts, listings)
    inside = min(lists, key=lambda listing: listing.join)
    head = _head(parts)
    weak = inside.join >= Join.AND
    trust = TRUST["artists of a weak list in a bracket" if weak else "artists in a bracket"]
    if head.is_strong and len(head.items) == len(inside.items):
        lead = BRACKET_HOLDS_ARTISTS + _lead_of_words(inside, head) + _lead_of_joins(inside, head)
        return _oriented(inside, head, trust, lead)
    if not head.is_strong and len(head.items) == len(inside.items):
        main = _artists(inside, head.text, trust, "a bracket lists the artists")
        return [main, *_oriented(inside, head, trust * 0.6, BRACKET_HOLDS_ARTISTS)]
    beside = _list_before_name(parts, len(inside.items))
    if beside is not None:
        return _oriented(beside, inside, trust, BESIDE_BRACKET + _lead_of_words(beside, inside))
    crowded = head.is_strong and head.join <= Join.CROSS and len(parts.fields) > 1
    trust = trust / 2 if crowded else trust
    main = _artists(inside, head.text, trust, "a bracket lists the artists")
    return [main, *_name_of_one(inside, head.text, trust)]


def _list_before_name(parts: TitleParts, length: int) -> Listing | None:
    """The list of `A vs. B - NAME (X / Y)`."""
    if len(parts.fields) < 2:
        return None
    listing = split_listing(parts.fields[-2])
    return listing if listing.is_strong and len(listing.items) == length else None


def _head(parts: TitleParts) -> Listing:
    """The name before the bracket: the last field, its maker's name cut off."""
    text = parts.fields[-1] if parts.fields else ""
    return split_listing(title_words.BY_MAKER.sub("", text))


def _artist_of_all(parts: TitleParts, listings: Sequence[Listing]) -> list[Reading]:
    """`X x Y (A)`: one artist, in a bracket, of every song."""
    head = _head(parts)
    if len(listings) != 1 or len(parts.fields) != 1 or not head.is_strong:
        return []
    return [_one_artist(listings[0].items[0], head, 0.7, "one artist in a bracket after the songs")]


def _one_artist(artist: str, songs: Listing, trust: float, evidence: str) -> Reading:
    return Reading(tuple(name_of(artist, song) for song in songs.items), trust, evidence)


def _artists(artists: Listing, mashup_name: str, trust: float, evidence: str) -> Reading:
    sources = tuple(StandardName(artist, None) for artist in artists.items)
    return Reading(sources, trust, evidence, clean_item(mashup_name))


def _oriented(artists: Listing, songs: Listing, trust: float, lead: float) -> list[Reading]:
    """Both readings of two lists of one length, each in both orders; `lead` speaks for this one."""
    share = min(1.0, max(0.0, 0.5 + lead / SURE_MARGIN))
    return [
        *_both_orders(artists, songs, trust * math.sqrt(share)),
        *_both_orders(songs, artists, trust * (1 - share)),
    ]


def _both_orders(artists: Listing, songs: Listing, trust: float) -> list[Reading]:
    straight = tuple(map(name_of, artists.items, songs.items))
    crossed = tuple(map(name_of, artists.items, reversed(songs.items)))
    return [
        Reading(straight, trust, "two lists of one length, in one order"),
        Reading(crossed, trust * REVERSED_ORDER, "two lists of one length, in reversed order"),
    ]


def two_fields(parts: TitleParts) -> list[Reading]:
    """`A vs. B - NAME`, `A & B - X / Y`, `X x Y - A x B`, `NAME - A vs. B`."""
    fields = _without_maker_field(parts)
    if len(fields) != 2 or parts.is_piped or _bracket_lists(parts):
        return []
    first, second = (split_serial(field) for field in fields)
    lead = _artists_first_lead(first, second, parts)
    artists, songs = (first, second) if lead >= 0 else (second, first)
    if len(first.items) == len(second.items) > 1:
        return _two_lists(artists, songs, abs(lead), parts)
    readings = _list_and_name(artists, songs, parts)
    if len(parts.fields) > 2 and not first.is_strong:
        return [_discounted(reading, DROPPED_FIELD_DISCOUNT) for reading in readings]
    return readings


def _bracket_lists(parts: TitleParts) -> bool:
    return any(len(split_listing(inner).items) > 1 for inner in parts.brackets)


def _discounted(reading: Reading, factor: float) -> Reading:
    return replace(reading, confidence=reading.confidence * factor)


def _two_lists(artists: Listing, songs: Listing, lead: float, parts: TitleParts) -> list[Reading]:
    """Two lists of one length; a weak separator may belong to a name (`Black and Yellow`)."""
    if songs.is_strong and not artists.is_strong and parts.is_performed:
        return [_songs_only(songs, 0.6), *_oriented(artists, songs, 0.5, lead)]
    if songs.is_strong:
        return _oriented(artists, songs, TRUST["two lists"], lead)
    if songs.join is Join.COMMA:
        return _oriented(artists, songs, TRUST["a list and a weak list"], lead)
    trust = TRUST["a list and a name" if artists.is_strong else "a weak list and a name"]
    return [
        _artists(artists, songs.text, trust, _BESIDE),
        *_oriented(artists, songs, trust * 0.6, lead),
    ]


def _without_maker_field(parts: TitleParts) -> tuple[str, ...]:
    """`MAKER - A vs. B - NAME`: of three fields the two with the list."""
    fields = tuple(title_words.BY_MAKER.sub("", field) for field in parts.fields)
    if len(fields) != 3:
        return fields
    lists = [split_listing(field) for field in fields]
    if lists[0].is_strong or (lists[0].is_credible and not lists[1].is_strong):
        return fields[:2]
    return fields[1:]


def _lead_of_words(artists: Listing, songs: Listing) -> float:
    return _likeness(songs) - _likeness(artists)


def _artists_first_lead(first: Listing, second: Listing, parts: TitleParts) -> float:
    """How far artists standing first leads artists standing second."""
    lead = ARTISTS_FIRST + _lead_of_words(first, second)
    lead += TAG_BETWEEN if parts.tag_before_dash else 0.0
    lead += QUOTES_MARK_SONGS * (second.text.startswith('"') - first.text.startswith('"'))
    lead += TAG_BETWEEN if parts.ends_in_mashup_of else 0.0
    lead += _lead_of_joins(first, second)
    if first.join is Join.CROSS and len(second.items) == 1:
        lead += CROSS_BESIDE_NAME_MARKS_ARTISTS
    return lead


def _lead_of_joins(artists: Listing, songs: Listing) -> float:
    """What the separators say for the first list's holding the artists."""
    return _marks_artists(artists) - _marks_artists(songs)


def _marks_artists(listing: Listing) -> float:
    if len(listing.items) < 2 or listing.join is Join.CROSS:
        return 0.0
    if listing.join is Join.VERSUS:
        return VERSUS_MARKS_ARTISTS
    if listing.join is Join.SLASH:
        return -SLASH_MARKS_SONGS
    return WEAK_LIST_MARKS_ARTISTS * (0.6 if listing.join is Join.AND else 1.0)


def _list_and_name(artists: Listing, songs: Listing, parts: TitleParts) -> list[Reading]:
    """One side is a list, the other a single name or a list of another length."""
    if len(artists.items) > 1:
        trust = TRUST["a list and a name" if artists.is_strong else "a weak list and a name"]
        share = min(0.95, max(0.05, 0.1 + 0.75 * _likeness(artists)))
        return [
            _artists(artists, songs.text, trust * min(1.0, 1.4 - share), _BESIDE),
            replace(_songs_only(artists, trust * share), evidence="a list of songs beside a name"),
            *_one_song_each(artists, songs),
            *_name_of_one(artists, songs.text, trust),
        ]
    performer = artists.items[0]
    if songs.is_strong and is_known_artist(performer) and not parts.is_performed:
        return _songs_and_artist(performer, songs, stands_last=parts.fields[-1] == performer)
    if songs.join is Join.SLASH or parts.is_performed:
        medley = [
            _songs_only(songs, 0.6),
            _one_artist(performer, songs, 0.3, "one artist of all songs"),
        ]
        return medley if songs.is_strong else []
    if not songs.is_strong:
        return []
    return _songs_and_artist(performer, songs, stands_last=parts.fields[-1] == performer)


def _songs_and_artist(artist: str, songs: Listing, *, stands_last: bool) -> list[Reading]:
    """`A - X x Y`: A made X, or both, or neither; `X x Y - A`: most likely both."""
    trust = TRUST["a list of songs and one artist"]
    first_only = (
        name_of(artist, songs.items[0]),
        *(name_of(None, song) for song in songs.items[1:]),
    )
    evidence = "the artist before the dash made the first song"
    return [
        _one_artist(
            artist, songs, trust * (1.0 if stands_last else 0.8), "one artist of all songs"
        ),
        Reading(first_only, trust * (0.5 if stands_last else 1.0), evidence),
        replace(_songs_only(songs, trust * 0.6), evidence="the single name only performs"),
        _artists(songs, artist, trust * 0.5, "the list names artists"),
    ]


def _one_song_each(artists: Listing, songs: Listing) -> list[Reading]:
    """A name of as many words as there are artists may hold one word of each song."""
    words = songs.text.split()
    if not 1 < len(words) == len(artists.items) <= 4:
        return []
    evidence = "one word of the mashup's name for each artist"
    return [Reading(tuple(map(name_of, artists.items, words)), 0.2, evidence, songs.text)]


def _name_of_one(artists: Listing, mashup_name: str, trust: float) -> list[Reading]:
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


def _songs_only(songs: Listing, trust: float) -> Reading:
    sources = tuple(name_of(None, song) for song in songs.items)
    return Reading(sources, trust, "a list of songs; artists unknown")


def song_fields_and_artists(parts: TitleParts) -> list[Reading]:
    """`X - Y - A ft. B`: as many single fields as the last one lists artists."""
    if len(parts.fields) < 3 or parts.brackets:
        return []
    artists, songs = split_listing(parts.fields[-1]), parts.fields[:-1]
    if len(artists.items) != len(songs) or any(split_listing(song).is_strong for song in songs):
        return []
    listing = Listing(tuple(map(clean_item, songs)), Join.SLASH, " - ".join(songs))
    trust = 0.9 if parts.tag_before_dash else 0.5
    return _oriented(artists, listing, trust, 1.0)


def list_alone(parts: TitleParts) -> list[Reading]:
    """`X x Y`, `A vs. B`: nothing but a list, of songs or of artists."""
    if len(parts.fields) != 1 or parts.is_piped or _bracket_lists(parts):
        return []
    listing = split_listing(title_words.BY_MAKER.sub("", parts.fields[0]))
    if not listing.is_strong:
        return _weak_list_alone(listing, parts)
    lead = _likeness(listing) + LIST_ALONE_HOLDS_SONGS
    guests = any(split_listing(item).join is Join.FEATURING for item in listing.items)
    lead -= 1.0 if guests else 0.0
    lead -= TAGGED_SLASH_HOLDS_ARTISTS if parts.is_tagged and listing.join is Join.SLASH else 0.0
    share = min(0.95, max(0.05, 0.5 + lead))
    trust = TRUST["a list alone"]
    return [
        _songs_only(listing, trust * share),
        _artists(listing, "", trust * (1 - share), "a list of artists; songs unknown"),
    ]


def _weak_list_alone(listing: Listing, parts: TitleParts) -> list[Reading]:
    """`A and B mashup`: `and` tells of a mashup only beside the word, or known artists."""
    known = sum(map(is_known_artist, listing.items))
    if len(listing.items) < 2 or not (parts.is_tagged or known == len(listing.items)):
        return []
    share = min(0.9, max(0.1, 0.5 + _likeness(listing)))
    trust = TRUST["a weak list alone"]
    return [
        _songs_only(listing, trust * share),
        _artists(listing, "", trust * (1 - share), "a list of artists; songs unknown"),
    ]


def songs_by_listed_artists(parts: TitleParts) -> list[Reading]:
    """`X / Y by A & B`: one `by` between two lists of one length."""
    match = FORMS["by"].match(" - ".join(parts.fields))
    if match is None:
        return []
    songs, artists = split_listing(match["title"]), split_serial(match["artist"])
    if len(songs.items) != len(artists.items) or len(songs.items) < 2:
        return []
    trust = TRUST["songs by artists"] * (1.0 if songs.is_strong else 0.7)
    return _oriented(artists, songs, trust, SURE_MARGIN / 2)


def songs_between_pipes(parts: TitleParts) -> list[Reading]:
    """`X | Y | Mashup`: pipes separate the songs."""
    if not parts.is_piped or not parts.is_tagged:
        return []
    songs = Listing(tuple(map(clean_item, parts.fields)), Join.SLASH, " | ".join(parts.fields))
    return [
        replace(_songs_only(songs, TRUST["songs between pipes"]), evidence="pipes separate songs")
    ]


def artists_mentioned(parts: TitleParts) -> list[Reading]:
    """`A - B - NAME` and other forms that no rule knows, as far as they name known artists."""
    found = tuple(dict.fromkeys(map(clean_item, known_artists_in(_NO_BRACKETS.sub(" ", parts.text)))))
    if len(found) < 2:
        return []
    sources = tuple(StandardName(artist, None) for artist in found)
    trust = TRUST["known artists mentioned"]
    return [Reading(sources, trust, "known artists stand in the title", parts.text)]


RULES: tuple[Rule, ...] = (
    named_pieces,
    artists_in_bracket,
    song_fields_and_artists,
    two_fields,
    songs_by_listed_artists,
    list_alone,
    songs_between_pipes,
    artists_mentioned,
)
