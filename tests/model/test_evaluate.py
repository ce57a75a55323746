from __future__ import annotations

import numpy as np
import pytest

from audio.stems import Stems
from model.baselines import BedOnly, Sum
from model.errors import ConfigError, NotEnoughDataError
from model.evaluate import (
    EvaluationPlan,
    evaluate_multitracks,
    known_mashups,
    ordered_pairs,
)

PLAN = EvaluationPlan(section_s=2.0, stretches=(1.0, 1.1), shifts=(0.0, 1.0))
NAMES = ("Ash", "Birch", "Cedar")


def test_every_maker_is_scored_and_the_oracle_is_best(multitracks: dict[str, Stems]) -> None:
    seen: list[tuple[int, int]] = []
    scores = evaluate_multitracks(
        multitracks, [Sum(), BedOnly()], PLAN, on_progress=lambda *at: seen.append(at)
    )
    assert set(scores.results) == {"sum", "bed_only", "oracle_mask"}
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]
    best = scores.mean("oracle_mask", "si_sdr_db")
    assert best > scores.mean("sum", "si_sdr_db") + 5
    distance = scores.mean("oracle_mask", "log_spectral_distance_db")
    assert distance < scores.mean("sum", "log_spectral_distance_db")
    assert scores.mean("sum", "voice_bleed_db") == pytest.approx(0.0, abs=0.01)
    assert scores.mean("bed_only", "voice_presence_db") < -40


def test_the_same_seed_gives_the_same_mashups(multitracks: dict[str, Stems]) -> None:
    pairs = ordered_pairs(multitracks)
    first, second = (list(known_mashups(multitracks, pairs, PLAN)) for _ in range(2))
    assert [m.name for m in first] == [m.name for m in second]
    np.testing.assert_array_equal(first[1].truth(), second[1].truth())


def test_a_mashup_does_not_depend_on_which_others_are_made(multitracks: dict[str, Stems]) -> None:
    pairs = ordered_pairs(multitracks)
    last = list(known_mashups(multitracks, pairs, PLAN))[-1]
    alone = list(known_mashups(multitracks, pairs[-1:], PLAN))[-1]
    np.testing.assert_array_equal(last.truth(), alone.truth())


@pytest.mark.parametrize(
    ("restriction", "expected"),
    [
        ({}, 6),
        ({"voices": ["Ash"]}, 2),
        ({"beds": ["Ash"], "voices": ["Birch"]}, 1),
        ({"involving": ["Cedar"]}, 4),
    ],
)
def test_pairs_can_be_restricted(restriction: dict[str, list[str]], expected: int) -> None:
    assert len(ordered_pairs(NAMES, **restriction)) == expected


def test_a_song_that_is_not_there_is_named() -> None:
    with pytest.raises(NotEnoughDataError, match=r"no multitrack named \['Oak'\]"):
        ordered_pairs(NAMES, voices=["Oak"])


def test_one_song_makes_no_pair() -> None:
    with pytest.raises(NotEnoughDataError, match="two multitracks or more"):
        ordered_pairs(["Ash"])


def test_songs_shorter_than_a_section_are_refused(multitracks: dict[str, Stems]) -> None:
    plan = EvaluationPlan(section_s=20.0)
    with pytest.raises(NotEnoughDataError, match="ask for shorter sections"):
        list(known_mashups(multitracks, ordered_pairs(multitracks), plan))


@pytest.mark.parametrize("change", [{"shifts": (0.0,)}, {"section_s": 0.5}])
def test_a_plan_that_makes_no_sense_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match="expected"):
        EvaluationPlan(**change)
