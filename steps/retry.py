"""Retry: videos that could not be had get another chance, after cookies or a proxy were set."""

from __future__ import annotations

from steps.sync import VIDEO_PREFIX
from steps.workbench import Workbench
from storage.records import TrackState


def try_again(bench: Workbench) -> int:
    """Let the next run fetch every video again that was set aside before its sound was kept.

    Returns how many these are.
    """
    refused = [
        track
        for track in bench.ledger.tracks.list(state=TrackState.SET_ASIDE)
        if track.track_id.startswith(VIDEO_PREFIX) and track.audio_key is None
    ]
    for track in refused:
        bench.ledger.tracks.mark(track.track_id, TrackState.KNOWN)
    return len(refused)
