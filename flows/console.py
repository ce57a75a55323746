"""How commands speak: JSON for programs, tables for people, one plain line for an error."""

from __future__ import annotations

import functools
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from typing import Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from audio.errors import AudioError
from catalog.errors import CatalogError, SourceError
from catalog.youtube.errors import AddressError, OptionsError
from model.errors import ModelError
from storage.errors import StorageError, StoreUrlError

OUR_ERRORS = (AudioError, CatalogError, ModelError, StorageError)
BAD_USE = (SourceError, AddressError, OptionsError, StoreUrlError)  # what a person typed is wrong

out = Console()
err = Console(stderr=True)


def print_json(record: Any) -> None:
    """Write one JSON document to standard output."""
    json.dump(record, sys.stdout, ensure_ascii=False, indent=2, default=to_plain)
    sys.stdout.write("\n")


def to_plain(value: Any) -> Any:
    """Return what JSON can hold: a dataclass as its fields, anything else as text."""
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else str(value)


def print_table(title: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Show rows of one shape; texts are data, so no markup in them is obeyed."""
    if not rows:
        return
    table = Table(title=Text(title), title_justify="left")
    for column in rows[0]:
        table.add_column(column.replace("_", " "))
    for row in rows:
        table.add_row(*(Text(shown(value)) for value in row.values()))
    out.print(table)


def shown(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.2f}" if isinstance(value, float) else str(value)


def command(function: Callable[..., None]) -> Callable[..., None]:
    """Make a command end with one clear line and exit status 1, or 2 for bad use."""

    @functools.wraps(function)
    def guarded(*args: Any, **kwargs: Any) -> None:
        try:
            function(*args, **kwargs)
        except OUR_ERRORS as error:
            if kwargs.get("as_json"):
                print_json({"error": type(error).__name__, "message": str(error)})
            else:
                err.print(Text(f"{type(error).__name__}: {error}"))
            raise typer.Exit(2 if isinstance(error, BAD_USE) else 1) from error
        except KeyboardInterrupt:
            err.print("Stopped. What was finished is kept; the next run carries on.")
            raise typer.Exit(130) from None

    return guarded
