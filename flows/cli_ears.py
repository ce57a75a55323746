"""Commands that look and listen: titles, locate, evaluate."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from flows.cli_line import AsJson
from flows.console import command, out, print_json, print_table

AudioFile = Annotated[
    Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="Any audio file.")
]


def add_commands(app: typer.Typer) -> None:
    """Register this module's commands."""
    for function in (titles, locate, evaluate):
        app.command()(command(function))


def titles(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="One title a line.")],
) -> None:
    """Say which songs each title names: a JSON line with ranked hypotheses per title."""
    from catalog.titles import hypothesize, to_json

    for line in file.read_text(encoding="utf-8", errors="replace").splitlines():
        if line.strip():
            print(json.dumps(to_json(line, hypothesize(line)), ensure_ascii=False))


def locate(
    mashup: AudioFile,
    song: AudioFile,
    plot: Annotated[
        Path | None, typer.Option(help="Also draw it here (PNG), to check by eye.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Find where a song plays in a mashup, how fast and how high."""
    from steps.ears import locate_files

    found = locate_files(mashup, song, plot=plot)
    if as_json:
        print_json(found)
        return
    if not found["found"]:
        out.print(f"unverified: {found['reason']}", markup=False)
        return
    out.print(
        f"located (confidence {found['confidence']:.2f}): the mashup's start is second "
        f"{found['offset_s']:.3f} of the song, tempo x {found['tempo_ratio']:.4f}, "
        f"{found['semitones']:+d} semitones",
        markup=False,
    )
    print_table("Segments", found["segments"])


def evaluate(
    multitracks: Annotated[
        Path, typer.Option(exists=True, file_okay=False, help="Folder of NAME_vocals.* pairs.")
    ],
    checkpoint: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="Checkpoint file; the champion by default."),
    ] = None,
    only: Annotated[
        str, typer.Option(help="Only pairs with this multitrack's NAME, such as a held-out one.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Compare the masher with baselines on mashups of multitracks whose truth is known."""
    from steps.evaluate import evaluate_folder
    from tasks.bench import bench

    scores = evaluate_folder(bench(), multitracks, checkpoint=checkpoint, only=only)
    if as_json:
        print_json(scores.to_dict())
        return
    rows = [
        {"maker": maker, **{name: interval.mean for name, interval in metrics.items()}}
        for maker, metrics in scores.results.items()
    ]
    print_table(f"{scores.items} mashups of multitracks", rows)
