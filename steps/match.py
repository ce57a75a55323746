"""Match: each mashup's title is resolved against the songs that are known by now.

A clear pair goes to the ears. Where threshold or gap are not met the likely pairs go to the ears
and, with their reasons, to the review queue. What is not settled is looked at again every time,
because the songs grow and people answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from catalog.catalogue import Catalogue
from catalog.match import MatchResult, match
from catalog.proposals import Proposal, ProposedSong, pair_proposal, pair_proposals, track_ids
from catalog.records import Entry, Track, TrackKind
from catalog.splits import pair_split
from steps.listen import item_of
from steps.outcome import Outcome
from steps.reading import read_title
from steps.recordings import standard_name
from steps.review import Answer, ask, suggested_pairs
from steps.workbench import Workbench
from storage.records import Json, PairRecord, PairState, ReviewRecord, TrackRecord, TrackState

STEP = "match"
REJECTED = "a person rejected all songs that are known for it"


@dataclass(frozen=True, slots=True)
class Case:
    """A mashup whose songs are not settled, with what was found out so far."""

    mashup: TrackRecord
    pair: PairRecord | None
    review: ReviewRecord | None

    @property
    def answer(self) -> Answer:
        return Answer.of(self.review)


def match_mashups(bench: Workbench) -> list[Outcome]:
    """Name the songs of every mashup where they are not settled; return what is news."""
    catalogue = known_songs(bench)
    outcomes = [match_mashup(bench, case, catalogue) for case in unsettled(bench)]
    return [outcome for outcome in outcomes if outcome]


def superseded(first: Iterable[Outcome], second: Iterable[Outcome]) -> list[Outcome]:
    """Return the news of two looks at the same mashups, each mashup's last word alone."""
    latest = {outcome.item.key: outcome for outcome in (*first, *second)}
    return list(latest.values())


def known_songs(bench: Workbench) -> Catalogue:
    """Return the songs whose sound is kept, indexed by name."""
    kept = bench.ledger.tracks.list(state=TrackState.KEPT)
    return Catalogue(as_track(song) for song in kept if song.kind != TrackKind.MASHUP)


def unsettled(bench: Workbench) -> list[Case]:
    """Return the mashups without songs, with doubtful ones, or with an answer to be used."""
    pairs = {pair.mashup_id: pair for pair in bench.ledger.pairs.list()}
    reviews = {review.mashup_id: review for review in bench.ledger.reviews.list()}
    cases = [
        Case(mashup, pairs.get(mashup.track_id), reviews.get(mashup.track_id))
        for mashup in bench.ledger.tracks.list(kind=TrackKind.MASHUP, state=TrackState.KEPT)
    ]
    return [case for case in cases if not is_settled(case)]


def is_settled(case: Case) -> bool:
    """Tell whether a mashup's songs are known, as far as names and ears and people tell."""
    if case.pair is None:
        return False
    if case.answer.pair:
        named = named_in(case.pair) == {frozenset(case.answer.pair)}
        return named and "accepted" in (case.pair.evidence or {})
    state, is_doubtful = case.pair.state, "doubt" in (case.pair.evidence or {})
    return state == PairState.LOCATED or (state == PairState.SET_ASIDE and not is_doubtful)


def match_mashup(bench: Workbench, case: Case, catalogue: Catalogue) -> Outcome | None:
    """Find one mashup's songs; return None where nothing changed since the last look."""
    if case.answer.pair:
        return use_answer(bench, case)
    mashup = case.mashup
    result = match(
        read_title(bench, mashup),
        catalogue,
        title=mashup.raw_title,
        given=given_songs(bench, case.answer),
    )
    proposals = pair_proposals(result.pairs, rejected=case.answer.rejected)
    if not proposals:
        return nothing_found(bench, case, REJECTED if result.pairs else result.reason)
    pair = pair_of(bench, mashup, result, proposals)
    if case.pair is not None and same_question(case.pair, pair):
        return None
    bench.ledger.skips.clear(mashup.track_id, STEP)
    if result.is_resolved:
        bench.ledger.reviews.withdraw(mashup.track_id)
    else:
        ask(bench, mashup.track_id, proposals, result.reason or "")
    return suggest(bench, case, pair)


def given_songs(bench: Workbench, answer: Answer) -> dict[str, Track]:
    """Return the songs that a person named for what the title asks, as far as they are kept."""
    found = {key: bench.ledger.tracks.get(track_id) for key, track_id in answer.songs.items()}
    return {
        key: as_track(track)
        for key, track in found.items()
        if track and track.state == TrackState.KEPT
    }


def use_answer(bench: Workbench, case: Case) -> Outcome | None:
    """Take the two songs that a person accepted, as they are."""
    songs = [bench.ledger.tracks.require(track_id) for track_id in case.answer.pair]
    said = tuple(
        ProposedSong(song.track_id, str(standard_name(song)), "", song.song_key, "", 1.0)
        for song in songs
    )
    proposal = pair_proposal(said, 1.0)
    evidence = evidence_of([proposal], doubt=None) | {"accepted": True}
    bench.ledger.skips.clear(case.mashup.track_id, STEP)
    return suggest(bench, case, new_pair(bench, case.mashup, songs, evidence))


def suggest(bench: Workbench, case: Case, pair: PairRecord) -> Outcome | None:
    """Put a pair before the ears; None where another worker was faster."""
    pairs = bench.ledger.pairs
    news = pairs.renew(pair, after=case.pair) if case.pair else pairs.add(pair)
    return Outcome.done(STEP, item_of(case.mashup)) if news else None


def same_question(old: PairRecord, new: PairRecord) -> bool:
    """Tell whether two pairs name the same songs and rest on the same certainty."""
    marks = ("clear", "accepted")
    before, now = ({mark: (p.evidence or {}).get(mark) for mark in marks} for p in (old, new))
    return named_in(old) == named_in(new) and before == now


def nothing_found(bench: Workbench, case: Case, why: str | None) -> Outcome | None:
    """Write down why a mashup has no songs; songs that were doubtful before are dropped."""
    reason = why or "the catalogue has fewer than two of its songs"
    if case.pair is not None and case.pair.state != PairState.SET_ASIDE:
        dropped = replace(case.pair, state=PairState.SET_ASIDE, reason=reason)
        bench.ledger.pairs.renew(dropped, after=case.pair)
    news = bench.ledger.skips.record(case.mashup.track_id, STEP, reason)
    return Outcome.skipped(STEP, item_of(case.mashup), reason) if news else None


def pair_of(
    bench: Workbench, mashup: TrackRecord, result: MatchResult, proposals: Sequence[Proposal]
) -> PairRecord:
    """Write down a match; who sings is for the ears to say, so the order is the match's."""
    doubt = None if result.is_resolved else result.reason
    evidence = evidence_of(proposals, doubt=doubt)
    songs = [bench.ledger.tracks.require(track_id) for track_id in track_ids(proposals[0])]
    return new_pair(bench, mashup, songs, evidence)


def new_pair(
    bench: Workbench, mashup: TrackRecord, songs: Sequence[TrackRecord], evidence: Json
) -> PairRecord:
    first, second = songs
    return PairRecord(
        pair_id=f"pair:{mashup.track_id}",
        mashup_id=mashup.track_id,
        voice_id=first.track_id,
        bed_id=second.track_id,
        split=pair_split(first.song_key, second.song_key, test_share=bench.test_share),
        evidence=evidence,
    )


def evidence_of(proposals: Sequence[Proposal], *, doubt: str | None) -> dict[str, object]:
    """Return what speaks for and against the songs that the names suggest."""
    certain: dict[str, object] = {"clear": True} if doubt is None else {"doubt": doubt}
    return certain | {"proposals": [proposal.to_json() for proposal in proposals]}


def named_in(pair: PairRecord) -> set[frozenset[str]]:
    """Return the pairs of songs that a match suggested."""
    return {frozenset(ids) for ids in suggested_pairs(pair)}


def as_track(record: TrackRecord) -> Track:
    """Return the catalogue's view of a ledger row."""
    kind = TrackKind(record.kind)
    entry = Entry(
        record.source_key,
        kind,
        record.raw_title,
        Path(record.source),
        channel=record.channel,
        url=record.url,
    )
    return Track(record.track_id, kind, standard_name(record), entry)
