"""Commands about the store: login to Google Drive, and listen to what a far store holds."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.cli_line import AsJson
from flows.console import command, out, print_json


def add_commands(app: typer.Typer) -> None:
    """Register this module's commands."""
    for function in (login, listen):
        app.command()(command(function))


def login(
    client_file: Annotated[
        Path | None,
        typer.Option(help="JSON of your OAuth client; by default MASHUP_GDRIVE_CLIENT_FILE."),
    ] = None,
    browser: Annotated[
        bool, typer.Option(help="Open the consent page, or only print its address.")
    ] = True,
    as_json: AsJson = False,
) -> None:
    """Log in to Google Drive and find or make the folder that is the store."""
    from settings import get_settings
    from storage.errors import StoreAccessError
    from storage.gdrive.login import HOW_TO, log_in
    from tasks.stores import drive_options

    file = client_file or get_settings().gdrive_client_file
    if file is None:
        raise StoreAccessError(f"login needs the JSON of an OAuth client of your own. {HOW_TO}")
    done = log_in(file, drive_options(get_settings()), open_browser=browser)
    if as_json:
        print_json(done)
        return
    out.print(f"Logged in as {done.account}; the token is in {done.token_file}.", markup=False)
    out.print(f"The store is {done.folder_link}: put this line into .env", markup=False)
    out.print(f"MASHUP_STORE_URL={done.store_url}", markup=False, soft_wrap=True)


def listen(
    folder: Annotated[
        Path | None, typer.Option(help="Where to; by default a folder in the work folder.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Bring the listening page and its mashups to this machine; only what is new is fetched."""
    from steps.page_copy import bring_page
    from tasks.bench import bench

    page = bring_page(bench(), folder or bench().work_dir / "listen")
    if as_json:
        print_json({"page": str(page)})
    else:
        out.print(f"Listen: {page}", markup=False, soft_wrap=True)
