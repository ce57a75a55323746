"""Training on a workbench: what is compared, what is promoted, what is left to train on."""

from __future__ import annotations

import json

import pytest

from model.errors import NotEnoughDataError
from model.scores import Interval, Scores
from steps.champion import SHIPPED, champion_key, champion_name, mask_maker
from steps.train import Training, Verdict, find_start, judge, train_masher, untrained_examples
from steps.workbench import Workbench
from storage.commit import commit, prepare_unit
from tests.storage.examples import example


def table(**makers: tuple[float, float]) -> Scores:
    """Scores of one item: log-spectral distance and SDR per maker."""
    results = {
        maker: {
            "log_spectral_distance_db": Interval(distance, distance, distance),
            "part_sdr_db": Interval(sdr, sdr, sdr),
        }
        for maker, (distance, sdr) in makers.items()
    }
    return Scores(results, 1)


@pytest.mark.parametrize(
    ("scores", "promoted"),
    [
        ({"made": table(masher=(5, 9), sum=(9, 1), champion=(6, 8), oracle_mask=(3, 15))}, True),
        ({"made": table(masher=(5, 9), sum=(9, 1), champion=(6, 9.5))}, False),
        ({"made": table(masher=(5, 9), sum=(4, 1))}, False),
        (
            {"made": table(masher=(5, 9), sum=(9, 1)), "human": table(masher=(9, 0), sum=(1, 1))},
            True,
        ),
        ({}, False),
    ],
)
def test_only_what_beats_every_rival_in_every_measure_is_promoted(
    scores: dict[str, Scores], promoted: bool
) -> None:
    assert judge(scores).promoted is promoted


def test_a_refusal_names_the_rival_and_both_numbers() -> None:
    verdict = judge({"made": table(masher=(5, 9), bed_only=(4, 1))})
    assert verdict == Verdict(
        False, "log_spectral_distance_db on made examples is 5.00, bed_only has 4.00"
    )


def fill(bench: Workbench, unit: str, *, split: str) -> None:
    rows = [example(f"{unit}/{number}", kind="made", split=split) for number in range(3)]
    prepare_unit(bench.ledger, bench.work_dir, unit, rows)
    commit(bench.ledger, bench.store, bench.work_dir)


def run(bench: Workbench, *, n_steps: int = 2) -> Training:
    return train_masher(bench, snapshot="", size="tiny", n_steps=n_steps)


def test_a_training_leaves_a_checkpoint_scores_and_a_verdict(bench: Workbench) -> None:
    fill(bench, "made:train", split="train")
    fill(bench, "made:test", split="test")
    training = run(bench)
    assert bench.store.stat(training.checkpoint) is not None
    assert set(training.scores) == {"made"}
    assert training.scores["made"].items >= 1  # those in which both songs are heard
    assert training.verdict.promoted == (champion_key(bench) == training.checkpoint)


def test_without_held_out_examples_nothing_is_promoted_and_the_shipped_masher_stays(
    bench: Workbench,
) -> None:
    fill(bench, "made:train", split="train")
    training = run(bench)
    assert (training.verdict.promoted, champion_key(bench)) == (False, None)
    assert "held out" in training.verdict.reason
    assert mask_maker(bench).name == champion_name(bench) == "masher-base-shipped"


def test_what_came_since_the_last_finished_training_is_still_to_be_trained_on(
    bench: Workbench,
) -> None:
    fill(bench, "made:a", split="train")
    assert untrained_examples(bench) == 3
    run(bench)
    assert untrained_examples(bench) == 0
    fill(bench, "made:b", split="train")
    assert untrained_examples(bench) == 3


def test_the_same_training_again_gives_the_same_result(bench: Workbench) -> None:
    fill(bench, "made:a", split="train")
    first, second = run(bench), run(bench)
    assert json.dumps(first.rows()) == json.dumps(second.rows())
    assert (first.checkpoint, first.last_loss) == (second.checkpoint, second.last_loss)


def test_a_training_goes_on_from_a_champion_of_its_size_unless_told_otherwise(
    bench: Workbench,
) -> None:
    assert find_start(bench, "champion", "base") == SHIPPED
    assert find_start(bench, "champion", "tiny") is None
    assert find_start(bench, "scratch", "base") is None


def test_an_empty_store_says_what_to_do(bench: Workbench) -> None:
    with pytest.raises(NotEnoughDataError, match="no snapshot to train on yet: run ingest first"):
        run(bench)
