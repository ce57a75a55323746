"""Commands that look after what is stored: verify, recover, compact."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from flows.cli_line import AsJson
from flows.console import command, out, print_json, print_table

if TYPE_CHECKING:
    from steps.upkeep import Upkeep


def add_commands(app: typer.Typer) -> None:
    """Register this module's commands."""
    for function in (verify, recover, compact):
        app.command()(command(function))


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


def recover(as_json: AsJson = False) -> None:
    """Rebuild a lost ledger from the store; what the ledger knows stays as it is."""
    from steps.upkeep import recover_ledger
    from tasks.bench import bench

    report = recover_ledger(bench())
    if as_json:
        print_json(report)
        return
    print_table("Recovered", report.rows())
    out.print(report.headline(), markup=False)


def compact(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Change nothing; say what would be done.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Merge small shards into large ones; delete what nobody needed for MASHUP_KEEP_DAYS."""
    done = propose() if dry_run else run_compact()
    if as_json:
        print_json(done)
        return
    print_table("Files", done.rows())
    out.print(done.headline(), markup=False)


def propose() -> Upkeep:
    """Say what upkeep would do; nothing is recorded anywhere, so Prefect is not needed."""
    from settings import get_settings
    from steps.upkeep import look_after
    from tasks.bench import bench

    return look_after(bench(), keep_days=get_settings().keep_days, dry_run=True)


def run_compact() -> Upkeep:
    from flows.compact import compact as compact_flow

    return compact_flow()
