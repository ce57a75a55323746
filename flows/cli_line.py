"""Commands that run the line: demo, ingest, train, generate, verify, serve."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.console import command, out, print_json, print_table

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


def add_commands(app: typer.Typer) -> None:
    """Register this module's commands."""
    for function in (demo, ingest, train, generate, verify, serve):
        app.command()(command(function))


def demo(
    folder: Annotated[Path, typer.Option(help="Where the demo puts everything.")] = Path("demo"),
    as_json: AsJson = False,
) -> None:
    """Run the whole line once on songs that a band in code plays."""
    from flows.demo import run_demo

    run_demo(folder, as_json=as_json)


def ingest(
    mashups: Annotated[
        Path | None, typer.Option(help="Folder, .json or .txt list of mashups.")
    ] = None,
    songs: Annotated[Path | None, typer.Option(help="Folder, .json or .txt list of songs.")] = None,
    multitracks: Annotated[
        Path | None, typer.Option(help="Folder of NAME_vocals.* and NAME_instrumental.*.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Collect, match, locate and prepare what is new; publish a snapshot."""
    from flows.ingest import ingest_mashups

    report = ingest_mashups(mashups=mashups, songs=songs, multitracks=multitracks)
    if as_json:
        print_json(report)
        return
    print_table("Ingested", report.rows())
    print_table(
        "Set aside",
        [{"what": o.item.label, "step": o.step, "reason": o.reason} for o in report.set_aside],
    )
    out.print(report.headline())


def train(
    snapshot: Annotated[
        str, typer.Option(help="Snapshot to train on; the newest by default.")
    ] = "",
    size: Annotated[
        str, typer.Option(help="tiny, base or large; by default MASHUP_MODEL_SIZE.")
    ] = "",
    steps: Annotated[int, typer.Option(help="Optimizer steps; by default MASHUP_TRAIN_STEPS.")] = 0,
    start_from: Annotated[
        str, typer.Option(help="Key of a checkpoint in the store to go on from.")
    ] = "",
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


def verify(as_json: AsJson = False) -> None:
    """Compare every snapshot entry with the store; repair nothing."""
    from storage.verify import verify as verify_store
    from tasks.bench import bench

    report = verify_store(bench().store, bench().ledger)
    if as_json:
        print_json(report)
    else:
        print_table("Problems", report.rows())
        out.print(report.headline())
    raise typer.Exit(0 if report.ok else 1)


def serve() -> None:
    """Register every flow and run the nightly schedule until Ctrl-C, on this machine alone."""
    from flows.serve import serve_all

    serve_all()
