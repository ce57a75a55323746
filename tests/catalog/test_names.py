"""Names: cleaning, parsing, safe file names, keys."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.names import (
    MAX_NAME_BYTES,
    file_name,
    find_versions,
    fold,
    parse_song,
    song_key,
    standardize,
)
from catalog.records import StandardName

ILLEGAL_ON_WINDOWS = set('<>:"/\\|?*')


@pytest.mark.parametrize(
    ("scraped", "clean"),
    [
        ("Adele – Hello - YouTube", "Adele - Hello"),
        ("Clocks [4:15]", "Clocks"),
        (
            "Is This Tainted Love [Bob Marley, Soft Cell] - 4:14",
            "Is This Tainted Love [Bob Marley, Soft Cell]",
        ),
        ("Set (1:02:33)", "Set"),
        ("BTS×BLACKPINK", "BTS x BLACKPINK"),
        ("I’m On “Fire”", 'I\'m On "Fire"'),
        ("Zero\u200bwidth \u202eand bidi\u202c\x07", "Zerowidth and bidi"),
        ("  a \t b\u00a0c\n", "a b c"),
        ("Cafe\u0301", "Café"),
        ("Beyonc\u00c3\u00a9 &amp; Jay-Z", "Beyoncé & Jay-Z"),
        ("매시업 【BTS】", "매시업 [BTS]"),
        ("", ""),
    ],
)
def test_scraped_text_comes_out_in_one_form(scraped: str, clean: str) -> None:
    assert standardize(scraped) == clean


@settings(deadline=None)
@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=60))
def test_standardizing_twice_changes_nothing(text: str) -> None:
    once = standardize(text)
    assert standardize(once) == once


@settings(deadline=None)
@given(
    st.lists(st.sampled_from(["- YouTube", "[4:15]", " - 4:14", "\u200b", "×", "&amp;", " ", "A"]))
)
def test_standardizing_piled_up_noise_twice_changes_nothing(pieces: list[str]) -> None:
    once = standardize("".join(pieces))
    assert standardize(once) == once


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("Adele - Hello (Official Video)", StandardName("Adele", "Hello")),
        ("07. Blur – Song 2 [Remastered 2011]", StandardName("Blur", "Song 2", ("remaster",))),
        ("Bee Gees - Stayin' Alive - Live", StandardName("Bee Gees", "Stayin' Alive", ("live",))),
        ("Sia ft. Kid Ink - Outside (feat. X)", StandardName("Sia feat. Kid Ink", "Outside")),
        ("Oasis - Live Forever", StandardName("Oasis", "Live Forever")),
        ("BÖC - (Don't Fear) The Reaper", StandardName("BÖC", "(Don't Fear) The Reaper")),
        ("karissa_hobbs_-_lets_go_fishin", StandardName("karissa hobbs", "lets go fishin")),
        ("99 Luftballons", StandardName(None, "99 Luftballons")),
        ("Jay-Z - 99 (Slowed + Reverb)", StandardName("Jay-Z", "99", ("slowed", "reverb"))),
        ("\u200b", StandardName(None, "untitled")),
    ],
)  # fmt: skip
def test_a_songs_name_is_read(raw: str, name: StandardName) -> None:
    assert parse_song(raw) == name


@pytest.mark.parametrize(
    ("channel", "artist"),
    [("Adele - Topic", "Adele"), ("TaylorSwiftVEVO", "Taylor Swift"), ("some fan", None)],
)
def test_an_automatic_channel_names_the_artist(channel: str, artist: str | None) -> None:
    assert parse_song("Hello", channel=channel) == StandardName(artist, "Hello")


def test_version_words_are_found_in_a_description_but_not_inside_words() -> None:
    assert find_versions("Live at Wembley, acoustic") == ("live", "acoustic")
    assert find_versions("Olive discovery") == ()


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        (StandardName(None, "../../etc/passwd"), "etc-passwd [yt-x1]"),
        (StandardName("AC/DC", "T.N.T."), "AC-DC - T.N.T [yt-x1]"),
        (StandardName(None, 'What? *: <"no">'), "What - ('no') [yt-x1]"),
        (StandardName("방탄소년단", "봄날"), "방탄소년단 - 봄날 [yt-x1]"),
        (StandardName(None, "..."), "untitled [yt-x1]"),
        (StandardName(None, "trailing. "), "trailing [yt-x1]"),
    ],
)
def test_a_file_name_is_safe_and_readable(name: StandardName, stem: str) -> None:
    assert file_name(name, "yt:x1") == stem


@pytest.mark.parametrize("word", ["CON", "nul", "COM1", "aux"])
def test_a_reserved_name_is_never_a_whole_stem(word: str) -> None:
    stem = file_name(StandardName(None, word), "yt:x1")
    assert stem.casefold().startswith(word.casefold())
    assert stem.endswith(" [yt-x1]")


@pytest.mark.parametrize(
    "title", ["a" * 300, "é" * 300, "봄" * 300, "💩" * 300, "e\u0323\u0302" * 200]
)
def test_a_long_name_is_cut_between_characters(title: str) -> None:
    name, _, track = file_name(StandardName(None, title), "sha256:0123456789abcdef").rpartition(
        " ["
    )
    assert MAX_NAME_BYTES - 6 < len(name.encode()) <= MAX_NAME_BYTES
    assert unicodedata.normalize("NFC", title).startswith(name)
    assert track == "sha256-0123456789abcdef]"


@settings(max_examples=60, deadline=None)  # a busy machine is no fault
@given(st.text(max_size=200), st.text(min_size=1, max_size=80))
def test_any_text_gives_a_legal_file_name(title: str, track_id: str) -> None:
    stem = file_name(StandardName(None, title), track_id)
    assert not ILLEGAL_ON_WINDOWS & set(stem)
    assert all(unicodedata.category(mark) not in {"Cc", "Cs"} for mark in stem)
    assert stem == unicodedata.normalize("NFC", stem)
    assert stem.endswith("]") and not stem.startswith((".", " ", "-", "~"))
    assert len(stem.encode()) <= MAX_NAME_BYTES + 70


def test_two_ids_never_share_a_file_name() -> None:
    name = StandardName("A", "X")
    stems = {
        file_name(name, track_id) for track_id in ("yt:a-b", "yt:a/b", "yt:a:b", "yt:a b", "yt:a.b")
    }
    assert len(stems) == 5


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("The Beatles - Help!", "beatles - HELP"),
        ("Ke$ha - TiK ToK", "Kesha - Tik Tok"),
        ("Beyoncé - Halo (Live)", "Beyonce - Halo"),
        ("Simon & Garfunkel - Cecilia", "Simon and Garfunkel - Cecilia"),
        ("A feat. B - Song", "A - Song (feat. C)"),
        ("M.I.A. - Paper Planes", "MIA - Paper Planes"),
    ],
)
def test_one_song_has_one_key(a: str, b: str) -> None:
    assert song_key(parse_song(a)) == song_key(parse_song(b))


def test_different_songs_have_different_keys() -> None:
    songs = [
        "Adele - Hello",
        "Lionel Richie - Hello",
        "Adele - Someone",
        "!!! - Hello",
        "??? - Hello",
    ]
    assert len({song_key(parse_song(song)) for song in songs}) == 5


@settings(deadline=None)
@given(st.text(min_size=1, max_size=30))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)
