"""`ingest-mashups`: from folders and playlists to a published snapshot of examples."""

from __future__ import annotations

from pathlib import Path

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.events import emit_event
from prefect.states import Completed

from flows.gather import gather
from settings import get_settings
from steps.match import superseded
from steps.outcome import Outcome
from steps.report import IngestReport
from steps.search import found_songs
from steps.sources import Sources, name_sources
from tasks import ingest as tasks
from tasks.policies import NAMED_STATE, THREADS
from tasks.report import report_ingest


@flow(name="ingest-mashups", task_runner=THREADS, **NAMED_STATE)
def ingest_mashups(
    mashups: list[str] | None = None,
    songs: list[str] | None = None,
    multitracks: Path | None = None,
    subscriptions: Path | None = None,
    limit: int | None = None,
    announce: bool = True,
) -> State[IngestReport]:
    """Collect, match, search, locate and prepare everything new, and publish it.

    While YouTube throttles, the run does the rest and ends as "Paused": the next one carries on.

    Parameters
    ----------
    mashups, songs
        Folders, `.json` or `.txt` lists, YouTube addresses; by default those of the settings.
    multitracks
        Folder of vocals and instrumentals; by default that of the settings.
    subscriptions
        YAML file of addresses to follow; by default that of the settings.
    limit
        New videos of this run at most.
    announce
        Tell `train-mashup` that a new snapshot is ready.
    """
    collected = tasks.collect(sources(mashups, songs, multitracks, subscriptions), limit)
    outcomes = [*collected.outcomes]
    outcomes += gather("listen", tasks.listen, tasks.list_unheard())
    outcomes += match_and_search()
    ready = tasks.list_unprepared()
    outcomes += gather("locate", tasks.prepare_pair, ready.pairs)
    outcomes += gather("song", tasks.prepare_song, ready.songs)
    outcomes += gather("made", tasks.prepare_made, ready.made)
    published = tasks.publish()
    report = IngestReport.of(outcomes, published, sources=collected.sources)
    report_ingest(report)
    if announce and published.new_examples:
        announce_snapshot(published.snapshot, published.new_examples)
    name = "Paused" if report.paused_until else "Completed"
    return Completed(name=name, message=report.headline(), data=report)


def match_and_search() -> list[Outcome]:
    """Match mashups to songs; search for songs that are missing, and match with those again."""
    matched = tasks.match_mashups()
    searched = tasks.search_missing()
    found = found_songs(searched)
    heard = gather("listen", tasks.listen, found)
    if found:
        matched = superseded(matched, tasks.match_mashups())
    return [*searched, *heard, *matched]


def sources(
    mashups: list[str] | None = None,
    songs: list[str] | None = None,
    multitracks: Path | None = None,
    subscriptions: Path | None = None,
) -> Sources:
    """Fill what a run did not name from the settings; what it names replaces all of them."""
    settings = get_settings()
    named = any((mashups, songs, multitracks, subscriptions))
    return name_sources(
        mashups=mashups or ([settings.mashups] if settings.mashups and not named else []),
        songs=songs or ([settings.songs] if settings.songs and not named else []),
        multitracks=multitracks or (None if named else settings.multitracks),
        subscriptions=subscriptions or (None if named else settings.subscriptions),
        creative_commons_only=settings.creative_commons_only,
    )


def announce_snapshot(snapshot: str, new_examples: int) -> None:
    """Emit the event on which `train-mashup` starts; its payload names the snapshot."""
    emit_event(
        "mashup.shards.ready",
        resource={"prefect.resource.id": f"mashup.dataset.{snapshot}"},
        payload={"snapshot": snapshot, "new_examples": new_examples},
    )
