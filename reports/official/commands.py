"""Letting official forms leave: attacked, frozen and logged first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from app import db
from app.audit.commands import record
from app.i18n import N_
from reports.attacker.rules import audit_split
from reports.cubes.rules import Month
from reports.official.queries import counted_form, dataset_of, full_forms
from reports.official.rules import sum_of_forms
from reports.official.rules.form import WHOLE
from reports.releases.commands import freeze_pattern
from reports.releases.rules import RULE, UnsafeReleaseError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy.orm import Session

    from app.access import Actor
    from app.school.models import OrgUnit
    from reports.attacker.rules import Certificate
    from reports.disclosure.rules import Key
    from reports.official.queries import Counted
    from reports.official.rules import Column, Form, OfficialPeriod

NOTHING_WITHHELD: Final = frozenset[tuple[str, ...]]()


def note_view(actor: Actor, unit: OrgUnit, period: OfficialPeriod) -> None:
    """Log that somebody looked at a complete form."""
    with db.transaction() as session:
        details = {"report": "official", "month": period.name}
        record(session, actor, "figures.viewed", ("unit", unit.id), details)


def told_inside(unit: OrgUnit, schools: Sequence[OrgUnit], period: OfficialPeriod) -> Form:
    """Return the complete form of a unit, for those on duty; `schools` are those of the unit."""
    forms = full_forms(db.session(), schools, period)
    is_school = [one.id for one in schools] == [unit.id]
    return forms[0] if is_school else sum_of_forms(unit.code, unit.name, period.name, forms)


@dataclass(frozen=True, slots=True)
class PreparedForm:
    """A school's form, guarded and attacked: what each group's attacker said."""

    counted: Counted
    certificates: Mapping[Column, Certificate]


def prepare_form(school: OrgUnit, period: OfficialPeriod) -> PreparedForm:
    """Guard a school's form and have it attacked. Slow: in a thread of its own. Raises UnsafeReleaseError."""
    counted = counted_form(db.session(), school, period)
    certificates = {column: _attacked(counted, column) for column in counted.patterns}
    db.session().rollback()
    return PreparedForm(counted, certificates)


def freeze_form(session: Session, prepared: PreparedForm, period: OfficialPeriod) -> None:
    """Freeze what a form withholds and keep what the attacker said, in the running transaction."""
    one = prepared.counted
    month = str(Month.of(period.as_of))
    freeze_pattern(session, one.school_id, month, one.classes.withheld, one.classes.certificate)
    for column, pattern in one.patterns.items():
        cells: frozenset[Key] = frozenset((part,) for part in pattern.withheld)
        cells |= {()} if pattern.hides_total else NOTHING_WITHHELD
        freeze_pattern(
            session, one.school_id, period.name, cells, prepared.certificates[column], dataset_of(column)
        )


def release_form(
    actor: Actor,
    unit: OrgUnit,
    schools: Sequence[OrgUnit],
    period: OfficialPeriod,
    purpose: str,
    report: Callable[[int, int, str], None] = lambda *_progress: None,
) -> Form:
    """Return the form of a unit as it may leave; `schools` are those of the unit. Slow: in a thread of its own.

    `report` is told how far it is: done, all, doing what.

    Raises UnsafeReleaseError when the attacker breaks a split.
    """
    prepared = []
    for done, school in enumerate(schools):
        report(done, len(schools), N_("Đang che số liệu không được công bố"))
        prepared.append(prepare_form(school, period))
    forms = [one.counted.outside for one in prepared]
    is_school = [one.id for one in schools] == [unit.id]
    form = forms[0] if is_school else sum_of_forms(unit.code, unit.name, period.name, forms)
    with db.transaction() as session:
        for one in prepared:
            freeze_form(session, one, period)
        details = {"period": period.name, "form": purpose, "sha256": form.digest}
        record(session, actor, "official.exported", ("unit", unit.id), details)
    return form


def _attacked(one: Counted, column: Column) -> Certificate:
    """Have a split attacked; raise UnsafeReleaseError when it can be broken."""
    split = one.form.split(column)
    told = {line.grade: line.counts[column] for line in one.outside.lines}
    total = told.pop(WHOLE)
    certificate = audit_split(split.pupils, {part: told[part] for part in split.pupils}, total, RULE)
    if not certificate.passed:
        message = f"the split {column} can be broken"
        raise UnsafeReleaseError(message)
    return certificate
