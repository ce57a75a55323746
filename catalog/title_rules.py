"""Rules that read a mashup's title: each knows one shape, and which names are artists in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from catalog import title_words
from catalog.records import StandardName
from catalog.title_artists import is_known_artist, known_artists_in
from catalog.title_pairing import (
    SURE_MARGIN,
    artists_only,
    both_orders,
    discounted,
    more_songs_than_artists,
    name_of_one,
    one_artist,
    one_song_each,
    oriented,
    songs_and_artist,
    songs_only,
)
from catalog.title_parts import (
    Join,
    Listing,
    TitleParts,
    clean_item,
    split_listing,
    split_serial,
)
from catalog.title_pieces import FORMS, named_pieces
from catalog.title_reading import TRUST, Reading, song_likeness

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
KNOWN_SIDE = 1.0  # of two lists only one names a known artist
DROPPED_FIELD_DISCOUNT = 0.6
SUBTITLE = 0.4  # trust in a closing bracket's belonging to the last song

_REMIXED = re.compile(r"^(?P<song>[^-]+) (?:re)?mix$", re.IGNORECASE)
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
        return oriented(inside, head, trust, lead)
    if not head.is_strong and len(head.items) == len(inside.items):
        main = artists_only(inside, head.text, trust, "a bracket lists the artists")
        pairs = oriented(inside, head, trust * 0.6, BRACKET_HOLDS_ARTISTS)
        if inside.join is head.join is Join.AND:  # `X and Y (A and B)`
            return [discounted(reading, 1 / 0.6) for reading in pairs] + [discounted(main, 0.5)]
        return [main, *pairs]
    beside = _list_before_name(parts, len(inside.items))
    if beside is not None:
        return oriented(beside, inside, trust, BESIDE_BRACKET + _lead_of_words(beside, inside))
    crowded = head.is_strong and head.join <= Join.CROSS and len(parts.fields) > 1
    trust = trust / 2 if crowded else trust
    main = artists_only(inside, head.text, trust, "a bracket lists the artists")
    return [
        main,
        *_remixed_song(inside, head, parts),
        *name_of_one(inside, head.text, trust),
        *more_songs_than_artists(inside, head, trust),
    ]


def _remixed_song(artists: Listing, head: Listing, parts: TitleParts) -> list[Reading]:
    """`X (Y Remix) (A x B)`: the second song stands where a maker would."""
    if len(artists.items) != 2 or len(head.items) != 1 or len(parts.makers) != 1:
        return []
    remixed = _REMIXED.match(parts.makers[0])
    if remixed is None:
        return []
    songs = Listing((head.items[0], clean_item(remixed["song"])), Join.NONE, head.text)
    return both_orders(artists, songs, TRUST["a remixed song"])


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
    return [one_artist(listings[0].items[0], head, 0.7, "one artist in a bracket after the songs")]


def two_fields(parts: TitleParts) -> list[Reading]:
    """`A vs. B - NAME`, `A & B - X / Y`, `X x Y - A x B`, `NAME - A vs. B`."""
    fields = _without_maker_field(parts)
    if len(fields) != 2 or parts.is_piped or _bracket_lists(parts):
        return []
    first, second = (split_serial(field) for field in fields)
    lead = _artists_first_lead(first, second, parts)
    artists, songs = (first, second) if lead >= 0 else (second, first)
    if len(first.items) == len(second.items) > 1:
        return [*(found := _two_lists(artists, songs, abs(lead), parts)), *_subtitled(found, parts)]
    readings = _list_and_name(artists, songs, parts)
    if len(parts.fields) > 2 and not first.is_strong:
        return [discounted(reading, DROPPED_FIELD_DISCOUNT) for reading in readings]
    return readings


def _subtitled(readings: Sequence[Reading], parts: TitleParts) -> list[Reading]:
    """`A vs. B - X vs. Y (SUBTITLE)`: the closing bracket may belong to the last song."""
    if len(parts.brackets) != 1 or not parts.text.endswith((")", "]")):
        return []
    last = split_serial(parts.fields[-1]).items[-1]
    longer = f"{last} ({parts.brackets[0]})"
    return [
        Reading(sources, readings[0].confidence * SUBTITLE, "a closing bracket ends the last song")
        for reading in readings[:1]
        if (
            sources := tuple(
                replace(n, title=longer) if n.title == last else n for n in reading.sources
            )
        )
        != reading.sources
    ]


def _bracket_lists(parts: TitleParts) -> bool:
    return any(len(split_listing(inner).items) > 1 for inner in parts.brackets)


def _two_lists(artists: Listing, songs: Listing, lead: float, parts: TitleParts) -> list[Reading]:
    """Two lists of one length; a weak separator may belong to a name (`Black and Yellow`)."""
    if songs.is_strong and not artists.is_strong and parts.is_performed:
        return [songs_only(songs, 0.6), *oriented(artists, songs, 0.5, lead)]
    if songs.is_strong:
        return oriented(artists, songs, TRUST["two lists"], lead)
    if songs.join is Join.COMMA:
        return oriented(artists, songs, TRUST["a list and a weak list"], lead)
    trust = TRUST["a list and a name" if artists.is_strong else "a weak list and a name"]
    if artists.join is songs.join is Join.AND:  # `A and B - X and Y`
        return [
            *oriented(artists, songs, trust, lead),
            artists_only(artists, songs.text, trust / 2, _BESIDE),
        ]
    return [
        artists_only(artists, songs.text, trust, _BESIDE),
        *oriented(artists, songs, trust * 0.6, lead),
    ]


def paired_lists(parts: TitleParts) -> list[Reading]:
    """`A vs. B - X vs. Y` and nothing else: two lists of one length, at least one strong."""
    lists = [split_serial(field) for field in parts.fields]
    if len(lists) != 2 or len(lists[0].items) != len(lists[1].items):
        return []
    is_paired = len(lists[0].items) > 1 and any(listing.is_strong for listing in lists)
    return two_fields(parts) if is_paired else []


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
    """What the words of both lists say for the first list's holding the artists."""
    known = [any(map(is_known_artist, listing.items)) for listing in (artists, songs)]
    return _likeness(songs) - _likeness(artists) + KNOWN_SIDE * (known[0] - known[1])


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
            artists_only(artists, songs.text, trust * min(1.0, 1.4 - share), _BESIDE),
            replace(songs_only(artists, trust * share), evidence="a list of songs beside a name"),
            *one_song_each(artists, songs),
            *name_of_one(artists, songs.text, trust),
            *more_songs_than_artists(artists, songs, trust),
        ]
    performer = artists.items[0]
    stands_last = clean_item(parts.fields[-1]) == performer
    if stands_last and songs.is_strong and is_known_artist(performer):
        return songs_and_artist(performer, songs, stands_last=True)
    if songs.join is Join.SLASH or parts.is_performed:
        medley = [
            songs_only(songs, 0.6),
            one_artist(performer, songs, 0.3, "one artist of all songs"),
        ]
        return medley if songs.is_strong else []
    if not songs.is_strong:
        return []
    return songs_and_artist(performer, songs, stands_last=stands_last)


def song_fields_and_artists(parts: TitleParts) -> list[Reading]:
    """`X - Y - A ft. B`: as many single fields as the last one lists artists."""
    if len(parts.fields) < 3 or parts.brackets:
        return []
    artists, songs = split_listing(parts.fields[-1]), parts.fields[:-1]
    if len(artists.items) != len(songs) or any(split_listing(song).is_strong for song in songs):
        return []
    listing = Listing(tuple(map(clean_item, songs)), Join.SLASH, " - ".join(songs))
    trust = 0.9 if parts.tag_before_dash else 0.5
    return oriented(artists, listing, trust, 1.0)


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
        songs_only(listing, trust * share),
        artists_only(listing, "", trust * (1 - share), "a list of artists; songs unknown"),
    ]


def _weak_list_alone(listing: Listing, parts: TitleParts) -> list[Reading]:
    """`A and B mashup`: `and` tells of a mashup only beside the word, or known artists."""
    known = sum(map(is_known_artist, listing.items))
    if len(listing.items) < 2 or not (parts.is_tagged or known == len(listing.items)):
        return []
    share = min(0.9, max(0.1, 0.5 + _likeness(listing)))
    trust = TRUST["a weak list alone"]
    return [
        songs_only(listing, trust * share),
        artists_only(listing, "", trust * (1 - share), "a list of artists; songs unknown"),
    ]


def songs_by_listed_artists(parts: TitleParts) -> list[Reading]:
    """`X / Y by A & B`: one `by` between two lists of one length."""
    match = FORMS["by"].match(" - ".join(parts.fields))
    if match is None:
        return []
    songs, artists = split_listing(match["title"]), split_serial(match["artist"])
    if len(songs.items) == 1 and artists.is_credible:
        return [artists_only(artists, songs.text, 0.5, _BESIDE)]
    if len(songs.items) != len(artists.items) or len(songs.items) < 2:
        return []
    trust = TRUST["songs by artists"] * (1.0 if songs.is_strong else 0.7)
    return oriented(artists, songs, trust, SURE_MARGIN / 2)


def songs_between_pipes(parts: TitleParts) -> list[Reading]:
    """`X | Y | Mashup`: pipes separate the songs."""
    if not parts.is_piped or not parts.is_tagged:
        return []
    songs = Listing(tuple(map(clean_item, parts.fields)), Join.SLASH, " | ".join(parts.fields))
    return [
        replace(songs_only(songs, TRUST["songs between pipes"]), evidence="pipes separate songs")
    ]


def artists_mentioned(parts: TitleParts) -> list[Reading]:
    """`A - B - NAME` and other forms that no rule knows, as far as they name known artists."""
    found = tuple(
        dict.fromkeys(map(clean_item, known_artists_in(_NO_BRACKETS.sub(" ", parts.text))))
    )
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
)
# Rules that find artist and song of every source, where all of a text names them.
PAIR_RULES: tuple[Rule, ...] = (
    named_pieces,
    artists_in_bracket,
    paired_lists,
    songs_by_listed_artists,
)
