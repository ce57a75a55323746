"""Prepare: what there is to do, and songs alone becoming pieces of examples for pretraining."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from audio.analysis import decode_analysis, file_excerpt, lufs_on_both_sides
from audio.errors import AudioError
from audio.params import EXCERPT_S, TARGET_LUFS
from catalog.records import TrackKind
from catalog.splits import split_of
from model.examples import SongLabel, song_examples
from steps.listen import item_of
from steps.made import made_mixes
from steps.originals import is_at_hand, original_file
from steps.outcome import Item, Outcome
from steps.pairs import unprepared_pairs
from steps.recordings import features_of
from steps.sharing import shared
from steps.workbench import Workbench
from storage.commit import prepare_unit
from storage.records import TrackRecord, TrackState

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


def is_left(bench: Workbench, item: Item) -> bool:
    """Tell whether a song is still without its piece."""
    return not bench.ledger.units.is_done(song_unit(item.key))


@shared(STEP, is_left)
def prepare_song(bench: Workbench, item: Item) -> Outcome:
    """Write the two minutes of one song as a piece."""
    track = bench.ledger.tracks.require(item.key)
    try:
        sound = song_sound(bench, track)
        gain_db = TARGET_LUFS - lufs_on_both_sides(sound)
        tempi = features_of(bench, track).tempi
    except AudioError as error:
        bench.ledger.tracks.mark(track.track_id, TrackState.SET_ASIDE, reason=str(error))
        return Outcome.skipped(STEP, item, str(error))
    label = SongLabel(
        song_id=track.track_id,
        split=split_of(track.song_key, test_share=bench.test_share),
        bpm=tempi[0].bpm if tempi else None,
        gain_db=gain_db,
    )
    examples = song_examples(sound, label)
    unit = prepare_unit(bench.ledger, bench.work_dir, song_unit(track.track_id), examples)
    return Outcome.done(STEP, item, examples=unit.rows)


def song_sound(bench: Workbench, track: TrackRecord) -> NDArray[np.float32]:
    """Return a song's two minutes as the analysis hears them, `(samples,)` at 22,050 Hz.

    Of the recording if it is at hand, else as they were kept.
    """
    if track.audio_key is None or is_at_hand(bench, track):
        mono: NDArray[np.float32] = file_excerpt(original_file(bench, track)).audio[0]
        return mono
    with tempfile.TemporaryDirectory(dir=bench.work_dir) as folder:
        kept = bench.store.fetch(track.audio_key, Path(folder) / "kept.mp3")
        return decode_analysis(kept, duration_s=EXCERPT_S)
