"""Reading lesson plans: loaders, lists, versions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from app import db
from app.accounts.models import User
from app.errors import NotFoundError
from app.school.queries import place_of_unit, schools_for
from classroom.bank.models import LessonPlan, PlanVersion
from classroom.bank.rules import USE_BANK, questions_of

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.access import Actor
    from classroom.activities.rules import Content


def plan_for(actor: Actor, plan_id: int) -> LessonPlan:
    """Return a plan that the actor wrote or that a colleague of the school shares; raise NotFoundError otherwise."""
    plan = db.session().get(LessonPlan, plan_id)
    if plan is None or not (plan.is_shared or plan.owner_id == actor.user_id):
        raise NotFoundError
    actor.require(USE_BANK, place_of_unit(plan.school_id))
    return plan


def own_plan_for(actor: Actor, plan_id: int) -> LessonPlan:
    """Return a plan that the actor may change: one's own."""
    plan = plan_for(actor, plan_id)
    if plan.owner_id != actor.user_id:
        raise NotFoundError
    return plan


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A plan in a list."""

    id: int
    title: str
    subject: str
    questions: int
    updated_at: datetime
    owner: str
    is_own: bool
    is_shared: bool


def plans_seen_by(session: Session, actor: Actor) -> list[PlanRow]:
    """Return one's own plans and those that colleagues share, the latest first; put away ones are left out."""
    schools = [unit.id for unit in schools_for(actor, USE_BANK)]
    rows = session.execute(
        select(LessonPlan, User.full_name)
        .join(User, User.id == LessonPlan.owner_id)
        .where(
            LessonPlan.school_id.in_(schools),
            LessonPlan.is_archived.is_(False),
            or_(LessonPlan.owner_id == actor.user_id, LessonPlan.is_shared.is_(True)),
        )
        .order_by(LessonPlan.updated_at.desc(), LessonPlan.id.desc())
    )
    return [
        PlanRow(plan.id, plan.title, plan.subject, plan.question_count, plan.updated_at, owner,
                plan.owner_id == actor.user_id, plan.is_shared)
        for plan, owner in rows
    ]  # fmt: skip


def version_now(session: Session, plan: LessonPlan) -> PlanVersion:
    """Return the version that holds now."""
    return version_numbered(session, plan, plan.version)


def version_numbered(session: Session, plan: LessonPlan, number: int) -> PlanVersion:
    """Return a version by its number, or raise NotFoundError."""
    found = session.scalar(
        select(PlanVersion).where(PlanVersion.plan_id == plan.id, PlanVersion.number == number)
    )
    if found is None:
        raise NotFoundError
    return found


def versions_of(session: Session, plan: LessonPlan) -> list[PlanVersion]:
    """Return the versions of a plan, the latest first."""
    return list(
        session.scalars(
            select(PlanVersion).where(PlanVersion.plan_id == plan.id).order_by(PlanVersion.number.desc())
        )
    )


def questions_in(session: Session, plan: LessonPlan) -> tuple[Content, ...]:
    """Return the questions that a plan holds now."""
    return questions_of(version_now(session, plan).questions)
