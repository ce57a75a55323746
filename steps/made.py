"""Made: pairs of multitracks are mixed as mashups whose targets are known to the sample."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

from audio.errors import AudioError
from audio.loudness import integrated_lufs
from audio.made import MadeMashup, make_mashup
from audio.params import EXCERPT_S, RENDER_RATE_HZ, TARGET_LUFS
from audio.recipe import SongFacts, Taste, random_recipe, sung_spans
from audio.stems import Stems
from catalog.splits import pair_split
from model.examples import PairLabel, made_examples
from steps.listen import item_of
from steps.outcome import Item, Outcome
from steps.recordings import features_of
from steps.sharing import is_reachable, shared
from steps.sounds import load_stems
from steps.workbench import Workbench
from storage.commit import prepare_unit
from storage.records import TrackRecord

STEP = "made"
BEDS_PER_VOICE = 6  # keeps the made examples growing with the songs, not with their square
UNKNOWN_BPM = 120.0  # without a pulse any tempo will do: both songs keep their speed
# Levels and colours are varied while training, so songs enter as they are.
AS_IT_IS = Taste(voice_gain_db=(0.0, 0.0), bed_gain_db=(0.0, 0.0))


def made_mixes(
    multitracks: Sequence[TrackRecord], *, per_pair: int, test_share: float
) -> list[Item]:
    """Return the mixes to make: each voice over a few beds, the same ones on every night.

    Beds are ranked by a hash of the pair, so new multitracks add mixes and move none. Pairs
    across the split would be used by nobody and are not mixed.
    """
    return [
        Item(
            f"made:{voice.track_id}+{bed.track_id}#{number}",
            f"{item_of(voice).label} over {item_of(bed).label}, mix {number}",
        )
        for voice in multitracks
        for bed in beds_for(voice, multitracks, test_share=test_share)
        for number in range(1, per_pair + 1)
    ]


def beds_for(
    voice: TrackRecord, multitracks: Sequence[TrackRecord], *, test_share: float
) -> list[TrackRecord]:
    """Return the multitracks over which a voice is mixed."""
    others = [
        other
        for other in multitracks
        if other.song_key != voice.song_key
        and pair_split(voice.song_key, other.song_key, test_share=test_share) != "mixed"
    ]
    ranked = sorted(others, key=lambda other: hash_of(voice.track_id, other.track_id))
    return ranked[:BEDS_PER_VOICE]


def hash_of(*parts: str) -> int:
    """Return 64 bits that depend on nothing but `parts`."""
    return int.from_bytes(hashlib.sha256(" ".join(parts).encode()).digest()[:8], "big")


def multitracks_of(bench: Workbench, item: Item) -> list[TrackRecord]:
    """Return the voice and the bed of a mix."""
    pair = item.key.removeprefix("made:").partition("#")[0]
    return [bench.ledger.tracks.require(track_id) for track_id in pair.split("+")]


def is_left(bench: Workbench, item: Item) -> bool:
    """Tell whether a mix is still to be made, and its multitracks within reach."""
    done = bench.ledger.units.is_done(item.key)
    return not done and is_reachable(bench, *multitracks_of(bench, item))


@shared(STEP, is_left)
def prepare_made(bench: Workbench, item: Item) -> Outcome:
    """Mix one pair and write its piece; a pair that cannot be mixed is set aside."""
    voice, bed = multitracks_of(bench, item)
    try:
        mixed = mix_pair(bench, voice, bed, item.key.partition("#")[2])
    except AudioError as error:
        bench.ledger.skips.record(item.key, STEP, str(error))
        return Outcome.skipped(STEP, item, str(error))
    label = PairLabel(
        pair_id=item.key,
        mashup_id=item.key,
        voice_id=voice.track_id,
        bed_id=bed.track_id,
        split=pair_split(voice.song_key, bed.song_key, test_share=bench.test_share),
    )
    examples = made_examples(
        mixed.mashup,
        mixed.voice_song,
        mixed.bed_song,
        voice_part=mixed.voice_part,
        bed_part=mixed.bed_part,
        label=label,
    )
    unit = prepare_unit(bench.ledger, bench.work_dir, item.key, examples)
    return Outcome.done(STEP, item, examples=unit.rows)


def mix_pair(bench: Workbench, voice: TrackRecord, bed: TrackRecord, number: str) -> MadeMashup:
    """Mix two multitracks by a recipe that their ids and the mix's number decide."""
    stems = [at_equal_loudness(track) for track in (voice, bed)]
    facts = [facts_of(bench, track, song) for track, song in zip((voice, bed), stems, strict=True)]
    recipe = random_recipe(
        np.random.default_rng(hash_of(voice.track_id, bed.track_id, number)),
        facts[0],
        facts[1],
        duration_s=min(EXCERPT_S, *(fact.duration_s for fact in facts)),
        taste=AS_IT_IS,
    )
    return make_mashup(stems[0], stems[1], recipe, sample_rate_hz=RENDER_RATE_HZ)


def at_equal_loudness(track: TrackRecord) -> Stems:
    """Decode a multitrack, its mix brought to the loudness of all tracks."""
    stems = load_stems(track)
    gain_db = TARGET_LUFS - integrated_lufs(stems.mix(), RENDER_RATE_HZ)
    return stems.scaled(10 ** (gain_db / 20))


def facts_of(bench: Workbench, track: TrackRecord, song: Stems) -> SongFacts:
    """Return what a recipe needs to know of a multitrack."""
    tempi = features_of(bench, track).tempi
    return SongFacts(
        duration_s=song.vocals.shape[1] / RENDER_RATE_HZ,
        bpm=tempi[0].bpm if tempi else UNKNOWN_BPM,
        sung_s=sung_spans(song.vocals, sample_rate_hz=RENDER_RATE_HZ),
    )
