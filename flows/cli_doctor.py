"""Commands that look after this machine: doctor and clean."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from flows.cli_line import AsJson
from flows.console import command, out, print_json, print_table


def add_commands(app: typer.Typer) -> None:
    """Register this module's commands."""
    for function in (doctor, clean):
        app.command()(command(function))


def doctor(as_json: AsJson = False) -> None:
    """Look whether everything is there that the line needs; each line names its cure."""
    from settings import get_settings
    from steps.doctor import Health, worst
    from tasks.doctor import examine

    findings = examine(get_settings())
    if as_json:
        print_json({"health": worst(findings), "findings": findings})
    else:
        print_table("Doctor", [asdict(each) for each in findings])
    raise typer.Exit(1 if worst(findings) is Health.FAIL else 0)


def clean(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Remove nothing; say what would go.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Free the work folder and Prefect's history of what nobody needs."""
    from flows.housekeeping import housekeeping

    done = housekeeping(dry_run=dry_run)
    if as_json:
        print_json(done)
        return
    print_table("Cleaned", done.rows())
    out.print(done.headline(), markup=False)
