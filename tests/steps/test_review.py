"""Questions and answers: proposals side by side, answers kept, bad answers refused in words."""

from __future__ import annotations

import pytest

from catalog.errors import ReviewError
from catalog.proposals import Proposal, ProposedSong, pair_proposal
from steps.match import match_mashups
from steps.review import Answer, accept, ask, give_up, proposals_of, questions, reject
from steps.workbench import Workbench
from storage.records import PairState, ReviewState, TrackState
from tests.steps.tracks import add_mashup, add_song

MASHUP = "sha256:mashup"


def pair(*track_ids: str) -> Proposal:
    songs = tuple(ProposedSong(each, each, each, each, f"/{each}.mp3", 0.7) for each in track_ids)
    return pair_proposal(songs, 0.7)


def video(video_id: str, title: str, asked: str = "toto|africa") -> Proposal:
    track_id = f"yt:{video_id}"
    where = f"https://www.youtube.com/watch?v={video_id}"
    song = ProposedSong(
        track_id, title, "Toto - Africa", asked, where, 0.8, {"live": 0.2}, title, "a fan"
    )
    return Proposal("song", f"{asked}={track_id}", (song,), 0.8)


@pytest.fixture
def mashup(bench: Workbench) -> str:
    return add_mashup(bench, "Toto vs. Adele - Africa vs. Hello")


def keys(bench: Workbench) -> list[str]:
    (review,) = bench.ledger.reviews.list(state=ReviewState.OPEN)
    return [proposal.key for proposal in proposals_of(review)]


def test_a_question_shows_what_the_title_may_say_and_where_to_listen(
    bench: Workbench, mashup: str
) -> None:
    ask(bench, mashup, [pair("a", "b")], "two fit")
    (question,) = questions(bench)
    assert (question.mashup_id, question.title, question.reason) == (
        MASHUP,
        "Toto vs. Adele - Africa vs. Hello",
        "two fit",
    )
    assert question.hypotheses[0] == "Toto - Africa × Adele - Hello"
    assert question.proposals == (pair("a", "b"),)
    assert question.link == "/Toto vs. Adele - Africa vs. Hello.mp3"


def test_proposals_on_other_matters_wait_side_by_side(bench: Workbench, mashup: str) -> None:
    ask(bench, mashup, [video("v" * 11, "Toto Africa live")], "unclear")
    ask(bench, mashup, [video("w" * 11, "Adele Hello live", "adele|hello")], "unclear")
    ask(bench, mashup, [pair("a", "b")], "two fit")
    ask(bench, mashup, [pair("c", "d")], "two others fit")
    assert keys(bench) == ["c+d", "adele|hello=yt:" + "w" * 11, "toto|africa=yt:" + "v" * 11]


def test_the_queue_can_be_cut(bench: Workbench) -> None:
    for number in range(3):
        mashup_id = add_mashup(bench, f"A x B {number}", track_id=f"sha256:{number}")
        ask(bench, mashup_id, [pair("a", "b")], "two fit")
    assert [question.mashup_id for question in questions(bench, limit=2)] == [
        "sha256:0",
        "sha256:1",
    ]


def test_an_accepted_video_becomes_a_song_and_stands_for_what_was_asked(
    bench: Workbench, mashup: str
) -> None:
    add_song(bench, "Adele - Hello")
    ask(bench, mashup, [video("v" * 11, "toto africa rare upload")], "unclear")
    accept(bench, mashup, 1)
    song = bench.ledger.tracks.require("yt:" + "v" * 11)
    assert (song.state, song.channel, song.raw_title) == (
        TrackState.KNOWN,
        "a fan",
        "toto africa rare upload",
    )
    match_mashups(bench)
    assert bench.ledger.pairs.list() == ()  # its sound is not here yet
    bench.ledger.tracks.keep_audio(song.track_id, audio_key="audio/x.mp3", duration_s=200.0)
    match_mashups(bench)
    (found,) = bench.ledger.pairs.list()
    assert {found.voice_id, found.bed_id} == {song.track_id, "sha256:Adele - Hello"}
    assert found.state == PairState.MATCHED


def test_answers_add_up(bench: Workbench, mashup: str) -> None:
    ask(bench, mashup, [pair("a", "b")], "two fit")
    reject(bench, mashup)
    ask(bench, mashup, [video("v" * 11, "Toto Africa live")], "unclear")
    accept(bench, mashup, 1)
    ask(bench, mashup, [pair("c", "d")], "two others fit")
    give_up(bench, mashup)
    review = bench.ledger.reviews.get(mashup)
    assert Answer.of(review) == Answer(songs={"toto|africa": "yt:" + "v" * 11}, rejected=("a+b",))
    assert review is not None and review.state == ReviewState.NONE


@pytest.mark.parametrize("number", [0, 2, -1])
def test_a_proposal_that_is_not_there_is_refused(
    bench: Workbench, mashup: str, number: int
) -> None:
    ask(bench, mashup, [pair("a", "b")], "two fit")
    with pytest.raises(ReviewError, match=f"from 1 to 1, got {number}"):
        accept(bench, mashup, number)
    assert keys(bench) == ["a+b"]


def test_a_mashup_that_does_not_wait_is_refused(bench: Workbench, mashup: str) -> None:
    with pytest.raises(ReviewError, match="never asked about"):
        reject(bench, mashup)
    ask(bench, mashup, [pair("a", "b")], "two fit")
    reject(bench, mashup)
    with pytest.raises(ReviewError, match="was answered"):
        give_up(bench, mashup)
