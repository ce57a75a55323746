"""Songs listed in descriptions."""

from __future__ import annotations

import pytest

from catalog.descriptions import TRUST_AGREED, TRUST_BARE, TRUST_HEADED, listed_sources
from catalog.records import StandardName

AFRICA = StandardName("Toto", "Africa")
HOLLY = StandardName("Weezer", "Buddy Holly")


@pytest.mark.parametrize(
    ("text", "trust"),
    [
        ("Tracklist:\nToto - Africa\nWeezer - Buddy Holly", TRUST_HEADED),
        ("SOURCES\n* Toto – Africa (Live) https://x.y/z\n* Weezer – Buddy Holly", TRUST_HEADED),
        ("Vocals: Toto - Africa\nInstrumental: Weezer - Buddy Holly", TRUST_HEADED),
        ('Songs used:\nAfrica by Toto\n"Buddy Holly" by Weezer', TRUST_HEADED),
        ("0:00 Toto - Africa\n1:10 - Weezer - Buddy Holly\nFoo - bar", TRUST_AGREED),
    ],
)
def test_songs_are_read_line_by_line(text: str, trust: float) -> None:
    listed = listed_sources(text, title="Toto vs. Weezer")
    assert [(s.artist, s.title) for s in listed.sources] == [
        ("Toto", "Africa"),
        ("Weezer", "Buddy Holly"),
    ]
    assert listed.trust == trust


def test_lines_that_nothing_supports_are_barely_trusted() -> None:
    listed = listed_sources("Toto - Africa\nWeezer - Buddy Holly", title="Untold")
    assert (listed.sources, listed.trust) == ((AFRICA, HOLLY), TRUST_BARE)


def test_a_song_listed_twice_counts_once() -> None:
    listed = listed_sources("Songs:\nToto - Africa\ntoto - africa\nWeezer - Buddy Holly", title="")
    assert listed.sources == (StandardName("toto", "africa"), HOLLY)


def test_a_description_without_songs_lists_none() -> None:
    assert listed_sources("Thanks for watching!\nhttps://example.org/a-b", title="").sources == ()
