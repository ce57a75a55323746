"""MusicBrainz: which artist and title a recording really has, and how long it is.

A small, well-mannered client of the web service, version 2
(https://musicbrainz.org/doc/MusicBrainz_API): one request a second, a User-Agent that says who
asks, answers kept on the disk, and no request for a while once the service is busy or out of
reach. It never raises: what is not known is None.
"""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from pydantic import BaseModel, Field, ValidationError
from rapidfuzz import fuzz

from catalog.catalogue import CREDITS
from catalog.names import parse_song, song_key
from catalog.records import StandardName
from catalog.youtube.throttle import Pace

logger = logging.getLogger(__name__)

ROOT = "https://musicbrainz.org/ws/2"
AGENT = "SongMasher/0.1.0"
PAUSE_S = 1.0  # the service's own limit
TIMEOUT_S = 10.0
BACKOFF_S = (2.0, 4.0, 8.0)  # after each 503 or 429
KEPT_S = 90 * 24 * 3600.0  # answers older than this are asked for again
OUT_S = 900.0  # without a request after the service could not be used
RESULTS = 10
SAME = 0.9  # likeness of a folded artist or title from which it is the one asked for


class _Credit(BaseModel):
    name: str
    joinphrase: str = ""


class _Recording(BaseModel):
    id: str
    title: str
    length: int | None = None  # milliseconds
    disambiguation: str = ""
    credits: list[_Credit] = Field(default=[], alias="artist-credit")


class _Answer(BaseModel):
    recordings: list[_Recording] = []


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording that MusicBrainz knows."""

    mbid: str
    name: StandardName
    duration_s: float | None = None


@dataclass(slots=True)
class MusicBrainz:
    """Looks recordings up; safe to share between threads.

    Parameters
    ----------
    folder
        Where answers are kept; it may be wiped.
    contact
        An e-mail or web address, which the service asks its clients to state.
    root
        Another server, for tests.
    """

    folder: Path
    contact: str = ""
    root: str = ROOT
    pause_s: float = PAUSE_S
    backoff_s: tuple[float, ...] = BACKOFF_S
    sleep: Callable[[float], None] = time.sleep
    _pace: Pace = field(init=False)
    _asking: threading.Lock = field(default_factory=threading.Lock, init=False)
    _out_until: float = field(default=0.0, init=False)  # of the monotonic clock

    def __post_init__(self) -> None:
        self._pace = Pace(shortest_s=self.pause_s, longest_s=self.pause_s, sleep=self.sleep)

    def find(self, name: StandardName, *, ask: bool = True) -> Recording | None:
        """Return the recording of an artist and title; None where it is not known, or unasked.

        Parameters
        ----------
        ask
            Ask the service what the folder does not tell.
        """
        if not (name.artist and name.title):
            return None
        query = f"recording:{_phrase(name.title)} AND artist:{_phrase(name.artist)}"
        kept = self.folder / f"{hashlib.sha256(query.encode()).hexdigest()[:32]}.json"
        answer = _read(kept)
        if answer is None and ask:
            answer = self._ask(query, kept)
        return _best(answer.recordings, name) if answer else None

    def _ask(self, query: str, kept: Path) -> _Answer | None:
        """Ask, one thread at a time, and keep the answer; None where there is none."""
        with self._asking:
            if time.monotonic() < self._out_until:
                return None
            try:
                text = self._fetch(query)
                answer = _Answer.model_validate_json(text)
            except (httpx.HTTPError, ValidationError) as error:
                self._out_until = time.monotonic() + OUT_S
                reason = str(error).splitlines()[0] if str(error) else type(error).__name__
                logger.warning("MusicBrainz is left out for a while: %s", reason)
                return None
        _keep(kept, answer)
        return answer

    def _fetch(self, query: str) -> str:
        agent = f"{AGENT} ( {self.contact} )" if self.contact else AGENT
        parameters = {"query": query, "fmt": "json", "limit": str(RESULTS)}
        with httpx.Client(timeout=TIMEOUT_S, headers={"User-Agent": agent}) as client:
            for backoff_s in (*self.backoff_s, None):
                self._pace.wait()
                answer = client.get(f"{self.root}/recording", params=parameters)
                if answer.status_code not in (429, 503) or backoff_s is None:
                    break
                self.sleep(max(backoff_s, _retry_after_s(answer)))
        return answer.raise_for_status().text


def _retry_after_s(answer: httpx.Response) -> float:
    """Return how long the service asks to wait, at most a minute; 0 where it does not say."""
    stated = answer.headers.get("Retry-After", "")
    return min(60.0, float(stated)) if stated.isdecimal() else 0.0


def _phrase(text: str) -> str:
    """Return text as a phrase of Lucene's query language."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _read(path: Path) -> _Answer | None:
    """Return a kept answer that is fresh and whole."""
    try:
        if time.time() - path.stat().st_mtime > KEPT_S:
            return None
        return _Answer.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None


def _keep(path: Path, answer: _Answer) -> None:
    """Write an answer whole or not at all; where the disk is full it is asked for again."""
    part = path.with_suffix(f".{threading.get_ident()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(answer.model_dump_json(by_alias=True), encoding="utf-8")
        part.replace(path)
    except OSError as error:
        logger.warning("an answer of MusicBrainz could not be kept: %s", error)


def _best(recordings: Sequence[_Recording], name: StandardName) -> Recording | None:
    """Return the recording asked for: the plain one before live takes, one with a length first."""
    same = [found for found in recordings if _is_same(found, name)]
    if not same:
        return None
    plain = min(same, key=lambda found: (bool(_versions(found, name)), found.length is None))
    credited = "".join(credit.name + credit.joinphrase for credit in plain.credits)
    known = StandardName(credited, plain.title, name.version)
    return Recording(plain.id, known, plain.length / 1000 if plain.length else None)


def _versions(found: _Recording, name: StandardName) -> set[str]:
    """Return version words of a recording that were not asked for."""
    told = parse_song(f"{found.title} ({found.disambiguation})" if found.disambiguation else "")
    return set(told.version) - set(name.version)


def _is_same(found: _Recording, name: StandardName) -> bool:
    """Whether a recording has the title, and the artist among its credits."""
    credited = "".join(credit.name + credit.joinphrase for credit in found.credits)
    artists = [credited, *(credit.name for credit in found.credits), *CREDITS.split(credited)]
    is_artist = any(_likeness(name.artist, artist) >= SAME for artist in artists)
    return is_artist and _likeness(name.title, found.title) >= SAME


def _likeness(asked: str | None, known: str) -> float:
    """How alike two names are, folded and without guests, 0 to 1."""
    return fuzz.ratio(*(song_key(StandardName(None, text)) for text in (asked, known))) / 100
