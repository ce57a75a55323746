"""Match: each mashup's title is resolved against the songs that are known by now."""

from __future__ import annotations

from pathlib import Path

from catalog.catalogue import Catalogue
from catalog.match import MatchResult, match
from catalog.names import song_key
from catalog.records import Entry, Track, TrackKind
from catalog.splits import pair_split
from catalog.titles import hypothesize
from steps.listen import item_of
from steps.outcome import Outcome
from steps.recordings import standard_name
from steps.workbench import Workbench
from storage.records import PairRecord, TrackRecord, TrackState

STEP = "match"


def match_mashups(bench: Workbench) -> list[Outcome]:
    """Name the candidate songs of every mashup that has none; return what is news.

    A mashup that found no songs is looked at again each time, because the songs grow.
    """
    songs = [
        track
        for track in bench.ledger.tracks.list(state=TrackState.KEPT)
        if track.kind != TrackKind.MASHUP
    ]
    catalogue = Catalogue(as_track(song) for song in songs)
    mashups = bench.ledger.tracks.list(kind=TrackKind.MASHUP, state=TrackState.KEPT)
    matched = {pair.mashup_id for pair in bench.ledger.pairs.list()}
    outcomes = [
        match_mashup(bench, mashup, catalogue)
        for mashup in mashups
        if mashup.track_id not in matched
    ]
    return [outcome for outcome in outcomes if outcome]


def match_mashup(bench: Workbench, mashup: TrackRecord, catalogue: Catalogue) -> Outcome | None:
    """Find one mashup's candidates; return None where nothing changed since the last look."""
    hypotheses = hypothesize(
        mashup.raw_title, channel=mashup.channel, description=mashup.description
    )
    result = match(hypotheses, catalogue, title=mashup.raw_title)
    item = item_of(mashup)
    if len(named_tracks(result)) < 2:
        reason = result.reason or "the catalogue has fewer than two of its songs"
        news = bench.ledger.skips.record(mashup.track_id, STEP, reason)
        return Outcome.skipped(STEP, item, reason) if news else None
    bench.ledger.skips.clear(mashup.track_id, STEP)
    bench.ledger.pairs.save(pair_of(bench, mashup, result))
    return Outcome.done(STEP, item)


def named_tracks(result: MatchResult) -> list[Track]:
    """Return the songs that were chosen, or all that might be meant, for the ears to decide."""
    return list(result.tracks) or [candidate.track for candidate in result.candidates]


def pair_of(bench: Workbench, mashup: TrackRecord, result: MatchResult) -> PairRecord:
    """Write down a match; who sings is for the ears to say, so the order is the match's."""
    named = named_tracks(result)
    first, second = named[:2]
    return PairRecord(
        pair_id=f"pair:{mashup.track_id}",
        mashup_id=mashup.track_id,
        voice_id=first.track_id,
        bed_id=second.track_id,
        split=pair_split(song_key(first.name), song_key(second.name), test_share=bench.test_share),
        evidence={
            "candidates": [track.track_id for track in named],
            "score": result.score,
            "penalties": dict(result.penalties),
        },
    )


def as_track(record: TrackRecord) -> Track:
    """Return the catalogue's view of a ledger row."""
    kind = TrackKind(record.kind)
    entry = Entry(record.source_key, kind, record.raw_title, Path(record.source))
    return Track(record.track_id, kind, standard_name(record), entry)
