"""Mash: two files in, a mashup with its picture and report out."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, cast

from audio.decode import encode_mp3, read_tags
from catalog.names import parse_song
from catalog.records import StandardName
from model.baselines import BandSplitRule
from model.conduct import conduct
from model.lead import Lead, hear_lead
from model.masks import MasherMasks, MaskMaker
from model.measure import MashupScores, measure
from model.picture import draw
from model.plan import Plan, PlanError
from model.render import render
from model.songs import AnalysedSong, analyse
from steps.sounds import load
from storage.files import write_atomic


def no_report(step: str) -> None:
    """Hear of a step and say nothing."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a person may ask of a mashup; the defaults leave it to the conductor."""

    voice: str = "auto"
    shift: int | None = None
    tempo: str = "auto"
    nudge_ms: float = 0.0
    start_s: float | None = None
    seconds: float = 120.0


@dataclass(frozen=True, slots=True)
class Source:
    """One of the two songs: its file and its name."""

    path: Path
    name: StandardName
    companion: Path | None = None  # the instrumental of a multitrack; its mix is heard
    track_id: str = ""
    url: str = ""
    licence: str = ""


@dataclass(frozen=True, slots=True)
class Made:
    """A finished mashup with all that was decided and measured."""

    title: str
    sources: tuple[Source, Source]
    plan: Plan
    scores: MashupScores
    record: dict[str, Any]

    def headline(self) -> str:
        """Say in one line what it is and how it measures."""
        scores = self.scores
        return (
            f"{self.title}: {self.plan.duration_s:.0f} s at {self.plan.bpm:.1f} BPM, "
            f"{scores.lufs:.1f} LUFS, presence {scores.a_presence:.0%} and "
            f"{scores.b_presence:.0%}, by {scores.masker}"
        )


def source_of_file(path: Path) -> Source:
    """Name a file by its tags, or by its file name."""
    tags = read_tags(path)
    if tags.get("artist") and tags.get("title"):
        return Source(path, parse_song(f"{tags['artist']} - {tags['title']}"))
    return Source(path, parse_song(path.stem))


def mash(
    a: Source,
    b: Source,
    wishes: Wishes,
    *,
    mask_maker: MaskMaker,
    output: Path,
    picture: Path | None = None,
    report: Path | None = None,
    on_step: Callable[[str], None] = no_report,
) -> Made:
    """Make one mashup of two songs and write it; each file appears whole or not at all.

    Parameters
    ----------
    on_step
        Told each part of the work as it begins.

    Raises
    ------
    AudioError
        A file cannot be decoded, is silent or too short.
    ModelError
        A wish is out of range, or both files hold the same recording.
    """
    on_step("listen")
    with ThreadPoolExecutor(max_workers=2) as pool:
        heard_a, heard_b = pool.map(hear, (a, b))
    on_step("arrange")
    lead = hear_lead(heard_a, heard_b, mask_maker) if is_learned(mask_maker) else None
    plan = arrange(heard_a, heard_b, wishes, lead)
    if lead and not lead.has_voice(plan.voice):
        mask_maker = BandSplitRule()  # the champion would leave nothing of the leading song
    mashup = render(plan, heard_a, heard_b, mask_maker=mask_maker, progress=on_step)
    on_step("measure")
    scores = measure(mashup, plan)
    title = f"{a.name} x {b.name}"
    record = {
        "title": title,
        "sources": [describe(source) for source in (a, b)],
        "lead": asdict(lead) if lead else None,
        "scores": scores.to_dict(),
        "plan": plan.to_dict(),
    }
    encode_mp3(output, mashup.audio, tags=tags_of(title, a, b))
    if picture:
        draw(mashup, plan, picture, title=title)
    if report:
        write_atomic(report, json.dumps(record, ensure_ascii=False, indent=2).encode())
    return Made(title, (a, b), plan, scores, record)


def hear(source: Source) -> AnalysedSong:
    """Decode and analyse one of the two songs."""
    return analyse(load(source.path, source.companion), name=str(source.name))


def is_learned(mask_maker: MaskMaker) -> bool:
    """Tell whether a masker knows voices; rules of signal processing do not."""
    return isinstance(mask_maker, MasherMasks)


def arrange(a: AnalysedSong, b: AnalysedSong, wishes: Wishes, lead: Lead | None) -> Plan:
    """Let the conductor plan two songs as wished; who leads may be heard by the masker."""
    if wishes.voice not in ("A", "B", "auto"):
        raise PlanError(f"voice must be A, B or auto, got {wishes.voice!r}")
    heard = lead.voice if lead and wishes.voice == "auto" else wishes.voice
    return conduct(
        a,
        b,
        voice=cast(Literal["A", "B", "auto"], heard),
        shift=wishes.shift,
        tempo=wishes.tempo,
        nudge_ms=wishes.nudge_ms,
        start_s=wishes.start_s,
        seconds=wishes.seconds,
    )


def describe(source: Source) -> dict[str, Any]:
    """Return what a report says of a source, so that every mashup names where it came from."""
    return {
        "artist": source.name.artist,
        "title": source.name.title,
        "track_id": source.track_id,
        "link": source.url or source.path.name,
        "licence": source.licence or "not stated",
    }


def tags_of(title: str, a: Source, b: Source) -> dict[str, str]:
    """Return the mp3's tags: its name, both artists, and both sources."""
    artists = [source.name.artist for source in (a, b) if source.name.artist]
    named = [
        f"{source.name} ({source.url})" if source.url else str(source.name) for source in (a, b)
    ]
    return {
        "title": title,
        "artist": " x ".join(dict.fromkeys(artists)),
        "album": "Song Masher",
        "comment": f"A mashup of {' and '.join(named)}, made by Song Masher",
        "copyright": " and ".join(dict.fromkeys(s.licence for s in (a, b) if s.licence)),
    }
