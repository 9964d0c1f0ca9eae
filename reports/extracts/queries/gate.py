"""Asking the gate about every school: of the period, and of each month and semester in it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from sqlalchemy import select

from app.school.models import OrgUnit
from reports.cubes.queries import classes_in_span, months_of_schools
from reports.cubes.rules import Month
from reports.disclosure.rules import Key
from reports.indicators.rules import Counts
from reports.releases.queries import frozen_by_school, together_by_school
from reports.releases.rules import Guarded, guard_classes
from reports.tallies.queries import period_named
from reports.tallies.rules import PeriodKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from app.school.organisation.rules import Unit
    from reports.tallies.rules import Lines, Period


def patterns_of(
    session: Session, schools: Sequence[Unit], period: Period, today: date, lines: Lines
) -> dict[tuple[int, str], Guarded]:
    """Return the pattern of every school for the period, and for each of its months when it has several.

    The period's own is worked out from the very lines that the extract is counted from.
    """
    found: dict[tuple[int, str], Guarded] = {}
    units = session.scalars(select(OrgUnit).where(OrgUnit.id.in_([unit.id for unit in schools]))).all()
    ids = [unit.id for unit in units]
    held: defaultdict[int, set[Key]] = defaultdict(set)
    for month in months_in(period, today):
        gate = _Gate.of(session, ids, str(month))
        for row in months_of_schools(session, units, month, today):
            classes = {one.class_id: one.counts for one in row.classes}
            found[row.school_id, str(month)] = gate.guard(row.school_id, classes)
            held[row.school_id] |= found[row.school_id, str(month)].withheld
    for semester in semesters_in(session, period, today):
        gate, inside = _Gate.of(session, ids, semester.name), months_in(semester, today)
        for school_id, classes in classes_in_span(session, ids, semester, today).items():
            months = [
                found[school_id, str(month)].withheld for month in inside if (school_id, str(month)) in found
            ]
            found[school_id, semester.name] = gate.guard(school_id, classes, frozenset[Key]().union(*months))
            held[school_id] |= found[school_id, semester.name].withheld
    gate = _Gate.of(session, ids, period.name)
    for school_id in ids:
        classes = _counts_of_classes(lines.of_schools([school_id]))
        found[school_id, period.name] = gate.guard(school_id, classes, frozenset(held[school_id]))
    return found


@dataclass(frozen=True, slots=True)
class _Gate:
    """What earlier releases of a period, and of the other periods, withheld of each school."""

    frozen: Mapping[int, frozenset[Key]]
    together: Mapping[int, frozenset[Key]]

    @classmethod
    def of(cls, session: Session, school_ids: Sequence[int], period: str) -> Self:
        """Read it for a period."""
        return cls(
            frozen_by_school(session, school_ids, period), together_by_school(session, school_ids, period)
        )

    def guard(
        self, school_id: int, classes: Mapping[int, Counts], held: frozenset[Key] = frozenset()
    ) -> Guarded:
        """Protect a school's classes; `held` is what periods within this one withhold."""
        whole = sum(classes.values(), start=Counts())
        frozen = self.frozen[school_id] | held
        return guard_classes(whole, classes, frozen, together=self.together[school_id])[0]


def semesters_in(session: Session, period: Period, today: date) -> list[Period]:
    """Return the semesters of a school year that have begun; none of a shorter period."""
    if period.kind is not PeriodKind.YEAR:
        return []
    found = [period_named(session, f"{period.name}-{number}") for number in (1, 2)]
    return [one for one in found if one is not None and one.first <= today]


def months_in(period: Period, today: date) -> list[Month]:
    """Return the months that a period touches until today; the period's first one at least."""
    months = [Month.of(period.first)]
    while months[-1].after_last < period.after_last and months[-1].after_last <= today:
        months.append(months[-1].next)
    return months


def _counts_of_classes(lines: Lines) -> dict[int, Counts]:
    """Return the additive counts of each class of a school in the period, of the same lines that the extract is of."""
    found = {
        line.class_id: Counts(
            classes=1,
            sessions_due=line.sessions_due,
            sessions_taken=line.sessions_taken,
            lessons_held=line.lessons_held,
        )
        for line in lines.classes
    }
    for line in lines.pupils:
        found[line.class_id] = found.get(line.class_id, Counts()) + Counts(
            pupils=int(line.is_on_roll),
            expected=line.expected,
            excused=line.excused,
            unexcused=line.unexcused,
            pending=line.pending,
            late=line.late,
        )
    return found
