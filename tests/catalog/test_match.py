"""Matching against a catalogue: what resolves, what waits, and the reasons."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalog.catalogue import Catalogue
from catalog.match import MatchResult, match
from catalog.names import parse_song
from catalog.records import Entry, Track, TrackKind
from catalog.titles import hypothesize

SONGS = (
    "Toto - Africa",
    "Weezer - Buddy Holly",
    "Weezer - Hash Pipe",
    "Avicii - Levels",
    "MGMT - Kids",
    "MGMT - Time to Pretend",
    "Snow Patrol - Chasing Cars",
    "Adele - Hello",
    "Lionel Richie - Hello",
    "Blur - Song 2",
    "deadmau5 & Kaskade - I Remember",
)


def track(name: str, *, channel: str | None = None, kind: TrackKind = TrackKind.SONG) -> Track:
    entry = Entry(name, kind, name, Path(f"{name}.mp3"), channel=channel)
    return Track(f"sha256:{name}", kind, parse_song(name), entry)


def resolve(title: str, *more: Track, heard: dict[str, float] | None = None) -> MatchResult:
    catalogue = Catalogue([*map(track, SONGS), *more])
    return match(hypothesize(title), catalogue, title=title, heard=heard)


def titles_of(result: MatchResult) -> set[str]:
    return {str(found.name) for found in result.tracks}


@pytest.mark.parametrize(
    ("title", "songs"),
    [
        ("Toto - Africa vs. Weezer - Buddy Holly", {"Toto - Africa", "Weezer - Buddy Holly"}),
        ("Africa x Levels", {"Toto - Africa", "Avicii - Levels"}),
        ("Avicci vs. Toto - Afrika Level", {"Avicii - Levels", "Toto - Africa"}),
        ("MGMT vs Snow Patrol - Chasing Kids", {"MGMT - Kids", "Snow Patrol - Chasing Cars"}),
        ("Africa x Levels x Kids (Mashup)", {"Toto - Africa", "Avicii - Levels", "MGMT - Kids"}),
        ("Adele vs. Toto", {"Adele - Hello", "Toto - Africa"}),
        ("Kaskade vs. Toto", {"deadmau5 & Kaskade - I Remember", "Toto - Africa"}),
        ("Levels x Africa - Toto & Avicii", {"Toto - Africa", "Avicii - Levels"}),
        ("Blur + Adele Song 2/Hello", {"Blur - Song 2", "Adele - Hello"}),
    ],
)
def test_a_mashup_resolves_to_its_songs(title: str, songs: set[str]) -> None:
    result = resolve(title)
    assert titles_of(result) == songs, result.reason
    assert result.is_resolved and result.reason is None


def test_two_songs_of_one_name_are_never_guessed_between() -> None:
    result = resolve("Hello x Africa")
    assert result.tracks == ()
    assert "two candidates" in str(result.reason) and "Lionel Richie - Hello" in str(result.reason)
    assert {"Adele - Hello", "Lionel Richie - Hello", "Toto - Africa"} <= {
        str(candidate.track.name) for candidate in result.candidates
    }


def test_an_artist_with_several_songs_leaves_the_choice_to_the_ears() -> None:
    waiting = resolve("Weezer vs. Toto")
    assert waiting.tracks == () and len(waiting.candidates) <= 6
    heard = resolve("Weezer vs. Toto", heard={"sha256:Weezer - Hash Pipe": 0.9})
    assert titles_of(heard) == {"Weezer - Hash Pipe", "Toto - Africa"}


def test_an_unknown_song_is_named_in_the_reason() -> None:
    result = resolve("Toto - Africa vs. Nobody - Nothing Known")
    assert result.tracks == ()
    assert 'no song in the catalogue is like "Nobody - Nothing Known"' in str(result.reason)


def test_another_artists_song_of_that_name_is_not_taken() -> None:
    assert resolve("Nobody - Africa vs. Avicii - Levels").tracks == ()


def test_a_third_source_that_is_unknown_does_not_stop_the_other_two() -> None:
    assert titles_of(resolve("Africa x Levels x Zzyzx Qqq")) == {"Toto - Africa", "Avicii - Levels"}


def test_no_hypothesis_gives_a_reason() -> None:
    assert resolve("A megamix of 50 songs").reason == "the title names no two songs"
    assert match(hypothesize("A - X vs. B - Y"), Catalogue([])).tracks == ()


@pytest.mark.parametrize(
    "worse", ["(Live)", "(Karaoke Version)", "(Sped Up)", "(Remix)", "(Cover)"]
)
def test_the_plain_recording_of_a_song_is_preferred(worse: str) -> None:
    other = track(f"Toto - Africa {worse}")
    result = resolve("Africa x Levels", other)
    assert other not in result.tracks and result.is_resolved
    only = match(hypothesize("Africa x Levels"), Catalogue([other, track("Avicii - Levels")]))
    assert only.score < 0.875


def test_a_version_that_is_asked_for_costs_nothing() -> None:
    live, levels = track("Toto - Africa (Live)"), track("Avicii - Levels")
    catalogue = Catalogue([live, levels])
    assert match(hypothesize("Africa x Levels"), catalogue).penalties["live"] > 0
    asked = parse_song("Toto - Africa (Live)")
    assert catalogue.candidates(asked)[0].penalties == {}


def test_a_file_without_an_artist_still_fits_by_its_title() -> None:
    result = match(
        hypothesize("Toto - Africa vs. Avicii - Levels"),
        Catalogue([track("africa"), track("levels")]),
    )
    assert titles_of(result) == {"africa", "levels"}


def test_an_official_channel_is_preferred() -> None:
    fan = track("Sia - Titanium", channel="some fan")
    official = Track("sha256:o", TrackKind.SONG, fan.name, track("x", channel="Sia - Topic").entry)
    assert official in resolve("Titanium x Africa", fan, official).tracks


def test_mashups_in_the_catalogue_are_no_sources() -> None:
    mashup = track("Toto - Africa Levels", kind=TrackKind.MASHUP)
    assert len(Catalogue([mashup])) == 0


def test_every_penalty_has_a_name() -> None:
    assert resolve("Africa x Levels").penalties == {"artist not named": 0.125}


def test_guesses_pair_songs_of_different_sources_only() -> None:
    guesses = resolve("Hello x Africa").pairs
    pairs = [{str(song.track.name) for song in guess.songs} for guess in guesses]
    assert pairs == [
        {"Adele - Hello", "Toto - Africa"},
        {"Lionel Richie - Hello", "Toto - Africa"},
    ]
    assert [guess.score for guess in guesses] == pytest.approx([0.875, 0.875])


def test_a_resolved_mashup_guesses_its_chosen_songs() -> None:
    (guess,) = resolve("Toto - Africa vs. Weezer - Buddy Holly").pairs
    assert {str(song.track.name) for song in guess.songs} == {
        "Toto - Africa",
        "Weezer - Buddy Holly",
    }


def test_a_song_that_a_person_named_stands_for_what_the_title_asks() -> None:
    nameless = track("some upload 17")
    title = "Toto - Africa vs. Nobody - Nothing Known"
    given = {"nobody|nothing known": nameless}
    catalogue = Catalogue([track("Toto - Africa"), nameless])
    result = match(hypothesize(title), catalogue, title=title, given=given)
    assert set(result.tracks) == {track("Toto - Africa"), nameless}
