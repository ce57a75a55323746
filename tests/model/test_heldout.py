from __future__ import annotations

from dataclasses import replace

import pytest

from model.baselines import BedOnly, Sum
from model.errors import NotEnoughDataError
from model.heldout import evaluate_rows
from storage.schema import Example
from tests.model.songs import RowBatch


def test_the_oracle_leads_on_made_rows(rows: list[Example]) -> None:
    scores = evaluate_rows([RowBatch.of(rows[:2]), RowBatch.of(rows[2:])], [Sum(), BedOnly()])
    assert scores.items == 4
    distances = {name: scores.mean(name, "log_spectral_distance_db") for name in scores.results}
    assert min(distances, key=lambda name: distances[name]) == "oracle_mask"
    assert scores.mean("oracle_mask", "part_sdr_db") > scores.mean("sum", "part_sdr_db") + 20


def test_human_rows_are_scored_by_distance_alone(rows: list[Example]) -> None:
    human = replace(RowBatch.of(rows[:2]), kind=("human", "human"))
    scores = evaluate_rows([human], [Sum()])
    assert set(scores.results) == {"sum"}
    assert set(scores.results["sum"]) == {"log_spectral_distance_db"}


def test_no_more_rows_than_the_limit_are_read(rows: list[Example]) -> None:
    assert evaluate_rows([RowBatch.of(rows)] * 3, [Sum()], limit=2).items == 2


def test_no_rows_cannot_be_scored() -> None:
    with pytest.raises(NotEnoughDataError, match="ingest more mashups"):
        evaluate_rows([], [Sum()])
