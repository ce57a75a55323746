from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from storage.errors import LedgerError
from storage.ledger import Ledger
from storage.records import (
    ChampionRecord,
    MashupRecord,
    PairRecord,
    PairState,
    TrackRecord,
    TrackState,
)
from tests.storage.ledgers import OpenLedger

TRACK = TrackRecord(
    "sha256:1",
    "song",
    "Björk",
    "Hyperballad",
    "bjork hyperballad",
    "songs/h.mp3",
    "/music/songs/h.mp3",
    version=("live",),
    licence="CC0",
)
PAIR = PairRecord("p:1", "m:1", "v:1", "b:1", "train", evidence={"score": 0.9, "why": ["artist"]})


def test_a_track_comes_back_as_it_went_in(ledger: Ledger) -> None:
    assert ledger.tracks.add([TRACK]) == ("sha256:1",)
    assert ledger.tracks.get("sha256:1") == TRACK
    assert ledger.tracks.get("sha256:2") is None


def test_only_new_tracks_are_added(ledger: Ledger) -> None:
    ledger.tracks.add([TRACK])
    second = replace(TRACK, track_id="sha256:2")
    assert ledger.tracks.add([replace(TRACK, title="Other"), second]) == ("sha256:2",)
    assert ledger.tracks.get("sha256:1") == TRACK


def test_saving_a_track_replaces_all_but_its_first_moment(ledger: Ledger) -> None:
    ledger.tracks.add([TRACK])
    ledger.tracks.save(TrackRecord(**{**_fields(TRACK), "title": "Joga", "version": ()}))
    found = ledger.tracks.get("sha256:1")
    assert found == replace(TRACK, title="Joga", version=())


def _fields(track: TrackRecord) -> dict[str, Any]:
    names = [name for name in track.__dataclass_fields__ if name != "first_seen_at"]
    return {name: getattr(track, name) for name in names}


def test_a_track_is_marked_with_a_reason_and_kept_with_its_audio(ledger: Ledger) -> None:
    ledger.tracks.add([TRACK])
    ledger.tracks.mark("sha256:1", TrackState.SET_ASIDE, reason="silent")
    assert ledger.tracks.get("sha256:1") == replace(TRACK, state="set_aside", reason="silent")
    ledger.tracks.keep_audio("sha256:1", audio_key="audio/h.mp3", duration_s=120.0)
    assert ledger.tracks.get("sha256:1") == replace(
        TRACK, state="kept", audio_key="audio/h.mp3", duration_s=120.0
    )


def test_marking_an_unknown_track_is_an_error(ledger: Ledger) -> None:
    with pytest.raises(LedgerError, match="no track 'nobody' in the ledger"):
        ledger.tracks.mark("nobody", TrackState.KEPT)


def test_tracks_are_found_by_kind_state_song_and_source(ledger: Ledger) -> None:
    mashup = replace(TRACK, track_id="yt:m", kind="mashup", song_key="k", source_key="s")
    ledger.tracks.add([TRACK, mashup])
    ledger.tracks.mark("yt:m", TrackState.KEPT)

    def ids(found: tuple[TrackRecord, ...]) -> list[str]:
        return [track.track_id for track in found]

    assert ids(ledger.tracks.list()) == ["sha256:1", "yt:m"]
    assert ids(ledger.tracks.list(kind="song")) == ["sha256:1"]
    assert ids(ledger.tracks.list(state=TrackState.KEPT)) == ["yt:m"]
    assert ids(ledger.tracks.with_song_key("k")) == ["yt:m"]
    assert ids(ledger.tracks.with_source_key("s")) == ["yt:m"]


def test_a_known_file_is_recognised_until_it_changes(ledger: Ledger) -> None:
    ledger.tracks.remember_file("/a.mp3", size=10, mtime_ns=20, track_id="t:1")
    assert ledger.tracks.find_file("/a.mp3", size=10, mtime_ns=20) == "t:1"
    assert ledger.tracks.find_file("/a.mp3", size=10, mtime_ns=21) is None
    ledger.tracks.remember_file("/a.mp3", size=10, mtime_ns=21, track_id="t:2")
    assert ledger.tracks.find_file("/a.mp3", size=10, mtime_ns=21) == "t:2"


def test_a_pair_is_replaced_when_it_is_saved_again(ledger: Ledger) -> None:
    ledger.pairs.save(PAIR)
    located = replace(
        PAIR,
        state=PairState.LOCATED,
        confidence=0.75,
        ear_version=3,
        location={"voice": {"segments": [[0.0, 1.5]]}},
    )
    ledger.pairs.save(located)
    found = ledger.pairs.get("p:1")
    assert found is not None
    assert replace(found, updated_at=located.updated_at) == located
    assert found.updated_at > located.updated_at


def test_pairs_are_found_by_state_split_and_mashup(ledger: Ledger) -> None:
    ledger.pairs.save(PAIR)
    ledger.pairs.save(replace(PAIR, pair_id="p:2", split="test", state=PairState.LOCATED))

    def ids(found: tuple[PairRecord, ...]) -> list[str]:
        return [pair.pair_id for pair in found]

    assert ids(ledger.pairs.list(state=PairState.LOCATED)) == ["p:2"]
    assert ids(ledger.pairs.list(split="train")) == ["p:1"]
    assert ids(ledger.pairs.of_mashup("m:1")) == ["p:1", "p:2"]
    assert ledger.pairs.get("p:3") is None


def test_pairs_are_heard_again_when_the_ears_improve(ledger: Ledger) -> None:
    for pair_id, version in (("new", None), ("old", 1), ("done", 2)):
        ledger.pairs.save(
            replace(PAIR, pair_id=pair_id, ear_version=version, state=PairState.UNVERIFIED)
        )
    again = ledger.pairs.heard_before(2, state=PairState.UNVERIFIED)
    assert [pair.pair_id for pair in again] == ["new", "old"]


def test_a_skip_is_noted_once_however_often_it_happens(ledger: Ledger) -> None:
    assert ledger.skips.record("a.mp3", "decode", "no audio")
    assert not ledger.skips.record("a.mp3", "decode", "no audio")
    assert ledger.skips.record("a.mp3", "decode", "too short")
    (skip,) = ledger.skips.list()
    assert (skip.key, skip.stage, skip.reason) == ("a.mp3", "decode", "too short")
    assert skip.first_at < skip.last_at


def test_skips_are_listed_by_stage_and_forgotten_when_cleared(ledger: Ledger) -> None:
    ledger.skips.record("a", "decode", "no audio")
    ledger.skips.record("a", "match", "no song")
    assert [skip.reason for skip in ledger.skips.list(stage="match")] == ["no song"]
    ledger.skips.clear("a", "match")
    assert [skip.stage for skip in ledger.skips.list()] == ["decode"]


def test_a_mashup_is_made_once_per_pair_and_champion(ledger: Ledger) -> None:
    made = MashupRecord("x:1", "v:1", "b:1", "c:1", {"lufs": -14.0}, {"mp3": "mashups/x.mp3"})
    assert not ledger.mashups.is_made(voice_id="v:1", bed_id="b:1", champion="c:1")
    assert ledger.mashups.record(made)
    assert not ledger.mashups.record(made)
    assert ledger.mashups.is_made(voice_id="v:1", bed_id="b:1", champion="c:1")
    assert not ledger.mashups.is_made(voice_id="v:1", bed_id="b:1", champion="c:2")
    assert ledger.mashups.list() == (made,)


def test_the_champion_is_the_one_promoted_last(ledger: Ledger) -> None:
    assert ledger.champions.current() is None
    first = ChampionRecord("checkpoints/1", "snapshots/1", {"si_sdr_db": 8.3}, "beats the sum")
    second = ChampionRecord("checkpoints/2", "snapshots/2", {"si_sdr_db": 9.0}, "beats the first")
    ledger.champions.promote(first)
    ledger.champions.promote(second)
    ledger.champions.promote(second)
    assert ledger.champions.current() == second
    assert ledger.champions.list() == (second, first)


def test_what_was_noted_is_there_after_reopening(open_ledger: OpenLedger) -> None:
    with open_ledger() as ledger:
        ledger.tracks.add([TRACK])
    with open_ledger() as ledger:
        assert ledger.tracks.list() == (TRACK,)
