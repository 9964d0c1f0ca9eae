"""A month from the marks of then is, byte for byte, what was approved then; and what changed since is said."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from app import clock, db
from app.access import SYSTEM, Role
from app.audit.commands import record
from app.school.calendar.commands import decide_days
from app.school.calendar.commands import undo_change as undo_decision
from app.school.calendar.rules import Decision
from app.school.enrolment.commands.steps import Step, move_pupil
from app.school.enrolment.commands.steps import undo_change as undo_step
from app.school.models import OrgUnit
from app.school.rules import DayKind
from reports.cubes.commands import refresh_recent
from reports.cubes.queries import month_of_school
from reports.past.queries import month_then, unknown_since
from reports.submissions.commands import approve_report
from reports.submissions.queries import submission_of
from tests.attendance.registers.conftest import Desk, desk
from tests.reports.figures import OCTOBER
from tests.world import MONDAY, MORNING

if TYPE_CHECKING:
    from reports.cubes.rules import SchoolMonth
    from tests.world import World

__all__ = ["desk"]
CORRECTED = MORNING + timedelta(hours=3)


def school_of(world: World) -> OrgUnit:
    return db.session().get_one(OrgUnit, world.school_ids["a"])


def today(world: World) -> SchoolMonth:
    return month_of_school(db.session(), school_of(world), OCTOBER, clock.today())


def test_what_was_approved_comes_back_byte_for_byte_from_the_marks_of_then(desk: Desk) -> None:
    world = desk.world
    assert desk.save(desk.operation(0, "P"), desk.operation(1, "T")).status_code == 200
    with clock.at(MORNING + timedelta(hours=1)), world.app.app_context():
        refresh_recent()  # the other days of the month, of which no register tells
        approve_report(SYSTEM, school_of(world), OCTOBER, today(world).digest, "tháng chưa hết")
        db.session().commit()
        approved = submission_of(db.session(), world.school_ids["a"], OCTOBER)
        assert approved is not None
        stored = (approved.counts, approved.counts_hash)
    with clock.at(CORRECTED):
        assert desk.correct(0, "K").status_code == 200
        with world.app.app_context():
            session, school = db.session(), school_of(world)
            then = month_then(session, school, OCTOBER, CORRECTED - timedelta(minutes=1))
            assert (then.as_text(), then.digest) == stored
            assert month_then(session, school, OCTOBER, clock.now()).as_text() == today(world).as_text()
            assert today(world).digest != then.digest
            before = month_then(session, school, OCTOBER, MORNING - timedelta(minutes=30))
            assert (before.counts.sessions_taken, before.counts.expected) == (0, 0)
            assert before.counts.sessions_due == then.counts.sessions_due
        page = world.client(Role.PRINCIPAL).get(
            f"/reports/past/{world.school_ids['a']}?month=2026-10&at=2026-10-05T09:00"
        )
        assert "khớp từng chữ số" in page.text
        assert stored[1] in page.text
        assert "đã thay đổi" in page.text
        arguments = ["figures", "then", "--school", "THA", "--period", "2026-10", "--at", "2026-10-05T09:00"]
        told = world.app.test_cli_runner().invoke(args=arguments)
        assert told.output.splitlines()[0] == f"sha256 {stored[1]}"
        assert "Khớp từng byte" in told.output
        assert "Khác hôm nay: 1 lớp. 4/1" in told.output


def test_only_who_sees_reports_sees_the_past(desk: Desk) -> None:
    address = f"/reports/past/{desk.world.school_ids['b']}?month=2026-10"
    assert desk.world.client(Role.DEPARTMENT_OFFICER).get(address).status_code == 200
    assert desk.world.client(Role.PRINCIPAL).get(address).status_code == 404
    nothing = desk.world.client(Role.DEPARTMENT_OFFICER).get(address.replace("2026-10", "2026-07")).text
    assert ("Chưa có dữ liệu của tháng này" in nothing, "<tbody>" in nothing) == (True, False)
    wrong = f"{address}&at=hôm-qua"
    assert desk.world.client(Role.DEPARTMENT_OFFICER).get(wrong).status_code == 422


def test_lists_and_calendar_are_those_of_then_and_what_cannot_be_known_is_said(desk: Desk) -> None:
    world = desk.world
    assert desk.save(desk.operation(0, "P")).status_code == 200
    school, own, other = (world.school_ids["a"], world.class_ids["own"], world.class_ids["other_class"])
    pupil, until = desk.pupils[2], MORNING + timedelta(hours=1)
    with clock.at(until), world.app.app_context():
        stood = month_then(db.session(), school_of(world), OCTOBER, until)
    with clock.at(until + timedelta(hours=1)), world.app.app_context():
        move_pupil(SYSTEM, pupil, other, Step("moved-since", MONDAY))
        undone = move_pupil(SYSTEM, desk.pupils[3], other, Step("moved-and-undone", MONDAY))
        decision = decide_days(
            SYSTEM, school, Decision(MONDAY, MONDAY + timedelta(days=1), DayKind.CLOSURE, note="bão"), "storm"
        )
    with clock.at(until + timedelta(hours=2)), world.app.app_context():
        session = db.session()
        now, then = today(world), month_then(session, school_of(world), OCTOBER, until)
        assert then.as_text() == stood.as_text()
        assert sizes(then)[own] == sizes(now)[own] + 2
        between = clock.now() - timedelta(minutes=30)
        assert sizes(month_then(session, school_of(world), OCTOBER, between)) == sizes(now)
        undo_step(SYSTEM, undone)
        undo_decision(SYSTEM, decision)
    with clock.at(until + timedelta(hours=3)), world.app.app_context():
        session = db.session()
        assert (
            sizes(month_then(session, school_of(world), OCTOBER, between))[own]
            == sizes(today(world))[own] - 1
        )
        closed = month_then(session, school_of(world), OCTOBER, between)
        assert closed.counts.sessions_due < stood.counts.sessions_due
        reopened = month_then(session, school_of(world), OCTOBER, clock.now())
        assert reopened.counts.sessions_due == stood.counts.sessions_due
        assert month_then(session, school_of(world), OCTOBER, until).as_text() == stood.as_text()
        assert unknown_since(session, school, until) == []
        with db.transaction() as writing:
            record(writing, SYSTEM, "class.renamed", ("class", own), {})
        assert len(unknown_since(db.session(), school, until)) == 1
    address = f"/reports/past/{school}?month=2026-10&at=2026-10-05T08:10"
    with clock.at(until + timedelta(hours=3)):
        assert "Có lớp đổi tên sau đó" in world.client(Role.PRINCIPAL).get(address).text


def sizes(month: SchoolMonth) -> dict[int, int]:
    return {row.class_id: row.counts.pupils for row in month.classes}
