"""Generate: pairs that fit, not made before by this champion, become mashups and a page."""

from __future__ import annotations

import hashlib
import json
import logging
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pydantic import TypeAdapter

from audio.errors import AudioError
from catalog.names import file_name
from catalog.records import StandardName, TrackKind
from catalog.youtube.errors import PausedError, YouTubeError
from model.compatibility import compatibility
from model.errors import ModelError
from model.page import MashupEntry, entry, page
from model.page import Source as PageSource
from steps.champion import champion_name, mask_maker
from steps.listen import item_of
from steps.mash import Made, Source, Wishes, mash
from steps.originals import is_at_hand, is_video, original_file
from steps.outcome import Item, Outcome, State
from steps.recordings import features_of, standard_name
from steps.workbench import Workbench
from storage.exports import keep_records
from storage.records import MashupRecord, TrackRecord, TrackState

STEP = "mash"
PAGE = "mashups/index.html"
BETWEEN = " "  # parts the two track ids in a pair's key; no id holds one

_log = logging.getLogger(__name__)
_ENTRY = TypeAdapter(MashupEntry)


@dataclass(frozen=True, slots=True)
class Batch:
    """What a batch made, and where to hear it."""

    made: tuple[MashupRecord, ...]
    set_aside: tuple[Outcome, ...]
    page: str

    def headline(self) -> str:
        """Say in one line what there is to hear, and where."""
        aside = f", {len(self.set_aside)} set aside" if self.set_aside else ""
        return f"{len(self.made)} new mashups{aside}: {self.page}"

    def rows(self) -> list[dict[str, Any]]:
        """Return the table of new mashups."""
        columns = ("lufs", "true_peak_dbtp", "a_presence", "b_presence", "offset_ms", "masker")
        return [
            {"mashup": record.keys["title"], **{name: record.scores[name] for name in columns}}
            for record in self.made
        ]


def choose_pairs(bench: Workbench, count: int) -> list[Item]:
    """Return the best fitting pairs of songs that this champion has not mashed yet."""
    songs = [
        track
        for track in bench.ledger.tracks.list(state=TrackState.KEPT)
        if track.kind != TrackKind.MASHUP and (is_video(track) or is_at_hand(bench, track))
    ]
    features = {song.track_id: features_of(bench, song) for song in songs}
    maker = champion_name(bench)
    ranked = sorted(
        (
            (compatibility(features[a.track_id], features[b.track_id]).score, a, b)
            for a, b in combinations(songs, 2)
            if a.song_key != b.song_key and not is_made(bench, a, b, maker)
        ),
        key=lambda scored: (-scored[0], scored[1].track_id, scored[2].track_id),
    )
    return [pair_item(a, b) for _, a, b in spread(ranked, count)]


def owes_mashups(bench: Workbench, count: int) -> bool:
    """Tell whether the present champion has made fewer mashups than one batch."""
    maker = champion_name(bench)
    return sum(record.champion == maker for record in bench.ledger.mashups.list()) < count


def spread(
    ranked: Sequence[tuple[float, TrackRecord, TrackRecord]], count: int
) -> list[tuple[float, TrackRecord, TrackRecord]]:
    """Take pairs best first, but a song again only when all the others had their turn."""
    chosen: list[tuple[float, TrackRecord, TrackRecord]] = []
    rest = list(ranked)
    while rest and len(chosen) < count:
        used: set[str] = set()
        later = []
        for scored in rest:
            ids = {scored[1].track_id, scored[2].track_id}
            if len(chosen) < count and not ids & used:
                chosen.append(scored)
                used |= ids
            else:
                later.append(scored)
        rest = later
    return chosen


def is_made(bench: Workbench, a: TrackRecord, b: TrackRecord, maker: str) -> bool:
    ids = (a.track_id, b.track_id)
    return any(
        bench.ledger.mashups.is_made(voice_id=first, bed_id=second, champion=maker)
        for first, second in (ids, ids[::-1])
    )


def pair_item(a: TrackRecord, b: TrackRecord) -> Item:
    return Item(f"{a.track_id}{BETWEEN}{b.track_id}", f"{item_of(a).label} x {item_of(b).label}")


def mash_pair(bench: Workbench, item: Item, *, duration_s: float) -> Outcome:
    """Make one mashup and put its mp3, picture and report into the store."""
    a, b = (bench.ledger.tracks.require(track_id) for track_id in item.key.split(BETWEEN))
    maker = mask_maker(bench)
    with tempfile.TemporaryDirectory(dir=bench.work_dir) as folder:
        mp3, png = Path(folder) / "mashup.mp3", Path(folder) / "mashup.png"
        try:
            made = mash(
                source_of_track(bench, a),
                source_of_track(bench, b),
                Wishes(seconds=duration_s),
                mask_maker=maker,
                output=mp3,
                picture=png,
                on_step=lambda step: _log.info("%s: %s", item.label, step),
            )
        except PausedError as error:
            return Outcome.postponed(STEP, item, str(error), until=error.until)
        except (AudioError, ModelError, YouTubeError) as error:
            bench.ledger.skips.record(item.key, STEP, str(error))
            return Outcome.skipped(STEP, item, str(error))
        record = record_of(made, a, b, maker.name)
        bench.store.put(mp3, record.keys["mp3"])
        bench.store.put(png, record.keys["png"])
    report = made.record | {"page": asdict(entry_of(made, record))}
    bench.store.write_bytes(record.keys["json"], json.dumps(report, ensure_ascii=False).encode())
    bench.ledger.mashups.record(record)
    return Outcome.done(STEP, Item(record.made_id, item.label))


def source_of_track(bench: Workbench, track: TrackRecord) -> Source:
    """Return a track as one of a mashup's two sources; a multitrack is heard as its mix."""
    return Source(
        original_file(bench, track),
        standard_name(track),
        companion=Path(track.companion) if track.companion else None,
        track_id=track.track_id,
        url=track.url or "",
        licence=track.licence or "",
    )


def record_of(made: Made, a: TrackRecord, b: TrackRecord, maker: str) -> MashupRecord:
    """Return the ledger's row: its id and keys are a function of the songs and the maker."""
    digest = hashlib.sha256(" ".join((a.track_id, b.track_id, maker)).encode()).hexdigest()[:16]
    stem = f"mashups/{file_name(StandardName(None, made.title), digest)}"
    return MashupRecord(
        made_id=digest,
        voice_id=a.track_id,
        bed_id=b.track_id,
        champion=maker,
        scores=made.scores.to_dict(),
        keys={"title": made.title, **{kind: f"{stem}.{kind}" for kind in ("mp3", "png", "json")}},
    )


def entry_of(made: Made, record: MashupRecord) -> MashupEntry:
    """Return what the listening page shows of a mashup; links are relative to the page."""
    a, b = (PageSource(str(source.name), source.url or None) for source in made.sources)
    return entry(
        made.plan,
        made.scores,
        title=made.title,
        audio_href=quote(Path(record.keys["mp3"]).name),
        picture_href=quote(Path(record.keys["png"]).name),
        a=a,
        b=b,
        made_at=record.made_at.isoformat(timespec="minutes"),
    )


def publish_page(bench: Workbench, outcomes: Sequence[Outcome]) -> Batch:
    """Write the page of all mashups there are, and return what this batch added."""
    records = bench.ledger.mashups.list()
    entries = [read_entry(bench, record) for record in records]
    with tempfile.TemporaryDirectory(dir=bench.work_dir) as folder:
        path = Path(folder) / "index.html"
        page(entries, path)
        bench.store.put(path, PAGE)
    keep_records(bench.ledger, bench.store, bench.work_dir)
    done = {outcome.item.key for outcome in outcomes if outcome.state is State.DONE}
    return Batch(
        made=tuple(record for record in records if record.made_id in done),
        set_aside=tuple(outcome for outcome in outcomes if outcome.state is not State.DONE),
        page=bench.store.link(PAGE),
    )


def read_entry(bench: Workbench, record: MashupRecord) -> MashupEntry:
    """Read what the page shows of a mashup from its report in the store."""
    report = json.loads(bench.store.read_bytes(record.keys["json"]))
    return _ENTRY.validate_python(report["page"])
