"""Every retry, cache and concurrency decision of the line, in one place.

The ledger already makes each step idempotent, so no task result is cached by Prefect:
a second memory of what is done could only disagree with the first.
"""

from __future__ import annotations

import os
from typing import Any

from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner
from prefect.tasks import Task, exponential_backoff

from storage.errors import LedgerError

# Decoding and stretching release the interpreter lock, so a thread per core keeps them busy.
THREADS: TaskRunner[Any] = ThreadPoolTaskRunner(max_workers=os.cpu_count() or 1)


def may_succeed_later(task: Task[..., Any], run: TaskRun, state: State[Any]) -> bool:  # noqa: ARG001
    """Tell whether a retry can help: a busy ledger or a timeout can, a broken file cannot."""
    error = state.result(raise_on_failure=False)
    return isinstance(error, LedgerError | TimeoutError | ConnectionError)


# Work on one track: a fault that time heals is tried again, with growing, jittered waits.
TRACK: dict[str, Any] = {
    "cache_policy": NO_CACHE,
    "persist_result": False,
    "retries": 3,
    "retry_delay_seconds": exponential_backoff(backoff_factor=2),
    "retry_jitter_factor": 0.5,
    "retry_condition_fn": may_succeed_later,
}

# Work that resumes by itself where it stopped: training, publishing. The next run carries on.
RESUMABLE: dict[str, Any] = {"cache_policy": NO_CACHE, "persist_result": False}

# A flow that names its final state (Paused, Skipped) hands its result over inside that state. The
# server's copy of a state holds none, and that copy is what a caller gets when a busy server had to
# be asked twice; so the result is written down.
NAMED_STATE: dict[str, Any] = {"persist_result": True}
