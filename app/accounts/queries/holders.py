"""Reading who may get accounts many at once: the pupils of a class, how many of each class have one, runs so far."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, or_, select

from app import db
from app.access import Role
from app.accounts.models import AccountRun, Grant, SlipBatch
from app.accounts.rules.holders import Holder
from app.accounts.rules.powers import MANAGE_ACCOUNTS
from app.errors import NotFoundError
from app.i18n import say
from app.jobs import Job, JobState
from app.school.models import ClassMembership, SchoolClass
from app.school.queries import holds_on, place_of_unit, pupils_in_class

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from app.access import Actor

SHOWN_RUNS = 10


@dataclass(frozen=True, slots=True)
class Run:
    """A run as the page shows it: the class (None: the school), how its job stands, the slips of each class."""

    row: AccountRun
    class_name: str | None
    job_state: str | None
    batches: tuple[SlipBatch, ...]

    @property
    def is_waiting(self) -> bool:
        """Whether accounts are still being made."""
        return self.job_state in {JobState.QUEUED, JobState.RUNNING}

    @property
    def count(self) -> int:
        """How many slips the run made."""
        return sum(batch.count for batch in self.batches)

    @property
    def left(self) -> int:
        """How many of them nobody has printed yet."""
        return sum(batch.count for batch in self.batches if batch.sealed)


def pupil_holders(session: Session, school_class: SchoolClass, day: date) -> list[Holder]:
    """Return the pupils of a class on a day with their accounts, by given name."""
    pupils = pupils_in_class(session, school_class.id, day)
    accounts = _accounts_of_pupils(session, [pupil.id for pupil in pupils])
    about = str(say("Lớp %(name)s", name=school_class.name))
    return [Holder(pupil.id, pupil.full_name, about, (pupil.id,), accounts.get(pupil.id)) for pupil in pupils]


def _accounts_of_pupils(session: Session, pupil_ids: Sequence[int]) -> dict[int, int]:
    rows = session.execute(
        select(Grant.pupil_id, func.min(Grant.user_id))
        .where(Grant.role == Role.PUPIL.value, Grant.pupil_id.in_(pupil_ids))
        .group_by(Grant.pupil_id)
    )
    return {row[0]: row[1] for row in rows if row[0] is not None}


def users_beyond(session: Session, user_ids: Collection[int], role: Role, school_id: int) -> set[int]:
    """Return those of some accounts that ever held another role, or this one elsewhere: not the school's alone."""
    query = select(Grant.user_id).where(
        Grant.user_id.in_(user_ids), or_(Grant.role != role.value, Grant.unit_id != school_id)
    )
    return set(session.scalars(query))


def pupils_with_accounts(session: Session, school_id: int, year_id: int, day: date) -> dict[int, int]:
    """Return {class: how many of its pupils of a day have an account}; a class without any is absent."""
    rows = session.execute(
        select(ClassMembership.class_id, func.count(func.distinct(ClassMembership.pupil_id)))
        .join(SchoolClass, SchoolClass.id == ClassMembership.class_id)
        .join(Grant, Grant.pupil_id == ClassMembership.pupil_id)
        .where(
            SchoolClass.school_id == school_id,
            SchoolClass.year_id == year_id,
            holds_on(ClassMembership, day),
            Grant.role == Role.PUPIL.value,
        )
        .group_by(ClassMembership.class_id)
    )
    return {row[0]: row[1] for row in rows}


def run_for(actor: Actor, run_id: int) -> Run:
    """Return a run of a school where the actor looks after accounts; raise NotFoundError."""
    row = db.session().get(AccountRun, run_id)
    if row is None:
        raise NotFoundError
    actor.require(MANAGE_ACCOUNTS, place_of_unit(row.school_id))
    return _runs(db.session(), AccountRun.id == run_id)[0]


def runs_of_school(session: Session, school_id: int) -> list[Run]:
    """Return the latest runs of a school, newest first."""
    return _runs(session, AccountRun.school_id == school_id)


def _runs(session: Session, which: object) -> list[Run]:
    rows = session.execute(
        select(AccountRun, SchoolClass.name, Job.state)
        .outerjoin(SchoolClass, SchoolClass.id == AccountRun.class_id)
        .outerjoin(Job, Job.id == AccountRun.job_id)
        .where(which)  # type: ignore[arg-type]
        .order_by(AccountRun.id.desc())
        .limit(SHOWN_RUNS)
    ).all()
    batches: dict[int, tuple[SlipBatch, ...]] = {}
    ids = [run.id for run, _name, _state in rows]
    for batch in session.scalars(select(SlipBatch).where(SlipBatch.run_id.in_(ids)).order_by(SlipBatch.id)):
        batches[batch.run_id or 0] = (*batches.get(batch.run_id or 0, ()), batch)
    return [Run(run, name, state, batches.get(run.id, ())) for run, name, state in rows]
