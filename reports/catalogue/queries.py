"""What the pages of indicators need besides the catalogue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from app import db
from app.school.models import OrgUnit
from app.school.queries import UnitRow, below, unit_rows
from reports.indicators.rules import VIEW_REPORT, Count, Definition, Value, definition, evaluate, is_known
from reports.recent.queries import as_a_whole
from reports.tallies.queries import cohort_of, grade_totals
from reports.tallies.rules import Selection, Tally, reconstructed, tally

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from sqlalchemy.orm import Session

    from app.access import Actor
    from reports.tallies.rules import Period

COHORT_GROUPS: Final = (
    ("dropout_rate", "dropout_rate_uis", "dropout_rate_reconstructed"),
    ("repetition_rate", "repetition_rate_reconstructed"),
)
"""The true cohort (each pupil is followed) beside the one that is reconstructed from totals."""
_SIDE_BY_SIDE: Final = (
    *COHORT_GROUPS,
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


RECONSTRUCTED_FROM: Final = (Count.LISTED, Count.LISTED_ABOVE, Count.REPEATING_ABOVE, Count.REPEATING)


@dataclass(frozen=True, slots=True)
class CohortRow:
    """A grade, or all of them (None): the totals that the reconstructed method goes by, and the rates of all methods.

    None for a total or a rate that cannot be known.
    """

    grade: int | None
    totals: tuple[int | None, ...]
    values: tuple[Value | None, ...]


def cohort_rows(
    session: Session, schools: Collection[int], period: Period, codes: tuple[str, ...], today: date
) -> list[CohortRow]:
    """Return a row for each grade of some schools, and one for all; none while next year's 30 September is to come.

    Of many schools as it was within five minutes.
    """
    shown = [definition(code, period.first) for code in codes]
    what = ("cohorts", period.name, codes, today)
    return as_a_whole(session, what, schools, lambda: _cohort_rows(session, schools, period, shown, today))


def _cohort_rows(
    session: Session, schools: Collection[int], period: Period, shown: list[Definition], today: date
) -> list[CohortRow]:
    totals = grade_totals(session, schools, period, today)
    if not totals:
        return []
    cohort = cohort_of(session, schools, period, today)
    rows = []
    for grade in (*(one.grade for one in totals if one.listed), None):
        by_totals = reconstructed(totals, grade)
        both = Tally({**tally(cohort, selection=Selection(grade=grade)).values, **by_totals.values})
        rows.append(
            CohortRow(
                grade,
                tuple(by_totals.count(one) for one in RECONSTRUCTED_FROM),
                tuple(evaluate(one, both) if is_known(one, both) else None for one in shown),
            )
        )
    return rows
