"""Pairs: each matched mashup is listened to; where both songs are found it becomes examples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np

from audio.errors import AudioError
from audio.features import EAR_VERSION, SongFeatures
from audio.locate import Location, locate, locate_pair
from audio.loudness import normalize
from audio.params import EXCERPT_S, RENDER_RATE_HZ
from audio.presence import matching_gains
from audio.stretch import warp
from catalog.splits import pair_split
from catalog.youtube.errors import PausedError, UnavailableError, YouTubeError
from model.examples import PairLabel, human_examples
from steps.listen import item_of
from steps.originals import load_sound
from steps.outcome import Item, Outcome
from steps.recordings import features_of, keep_mp3, load_two_minutes, safe_id
from steps.sounds import Stereo
from steps.workbench import Workbench
from storage.commit import prepare_unit
from storage.records import PairRecord, PairState, TrackRecord

STEP = "locate"


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


def unprepared_pairs(bench: Workbench) -> list[PairRecord]:
    """Return pairs to hear: new ones, those older ears did not find, those without examples."""
    pairs = bench.ledger.pairs
    located = pairs.list(state=PairState.LOCATED)
    return [
        *pairs.list(state=PairState.MATCHED),
        *pairs.heard_before(EAR_VERSION, state=PairState.UNVERIFIED),
        *(pair for pair in located if not bench.ledger.units.is_done(pair.pair_id)),
    ]


def prepare_pair(bench: Workbench, item: Item) -> Outcome:
    """Locate a mashup's songs; write its examples, or why there are none."""
    pair = bench.ledger.pairs.require(item.key)
    mashup = bench.ledger.tracks.require(pair.mashup_id)
    try:
        cast = listen_for(bench, mashup, candidates_of(bench, pair))
        judged = judge(bench, pair, cast)
        if not cast.located:
            bench.ledger.pairs.save(judged)
            return Outcome.skipped(STEP, item, cast.reason())
        rows = write_examples(bench, mashup, cast, judged)
    except PausedError as error:
        return Outcome.postponed(STEP, item, str(error), until=error.until)
    except (AudioError, UnavailableError) as error:
        set_aside = replace(pair, state=PairState.SET_ASIDE, reason=str(error))
        bench.ledger.pairs.save(set_aside)
        return Outcome.skipped(STEP, item, str(error))
    except YouTubeError as error:
        return Outcome.failed(STEP, item, str(error), fault=type(error).__name__)
    bench.ledger.pairs.save(judged)
    return Outcome.done(STEP, item, examples=rows)


def candidates_of(bench: Workbench, pair: PairRecord) -> list[TrackRecord]:
    """Return the songs that the match named for a pair, best first."""
    named = (pair.evidence or {}).get("candidates") or [pair.voice_id, pair.bed_id]
    return [bench.ledger.tracks.require(track_id) for track_id in named]


def listen_for(bench: Workbench, mashup: TrackRecord, candidates: list[TrackRecord]) -> Cast:
    """Return the two best located candidates in their roles.

    With more than two, each is listened for on its own first, and the two clearest go on.
    """
    heard = features_of(bench, mashup)
    songs = {track.track_id: features_of(bench, track) for track in candidates}
    if len(candidates) > 2:
        alone = {key: locate(heard, song, thorough=False) for key, song in songs.items()}
        candidates = sorted(candidates, key=lambda track: -alone[track.track_id].clarity)
    pairs = [cast_pair(heard, songs, a, b) for a, b in combinations(candidates[:3], 2)]
    return max(pairs, key=lambda cast: (cast.located, cast.confidence))


def cast_pair(
    mashup: SongFeatures, songs: Mapping[str, SongFeatures], a: TrackRecord, b: TrackRecord
) -> Cast:
    found = locate_pair(mashup, songs[a.track_id], songs[b.track_id])
    first, second = Heard(a, found.a), Heard(b, found.b)
    return Cast(first, second) if found.roles.voice == "a" else Cast(second, first)


def judge(bench: Workbench, pair: PairRecord, cast: Cast) -> PairRecord:
    """Return the pair with its roles, where its songs lie, and how sure that is."""
    return replace(
        pair,
        voice_id=cast.voice.track.track_id,
        bed_id=cast.bed.track.track_id,
        split=pair_split(
            cast.voice.track.song_key, cast.bed.track.song_key, test_share=bench.test_share
        ),
        state=PairState.LOCATED if cast.located else PairState.UNVERIFIED,
        reason=cast.reason() or None,
        confidence=cast.confidence,
        ear_version=EAR_VERSION,
        location={role: as_json(getattr(cast, role).location) for role in ("voice", "bed")},
    )


def as_json(location: Location) -> dict[str, Any]:
    """Return a location as plain values; its offset is left out where nothing was found."""
    return asdict(location) | ({"offset_s": location.offset_s} if location.segments else {})


def write_examples(bench: Workbench, mashup: TrackRecord, cast: Cast, pair: PairRecord) -> int:
    """Lay both songs on the mashup's timeline and write the piece; return its rows."""
    sound = normalize(load_two_minutes(bench, mashup), RENDER_RATE_HZ)
    voice, bed = (lay(bench, heard, sound, pair) for heard in (cast.voice, cast.bed))
    gains = matching_gains(sound, voice, bed, sample_rate_hz=RENDER_RATE_HZ)
    tempi = features_of(bench, mashup).tempi
    label = PairLabel(
        pair_id=pair.pair_id,
        mashup_id=pair.mashup_id,
        voice_id=pair.voice_id,
        bed_id=pair.bed_id,
        split=pair.split,
        bpm=tempi[0].bpm if tempi else None,
        confidence=cast.confidence,
    )
    examples = human_examples(
        sound, voice * np.float32(gains.voice), bed * np.float32(gains.bed), label
    )
    return prepare_unit(bench.ledger, bench.work_dir, pair.pair_id, examples).rows


def lay(bench: Workbench, heard: Heard, mashup: Stereo, pair: PairRecord) -> Stereo:
    """Return a song as it lies on a mashup's timeline; keep the minutes that the mashup uses."""
    song, location = load_sound(bench, heard.track), heard.location
    first_s = max(0.0, min(segment.song_start_s for segment in location.segments))
    last_s = min(max(segment.song_end_s for segment in location.segments), first_s + EXCERPT_S)
    used = song[:, round(first_s * RENDER_RATE_HZ) : round(last_s * RENDER_RATE_HZ)]
    keep_mp3(bench, heard.track, used, note=f" in {safe_id(pair.mashup_id)}")
    return warp(
        song,
        location.segments,
        sample_rate_hz=RENDER_RATE_HZ,
        semitones=location.semitones + location.cents / 100,
        duration_s=mashup.shape[1] / RENDER_RATE_HZ,
    )
