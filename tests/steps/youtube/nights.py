"""Nights on a loopback YouTube: real clients, no pauses between their jobs."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Literal

from catalog.youtube.client import Options
from catalog.youtube.filters import Filters
from catalog.youtube.service import Turn
from catalog.youtube.subscriptions import Subscription
from steps.collect import collect
from steps.listen import listen, unheard
from steps.outcome import Outcome
from steps.sources import Sources
from steps.workbench import Workbench, open_workbench, open_youtube
from tests.loopback.youtube_clients import PLAYLIST_URL

ANY_LENGTH = Filters(min_duration_s=0)


def open_youtube_bench(
    root: Path, options: Options, *, client: str = "yt-dlp", turn: Turn = nullcontext
) -> Workbench:
    work_dir = root / "work"
    return open_workbench(
        store_url=f"file://{root / 'data'}",
        ledger_url=f"sqlite:///{work_dir / 'ledger.db'}",
        work_dir=work_dir,
        youtube=open_youtube(work_dir, client=client, options=options, pause_s=0, turn=turn),
    )


def follow(
    url: str = PLAYLIST_URL,
    *,
    kind: Literal["mashup", "song"] = "mashup",
    filters: Filters = ANY_LENGTH,
) -> Subscription:
    return Subscription(url=url, kind=kind, filters=filters)


MASHUPS = Sources(subscriptions=(follow(),))


def night(
    bench: Workbench, sources: Sources = MASHUPS, *, limit: int | None = None
) -> list[Outcome]:
    """Collect and listen: the part of a run that asks YouTube."""
    outcomes = [*collect(bench, sources, limit=limit).outcomes]
    return outcomes + [listen(bench, item) for item in unheard(bench)]


def end_pause(bench: Workbench) -> None:
    """Let the circuit breaker's pause be over."""
    (bench.work_dir / "youtube-breaker.json").unlink(missing_ok=True)


def states(bench: Workbench) -> dict[str, str]:
    return {track.source_key: track.state for track in bench.ledger.tracks.list()}


def reasons(bench: Workbench) -> dict[str, str]:
    aside = {track.source_key: track.reason for track in bench.ledger.tracks.list() if track.reason}
    return aside | {skip.key: skip.reason for skip in bench.ledger.skips.list()}
