"""Mashups to songs by name, night after night: what resolves, what waits for a person, answers."""

from __future__ import annotations

from dataclasses import replace

from catalog.proposals import Proposal
from steps.match import Case, known_songs, match_mashup, match_mashups, superseded, unsettled
from steps.outcome import Item, Outcome, State
from steps.review import accept, give_up, proposals_of, questions, reject, suggested_pairs
from steps.workbench import Workbench
from storage.records import PairRecord, PairState, ReviewState, TrackState
from tests.steps.tracks import add_mashup, add_song

MASHUP = "sha256:mashup"
AFRICA, ADELE = "sha256:Toto - Africa", "sha256:Adele - Hello"
LIONEL, LEVELS = "sha256:Lionel Richie - Hello", "sha256:Avicii - Levels"


def songs(bench: Workbench, *track_ids: str) -> None:
    for track_id in track_ids:
        add_song(bench, track_id.removeprefix("sha256:"))


def pair(bench: Workbench) -> PairRecord:
    return bench.ledger.pairs.require(f"pair:{MASHUP}")


def waiting(bench: Workbench) -> tuple[Proposal, ...]:
    (review,) = bench.ledger.reviews.list(state=ReviewState.OPEN)
    return proposals_of(review)


def heard(bench: Workbench, state: PairState = PairState.UNVERIFIED) -> None:
    """Let the ears have judged the pair, without a new verdict."""
    bench.ledger.pairs.save(replace(pair(bench), state=state, ear_version=1))


def ambiguous(bench: Workbench) -> None:
    """One night with a mashup of which two songs may be one source."""
    songs(bench, AFRICA, ADELE, LIONEL)
    add_mashup(bench, "Hello x Africa")
    match_mashups(bench)


def test_clear_names_go_to_the_ears_and_ask_nobody(bench: Workbench) -> None:
    songs(bench, AFRICA, LEVELS)
    add_mashup(bench, "Toto - Africa vs. Avicii - Levels")
    (outcome,) = match_mashups(bench)
    assert (outcome.state, {*suggested_pairs(pair(bench))[0]}) == (State.DONE, {AFRICA, LEVELS})
    assert bench.ledger.reviews.list() == ()
    assert match_mashups(bench) == []
    heard(bench, PairState.LOCATED)
    assert unsettled(bench) == []


def test_a_gap_that_is_too_small_goes_to_the_ears_and_to_a_person_with_the_reason(
    bench: Workbench,
) -> None:
    ambiguous(bench)
    assert [set(ids) for ids in suggested_pairs(pair(bench))] == [{ADELE, AFRICA}, {LIONEL, AFRICA}]
    (review,) = bench.ledger.reviews.list(state=ReviewState.OPEN)
    assert 'two candidates for "Hello" are equally likely' in review.reason
    hello = next(song for song in waiting(bench)[0].songs if song.track_id == ADELE)
    assert hello.penalties == {"artist not named": 0.125}


def test_a_threshold_that_is_not_met_goes_to_a_person(bench: Workbench) -> None:
    songs(bench, AFRICA, LEVELS)
    add_mashup(bench, "Afrika x Levels")
    match_mashups(bench)
    assert "nearest is" in questions(bench)[0].reason


def test_nothing_is_news_when_nothing_changed(bench: Workbench) -> None:
    ambiguous(bench)
    heard(bench)
    assert match_mashups(bench) == []
    assert pair(bench).state == PairState.UNVERIFIED


def test_what_has_no_songs_is_skipped_with_a_reason_once(bench: Workbench) -> None:
    add_mashup(bench, "Toto - Africa vs. Avicii - Levels")
    outcomes = [match_mashups(bench), match_mashups(bench)]
    assert [[outcome.state for outcome in night] for night in outcomes] == [[State.SKIPPED], []]
    assert bench.ledger.reviews.list() == ()


def test_a_mashup_without_songs_resolves_when_the_catalogue_has_grown(bench: Workbench) -> None:
    songs(bench, AFRICA)
    add_mashup(bench, "Toto - Africa vs. Avicii - Levels")
    match_mashups(bench)
    songs(bench, LEVELS)
    (outcome,) = match_mashups(bench)
    assert outcome.state is State.DONE
    assert bench.ledger.skips.list(stage="match") == ()


def test_yesterdays_ambiguous_title_resolves_today(bench: Workbench) -> None:
    songs(bench, ADELE, LIONEL)
    add_mashup(bench, "Adele vs Toto - Hello Africa")
    for other in ("Toto - Hold the Line", "Toto - Rosanna", "Adele - Skyfall"):
        add_song(bench, other)
    match_mashups(bench)
    heard(bench)
    assert "doubt" in (pair(bench).evidence or {})
    songs(bench, AFRICA)  # the catalogue grows
    (outcome,) = match_mashups(bench)
    assert outcome.state is State.DONE
    assert [set(ids) for ids in suggested_pairs(pair(bench))] == [{ADELE, AFRICA}]
    assert (pair(bench).state, (pair(bench).evidence or {})["clear"]) == (PairState.MATCHED, True)
    assert bench.ledger.reviews.list() == ()  # the question solved itself


def test_a_guess_that_the_ears_did_not_find_gives_way_to_a_better_one(bench: Workbench) -> None:
    songs(bench, ADELE)
    add_song(bench, "Toto - Rosanna")  # the artist's only song, until the right one comes
    add_mashup(bench, "Adele vs Toto - Hello Africa")
    match_mashups(bench)
    heard(bench)
    songs(bench, AFRICA)
    match_mashups(bench)
    assert [set(ids) for ids in suggested_pairs(pair(bench))] == [{ADELE, AFRICA}]


def test_an_accepted_pair_is_used_as_it_is(bench: Workbench) -> None:
    ambiguous(bench)
    heard(bench)
    accept(bench, MASHUP, 2)
    match_mashups(bench)
    assert [set(ids) for ids in suggested_pairs(pair(bench))] == [{LIONEL, AFRICA}]
    assert (pair(bench).state, (pair(bench).evidence or {})["accepted"]) == (
        PairState.MATCHED,
        True,
    )
    heard(bench)
    songs(bench, LEVELS)
    assert match_mashups(bench) == []  # not even when the catalogue grows


def test_an_accepted_pair_stays_accepted_where_it_was_the_only_one(bench: Workbench) -> None:
    songs(bench, AFRICA, LEVELS)
    add_mashup(bench, "Afrika x Levels")
    match_mashups(bench)
    accept(bench, MASHUP, 1)
    assert len(match_mashups(bench)) == 1
    assert "doubt" not in (pair(bench).evidence or {})


def test_a_rejected_proposal_is_never_proposed_again(bench: Workbench) -> None:
    ambiguous(bench)
    heard(bench)
    assert reject(bench, MASHUP) == 2
    assert [outcome.state for outcome in match_mashups(bench)] == [State.SKIPPED]
    assert pair(bench).state == PairState.SET_ASIDE
    add_song(bench, "Pink Floyd - Hello")
    (outcome,) = match_mashups(bench)
    assert outcome.state is State.DONE
    assert [set(ids) for ids in suggested_pairs(pair(bench))] == [
        {"sha256:Pink Floyd - Hello", AFRICA}
    ]
    assert len(waiting(bench)) == 1


def test_a_clear_pair_that_was_rejected_is_not_used(bench: Workbench) -> None:
    ambiguous(bench)
    reject(bench, MASHUP)
    bench.ledger.tracks.mark(ADELE, TrackState.SET_ASIDE)  # now the other one would be clear
    (outcome,) = match_mashups(bench)
    assert outcome.reason == "a person rejected all songs that are known for it"


def test_none_sets_the_mashup_aside_for_good(bench: Workbench) -> None:
    ambiguous(bench)
    give_up(bench, MASHUP)
    mashup = bench.ledger.tracks.require(MASHUP)
    assert (mashup.state, mashup.reason) == (
        TrackState.SET_ASIDE,
        "a person said that its songs cannot be named",
    )
    songs(bench, LEVELS)
    assert match_mashups(bench) == [] == unsettled(bench)


def test_a_worker_that_was_faster_is_not_overwritten(bench: Workbench) -> None:
    ambiguous(bench)
    heard(bench)
    (case,) = unsettled(bench)
    heard(bench, PairState.LOCATED)  # by another worker, after this one looked
    songs(bench, LEVELS)
    stale = Case(case.mashup, replace(case.pair, evidence={}) if case.pair else None, None)
    assert match_mashup(bench, stale, known_songs(bench)) is None
    assert pair(bench).state == PairState.LOCATED


def test_of_two_looks_at_a_mashup_the_second_counts() -> None:
    first = [Outcome.skipped("match", Item(key, key), "no songs") for key in "ab"]
    second = [Outcome.done("match", Item("b", "b"))]
    assert superseded(first, second) == [first[0], second[0]]
