"""Rows and songs that several tests of this room read, made once."""

from __future__ import annotations

import pytest

from audio.stems import Stems
from storage.schema import Example
from tests.model.songs import made_rows, stems


@pytest.fixture(scope="session")
def rows() -> list[Example]:
    return made_rows(4)


@pytest.fixture(scope="session")
def multitracks() -> dict[str, Stems]:
    return {name: stems(6.0, seed=seed) for seed, name in enumerate(("Ash", "Birch"), start=50)}
