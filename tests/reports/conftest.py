"""The school world at the beginning of November, with figures for October."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app import clock
from tests.reports.figures import AFTER_OCTOBER, BIG, SMALL, add_figures

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.world import World


@pytest.fixture
def november(world: World) -> Iterator[World]:
    """October is over; nothing is in the cube yet."""
    with clock.at(AFTER_OCTOBER):
        yield world


@pytest.fixture
def class_ids(november: World) -> dict[str, int]:
    """School A has three classes of usual size and one of seven pupils, {name: id}, besides the world's of six."""
    return add_figures(november, *BIG, SMALL)
