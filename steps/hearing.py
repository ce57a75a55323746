"""Hearing: which two of the songs that a title may mean are heard in a mashup, and where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from audio.features import SongFeatures
from audio.locate import Location, locate, locate_pair
from steps.listen import item_of
from steps.recordings import features_of
from steps.review import suggested_pairs
from steps.workbench import Workbench
from storage.records import PairRecord, TrackRecord

MAX_HEARD_PAIRS = 3  # of the likely ones, listened to thoroughly

Duo = tuple[TrackRecord, TrackRecord]


@dataclass(frozen=True, slots=True)
class Heard:
    """A song of a mashup, and where the ears found it."""

    track: TrackRecord
    location: Location


@dataclass(frozen=True, slots=True)
class Cast:
    """The two songs of a mashup in their roles."""

    voice: Heard
    bed: Heard

    @property
    def located(self) -> bool:
        return self.voice.location.located and self.bed.location.located

    @property
    def confidence(self) -> float:
        return min(self.voice.location.confidence, self.bed.location.confidence)

    def reason(self) -> str:
        """Say which song was not found, and why."""
        return "; ".join(
            f"{item_of(heard.track).label} is unverified: {heard.location.reason}"
            for heard in (self.voice, self.bed)
            if not heard.location.located
        )


def pairs_of(bench: Workbench, pair: PairRecord) -> list[Duo]:
    """Return the pairs of songs that the match named, likeliest first."""
    named = suggested_pairs(pair)
    tracks = {key: bench.ledger.tracks.require(key) for ids in named for key in ids}
    return [(tracks[a], tracks[b]) for a, b in named]


def listen_for(bench: Workbench, mashup: TrackRecord, pairs: Sequence[Duo]) -> Cast:
    """Return the two best located songs of the likely pairs in their roles.

    Of several pairs each song is listened for on its own first, and the clearest pairs go on.
    """
    heard = features_of(bench, mashup)
    tracks = {track.track_id: track for pair in pairs for track in pair}
    songs = {track_id: features_of(bench, track) for track_id, track in tracks.items()}
    if len(pairs) > 1:
        alone = {key: locate(heard, song, thorough=False).clarity for key, song in songs.items()}
        pairs = sorted(pairs, key=lambda pair: -sum(alone[track.track_id] for track in pair))
    casts = [cast_pair(heard, songs, a, b) for a, b in pairs[:MAX_HEARD_PAIRS]]
    return max(casts, key=lambda cast: (cast.located, cast.confidence))


def cast_pair(
    mashup: SongFeatures, songs: Mapping[str, SongFeatures], a: TrackRecord, b: TrackRecord
) -> Cast:
    found = locate_pair(mashup, songs[a.track_id], songs[b.track_id])
    first, second = Heard(a, found.a), Heard(b, found.b)
    return Cast(first, second) if found.roles.voice == "a" else Cast(second, first)
