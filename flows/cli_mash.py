"""The command for people who just want a mashup of two songs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.cli_ears import AudioFile
from flows.cli_line import AsJson
from flows.console import command, err, out, print_json


def add_commands(app: typer.Typer) -> None:
    """Register this module's commands."""
    app.command("mash")(command(mash_songs))


def mash_songs(
    song_a: AudioFile,
    song_b: AudioFile,
    output: Annotated[Path, typer.Option("-o", "--output", help="The mp3 to write.")] = Path(
        "mashup.mp3"
    ),
    voice: Annotated[str, typer.Option(help="Which song sings: A, B or auto.")] = "auto",
    shift: Annotated[
        int | None, typer.Option(min=-12, max=12, help="Semitones to shift the voice by.")
    ] = None,
    tempo: Annotated[str, typer.Option(help="auto, keep-a, keep-b or a number of BPM.")] = "auto",
    nudge: Annotated[float, typer.Option(help="Milliseconds to move the voice by.")] = 0.0,
    start: Annotated[
        float | None, typer.Option(min=0, help="Second of the bed song to start at.")
    ] = None,
    seconds: Annotated[float, typer.Option(min=10, max=600, help="Length of the mashup.")] = 120.0,
    report: Annotated[Path | None, typer.Option(help="Also write choices and scores here.")] = None,
    picture: Annotated[Path | None, typer.Option(help="Also write a picture here (PNG).")] = None,
    checkpoint: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="Checkpoint file; the champion by default."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make one mashup of two songs, now."""
    from steps.champion import mask_maker
    from steps.mash import Wishes, mash, source_of_file
    from tasks.bench import bench

    wishes = Wishes(voice, shift, tempo, nudge_ms=nudge, start_s=start, seconds=seconds)
    with err.status("load") as status:
        made = mash(
            source_of_file(song_a),
            source_of_file(song_b),
            wishes,
            mask_maker=mask_maker(bench(), checkpoint),
            output=output,
            picture=picture,
            report=report,
            on_step=status.update,
        )
    if as_json:
        print_json(made.record | {"output": str(output)})
        return
    out.print(f"{output}: {made.headline()}", markup=False)
    for note in made.plan.notes:
        out.print(f"  {note}", markup=False)
