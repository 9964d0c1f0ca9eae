"""Plans that begin with a presentation: once its pages are drawn, they are the plan's first version of content."""

from __future__ import annotations

from sqlalchemy import select

from app import db
from classroom.bank.commands import fill_empty_plan
from classroom.slides.models import PlanDeck, SlideFile
from classroom.slides.queries import decks_of
from classroom.slides.rules import FileState


def fill_plans(file_id: int) -> None:
    """Put the slides of a drawn file into every plan on which it hangs and in which there is nothing yet."""
    session = db.session()
    session.rollback()
    ready = session.scalar(select(SlideFile.state).where(SlideFile.id == file_id))
    if ready != FileState.READY:
        return
    plans = session.scalars(
        select(PlanDeck.plan_id)
        .where(PlanDeck.file_id == file_id, PlanDeck.taken_out_at.is_(None))
        .distinct()
    ).all()
    for plan_id in plans:
        deck = next(deck for deck in decks_of(db.session(), plan_id) if deck.file.id == file_id)
        slides = tuple(deck.slides)
        db.session().rollback()
        fill_empty_plan(plan_id, slides, f"slides:{file_id}")
