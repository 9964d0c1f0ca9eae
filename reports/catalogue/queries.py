"""What the pages of indicators need besides the catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app import db
from app.school.models import OrgUnit
from app.school.queries import UnitRow, below, unit_rows
from reports.indicators.rules import VIEW_REPORT, Definition, definition

if TYPE_CHECKING:
    from datetime import date

    from app.access import Actor

_SIDE_BY_SIDE: Final = (
    ("dropout_rate", "dropout_rate_uis"),
    ("gross_enrolment", "net_enrolment", "out_of_school"),
    ("chronic_absence", "pupils_over_20", "pupils_over_45"),
)
"""Definitions of neighbouring things, of different families."""


def beside(one: Definition, day: date) -> list[Definition]:
    """Return the definitions that stand beside an indicator, as they are on a day."""
    group = next((group for group in _SIDE_BY_SIDE if one.code in group), ())
    return [definition(code, day) for code in group if code != one.code]


def units_for_export(actor: Actor) -> list[UnitRow]:
    """Return provinces and wards within the actor's reach; schools have a list of their own."""
    query = unit_rows().where(
        OrgUnit.id.in_(below(actor.unit_ids(VIEW_REPORT))),
        OrgUnit.kind.in_(("province", "ward")),
        OrgUnit.valid_to.is_(None),
    )
    rows = db.session().execute(query.order_by(OrgUnit.kind, OrgUnit.name_sort))
    return [UnitRow(*row) for row in rows]
