"""Titles whose every piece names an artist and a song: the fullest kind, and the surest to read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from catalog import title_words
from catalog.records import StandardName
from catalog.title_parts import TitleParts, clean_item, split_dash, split_pieces, untag
from catalog.title_reading import TRUST, Reading, name_of, song_likeness

MAKER_DISCOUNT = 0.3  # on `A - X vs. B - Y` where A is called a DJ: then `A - X vs. B - NAME`
MIXED_FORMS_DISCOUNT = 0.8  # on pieces that do not all look alike
SONGS_FIRST_IN_PAIRS = -0.4  # lead of words below which `FIRST - SECOND` pairs are song - artist
# How a piece without a dash may say which is the artist and which the song.
FORMS = {
    "quoted": re.compile(r'^(?P<artist>[^"]*[^\s"-])\s+"(?P<title>[^"]+)"$'),
    "bracket": re.compile(r"^(?P<title>.+?)\s*[(\[](?P<artist>[^()\[\]]+)[)\]]$"),
    "by": re.compile(r"^(?P<title>.+\S)\s+by\s+(?P<artist>.+)$", re.IGNORECASE),
    "colon": re.compile(r"^(?P<artist>[^:]+\S):\s+(?P<title>.+)$"),
    "possessive": re.compile(r"^(?P<artist>[A-Z].*?\w)(?:'s|(?<=s)')\s+(?P<title>[A-Z\"].*)$"),
}
_HALF_QUOTED = re.compile(r'\w "|" \w')
_MAKER_NAME = re.compile(rf"\bdjs?\b|mix|{title_words.MASHUP}", re.IGNORECASE)
_LIST_BRACKET = re.compile(r"\s*[(\[][^()\[\]]*(?:,|\svs)[^()\[\]]*[)\]]")
_JOIN = re.compile(r"\s+(?:and|&|with|over|vs\.?|x)\s+|,\s+", re.IGNORECASE)


def named_pieces(parts: TitleParts) -> list[Reading]:
    """`A - X vs. B - Y`, `X (A) x Y (B)`, `X by A and Y by B`, `A "X" vs. B "Y"`.

    Every piece names artist and song. The pieces may stand in the title itself, around its
    brackets, inside one of them, or beside the name of the mashup or its maker.
    """
    readings = []
    for pieces in _ways_to_cut(parts):
        named = [piece for piece in map(_read_piece, pieces) if piece is not None]
        if len(named) == len(pieces) > 1:
            readings.append(_readings_of_pieces(named))
    return max(readings, key=lambda found: found[0].confidence, default=[])


def _ways_to_cut(parts: TitleParts) -> list[list[str]]:
    """Every way to cut a title into pieces that may each name a song."""
    outside = " - ".join(parts.fields)
    segments = split_dash(parts.text, clean=False)
    texts = [parts.text, outside, *parts.brackets]
    if len(segments) > 1:
        texts += [" - ".join(segments[1:]), " - ".join(segments[:-1])]
    ways = [way for text in map(untag, texts) for way in (split_pieces(text), _JOIN.split(text))]
    return [*ways, [outside, *parts.brackets]]


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
    for form, pattern in FORMS.items() if len(fields) == 1 else ():
        match = pattern.match(text)
        if match is not None:
            artist, title = _no_article(match["artist"]), clean_item(match["title"])
            return _Piece(name_of(artist, title), form) if artist and title else None
    return None


def _read_dash(fields: Sequence[str], is_song_first: bool) -> _Piece:
    artist, title = reversed(fields) if is_song_first else fields
    return _Piece(name_of(artist, title), "dash", bool(_MAKER_NAME.search(artist)))


def _readings_of_pieces(pieces: Sequence[_Piece]) -> list[Reading]:
    forms = {piece.form for piece in pieces}
    trust = min(TRUST[form] for form in forms)
    trust *= MAKER_DISCOUNT if pieces[0].is_maker else 1.0
    trust *= MIXED_FORMS_DISCOUNT if len(forms) > 1 else 1.0
    forward = tuple(piece.name for piece in pieces)
    if forms != {"dash"}:
        return [Reading(forward, trust, "each piece names artist and song")]
    backward = tuple(name_of(name.title, name.artist) for name in forward)
    lead = sum(song_likeness(n.title or "") - song_likeness(n.artist or "") for n in forward)
    readings = [
        Reading(forward, trust, "each piece names artist - song"),
        Reading(backward, trust / 5, "each piece names song - artist"),
    ]
    if lead / len(forward) > SONGS_FIRST_IN_PAIRS:
        return readings
    return [
        replace(backward_or_forward, confidence=reading.confidence)
        for backward_or_forward, reading in zip(reversed(readings), readings, strict=True)
    ]


def _no_article(artist: str) -> str:
    """`by the Red Hot Chili Peppers`: a lower-case article belongs to the sentence."""
    return clean_item(artist).removeprefix("the ")
