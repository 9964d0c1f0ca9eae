"""The registers of a day: a teacher's own, a school's, and the cards of both on the home page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import redirect, render_template, request, url_for

from app import clock, db
from app.access import Role
from app.http import current_actor, is_fragment
from app.i18n import N_
from app.lists.rules import Column, Filter, ListSpec, in_memory
from app.lists.views import answer
from app.school.queries import day_at_school, place_of_unit, school_for, schools_for
from app.school.rules import SESSION_NAMES, DaySession
from attendance.absences.queries import runs_of_absence
from attendance.arrivals.rules import RECORD_ARRIVALS
from attendance.corrections.queries import count_waiting
from attendance.gates.rules import MANAGE_GATES
from attendance.months.rules import TYPE_PAPER
from attendance.outings.rules import PLAN_OUTINGS
from attendance.registers.queries.periods import skipped_periods
from attendance.registers.queries.today import RegisterLine, absences_of, lines_of_day, school_session
from attendance.registers.queries.totals import missing_by_school
from attendance.registers.rules.states import (
    STATE_NAMES,
    TAKE_REGISTER,
    VIEW_ATTENDANCE_TODAY,
    RegisterState,
    is_time_for,
    session_at,
)
from attendance.registers.views.sheet import bp
from attendance.rulebook.rules import EDIT_RULEBOOK

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from flask import Response as FileResponse
    from werkzeug.wrappers import Response

    from app.access import Actor
    from app.school.models import OrgUnit
    from app.school.queries import UnitRow
    from attendance.registers.queries.today import AbsenceLine

MOST_ON_HOME: Final = 4


@bp.get("/registers")
def index() -> Response | FileResponse | str:
    """Show today's registers of one's own classes; who sees whole schools goes on to them."""
    actor = current_actor()
    if not actor.class_ids(TAKE_REGISTER):
        return _schools(actor)
    homeroom, others = _own_lines(actor)
    return render_template(
        "registers/index.html",
        homeroom=homeroom,
        others=others,
        day=clock.today(),
        session_names=SESSION_NAMES,
        state_names=STATE_NAMES,
        moment=clock.local(clock.now()).time(),
    )


def _schools(actor: Actor) -> Response | FileResponse | str:
    schools = schools_for(actor, VIEW_ATTENDANCE_TODAY)
    if len(schools) == 1:
        return redirect(url_for("registers.today", school_id=schools[0].id))
    ids = [unit.id for unit in schools]
    missing = missing_by_school(db.session(), clock.today(), _session_now(), ids)
    spec = _schools_list(missing)
    return answer("registers/schools.html", spec, in_memory(spec, schools))


def _schools_list(missing: Mapping[int, int]) -> ListSpec[OrgUnit | UnitRow]:
    return ListSpec(
        name="schools",
        title=N_("Điểm danh hôm nay"),
        columns=(
            Column(
                "name",
                N_("Trường"),
                lambda unit: unit.name,
                link=lambda unit: url_for("registers.today", school_id=unit.id),
            ),
            Column("missing", N_("Lớp chưa điểm danh"), lambda unit: missing.get(unit.id, 0), numeric=True),
        ),
        filters=(
            Filter(
                "taken",
                N_("Trạng thái"),
                (("no", N_("Còn lớp chưa điểm danh")), ("yes", N_("Đã điểm danh đủ"))),
                lambda unit, wanted: bool(missing.get(unit.id)) == (wanted == "no"),
            ),
        ),
        search_label=N_("Tìm trường"),
        search=lambda unit: unit.name,
    )


def _own_lines(actor: Actor) -> tuple[list[RegisterLine], list[RegisterLine]]:
    """Return today's registers of the classes whose homeroom teacher one is, and of the other classes."""
    class_ids = actor.class_ids(TAKE_REGISTER)
    if not class_ids:
        return [], []
    lines = lines_of_day(db.session(), clock.today(), class_ids=class_ids)
    own = {grant.class_id for grant in actor.grants if grant.role is Role.HOMEROOM_TEACHER}
    return [line for line in lines if line.class_id in own], [
        line for line in lines if line.class_id not in own
    ]


def _session_now() -> DaySession:
    return session_at(clock.local(clock.now()).time())


@bp.get("/attendance/today/<int:school_id>")
def today(school_id: int) -> str:
    """Show a school's session: registers taken and missing, who is absent. htmx asks again every 15 seconds."""
    unit = school_for(current_actor(), VIEW_ATTENDANCE_TODAY, school_id)
    lines = lines_of_day(db.session(), clock.today(), school_ids=[school_id])
    offered = _sessions_of(lines)
    chosen = _chosen_session(offered)
    template = "registers/today_session.html" if is_fragment() else "registers/today.html"
    return render_template(
        template,
        unit=unit,
        found=school_session(db.session(), school_id, clock.today(), chosen, lines),
        chosen=chosen,
        tabs=[
            {
                "label": SESSION_NAMES[one],
                "url": url_for("registers.today", school_id=school_id, session=one.value),
                "current": one is chosen,
            }
            for one in offered
        ],
        runs=[] if is_fragment() else runs_of_absence(db.session(), school_id, clock.today()),
        waiting=count_waiting(db.session(), school_id),
        may_type=current_actor().may(TYPE_PAPER, place_of_unit(school_id)),
        may_edit_rules=current_actor().may(EDIT_RULEBOOK, place_of_unit(school_id)),
        links=_links(current_actor(), school_id),
        skipped=skipped_periods(db.session(), clock.today(), school_id=school_id),
        is_time=is_time_for(chosen, clock.local(clock.now()).time()),
        school_day=day_at_school(db.session(), school_id, clock.today()),
        session_names=SESSION_NAMES,
        state_names=STATE_NAMES,
        moment=clock.local(clock.now()),
    )


def _links(actor: Actor, school_id: int) -> dict[str, str]:
    """Return the ways to what this person also does for a school's registers."""
    place = place_of_unit(school_id)
    doors = (
        ("late", RECORD_ARRIVALS, "arrivals.desk"),
        ("outings", PLAN_OUTINGS, "outings.of_school"),
        ("gates", MANAGE_GATES, "gates.index"),
    )
    return {
        name: url_for(page, school_id=school_id) for name, needs, page in doors if actor.may(needs, place)
    }


def _sessions_of(lines: Sequence[RegisterLine]) -> list[DaySession]:
    there = {line.day_session for line in lines}
    return [one for one in DaySession if one in there]


def _chosen_session(offered: Sequence[DaySession]) -> DaySession:
    """Return the session that was asked for, else the one that is on."""
    asked = request.args.get("session", "")
    return DaySession(asked) if asked in set(DaySession) else _session_on(offered)


def _session_on(offered: Sequence[DaySession]) -> DaySession:
    """Return the session that is on, else the last one before it that there is, else the first of the day."""
    moment = clock.local(clock.now()).time()
    begun = [one for one in offered if is_time_for(one, moment)]
    return begun[-1] if begun else (offered[0] if offered else DaySession.MORNING)


# --- the home page ------------------------------------------------------------------------------------------------


def own_card(actor: Actor) -> dict[str, object] | None:
    """Return what a teacher has to take now: of the own class, without one of the classes taught; None when nothing."""
    homeroom, others = _own_lines(actor)
    moment = clock.local(clock.now()).time()
    asked = [line for line in homeroom or others if line.is_asked_for(moment)]
    done = [line for line in homeroom if not line.is_missing and is_time_for(line.day_session, moment)]
    if not asked and not done:
        return None
    return {
        "asked": asked[:MOST_ON_HOME],
        "more": max(0, len(asked) - MOST_ON_HOME),
        "done": done,
        "session_names": SESSION_NAMES,
        "state_names": STATE_NAMES,
    }


def school_card(actor: Actor) -> dict[str, object] | None:
    """Return how many registers of the running session, or the last one, are missing, for who looks after a school."""
    schools = schools_for(actor, VIEW_ATTENDANCE_TODAY)
    if not schools or len(schools) > MOST_ON_HOME:
        return None
    lines = lines_of_day(db.session(), clock.today(), school_ids=[unit.id for unit in schools])
    chosen = _session_on(_sessions_of(lines))
    of_session = [line for line in lines if line.day_session is chosen]
    if not of_session:
        return None
    return {
        "session_name": SESSION_NAMES[chosen],
        "missing": [line.class_name for line in of_session if line.is_missing],
        "without_reason": _without_reason(of_session) if len(schools) == 1 else [],
        "rows": [
            {
                "unit": unit,
                "taken": sum(line.is_taken for line in of_session if line.school_id == unit.id),
                "due": sum(
                    line.school_id == unit.id and line.state is not RegisterState.NOT_HELD
                    for line in of_session
                ),
                "unexcused": sum(line.counters.unexcused for line in of_session if line.school_id == unit.id),
                "excused": sum(line.counters.excused for line in of_session if line.school_id == unit.id),
            }
            for unit in schools
        ],
    }


def _without_reason(lines: list[RegisterLine]) -> list[AbsenceLine]:
    """Return who is absent without leave, or for a reason that nobody knows yet."""
    found = absences_of(db.session(), [line for line in lines if line.is_taken])
    return [one for one in found if not one.is_present and not one.is_authorised]
