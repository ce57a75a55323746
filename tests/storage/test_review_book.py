"""Questions to a person in the ledger: asked once, answered once, never asked again in vain."""

from __future__ import annotations

from dataclasses import replace

import pytest

from storage.errors import LedgerError
from storage.ledger import Ledger
from storage.records import PairRecord, ReviewState

PROPOSALS = [
    {"kind": "pair", "score": 0.7, "songs": [{"track_id": "s:1", "penalties": {"a": 0.1}}]}
]


def test_a_question_is_news_once(ledger: Ledger) -> None:
    asked = [ledger.reviews.ask("m:1", PROPOSALS, "two fit") for _ in range(2)]
    assert asked == [True, False]
    assert ledger.reviews.ask("m:1", PROPOSALS, "three fit")
    (review,) = ledger.reviews.list(state=ReviewState.OPEN)
    assert (review.mashup_id, review.proposals, review.reason, review.answer) == (
        "m:1",
        PROPOSALS,
        "three fit",
        {},
    )


def test_an_answer_stays_when_newer_proposals_open_the_question_again(ledger: Ledger) -> None:
    ledger.reviews.ask("m:1", PROPOSALS, "two fit")
    ledger.reviews.answer("m:1", ReviewState.REJECTED, {"rejected": ["s:1"]})
    answered = ledger.reviews.get("m:1")
    assert answered is not None
    assert answered.state == ReviewState.REJECTED
    assert answered.answered_at is not None
    ledger.reviews.ask("m:1", [{"score": 0.6}], "another fits")
    review = ledger.reviews.get("m:1")
    assert review is not None
    assert (review.state, review.answer) == (ReviewState.OPEN, {"rejected": ["s:1"]})


def test_a_mashup_that_a_person_set_aside_is_not_asked_about_again(ledger: Ledger) -> None:
    ledger.reviews.ask("m:1", PROPOSALS, "two fit")
    ledger.reviews.answer("m:1", ReviewState.NONE, {})
    assert not ledger.reviews.ask("m:1", [{"score": 0.6}], "another fits")
    assert ledger.reviews.list(state=ReviewState.OPEN) == ()


def test_a_question_that_solved_itself_goes_and_answers_stay(ledger: Ledger) -> None:
    for mashup_id in ("m:1", "m:2", "m:3"):
        ledger.reviews.ask(mashup_id, PROPOSALS, "two fit")
    ledger.reviews.answer("m:2", ReviewState.REJECTED, {"rejected": ["s:1"]})
    ledger.reviews.ask("m:2", [{"score": 0.6}], "another fits")
    ledger.reviews.answer("m:3", ReviewState.ACCEPTED, {"accepted": {}})
    for mashup_id in ("m:1", "m:2", "m:3", "m:4"):
        ledger.reviews.withdraw(mashup_id)
    left = {review.mashup_id: review.state for review in ledger.reviews.list()}
    assert left == {"m:2": ReviewState.REJECTED, "m:3": ReviewState.ACCEPTED}


def test_an_answer_to_no_question_is_refused(ledger: Ledger) -> None:
    with pytest.raises(LedgerError, match=r"no question about 'm:1'.*flows review --json"):
        ledger.reviews.answer("m:1", ReviewState.NONE, {})


def test_a_pair_is_renewed_unless_somebody_changed_it_meanwhile(ledger: Ledger) -> None:
    ledger.pairs.add(PairRecord("p:1", "m:1", "v:1", "b:1", "train"))
    seen = ledger.pairs.require("p:1")
    newer = replace(seen, voice_id="v:2")
    assert [ledger.pairs.renew(newer, after=seen) for _ in range(2)] == [True, False]
    assert ledger.pairs.require("p:1").voice_id == "v:2"
