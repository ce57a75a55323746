"""`make demo`: a band in code plays, a night runs over its songs, and what came out is shown."""

from __future__ import annotations

import os
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from flows.console import out, print_json, print_table
from flows.stand_in import DemoSource, DemoStore, stand_in_drive, stand_in_youtube
from steps.page_copy import bring_page
from steps.world import Folders, build_world, compare_with_truth

# Small numbers so that the whole line passes in minutes on two cores.
DEMO_SETTINGS = {
    "MADE_MIXES": "1",
    "MODEL_SIZE": "base",
    "TRAIN_STEPS": "300",
    "BATCH_MASHUPS": "3",
    "MASHUP_S": "60",
}


def run_demo(folder: Path, *, source: DemoSource, store: DemoStore, as_json: bool) -> None:
    """Run the whole line in `folder` and show what it found, learned and made."""
    root = folder.resolve()
    if store is DemoStore.GDRIVE:  # a ledger of its own: it says what lies in its store
        root /= store.value
    if not as_json:
        out.print("The band plays: songs, multitracks, and mashups of them with messy titles.")
    folders = build_world(root / "world")
    enter_demo(root, folders)
    with ExitStack() as stand_ins:
        if source is DemoSource.YOUTUBE:
            for name in ("MASHUP_MASHUPS", "MASHUP_SONGS"):
                del os.environ[name]
            places = {"mashups": folders.mashups, "songs": folders.songs}
            stand_ins.enter_context(stand_in_youtube(root / "youtube", **places))
        if store is DemoStore.GDRIVE:
            stand_ins.enter_context(stand_in_drive(root / "drive"))
        show_night(root, folders, as_json=as_json)


def show_night(root: Path, folders: Folders, *, as_json: bool) -> None:
    """Run one night in the demo's environment and show it."""
    # Imported only now: Prefect and the settings read the environment when they are imported.
    from flows.nightly import Night, nightly
    from tasks.bench import bench

    began = time.monotonic()
    finished: Any = nightly(return_state=True)  # its data is what the flow's own state holds
    night: Night = finished.result()
    located = compare_with_truth(bench(), folders)
    scores = night.training.rows() if night.training else []
    page = bring_page(bench(), root / "listen")
    seconds = time.monotonic() - began
    if as_json:
        record = {"night": night, "located": located, "scores": scores, "page": str(page)}
        print_json(record | {"seconds": seconds})
        return
    print_table("What the sources offered", night.ingested.source_rows())
    print_table("Where in the mashup each song plays, found against true", located)
    print_table("The masher against the baselines, on songs it never heard", scores)
    out.print(night.headline(), markup=False)
    out.print(f"Listen: {page}   ({seconds:.0f} s)", markup=False)


def enter_demo(root: Path, folders: Folders) -> None:
    """Point settings and Prefect at the demo's own folder; nothing outside it is touched."""
    (root / "prefect").mkdir(parents=True, exist_ok=True)
    mashup = DEMO_SETTINGS | {
        "STORE_URL": f"file://{root / 'data'}",
        "LEDGER_URL": f"sqlite:///{root / 'work' / 'ledger.db'}",
        "WORK_DIR": str(root / "work"),
        "MASHUPS": str(folders.mashups),
        "SONGS": str(folders.songs),
        "MULTITRACKS": str(folders.multitracks),
    }
    os.environ |= {f"MASHUP_{name}": value for name, value in mashup.items()}
    os.environ |= {
        "PREFECT_HOME": str(root / "prefect"),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
        "DO_NOT_TRACK": "1",
    }
