"""Pairs: each matched mashup is listened to; where both songs are found it becomes examples."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from audio.errors import AudioError
from audio.features import EAR_VERSION
from audio.loudness import normalize
from audio.params import EXCERPT_S, RENDER_RATE_HZ
from audio.presence import matching_gains
from audio.stretch import warp
from catalog.evidence import Decision
from catalog.youtube.errors import PausedError, UnavailableError, YouTubeError
from model.examples import PairLabel, human_examples
from steps.hearing import Cast, Heard, listen_for, pairs_of
from steps.originals import load_sound
from steps.outcome import Item, Outcome
from steps.recordings import features_of, keep_mp3, load_two_minutes, safe_id
from steps.sharing import is_reachable, shared
from steps.sounds import Stereo
from steps.verdict import ask_about, decision_on, judge
from steps.workbench import Workbench
from storage.commit import prepare_unit
from storage.records import PairRecord, PairState, TrackRecord

STEP = "locate"


def unprepared_pairs(bench: Workbench) -> list[PairRecord]:
    """Return pairs to hear: new ones, those older ears did not find, those without examples."""
    pairs = bench.ledger.pairs
    located = pairs.list(state=PairState.LOCATED)
    return [
        *pairs.list(state=PairState.MATCHED),
        *pairs.heard_before(EAR_VERSION, state=PairState.UNVERIFIED),
        *(pair for pair in located if not bench.ledger.units.is_done(pair.pair_id)),
    ]


def is_left(bench: Workbench, item: Item) -> bool:
    """Tell whether a pair is still to be heard, and its songs' originals within reach."""
    pair = bench.ledger.pairs.require(item.key)
    left = {
        PairState.MATCHED: True,
        PairState.UNVERIFIED: (pair.ear_version or 0) < EAR_VERSION,
        PairState.LOCATED: not bench.ledger.units.is_done(pair.pair_id),
    }
    return left.get(PairState(pair.state), False) and is_reachable(
        bench, *(track for duo in pairs_of(bench, pair) for track in duo)
    )


@shared(STEP, is_left)
def prepare_pair(bench: Workbench, item: Item) -> Outcome:
    """Locate a mashup's songs; write its examples, or why there are none."""
    pair = bench.ledger.pairs.require(item.key)
    mashup = bench.ledger.tracks.require(pair.mashup_id)
    try:
        cast = listen_for(bench, mashup, pairs_of(bench, pair))
        judged = judge(bench, pair, cast)
        if not cast.located:
            return leave(bench, item, judged)
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
    bench.ledger.reviews.withdraw(pair.mashup_id)
    return Outcome.done(STEP, item, examples=rows)


def leave(bench: Workbench, item: Item, judged: PairRecord) -> Outcome:
    """Write down a pair that cannot become examples now, and why; a person may be asked."""
    bench.ledger.pairs.save(judged)
    if decision_on(judged) is Decision.REVIEW:
        ask_about(bench, judged)
        return Outcome.skipped(STEP, item, f"in review: {judged.reason}")
    bench.ledger.reviews.withdraw(judged.mashup_id)
    return Outcome.skipped(STEP, item, judged.reason or "")


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
