"""The page "as it was then": a school's month at a moment beside today's. Complete, so each view is logged."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from flask import Blueprint, render_template, request

from app import clock, db
from app.errors import InvalidError
from app.http import current_actor
from app.i18n import say
from app.jobs import offload
from app.school.queries import school_for
from reports.cubes.queries import month_of_school
from reports.cubes.rules import Month
from reports.indicators.commands import note_view
from reports.indicators.queries import line_of
from reports.indicators.rules import VIEW_REPORT, Counts
from reports.past.queries import month_then, steps_with, unknown_since

if TYPE_CHECKING:
    from app.school.models import OrgUnit
    from reports.cubes.rules import ClassMonth, SchoolMonth
    from reports.indicators.queries import Line

bp = Blueprint("past", __name__, template_folder="templates")


@bp.get("/reports/past/<int:school_id>")
def month(school_id: int) -> str:
    """Show a school's month as its registers stood at a moment, class by class beside today."""
    actor = current_actor()
    school = school_for(actor, VIEW_REPORT, school_id)
    wanted = Month.parse(request.args.get("month", "")) or Month.of(clock.today()).previous
    moment = _moment(wanted)
    note_view(actor, "past", school.id, wanted)
    now = month_of_school(db.session(), school, wanted, clock.today())
    then = offload(lambda: month_then(db.session(), school, wanted, moment, now))
    return render_template(
        "past/month.html",
        school=school,
        month=wanted,
        moment=clock.local(moment),
        rows=_rows(then, now),
        whole=(_line(school, then), _line(school, now)),
        digests=(then.digest, now.digest),
        steps=steps_with(db.session(), then),
        unknown=unknown_since(db.session(), school.id, moment),
    )


def _moment(month: Month) -> datetime:
    """Return the moment that the address names in local time; the end of the month's last day otherwise."""
    text = request.args.get("at", "")
    if not text:
        midnight = datetime.combine(month.after_last, datetime.min.time(), clock.local(clock.now()).tzinfo)
        return min(midnight.astimezone(UTC), clock.now())
    return read_moment(text)


def read_moment(text: str) -> datetime:
    """Return the instant that a local time such as 2026-11-02T09:00 names. Raises InvalidError for another text."""
    try:
        local = datetime.fromisoformat(text)
    except ValueError as error:
        message = say("Hãy ghi thời điểm dạng 2026-11-02T09:00.")
        raise InvalidError(message, {"at": message}) from error
    return local.replace(tzinfo=clock.local(clock.now()).tzinfo).astimezone(UTC)


def _rows(then: SchoolMonth, now: SchoolMonth) -> list[tuple[Line, Line, bool]]:
    """Return (then, now, is the same) of each class that is there now or was then."""
    before = {row.class_id: row for row in then.classes}
    after = {row.class_id: row for row in now.classes}
    rows = [*now.classes, *(row for row in then.classes if row.class_id not in after)]
    return [
        (
            line_of(row.class_id, row.name, _counts_of(before.get(row.class_id)), now.month),
            line_of(row.class_id, row.name, _counts_of(after.get(row.class_id)), now.month),
            _counts_of(before.get(row.class_id)) == _counts_of(after.get(row.class_id)),
        )
        for row in rows
    ]


def _counts_of(row: ClassMonth | None) -> Counts:
    return row.counts if row else Counts()


def _line(school: OrgUnit, figures: SchoolMonth) -> Line:
    return line_of(school.id, school.name, figures.counts, figures.month)
