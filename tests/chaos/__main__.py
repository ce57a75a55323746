"""`make chaos`: nightly runs that are killed again and again, on a folder and on a Drive.

`CHAOS_KILLS` says how often in each world (200), `CHAOS_SEED` which moments (1).
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flows.console import print_table
from tests.chaos.kills import Chaos, open_processes
from tests.chaos.worlds import World, drive_world, folder_world
from tests.postgres import find_binaries, run_postgres


@contextmanager
def postgres_world(root: Path) -> Iterator[World]:
    """A store in a folder, and the ledger on a real Postgres."""
    binaries = find_binaries()
    assert binaries is not None
    with run_postgres(binaries) as server, folder_world(root, ledger_url=server.url("c")) as world:
        yield world


WORLDS = {"folder": folder_world, "gdrive": drive_world, "folder, Postgres": postgres_world}


def main(kills: int, seed: int) -> int:
    """Live through all worlds and print what was found; return the exit status."""
    rows, wrong = [], []
    context = open_processes()
    for name, open_world in WORLDS.items():
        if name.endswith("Postgres") and find_binaries() is None:
            print("no Postgres installed: that world is left out", file=sys.stderr)
            continue
        with tempfile.TemporaryDirectory(prefix="mashup-chaos-") as folder:
            root, began = Path(folder), time.monotonic()
            with open_world(root) as world:
                chaos = Chaos(world, context, random.Random(seed))
                chaos.live(kills)
                rows.append({**chaos.row(name), "seconds": round(time.monotonic() - began)})
            wrong += [f"{name}: {text}" for text in chaos.wrong]
    print_table(f"{kills} kills in each world, seed {seed}", rows)
    print("\n".join(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(
        main(int(os.environ.get("CHAOS_KILLS", "200")), int(os.environ.get("CHAOS_SEED", "1")))
    )
