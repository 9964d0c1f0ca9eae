"""A live lesson for the tests of this package."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.classroom.held import Held, begin

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.world import World


@pytest.fixture
def held(world: World) -> Iterator[Held]:
    """A lesson that has begun, inside an application context."""
    with world.app.app_context():
        yield begin(world)
