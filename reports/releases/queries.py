"""What earlier releases of a month withheld."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from reports.releases.models import FrozenCell
from reports.releases.rules import DATASET

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from reports.cubes.rules import Month
    from reports.disclosure.rules import Key

SEPARATOR = "/"


def frozen_cells(session: Session, school_id: int, month: Month) -> frozenset[Key]:
    """Return the cells of a school's month that must stay withheld."""
    cells = session.scalars(
        select(FrozenCell.cell).where(
            FrozenCell.school_id == school_id, FrozenCell.dataset == DATASET, FrozenCell.period == str(month)
        )
    )
    return frozenset(cell_key(cell) for cell in cells)


def cell_key(cell: str) -> Key:
    """Return the path that a stored cell names; "" is the school itself."""
    return tuple(cell.split(SEPARATOR)) if cell else ()


def cell_name(key: Key) -> str:
    """Return a path as it is stored."""
    return SEPARATOR.join(key)
