"""What a name looks like: a song's or an artist's."""

from __future__ import annotations

import pytest

from catalog.records import StandardName
from catalog.title_reading import name_of, song_likeness


@pytest.mark.parametrize(
    "song", ["I Will Survive", "Don't Stop Believin'", "Shape of You", "Yellow"]
)
def test_songs_look_like_songs(song: str) -> None:
    assert song_likeness(song) > 0


@pytest.mark.parametrize("artist", ["R. Kelly", "DJ Shadow", "M83", "The Killers", "Bruno Mars"])
def test_artists_look_like_artists(artist: str) -> None:
    assert song_likeness(artist) < 0


def test_nothing_looks_like_neither() -> None:
    assert song_likeness("") == 0


def test_version_words_are_split_off_a_title() -> None:
    assert name_of("A", "X (Live)") == StandardName("A", "X", ("live",))
    assert name_of("A", None) == StandardName("A", None)
