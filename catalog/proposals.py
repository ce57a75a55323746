"""What a person is asked about a mashup: pairs of known songs, or videos for a missing song."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from catalog.candidates import Offer, Wanted
from catalog.choice import Candidate
from catalog.match import PairGuess
from catalog.names import song_key
from catalog.weights import GAP, PAIR_FLOOR

Kind = Literal["pair", "song"]
MAX_OFFERS = 4  # videos proposed for one missing song


@dataclass(frozen=True, slots=True)
class ProposedSong:
    """A recording that may be in the mashup, and what speaks against it."""

    track_id: str
    name: str
    asked: str  # what the title asks for
    asked_key: str  # its `names.song_key`
    where: str  # address or path
    score: float
    penalties: Mapping[str, float] = field(default_factory=dict)
    raw_title: str = ""  # of an offered video, to make a track of it
    channel: str | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """One answer that a person may give: two songs, or one video for a missing song."""

    kind: Kind
    key: str  # what is remembered of a rejected one
    songs: tuple[ProposedSong, ...]
    score: float  # 0 to 1
    heard: str = ""  # what the ears say of a pair

    def to_json(self) -> dict[str, Any]:
        """Return plain values for the ledger."""
        return asdict(self)

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Proposal:
        """Return what `to_json` made."""
        songs = tuple(ProposedSong(**song) for song in record["songs"])
        return cls(**{**record, "songs": songs})


def pair_proposals(
    guesses: Iterable[PairGuess], *, rejected: Collection[str] = ()
) -> tuple[Proposal, ...]:
    """Return guesses as proposals, likeliest first, without those that a person rejected."""
    found = (pair_proposal(tuple(map(_known, guess.songs)), guess.score) for guess in guesses)
    return tuple(proposal for proposal in found if proposal.key not in rejected)


def pair_proposal(songs: tuple[ProposedSong, ...], score: float) -> Proposal:
    """Return the proposal of two songs; its key does not depend on their order."""
    return Proposal("pair", pair_key([song.track_id for song in songs]), songs, score)


def pair_key(track_ids: Iterable[str]) -> str:
    """Return the key of the proposal of two songs."""
    return "+".join(sorted(track_ids))


def song_proposals(
    offers: Sequence[Offer], wanted: Wanted, *, rejected: Collection[str] = ()
) -> tuple[Proposal, ...]:
    """Return the likeliest offers for a missing song, without those that a person rejected."""
    asked = song_key(wanted.name)
    found = (
        Proposal("song", f"{asked}=yt:{offer.facts.video_id}", (_offered(offer, wanted),), score)
        for offer in offers
        if (score := offer.score) >= PAIR_FLOOR
    )
    return tuple(proposal for proposal in found if proposal.key not in rejected)[:MAX_OFFERS]


def ambiguous_songs(proposals: Sequence[Proposal], key: str) -> frozenset[str]:
    """Return the songs of a proposed pair in whose place another one is as likely.

    That is a song for the same words of the title, or both songs where another reading is as good.
    """
    pairs = {proposal.key: proposal for proposal in proposals if proposal.kind == "pair"}
    if key not in pairs:
        return frozenset()
    own = pairs[key]
    rivals = (each for each in pairs.values() if each.score >= own.score - GAP)
    return frozenset(song for rival in rivals for song in _replaced(own, rival))


def _replaced(own: Proposal, rival: Proposal) -> list[str]:
    """Songs of a pair for which a rival pair has others."""
    lacking = [song for song in own.songs if song.track_id not in track_ids(rival)]
    others = [song for song in rival.songs if song.track_id not in track_ids(own)]
    if len(lacking) == 1 and lacking[0].asked_key != others[0].asked_key:
        return []
    return [song.track_id for song in lacking]


def track_ids(proposal: Proposal) -> tuple[str, ...]:
    return tuple(song.track_id for song in proposal.songs)


def _known(candidate: Candidate) -> ProposedSong:
    track = candidate.track
    return ProposedSong(
        track_id=track.track_id,
        name=str(track.name),
        asked=str(candidate.asked),
        asked_key=song_key(candidate.asked),
        where=track.entry.url or str(track.entry.path),
        score=candidate.score,
        penalties=dict(candidate.penalties),
    )


def _offered(offer: Offer, wanted: Wanted) -> ProposedSong:
    return ProposedSong(
        track_id=f"yt:{offer.facts.video_id}",
        name=str(offer.name),
        asked=str(wanted.name),
        asked_key=song_key(wanted.name),
        where=offer.facts.url,
        score=offer.score,
        penalties=dict(offer.penalties),
        raw_title=offer.facts.title,
        channel=offer.facts.channel,
    )
