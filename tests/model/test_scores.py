from __future__ import annotations

import json

import pytest

from model.scores import interval, summarize


def test_an_interval_holds_its_mean_and_narrows_with_agreement() -> None:
    wide, narrow = interval([0.0, 10.0, 20.0], seed=0), interval([9.9, 10.0, 10.1], seed=0)
    assert wide.low < wide.mean == 10.0 < wide.high
    assert narrow.high - narrow.low < 0.2


def test_equal_values_leave_no_doubt() -> None:
    found = interval([3.0] * 5, seed=1)
    assert (found.mean, found.low, found.high) == (3.0, 3.0, 3.0)


def test_scores_become_json_as_promised() -> None:
    rows = [{"sum": {"si_sdr_db": 1.0}}, {"sum": {"si_sdr_db": 3.0, "extra_db": 5.0}}]
    said = json.loads(json.dumps(summarize(rows, seed=0).to_dict()))
    assert said["items"] == 2
    assert said["results"]["sum"]["extra_db"] == {"mean": 5.0, "low": 5.0, "high": 5.0}
    assert said["results"]["sum"]["si_sdr_db"]["mean"] == pytest.approx(2.0)
