from __future__ import annotations

import json
from dataclasses import replace

import pytest

from model.config import PRESETS, MasherConfig, preset
from model.errors import ConfigError
from model.masher import Masher


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_a_config_survives_json(name: str) -> None:
    config = preset(name)
    assert MasherConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config


def test_the_base_model_has_at_most_six_million_parameters() -> None:
    count = sum(parameter.numel() for parameter in Masher(preset("base")).parameters())
    assert 1e6 < count <= 6e6


def test_an_unknown_size_is_named_with_the_known_ones() -> None:
    with pytest.raises(ConfigError, match=r"\['base', 'large', 'tiny'\], got 'huge'"):
        preset("huge")


@pytest.mark.parametrize(
    ("change", "message"),
    [({"positions": "alibi"}, "positions must be one of"), ({"dim": 33}, "even width per head")],
)
def test_a_config_that_makes_no_sense_is_refused(change: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        replace(preset("tiny"), **change)


def test_settings_of_another_version_are_named() -> None:
    with pytest.raises(ConfigError, match=r"unknown model settings \['flavour'\]"):
        MasherConfig.from_dict({"flavour": 1})
