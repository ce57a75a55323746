"""After the ears: what becomes of a pair by names and ears together, and what a person is asked."""

from __future__ import annotations

import pytest

from audio.features import EAR_VERSION
from audio.locate import Location
from catalog.evidence import Decision
from steps.hearing import Cast, Heard, pairs_of
from steps.match import match_mashups
from steps.verdict import ask_about, decision_on, judge
from steps.workbench import Workbench
from storage.records import PairRecord, PairState
from tests.steps.tracks import add_mashup, add_song

MASHUP = "sha256:mashup"


def place(confidence: float | None) -> Location:
    located = confidence is not None
    return Location(1.0, 0, 0.0, (), confidence or 0.1, 9.0, located, "" if located else "faint")


def matched(bench: Workbench, title: str, *songs: str) -> PairRecord:
    for song in songs:
        add_song(bench, song)
    add_mashup(bench, title)
    match_mashups(bench)
    return bench.ledger.pairs.require(f"pair:{MASHUP}")


def judged(
    bench: Workbench, pair: PairRecord, *, voice: float | None, bed: float | None, singer: str
) -> PairRecord:
    """Judge the first suggested pair, in which `singer` is the voice."""
    tracks = sorted(pairs_of(bench, pair)[0], key=lambda track: track.artist != singer)
    first, second = (Heard(t, place(c)) for t, c in zip(tracks, (voice, bed), strict=True))
    return judge(bench, pair, Cast(first, second))


HELLOS = ("Hello x Africa", "Toto - Africa", "Adele - Hello", "Lionel Richie - Hello")
ROSANNAS = ("Adele vs Toto", "Adele - Hello", "Toto - Africa")


@pytest.mark.parametrize(
    ("rule", "world", "voice", "bed", "state", "decision"),
    [
        ("both located", HELLOS, 0.9, 0.9, PairState.LOCATED, Decision.ACCEPT),
        ("ambiguous voice", HELLOS, None, 0.9, PairState.UNVERIFIED, Decision.REVIEW),
        ("ambiguous, unheard", HELLOS, None, None, PairState.UNVERIFIED, Decision.REVIEW),
        ("clear names", ROSANNAS, None, None, PairState.UNVERIFIED, Decision.ACCEPT),
        ("located bed", ROSANNAS, None, 0.9, PairState.UNVERIFIED, Decision.ACCEPT),
    ],
)
def test_names_and_ears_decide_what_becomes_of_a_pair(
    bench: Workbench,
    rule: str,
    world: tuple[str, ...],
    voice: float | None,
    bed: float | None,
    state: PairState,
    decision: Decision,
) -> None:
    pair = matched(bench, *world)
    found = judged(bench, pair, voice=voice, bed=bed, singer="Adele")
    assert (found.state, decision_on(found)) == (state, decision), rule
    assert ("doubt" in (found.evidence or {})) == (decision is not Decision.ACCEPT)


def test_the_pair_keeps_every_penalty_by_name(bench: Workbench) -> None:
    pair = matched(bench, *HELLOS)
    found = judged(bench, pair, voice=None, bed=None, singer="Adele")
    verdict = (found.evidence or {})["verdict"]
    assert verdict["penalties"] == pytest.approx(
        {
            "voice: artist not named": 0.0625,
            "voice: another song fits as well": 0.25,
            "bed: artist not named": 0.0625,
            "bed: bed not located": 0.1,
        }
    )
    assert verdict["score"] == pytest.approx(0.525)
    assert found.ear_version == EAR_VERSION
    assert "faint" in str(found.reason) and "names and ears together give" in str(found.reason)


def test_a_person_is_shown_first_what_was_heard(bench: Workbench) -> None:
    pair = matched(bench, *HELLOS)
    found = judged(bench, pair, voice=None, bed=0.9, singer="Adele")
    ask_about(bench, found)
    (review,) = bench.ledger.reviews.list()
    first, second = review.proposals
    assert first["heard"] == "voice unverified, bed located (0.90)"
    assert {song["name"] for song in first["songs"]} == {"Adele - Hello", "Toto - Africa"}
    assert (second["heard"], len(review.proposals)) == ("", 2)
    assert review.reason.startswith("names and ears together give")


def test_an_accepted_pair_is_not_doubted_again(bench: Workbench) -> None:
    pair = matched(bench, *ROSANNAS)
    found = judged(bench, pair, voice=None, bed=0.9, singer="Adele")
    bench.ledger.pairs.save(found)
    assert match_mashups(bench) == []
    assert bench.ledger.reviews.list() == ()
