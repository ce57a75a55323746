"""Listen: decode each new recording once, keep its two minutes and what the ears need of it."""

from __future__ import annotations

from audio.errors import AudioError
from audio.params import RENDER_RATE_HZ
from catalog.records import TrackKind
from steps.outcome import Item, Outcome
from steps.recordings import keep_features, keep_mp3, load_sound, standard_name, two_minutes
from steps.workbench import Workbench
from storage.records import TrackRecord, TrackState

STEP = "listen"


def unheard(bench: Workbench) -> list[Item]:
    """Return the recordings whose sound was not kept yet."""
    return [item_of(track) for track in bench.ledger.tracks.list(state=TrackState.KNOWN)]


def item_of(track: TrackRecord) -> Item:
    return Item(track.track_id, str(standard_name(track)))


def listen(bench: Workbench, item: Item) -> Outcome:
    """Keep one recording's two minutes as mp3 and its features; set aside what cannot be used."""
    track = bench.ledger.tracks.require(item.key)
    try:
        sound = load_sound(track)
        part = two_minutes(sound)
        keep_features(bench, track, part.audio if track.kind == TrackKind.MASHUP else sound)
    except AudioError as error:
        bench.ledger.tracks.mark(track.track_id, TrackState.SET_ASIDE, reason=str(error))
        return Outcome.skipped(STEP, item, str(error))
    bench.ledger.tracks.keep_audio(
        track.track_id,
        audio_key=keep_mp3(bench, track, part.audio),
        duration_s=sound.shape[1] / RENDER_RATE_HZ,
    )
    return Outcome.done(STEP, item)
