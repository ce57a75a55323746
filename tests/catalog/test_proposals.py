"""What a person is asked: pairs and videos with their reasons, never again what was rejected."""

from __future__ import annotations

import json
from pathlib import Path

from catalog.candidates import Wanted, rank
from catalog.catalogue import Catalogue
from catalog.match import match
from catalog.names import parse_song
from catalog.proposals import (
    Proposal,
    ProposedSong,
    ambiguous_songs,
    pair_proposal,
    pair_proposals,
    song_proposals,
    track_ids,
)
from catalog.records import Entry, StandardName, Track, TrackKind
from catalog.titles import hypothesize
from catalog.youtube.records import VideoFacts

AFRICA = Wanted(StandardName("Toto", "Africa"))


def track(name: str) -> Track:
    entry = Entry(name, TrackKind.SONG, name, Path(f"{name}.mp3"))
    return Track(name.split(" - ")[0], TrackKind.SONG, parse_song(name), entry)


def hello_pairs(*rejected: str) -> tuple[Proposal, ...]:
    songs = ("Toto - Africa", "Adele - Hello", "Lionel - Hello")
    result = match(hypothesize("Hello x Africa"), Catalogue(map(track, songs)))
    return pair_proposals(result.pairs, rejected=rejected)


def test_pairs_are_proposed_with_what_is_asked_and_what_speaks_against_it() -> None:
    first, second = hello_pairs()
    assert {first.key, second.key} == {"Adele+Toto", "Lionel+Toto"}
    hello = next(song for song in first.songs if song.asked == "Hello")
    assert (hello.asked_key, hello.penalties) == ("|hello", {"artist not named": 0.125})


def test_a_rejected_pair_is_never_proposed_again() -> None:
    assert [proposal.key for proposal in hello_pairs("Adele+Toto")] == ["Lionel+Toto"]


def test_the_song_that_rivals_lack_is_the_ambiguous_one() -> None:
    both = hello_pairs()
    assert ambiguous_songs(both, "Adele+Toto") == {"Adele"}
    assert ambiguous_songs(hello_pairs("Lionel+Toto"), "Adele+Toto") == frozenset()
    assert ambiguous_songs(both, "Nobody+Toto") == frozenset()


def test_a_third_source_is_no_rival_but_another_reading_is() -> None:
    def pair(*ids: str) -> Proposal:
        songs = tuple(ProposedSong(each, each, each, each, "", 0.7) for each in ids)
        return pair_proposal(songs, 0.7)

    three = (pair("a", "b"), pair("a", "c"), pair("b", "c"))
    assert ambiguous_songs(three, "a+b") == frozenset()
    assert ambiguous_songs((pair("a", "b"), pair("c", "d")), "a+b") == {"a", "b"}


def test_a_proposal_survives_the_ledger() -> None:
    for proposal in hello_pairs():
        assert Proposal.from_json(json.loads(json.dumps(proposal.to_json()))) == proposal


def test_videos_are_proposed_for_a_missing_song_but_nothing_unlikely() -> None:
    videos = [
        VideoFacts("a" * 11, "Toto - Africa (Live)", "Toto"),
        VideoFacts("b" * 11, "Weezer - Africa", "Weezer"),
        VideoFacts("c" * 11, "Toto - Africa (Remix)", "fan"),
    ]
    offers = rank(videos, AFRICA)
    found = song_proposals(offers, AFRICA)
    assert [track_ids(proposal) for proposal in found] == [("yt:" + "a" * 11,), ("yt:" + "c" * 11,)]
    assert found[0].songs[0].where == f"https://www.youtube.com/watch?v={'a' * 11}"
    left = song_proposals(offers, AFRICA, rejected=[found[0].key])
    assert left == found[1:]
