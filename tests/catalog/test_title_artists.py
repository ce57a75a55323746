"""Widely known artists as evidence, and where their names border on other words."""

from __future__ import annotations

import pytest

from catalog.title_artists import (
    is_known_artist,
    known_artists_in,
    split_after_artist,
    split_before_artist,
)


@pytest.mark.parametrize("name", ["The Beatles", "beatles", "Beyonce", "Hall and Oates", "AC/DC"])
def test_an_artist_is_known_however_the_name_is_written(name: str) -> None:
    assert is_known_artist(name)


@pytest.mark.parametrize("name", ["", "Nobody In Particular", "Train", "Future"])
def test_a_plain_word_or_an_unknown_name_is_no_evidence(name: str) -> None:
    assert not is_known_artist(name)


def test_all_known_artists_of_a_text_are_found_in_their_order() -> None:
    assert known_artists_in("Madonna meets The Rolling Stones") == ["Madonna", "The Rolling Stones"]


def test_a_song_after_or_before_a_known_artist_is_split_off() -> None:
    assert split_after_artist("Pink Floyd Time") == ("Pink Floyd", "Time")
    assert split_before_artist("Time Pink Floyd") == ("Time", "Pink Floyd")


@pytest.mark.parametrize("text", ["Pink Floyd", "Pink Floyd feat. Nobody", "Some Words", ""])
def test_nothing_is_split_where_no_song_follows_a_known_artist(text: str) -> None:
    assert split_after_artist(text) is None
