"""What earlier releases of a month withheld."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from reports.disclosure.rules import always_withheld
from reports.releases.models import FrozenCell
from reports.releases.rules import DATASET

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy.orm import Session

    from reports.cubes.rules import Month
    from reports.disclosure.rules import Key

SEPARATOR = "/"


def frozen_cells(session: Session, school_id: int, month: Month) -> frozenset[Key]:
    """Return the cells of a school's month that must stay withheld."""
    return frozen_by_school(session, [school_id], month)[school_id]


def frozen_by_school(
    session: Session, school_ids: Collection[int], period: Month | str, dataset: str = DATASET
) -> dict[int, frozenset[Key]]:
    """Return, for each of these schools, the cells of a month (or a period by name) that must stay withheld."""
    cells: dict[int, set[Key]] = {school_id: set() for school_id in school_ids}
    rows = session.execute(
        select(FrozenCell.school_id, FrozenCell.cell).where(
            FrozenCell.school_id.in_(school_ids),
            FrozenCell.dataset == dataset,
            FrozenCell.period == str(period),
        )
    )
    for school_id, cell in rows:
        cells[school_id].add(cell_key(cell))
    return {school_id: frozenset(found) for school_id, found in cells.items()}


def together_by_school(
    session: Session, school_ids: Collection[int], period: Month | str
) -> dict[int, frozenset[Key]]:
    """Return, for each of these schools, the classes that every other period withheld which withheld any of them.

    A class is of one school year, so that periods of other years, which have other classes, do not count.
    """
    found: dict[int, dict[str, set[Key]]] = {school_id: {} for school_id in school_ids}
    rows = session.execute(
        select(FrozenCell.school_id, FrozenCell.period, FrozenCell.cell).where(
            FrozenCell.school_id.in_(school_ids),
            FrozenCell.dataset == DATASET,
            FrozenCell.period != str(period),
            FrozenCell.cell != "",
        )
    )
    for school_id, other, cell in rows:
        found[school_id].setdefault(other, set()).add(cell_key(cell))
    return {
        school_id: always_withheld([patterns[name] for name in sorted(patterns)])
        for school_id, patterns in found.items()
    }


def cell_key(cell: str) -> Key:
    """Return the path that a stored cell names; "" is the school itself."""
    return tuple(cell.split(SEPARATOR)) if cell else ()


def cell_name(key: Key) -> str:
    """Return a path as it is stored."""
    return SEPARATOR.join(key)
