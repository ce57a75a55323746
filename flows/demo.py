"""`make demo`: a band in code plays, a night runs over its songs, and what came out is shown."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from flows.console import out, print_json, print_table
from steps.world import Folders, build_world, compare_with_truth

# Small numbers so that the whole line passes in minutes on two cores.
DEMO_SETTINGS = {
    "MADE_MIXES": "1",
    "MODEL_SIZE": "base",
    "TRAIN_STEPS": "300",
    "BATCH_MASHUPS": "3",
    "MASHUP_S": "60",
}


def run_demo(folder: Path, *, as_json: bool) -> None:
    """Run the whole line in `folder` and show what it found, learned and made."""
    began = time.monotonic()
    root = folder.resolve()
    if not as_json:
        out.print("The band plays: songs, multitracks, and mashups of them with messy titles.")
    folders = build_world(root / "world")
    enter_demo(root, folders)
    # Imported only now: Prefect and the settings read the environment when they are imported.
    from flows.nightly import Night, nightly
    from tasks.bench import bench

    finished: Any = nightly(return_state=True)  # its data is what the flow's own state holds
    night: Night = finished.result()
    located = compare_with_truth(bench(), folders)
    scores = night.training.rows() if night.training else []
    page = root / "data" / "mashups" / "index.html"
    seconds = time.monotonic() - began
    if as_json:
        record = {"night": night, "located": located, "scores": scores, "page": str(page)}
        print_json(record | {"seconds": seconds})
        return
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
