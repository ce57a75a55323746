"""The pull step of every deployment: a worker works in the project's folder, or in MASHUP_HOME."""

from __future__ import annotations

import os
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]


def enter_home() -> dict[str, str]:
    """Change to `MASHUP_HOME`, by default the project's folder, and return it.

    Prefect's worker starts runs in a temporary folder; relative settings would lose the
    store there without a word.

    Raises
    ------
    NotADirectoryError
        `MASHUP_HOME` names no folder on this worker.
    """
    home = Path(os.environ.get("MASHUP_HOME") or PROJECT).expanduser().resolve()
    if not home.is_dir():
        raise NotADirectoryError(f"MASHUP_HOME is {home}, which is no folder on this worker")
    os.chdir(home)
    return {"directory": str(home)}
