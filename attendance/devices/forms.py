"""The shape of what a device asks for a period that it kept ahead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from app.payload import Range


@dataclass(frozen=True, slots=True)
class PeriodForm:
    """The number of a `PeriodKey`, without its sign."""

    period: Annotated[int, Range(1, 2**53 - 1)]
