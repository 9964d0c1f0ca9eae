"""Taking a presentation out of a plan, and putting it back; a lesson that used it keeps its slides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from app import clock, db
from app.errors import NotFoundError
from classroom.bank.commands import locked_plan, save_as_before, save_without
from classroom.slides.models import PlanDeck, SlideFile

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.access import Actor
    from classroom.bank.models import LessonPlan


def take_out(actor: Actor, deck_id: int, op_id: str) -> int:
    """Take a presentation off one's own plan, its slides and pictures with it, and return how many those were.

    They go as a new version of the plan; earlier ones keep them. Taking out twice is once. Raises NotFoundError for
    somebody else's plan.
    """
    with db.transaction() as session:
        plan, deck = _locked(session, actor, deck_id)
        if deck.taken_out_at:
            return 0
        deck.taken_out_at = clock.now()
        session.flush()
        if _hangs_otherwise(session, deck):
            return 0
        sha256 = session.scalars(select(SlideFile.sha256).where(SlideFile.id == deck.file_id)).one()
        return save_without(session, actor, plan, sha256, _name_of(deck, op_id))


def put_back(actor: Actor, deck_id: int, op_id: str) -> None:
    """Hang a presentation on the plan again; where nothing was saved since it left, its slides come back too."""
    with db.transaction() as session:
        plan, deck = _locked(session, actor, deck_id)
        if deck.taken_out_at:
            deck.taken_out_at = None
            save_as_before(session, actor, plan, _name_of(deck), op_id)


def _name_of(deck: PlanDeck, op_id: str = "") -> str:
    """Return what the version is called with which a presentation leaves."""
    return f"out:{deck.id}:{op_id}"[:36]


def _locked(session: Session, actor: Actor, deck_id: int) -> tuple[LessonPlan, PlanDeck]:
    deck = session.get(PlanDeck, deck_id)
    if deck is None:
        raise NotFoundError
    plan = locked_plan(session, actor, deck.plan_id)
    session.refresh(deck)
    return plan, deck


def _hangs_otherwise(session: Session, deck: PlanDeck) -> bool:
    """Whether the same content hangs on the plan a second time."""
    same = select(PlanDeck.id).where(
        PlanDeck.plan_id == deck.plan_id, PlanDeck.file_id == deck.file_id, PlanDeck.taken_out_at.is_(None)
    )
    return session.scalar(same) is not None
