"""Titles whose every piece names an artist and a song: the fullest kind, and the surest to read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from catalog import title_words
from catalog.records import StandardName
from catalog.title_artists import is_known_artist, split_after_artist, split_before_artist
from catalog.title_parts import (
    TitleParts,
    clean_item,
    split_dash,
    split_everywhere,
    split_pieces,
    untag,
)
from catalog.title_reading import TRUST, Reading, name_of, song_likeness

MAKER_DISCOUNT = 0.3  # on `A - X vs. B - Y` where A is called a DJ: then `A - X vs. B - NAME`
UNCUT_DISCOUNT = 0.8  # on pieces in which another separator stands, or no song
MIXED_FORMS_DISCOUNT = 0.8  # on pieces that do not all look alike
# Lead of words below which `FIRST - SECOND` is song - artist, and `FIRST (SECOND)` artist (song).
REVERSED_BELOW = {"dash": -0.4, "tight dash": -0.4, "bracket": -0.9}
# Words whose 's is no possessive.
_IS = ("let", "it", "that", "he", "she", "what", "here", "there", "who", "where", "how")
_NOT_IS = "".join(rf"(?<!\b(?i:{word}))" for word in _IS)
# How a piece without a dash may say which is the artist and which the song.
FORMS = {
    "quoted": re.compile(r'^(?P<artist>[^"]*?[^\s",-])(?:(?<=\w)\'s|,)?\s+"(?P<title>[^"]+)"$'),
    "bracket": re.compile(r"^(?P<title>.*?[^)\]\s])\s*[(\[](?P<artist>[^()\[\]]+)[)\]]$"),
    "by": re.compile(r"^(?P<title>.+\S)\s+by\s+(?P<artist>.+)$", re.IGNORECASE),
    "colon": re.compile(r"^(?P<artist>[^:]+\S):\s+(?P<title>.+)$"),
    "possessive": re.compile(
        rf"^(?P<artist>[A-Z].*?\w){_NOT_IS}(?:'s|(?<=s)')\s+(?P<title>[A-Z0-9\"].*)$"
    ),
}
_UNCUT = re.compile(r"\s(?:[|=~]|//)\s")
_HALF_QUOTED = re.compile(r'\w "|" \w')
_MAKER_NAME = re.compile(rf"\bdjs?\b|mix|{title_words.MASHUP}", re.IGNORECASE)
_LIST_BRACKET = re.compile(r"\s*[(\[][^()\[\]]*(?:,|\svs)[^()\[\]]*[)\]]")
_JOIN = re.compile(
    r"\s+(?:and|&|with|w/|over|meets|ft\.?|feat\.?|vs\.?|x)\s+|\s*,\s+", re.IGNORECASE
)
_NAME_HEAD = re.compile(r"^[^:=]+(?::|\s=)\s+(?=[^:=]+$)")  # `NAME: ` or `NAME = `
_SENTENCE = re.compile(r"\b(?:mix(?:ed|ing)?|mash(?:ed)?|combined?|put|made|of|you|i)\b", re.I)
_LEADING_JOIN = re.compile(r"^(?:vs?\.?|x|w/|with|and|&|\+|/)\s+", re.IGNORECASE)


def named_pieces(parts: TitleParts) -> list[Reading]:
    """`A - X vs. B - Y`, `X (A) x Y (B)`, `X by A and Y by B`, `A "X" vs. B "Y"`.

    Every piece names artist and song. The pieces may stand in the title itself, around its
    brackets, inside one of them, or beside the name of the mashup or its maker.
    """
    readings = []
    for pieces in _ways_to_cut(parts):
        named = [piece for piece in _read_all(pieces) if piece is not None]
        if len(named) == len(pieces) > 1 and _go_together({piece.form for piece in named}):
            readings.append(_readings_of_pieces(named))
    readings.sort(key=lambda found: -found[0].confidence)
    others = [found[0] for found in readings[1:] if found[0].sources != readings[0][0].sources]
    second = [replace(reading, confidence=reading.confidence / 2) for reading in others[:1]]
    return [*(readings[0] if readings else []), *second]


def _read_all(pieces: Sequence[str]) -> list[_Piece | None]:
    """Each piece read; beside two of one form a name without any mark is an artist alone."""
    read = [_read_piece(piece) for piece in pieces]
    forms = [piece.form for piece in read if piece is not None and piece.name.title]
    if len(forms) < 2 or len(forms) == len(read) or set(forms) - {forms[0]}:
        return read
    return [
        _Piece(StandardName(clean_item(text), None), forms[0])
        if (piece is None or piece.name.title is None)
        and len(split_dash(text)) == 1
        and not _HALF_QUOTED.search(text)
        else piece
        for piece, text in zip(read, pieces, strict=True)
    ]


def _go_together(forms: set[str]) -> bool:
    """An artist without a song is a piece only beside pieces that no mark divides."""
    return "artist alone" not in forms or forms == {"artist alone", "known artist"}


def _ways_to_cut(parts: TitleParts) -> list[tuple[str, ...]]:
    """Every way to cut a title into pieces that may each name a song."""
    outside = " - ".join(parts.fields)
    segments = split_dash(parts.text, clean=False)
    texts = [outside, _NAME_HEAD.sub("", parts.text), parts.text, *parts.brackets]
    if len(segments) > 1:
        texts += [" - ".join(segments[1:]), " - ".join(segments[:-1])]
    cuts = (split_pieces, _JOIN.split, split_everywhere)
    ways = [tuple(cut(text)) for text in map(untag, texts) for cut in cuts]
    ways.append((outside, *(_LEADING_JOIN.sub("", inner) for inner in parts.brackets)))
    return [way for way in dict.fromkeys(ways) if len(way) > 1]


@dataclass(frozen=True, slots=True)
class _Piece:
    """Artist and song of one piece, and the form that told which is which."""

    name: StandardName
    form: str
    is_maker: bool = False  # called a DJ, so perhaps not the artist


@lru_cache(maxsize=1024)  # one title is cut in several ways into the same pieces
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
            artist, title = _artist_of(match["artist"]), clean_item(match["title"])
            return _Piece(name_of(artist, title), form) if artist and title else None
    return _read_known(text)


def _read_known(text: str) -> _Piece | None:
    """`Nirvana Come As You Are`: no mark but a known artist's name tells where the song begins."""
    if is_known_artist(text):
        return _Piece(name_of(clean_item(text), None), "artist alone")
    split = split_after_artist(text) or _split_tight_dash(text)
    if split is None:
        return None
    return _Piece(name_of(*map(clean_item, split)), "known artist")


def _split_tight_dash(text: str) -> tuple[str, str] | None:
    """`Muse-Uprising` or `Uprising-Muse` as artist and song, where the artist is a known one."""
    for dash in re.finditer(r"(?<=\S)-(?=\S)", text):
        before, after = text[: dash.start()], text[dash.end() :]
        if is_known_artist(before):
            return before, after
        if is_known_artist(after):
            return after, before
    return None


def _read_dash(fields: Sequence[str], is_song_first: bool) -> _Piece:
    artist, title = reversed(fields) if is_song_first else fields
    return _Piece(name_of(artist, title), "dash", bool(_MAKER_NAME.search(artist)))


def _readings_of_pieces(pieces: Sequence[_Piece]) -> list[Reading]:
    forms = {piece.form for piece in pieces}
    trust = min(TRUST[form] for form in forms)
    trust *= MAKER_DISCOUNT if pieces[0].is_maker else 1.0
    trust *= MIXED_FORMS_DISCOUNT if len(forms) > 1 else 1.0
    trust *= UNCUT_DISCOUNT if any(map(_is_uncut, pieces)) else 1.0
    forward = Reading(
        tuple(piece.name for piece in pieces), trust, "each piece names artist and song"
    )
    limit = REVERSED_BELOW.get(pieces[0].form) if len(forms) == 1 else None
    return [forward] if limit is None else _in_both_orders(forward, limit)


def _is_uncut(piece: _Piece) -> bool:
    """Whether a piece holds more than one name, or one half only."""
    return piece.name.title is None or bool(_UNCUT.search(str(piece.name)))


def _in_both_orders(forward: Reading, limit: float) -> list[Reading]:
    """The reading and its reverse, song for artist; which leads is told by the words."""
    full = [name for name in forward.sources if name.title]
    lead = sum(song_likeness(n.title or "") - song_likeness(n.artist or "") for n in full)
    backward = replace(forward, sources=tuple(map(_turned, forward.sources)))
    if lead / len(full) <= limit:
        forward, backward = backward, forward
    each = tuple(_turned(name) if _is_turned(name) else name for name in forward.sources)
    readings = [forward, replace(backward, confidence=forward.confidence / 5)]
    if each not in (forward.sources, backward.sources):
        readings = [replace(forward, sources=each), replace(forward, confidence=0.4)]
    return readings


def _turned(name: StandardName) -> StandardName:
    """Song for artist; an artist alone stays one."""
    return name_of(name.title, name.artist) if name.title else name


def _is_turned(name: StandardName) -> bool:
    """Whether a known artist stands where the song should, and none where the artist should."""
    return is_known_artist(name.title or "") and not is_known_artist(name.artist or "")


def _artist_of(text: str) -> str:
    """The artist without what a sentence puts before: `by the Muse`, `I mixed Adele's "Hello"`."""
    artist = clean_item(text).removeprefix("the ")
    split = split_before_artist(artist) if _SENTENCE.search(artist) else None
    return artist if split is None else clean_item(split[1])
