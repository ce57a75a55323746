"""Titles whose every piece names an artist and a song: the fullest kind, and the surest to read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from catalog import title_words
from catalog.records import StandardName
from catalog.title_artists import is_known_artist, split_after_artist
from catalog.title_parts import TitleParts, clean_item, split_dash, split_pieces, untag
from catalog.title_reading import TRUST, Reading, name_of, song_likeness

MAKER_DISCOUNT = 0.3  # on `A - X vs. B - Y` where A is called a DJ: then `A - X vs. B - NAME`
MIXED_FORMS_DISCOUNT = 0.8  # on pieces that do not all look alike
# Lead of words below which `FIRST - SECOND` is song - artist, and `FIRST (SECOND)` artist (song).
REVERSED_BELOW = {"dash": -0.4, "tight dash": -0.4, "bracket": -0.9}
_IS = "let it that he she what here there who where how".split()  # whose 's is no possessive
_NOT_IS = "".join(rf"(?<!\b(?i:{word}))" for word in _IS)
# How a piece without a dash may say which is the artist and which the song.
FORMS = {
    "quoted": re.compile(r'^(?P<artist>[^"]*?[^\s",-])(?:(?<=\w)\'s|,)?\s+"(?P<title>[^"]+)"$'),
    "bracket": re.compile(r"^(?P<title>.+?)\s*[(\[](?P<artist>[^()\[\]]+)[)\]]$"),
    "by": re.compile(r"^(?P<title>.+\S)\s+by\s+(?P<artist>.+)$", re.IGNORECASE),
    "colon": re.compile(r"^(?P<artist>[^:]+\S):\s+(?P<title>.+)$"),
    "possessive": re.compile(
        rf"^(?P<artist>[A-Z].*?\w){_NOT_IS}(?:'s|(?<=s)')\s+(?P<title>[A-Z\"].*)$"
    ),
}
_HALF_QUOTED = re.compile(r'\w "|" \w')
_MAKER_NAME = re.compile(rf"\bdjs?\b|mix|{title_words.MASHUP}", re.IGNORECASE)
_LIST_BRACKET = re.compile(r"\s*[(\[][^()\[\]]*(?:,|\svs)[^()\[\]]*[)\]]")
_JOIN = re.compile(
    r"\s+(?:and|&|with|w/|over|meets|ft\.?|feat\.?|vs\.?|x)\s+|\s*,\s+", re.IGNORECASE
)
_NAME_HEAD = re.compile(r"^[^:=]+(?::|\s=)\s+(?=[^:=]+$)")  # `NAME: ` or `NAME = `
_LEADING_JOIN = re.compile(r"^(?:vs?\.?|x|w/|with|and|&|\+|/)\s+", re.IGNORECASE)


def named_pieces(parts: TitleParts) -> list[Reading]:
    """`A - X vs. B - Y`, `X (A) x Y (B)`, `X by A and Y by B`, `A "X" vs. B "Y"`.

    Every piece names artist and song. The pieces may stand in the title itself, around its
    brackets, inside one of them, or beside the name of the mashup or its maker.
    """
    readings = []
    for pieces in _ways_to_cut(parts):
        named = [piece for piece in map(_read_piece, pieces) if piece is not None]
        if len(named) == len(pieces) > 1 and _go_together({piece.form for piece in named}):
            readings.append(_readings_of_pieces(named))
    return max(readings, key=lambda found: found[0].confidence, default=[])


def _go_together(forms: set[str]) -> bool:
    """An artist without a song is a piece only beside pieces that no mark divides."""
    return "artist alone" not in forms or forms == {"artist alone", "known artist"}


def _ways_to_cut(parts: TitleParts) -> list[list[str]]:
    """Every way to cut a title into pieces that may each name a song."""
    outside = " - ".join(parts.fields)
    segments = split_dash(parts.text, clean=False)
    texts = [_NAME_HEAD.sub("", parts.text), parts.text, outside, *parts.brackets]
    if len(segments) > 1:
        texts += [" - ".join(segments[1:]), " - ".join(segments[:-1])]
    ways = [way for text in map(untag, texts) for way in (split_pieces(text), _JOIN.split(text))]
    return [*ways, [outside, *(_LEADING_JOIN.sub("", inner) for inner in parts.brackets)]]


@dataclass(frozen=True, slots=True)
class _Piece:
    """Artist and song of one piece, and the form that told which is which."""

    name: StandardName
    form: str
    is_maker: bool = False  # called a DJ, so perhaps not the artist


def _read_piece(text: str) -> _Piece | None:
    """Read one piece by the first form that fits it."""
    text = text.strip()
    if text.count("(") + text.count("[") != text.count(")") + text.count("]"):
        return None
    fields = split_dash(_LIST_BRACKET.sub("", text))
    if len(fields) == 2:
        return None if _HALF_QUOTED.search(text) else _read_dash(fields, text.startswith('"'))
    if len(fields) != 1:
        return None
    for form, pattern in FORMS.items():
        match = pattern.match(text)
        if match is not None:
            artist, title = _no_article(match["artist"]), clean_item(match["title"])
            return _Piece(name_of(artist, title), form) if artist and title else None
    return _read_known(text)


def _read_known(text: str) -> _Piece | None:
    """`Nirvana Come As You Are`: no mark but a known artist's name tells where the song begins."""
    if is_known_artist(text):
        return _Piece(name_of(clean_item(text), None), "artist alone")
    split = split_after_artist(text)
    if split is None:
        return None
    return _Piece(name_of(*map(clean_item, split)), "known artist")


def _read_dash(fields: Sequence[str], is_song_first: bool) -> _Piece:
    artist, title = reversed(fields) if is_song_first else fields
    return _Piece(name_of(artist, title), "dash", bool(_MAKER_NAME.search(artist)))


def _readings_of_pieces(pieces: Sequence[_Piece]) -> list[Reading]:
    forms = {piece.form for piece in pieces}
    trust = min(TRUST[form] for form in forms)
    trust *= MAKER_DISCOUNT if pieces[0].is_maker else 1.0
    trust *= MIXED_FORMS_DISCOUNT if len(forms) > 1 else 1.0
    forward = Reading(
        tuple(piece.name for piece in pieces), trust, "each piece names artist and song"
    )
    limit = REVERSED_BELOW.get(pieces[0].form) if len(forms) == 1 else None
    return [forward] if limit is None else _in_both_orders(forward, limit)


def _in_both_orders(forward: Reading, limit: float) -> list[Reading]:
    """The reading and its reverse, song for artist; which leads is told by the words."""
    turned = tuple(name_of(name.title, name.artist) for name in forward.sources)
    lead = sum(
        song_likeness(name.title or "") - song_likeness(name.artist or "")
        for name in forward.sources
    )
    backward = replace(forward, sources=turned)
    if lead / len(turned) <= limit:
        forward, backward = backward, forward
    return [forward, replace(backward, confidence=forward.confidence / 5)]


def _no_article(artist: str) -> str:
    """`by the Red Hot Chili Peppers`: a lower-case article belongs to the sentence."""
    return clean_item(artist).removeprefix("the ")
