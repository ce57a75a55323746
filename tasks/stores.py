"""What a store needs of this machine's settings, and of a Prefect block that holds a secret."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from settings import Settings
from storage.errors import StoreAccessError
from storage.options import DriveOptions, ObjectOptions, StoreOptions


def store_options(settings: Settings) -> StoreOptions:
    """Return the options of every store that the settings may name.

    Raises
    ------
    StoreAccessError
        The Prefect block that should hold the login cannot be read.
    """
    drive, block = drive_options(settings), settings.gdrive_secret_block
    if block and settings.store_url.startswith("gdrive:"):
        drive = replace(drive, secret=_read_block(block))
    return StoreOptions(drive, ObjectOptions(settings.object_endpoint))


def drive_options(settings: Settings) -> DriveOptions:
    """Return what the settings say of Google Drive, without the secret of a block."""
    limit = settings.gdrive_max_mb_s
    return DriveOptions(
        api_root=settings.gdrive_api_root,
        token_file=settings.gdrive_token_file,
        service_account_file=settings.gdrive_service_account_file,
        state_dir=settings.work_dir / "gdrive",
        max_bytes_s=None if limit is None else limit * 1e6,
    )


def _read_block(name: str) -> str:
    """Return the text of a Prefect Secret block; Prefect may hand JSON over as a dictionary."""
    from prefect.blocks.system import Secret  # only here: Prefect is slow to import

    try:
        block: Any = Secret.load(name)
        value = block.get()
    except ValueError:
        raise StoreAccessError(
            f"Prefect has no Secret block named {name!r}. Make it with the JSON of the login, or "
            "correct MASHUP_GDRIVE_SECRET_BLOCK."
        ) from None
    return value if isinstance(value, str) else json.dumps(value)
