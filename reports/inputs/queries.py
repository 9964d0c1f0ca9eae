"""Reading entered figures: the newest revision of each counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from app import db
from app.school.models import OrgUnit
from app.school.queries import below
from app.school.rules import UnitKind
from reports.inputs.models import EnteredFigure
from reports.inputs.rules import VIEW_INPUTS, Answer, Item
from reports.tallies.rules import Entered

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from sqlalchemy.orm import Session

    from app.access import Actor


def figures_of(
    session: Session, unit_ids: Collection[int], year_code: str
) -> dict[tuple[int, str], EnteredFigure]:
    """Return {(unit, item): the newest revision} of what was entered for a school year."""
    rows = session.scalars(
        select(EnteredFigure)
        .where(EnteredFigure.unit_id.in_(unit_ids), EnteredFigure.year_code == year_code)
        .order_by(EnteredFigure.revision)
    )
    return {(row.unit_id, row.item): row for row in rows}


def entered_for(session: Session, unit_ids: Collection[int], year_code: str) -> Iterator[Entered]:
    """Yield the counts that were entered for these units themselves, not for those below them."""
    for row in figures_of(session, unit_ids, year_code).values():
        answer = Answer(Item(row.item), row.part, row.whole, row.source)
        for count, value in answer.counts().items():
            yield Entered(row.unit_id, count, value, answer.level)


def units_to_ask(actor: Actor) -> list[OrgUnit]:
    """Return the units about which the actor may enter something: schools, wards, the province; in order."""
    kinds = (UnitKind.PROVINCE, UnitKind.WARD, UnitKind.SCHOOL)
    return list(
        db.session().scalars(
            select(OrgUnit)
            .where(OrgUnit.id.in_(below(actor.unit_ids(VIEW_INPUTS))), OrgUnit.kind.in_(kinds))
            .order_by(OrgUnit.name_sort, OrgUnit.id)
        )
    )
