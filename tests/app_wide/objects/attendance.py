"""Registers and what is said about a pupil's days: excuses, corrections, gates, outings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from app import clock, db
from app.access import SYSTEM, Actor, Role
from app.school.models import SchoolClass
from app.school.rules import DaySession
from attendance.corrections.models import MarkCorrection
from attendance.excuses.commands import Asked, request_excuse
from attendance.excuses.commands.papers import keep_papers
from attendance.excuses.models import ExcuseFile
from attendance.excuses.rules import Source, Span
from attendance.excuses.rules.papers import Paper, PaperKind
from attendance.gates.models import Gate as CardGate
from attendance.outings.commands import plan_outing
from attendance.outings.rules import Plan as OutingPlan
from attendance.registers.commands.opening import open_register
from tests.app_wide.objects.kind import Kind, class_of, numbers, school_of
from tests.world import MONDAY

if TYPE_CHECKING:
    from tests.world import World


def _register(world: World, role: Role, relation: str) -> int:
    with world.app.app_context():
        school_class = db.session().get_one(SchoolClass, class_of(world, role, relation))
        return open_register(school_class, MONDAY, DaySession.MORNING)


def _correction(world: World, role: Role, relation: str) -> int:
    """A request to correct the register of the class in question."""
    register_id = _register(world, role, relation)
    with world.app.app_context(), db.transaction() as session:
        row = MarkCorrection(
            client_key=f"{role}-{relation}-fix"[:40],
            register_id=register_id,
            pupil_id=world.pupil_ids[relation][next(numbers) % 6],
            letter="P",
            why="Phụ huynh nộp đơn trễ",
            state="rejected",
            requested_by=world.user_ids[role],
            requested_at=clock.now(),
            decided_by=world.user_ids[role],
            decided_at=clock.now(),
            decision_note="",
        )
        session.add(row)
        session.flush()
        return row.id


def _excuse(world: World, role: Role, relation: str) -> int:
    """An excuse of the pupil in question."""
    span = Span(MONDAY, 1, MONDAY, 3)
    asked = Asked(f"{role}-{relation}-excuse"[:40], span, "Bệnh", Source.OFFICE)
    actor = Actor(world.user_ids[role], "")
    with world.app.app_context():
        pupil_id = world.pupil_ids[relation][0]
        return request_excuse(actor, pupil_id, school_of(world, role, relation), asked)


def _excuse_file(world: World, role: Role, relation: str) -> int:
    """A paper of an excuse of the pupil in question."""
    excuse_id = _excuse(world, role, relation)
    with world.app.app_context(), db.transaction() as session:
        paper = Paper("a.pdf", PaperKind.PDF, b"%PDF-", "0" * 64)
        keep_papers(session, Actor(world.user_ids[role], ""), excuse_id, [paper])
        return session.scalars(select(ExcuseFile.id).where(ExcuseFile.excuse_id == excuse_id)).one()


def _gate(world: World, role: Role, relation: str) -> int:
    key = f"{next(numbers):016d}"
    with world.app.app_context(), db.transaction() as session:
        row = CardGate(
            school_id=school_of(world, role, relation),
            name="Cổng chính",
            client_key=key,
            key_id=key,
            public_pem="",
            made_at=clock.now(),
        )
        session.add(row)
        session.flush()
        return row.id


def _outing(world: World, role: Role, relation: str) -> int:
    plan = OutingPlan("Hội khỏe Phù Đổng", MONDAY, MONDAY)
    with world.app.app_context():
        return plan_outing(SYSTEM, school_of(world, role, relation), plan, f"outing-{next(numbers)}")


KINDS: Final[dict[str, Kind]] = {
    "register_id": Kind("class", _register),
    "correction_id": Kind("class", _correction),
    "excuse_id": Kind("pupil", _excuse),
    "excuse_file_id": Kind("pupil", _excuse_file),
    "gate_id": Kind("school", _gate),
    "outing_id": Kind("school", _outing),
}
