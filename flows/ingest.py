"""`ingest-mashups`: from folders of audio to a published snapshot of examples."""

from __future__ import annotations

from pathlib import Path

from prefect import flow, get_run_logger
from prefect.events import emit_event

from flows.gather import gather
from settings import get_settings
from steps.collect import Sources
from steps.report import IngestReport
from tasks import ingest as tasks
from tasks.policies import THREADS
from tasks.report import report_ingest


@flow(name="ingest-mashups", task_runner=THREADS)
def ingest_mashups(
    mashups: Path | None = None,
    songs: Path | None = None,
    multitracks: Path | None = None,
    announce: bool = True,
) -> IngestReport:
    """Collect, match, locate and prepare everything new, and publish it.

    Parameters
    ----------
    mashups, songs, multitracks
        Folder, or `.json` or `.txt` list; by default those of the settings.
    announce
        Tell `train-mashup` that a new snapshot is ready.
    """
    log = get_run_logger()
    outcomes = tasks.collect(sources(mashups, songs, multitracks))
    outcomes += gather("listen", tasks.listen, tasks.list_unheard())
    outcomes += tasks.match_mashups()
    ready = tasks.list_unprepared()
    outcomes += gather("locate", tasks.prepare_pair, ready.pairs)
    outcomes += gather("song", tasks.prepare_song, ready.songs)
    outcomes += gather("made", tasks.prepare_made, ready.made)
    published = tasks.publish()
    report = IngestReport.of(outcomes, published)
    report_ingest(report)
    log.info(report.headline())
    if announce and published.new_examples:
        announce_snapshot(published.snapshot, published.new_examples)
    return report


def sources(mashups: Path | None, songs: Path | None, multitracks: Path | None) -> Sources:
    """Fill what a run did not name from the settings."""
    settings = get_settings()
    return Sources(
        mashups=mashups or settings.mashups,
        songs=songs or settings.songs,
        multitracks=multitracks or settings.multitracks,
    )


def announce_snapshot(snapshot: str, new_examples: int) -> None:
    """Emit the event on which `train-mashup` starts; its payload names the snapshot."""
    emit_event(
        "mashup.shards.ready",
        resource={"prefect.resource.id": f"mashup.dataset.{snapshot}"},
        payload={"snapshot": snapshot, "new_examples": new_examples},
    )
