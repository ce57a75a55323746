"""Commands that run the line: demo, ingest, train, generate, serve."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows.console import command, out, print_json, print_table
from flows.stand_in import DemoSource, DemoStore

if TYPE_CHECKING:
    from steps.preview import Preview
    from steps.report import IngestReport

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


def add_commands(app: typer.Typer) -> None:
    """Register this module's commands."""
    for function in (demo, ingest, train, generate, serve):
        app.command()(command(function))


def demo(
    folder: Annotated[Path, typer.Option(help="Where the demo puts everything.")] = Path("demo"),
    source: Annotated[
        DemoSource,
        typer.Option(help="Read folders, or playlists of a YouTube on this machine."),
    ] = DemoSource.FOLDER,
    store: Annotated[
        DemoStore, typer.Option(help="Keep everything in a folder, or on a Drive on this machine.")
    ] = DemoStore.FOLDER,
    as_json: AsJson = False,
) -> None:
    """Run the whole line once on songs that a band in code plays."""
    from flows.demo import run_demo

    run_demo(folder, source=source, store=store, as_json=as_json)


def ingest(
    addresses: Annotated[
        list[str] | None,
        typer.Argument(help="Playlists, channels, videos, folders or lists of mashups."),
    ] = None,
    mashups: Annotated[
        list[str] | None,
        typer.Option(help="The same; a folder, .json or .txt list, or a YouTube address."),
    ] = None,
    songs: Annotated[
        list[str] | None,
        typer.Option(help="Folder, .json or .txt list, or YouTube address of whole songs."),
    ] = None,
    multitracks: Annotated[
        Path | None, typer.Option(help="Folder of NAME_vocals.* and NAME_instrumental.*.")
    ] = None,
    subscriptions: Annotated[
        Path | None, typer.Option(help="YAML file of playlists and channels to follow.")
    ] = None,
    limit: Annotated[
        int | None, typer.Option(min=0, help="New videos of this run at most.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print what would be taken; change nothing.")
    ] = False,
    retry: Annotated[
        bool, typer.Option("--retry", help="Try videos again that could not be had before.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Collect, match, locate and prepare what is new; publish a snapshot.

    You answer for what you collect: YouTube's terms restrict downloading, and recordings and
    mashups of them are protected by copyright in most countries. Take what you have a right to;
    MASHUP_CREATIVE_COMMONS_ONLY=true keeps to videos that state such a licence.
    """
    from flows.ingest import ingest_mashups, sources
    from steps.preview import preview
    from steps.retry import try_again
    from tasks.bench import bench

    named = [*(addresses or []), *(mashups or [])]
    if dry_run:
        seen = preview(bench(), sources(named, songs, multitracks, subscriptions), limit=limit)
        show_preview(seen, as_json=as_json)
        return
    if retry:
        try_again(bench())
    finished: Any = ingest_mashups(
        mashups=named,
        songs=songs,
        multitracks=multitracks,
        subscriptions=subscriptions,
        limit=limit,
        return_state=True,
    )
    report: IngestReport = finished.result()
    if as_json:
        print_json(report)
        return
    print_table("Sources", report.source_rows())
    print_table("Ingested", report.rows())
    print_table("Set aside", report.set_aside_rows())
    out.print(report.headline(), markup=False)


def show_preview(seen: Preview, *, as_json: bool) -> None:
    """Print what an ingestion would take."""
    if as_json:
        print_json(seen)
        return
    for line in (*seen.lines, seen.headline()):
        out.print(line, markup=False, highlight=False)


def train(
    snapshot: Annotated[
        str, typer.Option(help="Snapshot to train on; the newest by default.")
    ] = "",
    size: Annotated[
        str, typer.Option(help="tiny, base or large; by default MASHUP_MODEL_SIZE.")
    ] = "",
    steps: Annotated[int, typer.Option(help="Optimizer steps; by default MASHUP_TRAIN_STEPS.")] = 0,
    start_from: Annotated[
        str, typer.Option(help="champion, scratch, or the key of a checkpoint in the store.")
    ] = "champion",
    as_json: AsJson = False,
) -> None:
    """Train the masher, compare it with baselines and champion, promote it if it is better."""
    from flows.train import train_mashup

    training = train_mashup(snapshot=snapshot, size=size, steps=steps, start_from=start_from)
    if as_json:
        print_json(training)
        return
    print_table("Held-out examples", training.rows())
    out.print(training.headline())


def generate(
    count: Annotated[
        int, typer.Option(help="Mashups to make; by default MASHUP_BATCH_MASHUPS.")
    ] = 0,
    as_json: AsJson = False,
) -> None:
    """Make a batch of mashups from the catalogue and a page to hear them."""
    from flows.generate import generate_batch

    batch = generate_batch(count=count)
    if as_json:
        print_json(batch)
        return
    print_table("Mashups", batch.rows())
    out.print(batch.headline())


def serve() -> None:
    """Register every flow and run the nightly schedule until Ctrl-C, on this machine alone."""
    from flows.serve import serve_all

    serve_all()
