"""The listening page: one HTML file in which mashups are heard, seen, sorted and compared.

Everything is inside the file but sound and pictures, so it works from a folder, a web server or
a download. Names come from strangers: they only ever pass through Jinja's escaping, links
are checked, and the page's policy runs no script but its own.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from model.measure import MashupScores
from model.plan import Plan, SongId
from storage.files import write_atomic

LANES: tuple[SongId, SongId] = ("A", "B")


@dataclass(frozen=True, slots=True)
class Source:
    """One of the two songs: its name as people know it and where to hear it, if anywhere."""

    name: str
    href: str | None = None


@dataclass(frozen=True, slots=True)
class Bar:
    """A coloured stretch of one lane of the ribbon, in per cent of the mashup's length.

    `role` is "voice", "bed" or "alone" (nobody else is heard).
    """

    left: float
    width: float
    role: str
    label: str


@dataclass(frozen=True, slots=True)
class Lane:
    """What is seen of one song: where it is heard, and thin lines where it sings."""

    song: SongId
    bars: tuple[Bar, ...]
    singing: tuple[tuple[float, float], ...]  # left and width, per cent


@dataclass(frozen=True, slots=True)
class Gauge:
    """One measure on a card; `good` is None where no goal is set."""

    name: str
    text: str
    good: bool | None
    meaning: str


@dataclass(frozen=True, slots=True)
class MashupEntry:
    """One mashup on the page; its links are relative to the page, or https."""

    title: str
    audio_href: str
    picture_href: str | None
    a: Source
    b: Source
    duration_s: float
    bpm: float
    made_at: str
    lanes: tuple[Lane, ...]
    gauges: tuple[Gauge, ...]
    sort_keys: Mapping[str, float | None]


def entry(
    plan: Plan,
    scores: MashupScores,
    *,
    title: str,
    audio_href: str,
    picture_href: str | None,
    a: Source,
    b: Source,
    made_at: str,
) -> MashupEntry:
    """Return what the page shows of a mashup.

    Parameters
    ----------
    made_at : ISO 8601, for sorting and to be read
    """
    return MashupEntry(
        title=title,
        audio_href=audio_href,
        picture_href=picture_href,
        a=a,
        b=b,
        duration_s=plan.duration_s,
        bpm=plan.bpm,
        made_at=made_at,
        lanes=tuple(_lane(plan, song) for song in LANES),
        gauges=_gauges(scores),
        sort_keys={
            "key": scores.key_agreement,
            "beat": None if scores.offset_ms is None else -scores.offset_ms,
            "voices": -scores.two_voices,
            "balance": min(scores.a_presence, scores.b_presence),
        },
    )


def page(entries: Sequence[MashupEntry], out: Path, *, heading: str = "Song Masher") -> None:
    """Write the listening page to `out`; it appears whole or not at all."""
    write_atomic(out, render_page(entries, heading=heading).encode())


def render_page(entries: Sequence[MashupEntry], *, heading: str = "Song Masher") -> str:
    """Return the page as HTML."""
    env = Environment(
        loader=PackageLoader("model", "templates"), autoescape=True, undefined=StrictUndefined
    )
    env.filters["href"] = safe_href
    env.filters["clock"] = clock
    script = _source(env, "page.js")
    return env.get_template("page.html.j2").render(
        entries=entries,
        heading=heading,
        style=Markup(_source(env, "page.css")),  # noqa: S704 - our own file
        script=Markup(script),  # noqa: S704 - our own file
        script_hash=_sha256_base64(script),
    )


def safe_href(link: str | None) -> str | None:
    """Return a link that can only lead to a file beside the page or to the web; None otherwise."""
    if not link:
        return None
    try:
        parts = urlsplit(link)
    except ValueError:
        return None
    if parts.scheme in ("http", "https") and parts.netloc:
        return link
    if parts.scheme or parts.netloc or link.startswith(("/", "\\")):
        return None
    return quote(link)


def clock(seconds: float) -> str:
    """Return minutes and seconds, as players show them."""
    return f"{int(seconds // 60)}:{int(seconds % 60):02d}"


def _lane(plan: Plan, song: SongId) -> Lane:
    def share(moment_s: float) -> float:
        return round(100 * moment_s / plan.duration_s, 3)

    bars = []
    for part in plan.parts:
        if song in (part.voice, part.bed):
            role = "alone" if part.voice is None else "voice" if part.voice == song else "bed"
            width = share(part.end_s - part.start_s)
            bars.append(Bar(share(part.start_s), width, role, part.label))
    singing = tuple((share(start), share(end - start)) for start, end in plan.song(song).singing)
    return Lane(song, tuple(bars), singing)


def _gauges(scores: MashupScores) -> tuple[Gauge, ...]:
    """Return the measures a listener cares for, with the goals they are held to."""
    least = min(scores.a_presence, scores.b_presence)
    offset, near = scores.offset_ms, scores.near_share
    return (
        Gauge(
            "beat",
            "not measurable" if offset is None else f"{offset:.0f} ms",
            None if offset is None else offset <= 20,
            "median distance between the onsets of both songs"
            + ("" if near is None else f"; {near:.0%} of bars within 20 ms"),
        ),
        Gauge(
            "two voices",
            f"{scores.two_voices:.0%}",
            scores.two_voices <= 0.05,
            "share of time in which both songs seem to sing",
        ),
        Gauge(
            "presence",
            f"{scores.a_presence:.0%} / {scores.b_presence:.0%}",
            least >= 0.15,
            "share of what is heard that comes from A and from B",
        ),
        Gauge(
            "harmony",
            f"{scores.key_agreement:+.2f}",
            None,
            "correlation of the pitch classes of both, -1 to 1",
        ),
        Gauge(
            "loudness",
            f"{scores.lufs:.1f} LUFS, {scores.true_peak_dbtp:.1f} dBTP",
            abs(scores.lufs + 14) <= 0.5 and scores.clipped_samples == 0,
            "integrated loudness and true peak",
        ),
        Gauge("masks", scores.masker, None, "who decided what is heard of each song"),
    )


def _source(env: Environment, name: str) -> str:
    loader: Any = env.loader
    source: str = loader.get_source(env, name)[0]
    return source


def _sha256_base64(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")
