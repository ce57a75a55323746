"""Verdict: what the ears heard and what the names say, put together for one pair.

The verdict stands in the pair's evidence with every penalty by name. What is left in doubt goes to
the review queue.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from audio.features import EAR_VERSION
from audio.locate import Location
from catalog.evidence import Decision, SongEvidence, Verdict, weigh
from catalog.proposals import ambiguous_songs, pair_key
from catalog.splits import pair_split
from steps.hearing import Cast, Heard
from steps.review import ask, suggestions
from steps.workbench import Workbench
from storage.records import PairRecord, PairState

HEARD_STATES = {
    Decision.ACCEPT: PairState.UNVERIFIED,
    Decision.REVIEW: PairState.UNVERIFIED,
    Decision.SET_ASIDE: PairState.SET_ASIDE,
}


def judge(bench: Workbench, pair: PairRecord, cast: Cast) -> PairRecord:
    """Return the pair with its roles, where its songs lie, how sure that is, and the verdict."""
    verdict = weigh_cast(pair, cast)
    return replace(
        pair,
        voice_id=cast.voice.track.track_id,
        bed_id=cast.bed.track.track_id,
        split=pair_split(
            cast.voice.track.song_key, cast.bed.track.song_key, test_share=bench.test_share
        ),
        state=PairState.LOCATED if cast.located else HEARD_STATES[verdict.decision],
        reason="; ".join(filter(None, (cast.reason(), verdict.reason))) or None,
        confidence=cast.confidence,
        ear_version=EAR_VERSION,
        location={role: as_json(getattr(cast, role).location) for role in ("voice", "bed")},
        evidence=evidence_after(pair, verdict),
    )


def weigh_cast(pair: PairRecord, cast: Cast) -> Verdict:
    """Weigh what names and ears say of the two songs that were heard best."""
    proposals = suggestions(pair)
    key = pair_key([cast.voice.track.track_id, cast.bed.track.track_id])
    ambiguous = ambiguous_songs(proposals, key)
    against = {song.track_id: song.penalties for each in proposals for song in each.songs}

    def evidence(heard: Heard) -> SongEvidence:
        track_id, location = heard.track.track_id, heard.location
        return SongEvidence(
            penalties=against.get(track_id, {}),
            located=location.located,
            confidence=location.confidence,
            is_ambiguous=track_id in ambiguous,
        )

    is_doubtful = "doubt" in (pair.evidence or {})
    return weigh(evidence(cast.voice), evidence(cast.bed), is_doubtful=is_doubtful)


def evidence_after(pair: PairRecord, verdict: Verdict) -> dict[str, Any]:
    """Return the evidence of a pair with its verdict; an accepted one is in doubt no more."""
    evidence = {**(pair.evidence or {}), "verdict": asdict(verdict)}
    evidence.pop("doubt", None)
    return (
        evidence if verdict.decision is Decision.ACCEPT else {**evidence, "doubt": verdict.reason}
    )


def decision_on(pair: PairRecord) -> Decision:
    """Return what the verdict on a pair that was heard decided."""
    return Decision((pair.evidence or {})["verdict"]["decision"])


def ask_about(bench: Workbench, pair: PairRecord) -> None:
    """Put a pair that was heard into the review queue, first of all that the title may mean."""
    verdict, heard = (pair.evidence or {})["verdict"], pair_key([pair.voice_id, pair.bed_id])
    proposals = [
        replace(each, score=verdict["score"], heard=heard_words(pair))
        if each.key == heard
        else each
        for each in suggestions(pair)
    ]
    proposals.sort(key=lambda proposal: proposal.key != heard)
    ask(bench, pair.mashup_id, proposals, verdict["reason"])


def heard_words(pair: PairRecord) -> str:
    """Say in a few words what the ears found of a pair."""
    return ", ".join(
        f"{role} located ({place['confidence']:.2f})" if place["located"] else f"{role} unverified"
        for role, place in (pair.location or {}).items()
    )


def as_json(location: Location) -> dict[str, Any]:
    """Return a location as plain values; its offset is left out where nothing was found."""
    return asdict(location) | ({"offset_s": location.offset_s} if location.segments else {})
