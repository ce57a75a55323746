"""Review: what the line could not decide is put before a person, and the answers are kept.

A question is about one mashup. Its proposals are pairs of known songs, or videos for a song that is
missing. What is accepted is used as it is from the next run on; what is rejected is never proposed
again; a mashup whose songs nobody can name is set aside.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from catalog.errors import ReviewError
from catalog.names import standardize
from catalog.proposals import Proposal, ProposedSong, track_ids
from catalog.records import TrackKind
from catalog.youtube.records import VideoFacts
from steps.reading import read_title
from steps.sync import VIDEO_PREFIX, track_of
from steps.workbench import Workbench
from storage.records import PairRecord, ReviewRecord, ReviewState, TrackState

NOBODY_KNOWS = "a person said that its songs cannot be named"


@dataclass(frozen=True, slots=True)
class Answer:
    """All that a person ever said about one mashup."""

    pair: tuple[str, ...] = ()  # track ids of both songs, where a pair was accepted
    songs: Mapping[str, str] = field(default_factory=dict)  # by `names.song_key`: a track id
    rejected: tuple[str, ...] = ()  # keys of proposals

    @classmethod
    def of(cls, review: ReviewRecord | None) -> Answer:
        """Return the answer that the ledger keeps."""
        told = review.answer if review else {}
        pair, rejected = tuple(told.get("pair", ())), tuple(told.get("rejected", ()))
        return cls(pair, dict(told.get("songs", {})), rejected)

    def to_json(self) -> dict[str, Any]:
        """Return plain values for the ledger; nothing where nothing was said."""
        values = {"pair": list(self.pair), "songs": dict(self.songs), "rejected": [*self.rejected]}
        return {name: value for name, value in values.items() if value}


@dataclass(frozen=True, slots=True)
class Question:
    """One mashup that waits for a person, with all that helps to decide."""

    mashup_id: str
    title: str
    link: str
    reason: str
    hypotheses: tuple[str, ...]  # what its title may say
    proposals: tuple[Proposal, ...]


def ask(bench: Workbench, mashup_id: str, proposals: Sequence[Proposal], reason: str) -> bool:
    """Put proposals into the queue in place of those on the same matter; return if it is news."""
    known = bench.ledger.reviews.get(mashup_id)
    waiting = proposals_of(known) if known and known.state == ReviewState.OPEN else ()
    matters = {matter_of(proposal) for proposal in proposals}
    others = [proposal for proposal in waiting if matter_of(proposal) not in matters]
    merged = [proposal.to_json() for proposal in (*proposals, *others)]
    return bench.ledger.reviews.ask(mashup_id, merged, reason)


def matter_of(proposal: Proposal) -> str:
    """Return what a proposal is about: which two songs, or which video for one of them."""
    return proposal.kind if proposal.kind == "pair" else proposal.songs[0].asked_key


def questions(bench: Workbench, *, limit: int | None = None) -> list[Question]:
    """Return the mashups that wait for a person, the longest first."""
    waiting = bench.ledger.reviews.list(state=ReviewState.OPEN)
    return [question(bench, review) for review in waiting[:limit]]


def question(bench: Workbench, review: ReviewRecord) -> Question:
    mashup = bench.ledger.tracks.require(review.mashup_id)
    read = read_title(bench, mashup)
    return Question(
        mashup_id=review.mashup_id,
        title=standardize(mashup.raw_title),
        link=mashup.url or mashup.source,
        reason=review.reason,
        hypotheses=tuple(" × ".join(map(str, hypothesis.sources)) for hypothesis in read),
        proposals=proposals_of(review),
    )


def proposals_of(review: ReviewRecord) -> tuple[Proposal, ...]:
    return tuple(Proposal.from_json(record) for record in review.proposals)


def suggestions(pair: PairRecord) -> tuple[Proposal, ...]:
    """Return the pairs of songs that names suggested for a mashup, likeliest first."""
    told = (pair.evidence or {}).get("proposals", ())
    return tuple(Proposal.from_json(record) for record in told)


def suggested_pairs(pair: PairRecord) -> list[tuple[str, str]]:
    """Return their track ids; of a pair that was matched without proposals its own two songs."""
    found = [track_ids(proposal) for proposal in suggestions(pair)]
    return [(first, second) for first, second in found] or [(pair.voice_id, pair.bed_id)]


def accept(bench: Workbench, mashup_id: str, number: int) -> Proposal:
    """Take a question's proposal of this number, counted from 1; the next run uses it.

    Raises
    ------
    ReviewError
        The mashup does not wait, or has no such proposal.
    """
    review = waiting_review(bench, mashup_id)
    proposals = proposals_of(review)
    if not 1 <= number <= len(proposals):
        raise ReviewError(
            f"expected a proposal of {mashup_id} from 1 to {len(proposals)}, got {number}; "
            "`python -m flows review --json` lists them"
        )
    taken, before = proposals[number - 1], Answer.of(review)
    if taken.kind == "pair":
        answer = Answer(track_ids(taken), before.songs, before.rejected)
    else:
        (song,) = taken.songs
        bench.ledger.tracks.add([track_of(facts_of(song), TrackKind.SONG)])
        answer = Answer((), {**before.songs, song.asked_key: song.track_id}, before.rejected)
    bench.ledger.reviews.answer(mashup_id, ReviewState.ACCEPTED, answer.to_json())
    return taken


def reject(bench: Workbench, mashup_id: str) -> int:
    """Refuse all proposals about a mashup for ever; return how many they were."""
    review = waiting_review(bench, mashup_id)
    before, refused = Answer.of(review), [proposal.key for proposal in proposals_of(review)]
    rejected = tuple(dict.fromkeys((*before.rejected, *refused)))
    answer = Answer(before.pair, before.songs, rejected)
    bench.ledger.reviews.answer(mashup_id, ReviewState.REJECTED, answer.to_json())
    return len(refused)


def give_up(bench: Workbench, mashup_id: str) -> None:
    """Set a mashup aside because nobody can name its songs; `ReviewError` if it does not wait."""
    review = waiting_review(bench, mashup_id)
    bench.ledger.reviews.answer(mashup_id, ReviewState.NONE, Answer.of(review).to_json())
    bench.ledger.tracks.mark(mashup_id, TrackState.SET_ASIDE, reason=NOBODY_KNOWS)


def waiting_review(bench: Workbench, mashup_id: str) -> ReviewRecord:
    """Return the open question about a mashup; `ReviewError` if there is none."""
    review = bench.ledger.reviews.get(mashup_id)
    if review is None or review.state != ReviewState.OPEN:
        said = "was answered" if review else "was never asked about"
        raise ReviewError(
            f"expected a mashup that waits for a person, got {mashup_id!r}, which {said}; "
            "`python -m flows review --json` lists those that wait"
        )
    return review


def facts_of(song: ProposedSong) -> VideoFacts:
    """Return what is known of an offered video."""
    video_id = song.track_id.removeprefix(VIDEO_PREFIX)
    return VideoFacts(video_id, song.raw_title, song.channel)
