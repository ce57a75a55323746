"""Search: a song that a mashup's title names and the catalogue lacks is looked for on YouTube.

A clear find becomes a song to listen to in the same run; an unclear one goes to the review queue.
Each song is asked for at most once a week for a mashup, and only so often in a run.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from catalog.candidates import Offer, Selection, Wanted, rank, select
from catalog.catalogue import Catalogue
from catalog.confirm import find_either_way
from catalog.names import song_key
from catalog.proposals import song_proposals
from catalog.records import StandardName, TrackKind
from catalog.weights import THRESHOLD
from catalog.youtube.errors import PausedError, UnavailableError, YouTubeError
from catalog.youtube.records import VideoFacts
from steps.listen import item_of
from steps.match import Case, known_songs, unsettled
from steps.originals import is_video
from steps.outcome import Item, Outcome, State
from steps.reading import read_title
from steps.review import ask
from steps.sync import VIDEO_PREFIX, track_of
from steps.workbench import Workbench
from storage.records import TrackRecord, TrackState, utc_now

STEP = "search"
SEARCHES = 20  # requests of one run
RESULTS = 8  # looked at per request
ASK_AGAIN_AFTER = timedelta(days=7)

LookUp = Callable[[str], tuple[VideoFacts, ...]]


@dataclass(frozen=True, slots=True)
class Missing:
    """A song that a mashup's title names and nobody here has."""

    case: Case
    name: StandardName

    @property
    def key(self) -> str:
        """What the ledger remembers of asking."""
        return f"{self.case.mashup.track_id}|{song_key(self.name)}"

    @property
    def item(self) -> Item:
        return Item(self.key, str(self.name))


def search_missing(
    bench: Workbench, *, everywhere: bool | None = None, searches: int = SEARCHES
) -> list[Outcome]:
    """Look for the songs that unresolved mashups lack; return what was found, or why not.

    Parameters
    ----------
    everywhere
        True: for mashups from any source; False: for none; None: for mashups that are videos.
    searches
        Requests of this run at most.
    """
    outcomes: list[Outcome] = []
    look_up = functools.cache(functools.partial(bench.youtube.search, limit=RESULTS))
    for missing in missing_songs(bench, everywhere=everywhere):
        if len(outcomes) >= searches:
            break
        outcome = search(bench, missing, look_up)
        outcomes.append(outcome)
        if outcome.state is State.POSTPONED:
            break
    return outcomes


def found_songs(outcomes: Iterable[Outcome]) -> list[Item]:
    """Return the songs that a search added, to listen to them at once."""
    return [outcome.item for outcome in outcomes if outcome.state is State.DONE]


def missing_songs(bench: Workbench, *, everywhere: bool | None) -> Iterator[Missing]:
    """Yield the songs to ask for, each for one mashup; what was asked this week is left out."""
    if everywhere is False:
        return
    catalogue = known_songs(bench)
    for case in unsettled(bench):
        if not (everywhere or is_video(case.mashup)):
            continue
        # MusicBrainz is asked only about titles that lack something.
        if any(missing_in(bench, catalogue, case, ask_database=False)):
            yield from missing_in(bench, catalogue, case, ask_database=True)


def missing_in(
    bench: Workbench, catalogue: Catalogue, case: Case, *, ask_database: bool
) -> Iterator[Missing]:
    """Yield the songs that one mashup's title names and that are to be asked for."""
    for name in named_songs(bench, case.mashup, ask_database=ask_database):
        missing = Missing(case, name)
        if is_missing(bench, catalogue, missing) and not asked_lately(bench, missing):
            yield missing


def named_songs(bench: Workbench, mashup: TrackRecord, *, ask_database: bool) -> list[StandardName]:
    """Return the songs that the likeliest reading of a title names in full or by their title."""
    for hypothesis in read_title(bench, mashup, ask=ask_database):
        if named := [name for name in hypothesis.sources if name.title]:
            return named
    return []


def is_missing(bench: Workbench, catalogue: Catalogue, missing: Missing) -> bool:
    """Tell whether no song is like the one that is asked for, here or on its way."""
    if song_key(missing.name) in missing.case.answer.songs:
        return False
    best = next(iter(catalogue.candidates(missing.name)), None)
    if best is not None and best.score >= THRESHOLD:
        return False
    on_its_way = bench.ledger.tracks.with_song_key(song_key(missing.name))
    return not any(song.state == TrackState.KNOWN for song in on_its_way)


def asked_lately(bench: Workbench, missing: Missing) -> bool:
    asked = bench.ledger.skips.get(missing.key, STEP)
    return asked is not None and utc_now() - asked.last_at < ASK_AGAIN_AFTER


def search(bench: Workbench, missing: Missing, look_up: LookUp) -> Outcome:
    """Ask for one song; add it, propose what was found, or say why there is nothing."""
    wanted = Wanted(missing.name, duration_of(bench, missing.name))
    words = " ".join(filter(None, (missing.name.artist, missing.name.title)))
    try:
        results = look_up(words)
    except PausedError as error:
        return Outcome.postponed(STEP, missing.item, str(error), until=error.until)
    except UnavailableError as error:
        return remember(bench, missing, Selection(None, str(error)))
    except YouTubeError as error:
        return Outcome.failed(STEP, missing.item, str(error), fault=type(error).__name__)
    refused = set(missing.case.answer.rejected)
    offers = [
        offer
        for offer in rank(results, wanted)
        if offer_key(offer, missing) not in refused and is_free(bench, offer)
    ]
    chosen = select(offers, wanted)
    if chosen.offer is None:
        propose(bench, missing, offers, wanted, chosen.reason)
    return remember(bench, missing, chosen)


def duration_of(bench: Workbench, name: StandardName) -> float | None:
    """Return the length of a recording in seconds where MusicBrainz knows it."""
    if bench.musicbrainz is None:
        return None
    recording = find_either_way(name, bench.musicbrainz.find)
    return recording.duration_s if recording else None


def offer_key(offer: Offer, missing: Missing) -> str:
    """Return the key under which an offer is proposed to a person, or was rejected."""
    return f"{song_key(missing.name)}={VIDEO_PREFIX}{offer.facts.video_id}"


def is_free(bench: Workbench, offer: Offer) -> bool:
    """Tell whether a video is nothing that is known already, such as a mashup or a lost one."""
    return bench.ledger.tracks.get(VIDEO_PREFIX + offer.facts.video_id) is None


def propose(
    bench: Workbench, missing: Missing, offers: list[Offer], wanted: Wanted, reason: str
) -> None:
    """Put the likeliest offers before a person."""
    proposals = song_proposals(offers, wanted)
    if proposals:
        ask(bench, missing.case.mashup.track_id, proposals, reason)


def remember(bench: Workbench, missing: Missing, chosen: Selection) -> Outcome:
    """Note that a song was asked for and what came of it; a chosen one becomes a track."""
    if chosen.offer is None:
        bench.ledger.skips.record(missing.key, STEP, chosen.reason)
        return Outcome.skipped(STEP, missing.item, chosen.reason)
    song = track_of(chosen.offer.facts, TrackKind.SONG)
    bench.ledger.tracks.add([song])
    bench.ledger.skips.record(missing.key, STEP, f"found {song.track_id}")
    return Outcome.done(STEP, item_of(song))
