"""Freezing what a release withheld."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app import clock
from reports.releases.models import FrozenCell
from reports.releases.queries import cell_name, frozen_cells
from reports.releases.rules import DATASET

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from reports.releases.rules import Release


def freeze(session: Session, school_id: int, release: Release) -> None:
    """Note in the running transaction what this release withholds, so that no later one shows it."""
    if not release.withheld:
        return
    for key in sorted(release.withheld - frozen_cells(session, school_id, release.month)):
        session.add(
            FrozenCell(
                school_id=school_id,
                dataset=DATASET,
                period=str(release.month),
                cell=cell_name(key),
                since=clock.now(),
            )
        )
    session.flush()
