"""Opens the workbench of this process from the machine's settings."""

from __future__ import annotations

from functools import lru_cache

from settings import get_settings
from steps.workbench import Workbench, open_workbench


@lru_cache(maxsize=1)
def bench() -> Workbench:
    """Return this process's workbench; opened once, safe to use from many threads."""
    settings = get_settings()
    return open_workbench(
        store_url=settings.store_url,
        ledger_url=settings.ledger_url,
        work_dir=settings.work_dir,
        test_share=settings.test_share,
        made_mixes=settings.made_mixes,
    )
