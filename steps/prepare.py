"""Prepare: what there is to do, and songs alone becoming pieces of examples for pretraining."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from audio.errors import AudioError
from audio.loudness import integrated_lufs
from audio.params import RENDER_RATE_HZ, TARGET_LUFS
from catalog.records import TrackKind
from catalog.splits import split_of
from model.examples import SongLabel, song_examples
from steps.listen import item_of
from steps.made import made_mixes
from steps.outcome import Item, Outcome
from steps.pairs import unprepared_pairs
from steps.recordings import Stereo, features_of, load_sound, two_minutes
from steps.workbench import Workbench
from storage.commit import prepare_unit
from storage.records import TrackState

STEP = "song"


@dataclass(frozen=True, slots=True)
class Unprepared:
    """What has no examples yet: mashups with their songs, songs alone, pairs of multitracks."""

    pairs: list[Item]
    songs: list[Item]
    made: list[Item]


def unprepared(bench: Workbench) -> Unprepared:
    """Ask the ledger what is left to prepare, after news, a kill, or better ears."""
    kept = bench.ledger.tracks.list(state=TrackState.KEPT)
    by_id = {track.track_id: track for track in kept}
    done = bench.ledger.units.is_done
    multitracks = [track for track in kept if track.kind == TrackKind.MULTITRACK]
    mixes = made_mixes(multitracks, per_pair=bench.made_mixes, test_share=bench.test_share)
    return Unprepared(
        pairs=[
            Item(pair.pair_id, item_of(by_id[pair.mashup_id]).label)
            for pair in unprepared_pairs(bench)
        ],
        songs=[
            item_of(track)
            for track in kept
            if track.kind == TrackKind.SONG and not done(song_unit(track.track_id))
        ],
        made=[item for item in mixes if not done(item.key)],
    )


def song_unit(track_id: str) -> str:
    return f"song:{track_id}"


def prepare_song(bench: Workbench, item: Item) -> Outcome:
    """Write the two minutes of one song as a piece."""
    track = bench.ledger.tracks.require(item.key)
    try:
        sound = two_minutes(load_sound(track)).audio
        tempi = features_of(bench, track).tempi
    except AudioError as error:
        bench.ledger.tracks.mark(track.track_id, TrackState.SET_ASIDE, reason=str(error))
        return Outcome.skipped(STEP, item, str(error))
    gain_db = TARGET_LUFS - integrated_lufs(sound, RENDER_RATE_HZ)
    label = SongLabel(
        song_id=track.track_id,
        split=split_of(track.song_key, test_share=bench.test_share),
        bpm=tempi[0].bpm if tempi else None,
        gain_db=gain_db,
    )
    examples = song_examples(amplify(sound, gain_db), label)
    unit = prepare_unit(bench.ledger, bench.work_dir, song_unit(track.track_id), examples)
    return Outcome.done(STEP, item, examples=unit.rows)


def amplify(sound: Stereo, gain_db: float) -> Stereo:
    """Return a sound with `gain_db` added."""
    return sound * np.float32(10 ** (gain_db / 20))
