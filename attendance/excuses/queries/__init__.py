"""Reading excuses: the authorised loader, lists for people, what excuses say of the pupils of a register."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import aliased

from app import clock, db
from app.accounts.models import User
from app.errors import NotFoundError
from app.school.models import ClassMembership, Enrolment, Pupil, SchoolClass
from app.school.queries import holds_on, places_of_pupil
from attendance.absences.models import AbsenceOpening
from attendance.excuses.models import Excuse, ExcuseCover, ExcuseFile
from attendance.excuses.rules import ExcuseState, Source, Span
from attendance.registers.models import AttendanceCode, Mark, Register
from attendance.registers.rules.states import PERIODS_APART

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from app.access import Actor, Permission
    from app.claims import Ground
    from attendance.excuses.queries.history import PaperLine, StepLine


def excuse_for(actor: Actor, permission: Permission, excuse_id: int) -> Excuse:
    """Return the excuse when the actor may do this where its pupil is now, at the school that it was sent to.

    A draft is its writer's alone.
    """
    excuse = db.session().get(Excuse, excuse_id)
    if excuse is None or (excuse.state == ExcuseState.DRAFT and excuse.requested_by != actor.user_id):
        raise NotFoundError
    places = places_of_pupil(excuse.pupil_id, clock.today())
    if not any(excuse.school_id in place.unit_ids and actor.may(permission, place) for place in places):
        raise NotFoundError
    return excuse


def paper_for(actor: Actor, permission: Permission, file_id: int) -> ExcuseFile:
    """Return a paper of an excuse when the actor may do this with the excuse."""
    found = db.session().get(ExcuseFile, file_id)
    if found is None:
        raise NotFoundError
    excuse_for(actor, permission, found.excuse_id)
    return found


def school_of_pupil(session: Session, pupil_id: int, day: date) -> int | None:
    """Return the school at which a pupil is enrolled on a day."""
    return session.scalar(
        select(Enrolment.school_id).where(Enrolment.pupil_id == pupil_id, holds_on(Enrolment, day)).limit(1)
    )


def span_of(excuse: Excuse) -> Span:
    """Return from when to when an excuse is."""
    return Span(excuse.first_day, excuse.first_slot, excuse.last_day, excuse.last_slot)


@dataclass(frozen=True, slots=True)
class ExcuseLine:
    """An excuse for people; `steps` and `papers` only where they were asked for."""

    row: Excuse
    pupil: str
    pupil_sort: str
    class_id: int | None
    class_name: str
    by: str
    decided_by: str
    steps: Sequence[StepLine] = ()
    papers: Sequence[PaperLine] = ()

    @property
    def state(self) -> ExcuseState:
        """Where it stands."""
        return ExcuseState(self.row.state)

    @property
    def source(self) -> Source:
        """Who brought it."""
        return Source(self.row.source)


def excuses(
    session: Session,
    *,
    pupil_id: int | None = None,
    school_id: int | None = None,
    class_ids: Collection[int] | None = None,
    reader_id: int = 0,
) -> list[ExcuseLine]:
    """Return the excuses of a pupil, a school or some classes: those that wait first, then the latest. One query.

    Drafts are those of `reader_id` alone.
    """
    decider, today = aliased(User), clock.today()
    query = (
        select(Excuse, Pupil.full_name, Pupil.name_sort, SchoolClass.id, SchoolClass.name)
        .add_columns(User.full_name, decider.full_name)
        .join(Pupil, Pupil.id == Excuse.pupil_id)
        .join(User, User.id == Excuse.requested_by)
        .outerjoin(decider, decider.id == Excuse.decided_by)
        .outerjoin(
            ClassMembership,
            and_(ClassMembership.pupil_id == Excuse.pupil_id, holds_on(ClassMembership, today)),
        )
        .outerjoin(SchoolClass, SchoolClass.id == ClassMembership.class_id)
        .where(or_(Excuse.state != ExcuseState.DRAFT, Excuse.requested_by == reader_id))
        .order_by(case(_WAITING, value=Excuse.state, else_=3), Excuse.id.desc())
    )
    if pupil_id is not None:
        query = query.where(Excuse.pupil_id == pupil_id)
    if school_id is not None:
        query = query.where(Excuse.school_id == school_id)
    if class_ids is not None:
        query = query.where(ClassMembership.class_id.in_(list(class_ids)))
    return [
        ExcuseLine(row, pupil, sort, class_id, class_name or "", by, decided_by or "")
        for row, pupil, sort, class_id, class_name, by, decided_by in session.execute(query)
    ]


_WAITING: Final = {ExcuseState.SUBMITTED: 0, ExcuseState.NEEDS_INFO: 1, ExcuseState.DRAFT: 2}


def draft_of(session: Session, excuse_id: int, pupil_id: int, writer_id: int) -> Excuse | None:
    """Return a writer's own draft for a pupil, None when there is none (any more)."""
    return session.scalar(
        select(Excuse).where(
            Excuse.id == excuse_id,
            Excuse.pupil_id == pupil_id,
            Excuse.requested_by == writer_id,
            Excuse.state == ExcuseState.DRAFT,
        )
    )


def approved_for(
    session: Session, pupil_ids: Collection[int], school_id: int, day: date, slot: int
) -> list[Excuse]:
    """Return the approved excuses of these pupils at a school that reach a session of a day. One query."""
    found = approved_between(session, pupil_ids, day, day)
    return [row for row in found if covers_on(row, school_id, day, slot)]


def approved_between(
    session: Session, pupil_ids: Collection[int], first: date, last: date
) -> Sequence[Excuse]:
    """Return the approved excuses of these pupils that reach one of the days from the first to the last. One query."""
    return session.scalars(
        select(Excuse)
        .where(
            Excuse.pupil_id.in_(list(pupil_ids)),
            Excuse.state == ExcuseState.APPROVED,
            Excuse.first_day <= last,
            Excuse.last_day >= first,
        )
        .order_by(Excuse.id)
    ).all()


def covers_on(excuse: Excuse, school_id: int, day: date, slot: int) -> bool:
    """Say whether an excuse was sent to this school and reaches a session of a day."""
    return excuse.school_id == school_id and span_of(excuse).covers(day, slot)


def absences_within(session: Session, excuse: Excuse) -> list[int]:
    """Return the registers of the excuse's school in which its pupil is absent, inside its span. One query."""
    rows = session.execute(
        select(Register.id, Register.day, Register.slot)
        .join(Mark, Mark.register_id == Register.id)
        .join(AttendanceCode, AttendanceCode.id == Mark.code_id)
        .where(
            Mark.pupil_id == excuse.pupil_id,
            AttendanceCode.is_present.is_(False),
            Register.school_id == excuse.school_id,
            Register.day >= excuse.first_day,
            Register.day <= excuse.last_day,
        )
        .order_by(Register.id)
    )
    span = span_of(excuse)
    return [register_id for register_id, day, slot in rows if span.covers(day, session_slot(slot))]


def session_slot(slot: int) -> int:
    """Return the slot of the session in which a slot lies: a period's is its session's."""
    return slot if slot < PERIODS_APART else slot // PERIODS_APART


def papers_on(session: Session, ground: Ground) -> int:
    """Count what was written of the pupils of a ground's classes after it: excuses, and sessions brought along."""
    pupils = select(ClassMembership.pupil_id).where(ClassMembership.class_id.in_(ground.class_ids))
    excused = select(func.count()).select_from(Excuse).where(Excuse.pupil_id.in_(pupils))
    brought = select(func.count()).select_from(AbsenceOpening).where(AbsenceOpening.pupil_id.in_(pupils))
    since = session.scalar(excused.where(Excuse.requested_at >= ground.written_at)) or 0
    return since + (session.scalar(brought) or 0)


def covered_in(session: Session, register_ids: Collection[int]) -> dict[int, dict[int, str]]:
    """Return {register: {pupil: reason}} of the absences that an approved excuse covers. One query."""
    found: defaultdict[int, dict[int, str]] = defaultdict(dict)
    rows = session.execute(
        select(ExcuseCover.register_id, Excuse.pupil_id, Excuse.reason)
        .join(ExcuseCover, ExcuseCover.excuse_id == Excuse.id)
        .where(ExcuseCover.register_id.in_(list(register_ids)), Excuse.state == ExcuseState.APPROVED)
    )
    for register_id, pupil_id, reason in rows:
        found[register_id][pupil_id] = reason
    return found
