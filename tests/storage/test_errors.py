from __future__ import annotations

import pickle
from datetime import UTC, datetime

from storage.errors import PausedError


def test_a_pause_keeps_its_date_on_the_way_to_another_process() -> None:
    until = datetime(2026, 11, 24, 8, tzinfo=UTC)
    error: PausedError = pickle.loads(pickle.dumps(PausedError("run again later", until)))
    assert (str(error), error.until) == ("run again later", until)
