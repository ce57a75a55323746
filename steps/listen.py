"""Listen: get each new recording, decode it once, keep two minutes and what the ears need."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from audio.errors import AudioError
from audio.params import RENDER_RATE_HZ
from catalog.records import TrackKind
from catalog.youtube.errors import (
    DamagedDownloadError,
    FilteredError,
    PausedError,
    UnavailableError,
    Why,
    YouTubeError,
)
from steps.originals import let_go, obtain
from steps.outcome import Item, Outcome
from steps.recordings import keep_features, keep_mp3, standard_name
from steps.sharing import is_reachable, shared
from steps.sounds import two_minutes
from steps.workbench import Workbench
from storage.records import TrackRecord, TrackState

STEP = "listen"
GIVE_UP_AFTER = timedelta(days=7)  # a download that is damaged every night is set aside


def unheard(bench: Workbench) -> list[Item]:
    """Return the recordings whose sound was not kept yet."""
    return [item_of(track) for track in bench.ledger.tracks.list(state=TrackState.KNOWN)]


def item_of(track: TrackRecord) -> Item:
    return Item(track.track_id, str(standard_name(track)) or track.track_id)


def is_left(bench: Workbench, item: Item) -> bool:
    """Tell whether a recording is still unheard, and its original within reach."""
    track = bench.ledger.tracks.require(item.key)
    return track.state == TrackState.KNOWN and is_reachable(bench, track)


@shared(STEP, is_left)
def listen(bench: Workbench, item: Item) -> Outcome:
    """Keep one recording's two minutes as mp3 and its features; set aside what cannot be used."""
    known = bench.ledger.tracks.require(item.key)
    try:
        recording = obtain(bench, known)
        track, sound = recording.track, recording.sound
        part = two_minutes(sound).audio
        keep_features(bench, track, part if track.kind == TrackKind.MASHUP else sound)
    except (AudioError, YouTubeError) as error:
        return refuse(bench, item, error)
    bench.ledger.tracks.save(
        replace(
            track,
            audio_key=keep_mp3(bench, track, part, cover=recording.cover),
            duration_s=sound.shape[1] / RENDER_RATE_HZ,
            state=TrackState.KEPT,
            reason=None,
        )
    )
    bench.ledger.skips.clear(track.track_id, STEP)
    let_go(bench, track)
    return Outcome.done(STEP, item_of(track), download=recording.download)


def refuse(bench: Workbench, item: Item, error: AudioError | YouTubeError) -> Outcome:
    """Write down why a recording was not kept, and whether the next run tries again."""
    reason = str(error)
    if isinstance(error, PausedError):
        return Outcome.postponed(STEP, item, reason, until=error.until)
    final = final_state(bench, item, error)
    if final is None:
        return Outcome.failed(STEP, item, reason, fault=type(error).__name__)
    bench.ledger.tracks.mark(item.key, final, reason=reason)
    return Outcome.skipped(STEP, item, reason)


def final_state(
    bench: Workbench, item: Item, error: AudioError | YouTubeError
) -> TrackState | None:
    """Return the state in which a track rests after an error; None where a later run may help."""
    if isinstance(error, FilteredError):
        return TrackState.UNWANTED
    if isinstance(error, UnavailableError):  # a live stream ends one day, and can be had then
        return TrackState.KNOWN if error.why is Why.LIVE else TrackState.SET_ASIDE
    if isinstance(error, DamagedDownloadError):
        return TrackState.SET_ASIDE if fails_for_long(bench, item, str(error)) else None
    return TrackState.SET_ASIDE if isinstance(error, AudioError) else None


def fails_for_long(bench: Workbench, item: Item, reason: str) -> bool:
    """Note that a track failed once more, and tell whether it has done so for too long."""
    bench.ledger.skips.record(item.key, STEP, reason)
    skip = bench.ledger.skips.get(item.key, STEP)
    return skip is not None and skip.last_at - skip.first_at > GIVE_UP_AFTER
