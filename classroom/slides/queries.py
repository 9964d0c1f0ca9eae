"""Reading slides: what hangs on a plan, which pictures a lesson shows, and which a pupil may see afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import and_, or_, select

from app.errors import NotFoundError
from app.school.models import ClassMembership
from classroom.activities.models import Activity
from classroom.activities.queries import content_of
from classroom.activities.rules import Kind, Phase
from classroom.lessons.models import Lesson
from classroom.seats.models import Seat
from classroom.slides.models import PlanDeck, SlideFile
from classroom.slides.rules import FileState, pages_of, picture_name, slides_of

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date
    from pathlib import Path

    from sqlalchemy.orm import Session

    from classroom.activities.rules import Content
    from classroom.slides.rules import Page, Size


# --- files --------------------------------------------------------------------------------------------------------


def folder_of(root: Path, sha256: str) -> Path:
    """Return the folder of a file and its pictures below the instance folder."""
    return root / "slides" / sha256[:2] / sha256


def picture(root: Path, slide: Content, size: Size) -> bytes:
    """Return a slide's picture as WebP; raise NotFoundError when it is not there."""
    path = folder_of(root, slide.file) / picture_name(slide.page, size)
    if not path.is_file():
        raise NotFoundError
    return path.read_bytes()


# --- plans --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Deck:
    """A presentation on a plan, with its file."""

    id: int
    number: int
    name: str
    file: SlideFile
    is_out: bool = False

    @property
    def is_waiting(self) -> bool:
        """Whether its pages are still being drawn."""
        return self.file.state == FileState.DRAWING

    @property
    def pages(self) -> list[Page]:
        """Its drawn pages; none before they are drawn."""
        return pages_of(self.file.pages)

    @property
    def slides(self) -> list[Content]:
        """Its pages as slides."""
        return slides_of(self.file.sha256, self.pages)


def decks_of(session: Session, plan_id: int) -> list[Deck]:
    """Return the presentations on a plan, by number; those that were taken out come last."""
    rows = session.execute(
        select(PlanDeck, SlideFile)
        .join(SlideFile, SlideFile.id == PlanDeck.file_id)
        .where(PlanDeck.plan_id == plan_id)
        .order_by(PlanDeck.taken_out_at.is_not(None), PlanDeck.number)
    )
    return [Deck(deck.id, deck.number, deck.name, file, deck.taken_out_at is not None) for deck, file in rows]


def plan_of_deck(session: Session, deck_id: int) -> tuple[int, Deck]:
    """Return (plan, presentation) by the presentation's id; raise NotFoundError when there is none."""
    plan_id = session.scalar(select(PlanDeck.plan_id).where(PlanDeck.id == deck_id))
    if plan_id is None:
        raise NotFoundError
    return plan_id, next(deck for deck in decks_of(session, plan_id) if deck.id == deck_id)


def slides_by_number(decks: Sequence[Deck]) -> dict[int, Sequence[Content]]:
    """Return the slides of those presentations that are drawn, by the number that a plan's text uses."""
    return {deck.number: deck.slides for deck in decks if deck.file.state == FileState.READY}


# --- lessons ------------------------------------------------------------------------------------------------------


def slide_of(session: Session, activity_id: int) -> tuple[Activity, Content]:
    """Return a lesson's slide, or a question with a picture; raise NotFoundError for what is absent or has none."""
    activity = session.get(Activity, activity_id)
    content = content_of(activity.content) if activity else None
    if activity is None or content is None or not content.file:
        raise NotFoundError
    return activity, content


def shown_slides(session: Session, lesson_id: int) -> list[Activity]:
    """Return the slides that a lesson showed, in the plan's order."""
    return list(
        session.scalars(
            select(Activity)
            .where(
                Activity.lesson_id == lesson_id,
                Activity.kind == Kind.SLIDE.value,
                Activity.shown_seq > 0,
            )
            .order_by(Activity.position, Activity.id)
        )
    )


NOT_HANDED_ON: Final = frozenset({Kind.EXIT, Kind.SCALE, Kind.QUICK})
"""Kinds that say nothing afterwards: how well it was understood, and letters of a question on the board."""


def handed_on(session: Session, lesson_id: int) -> list[Activity]:
    """Return what a lesson hands on in its order: the slides that it showed, the questions whose solution it told."""
    rows = session.scalars(
        select(Activity)
        .where(Activity.lesson_id == lesson_id, _IS_HANDED_ON)
        .order_by(Activity.position, Activity.id)
    )
    return [row for row in rows if row.kind not in NOT_HANDED_ON and _says_something(row)]


def _says_something(row: Activity) -> bool:
    """Whether there is a slide or a question to read: "Đúng / Sai" asked on the spot was about what was said."""
    content = content_of(row.content)
    return bool(content.question or content.file)


_IS_HANDED_ON: Final = and_(
    Activity.shown_seq > 0, or_(Activity.kind == Kind.SLIDE.value, Activity.phase == Phase.REVEALED.value)
)


@dataclass(frozen=True, slots=True)
class HandedLesson:
    """A lesson that a pupil may look at again; `was_away` when the pupil did not join it."""

    lesson_id: int
    held_on: date
    subject: str
    was_away: bool


def lessons_handed_on(
    session: Session, pupil_id: int, school_ids: Collection[int] | None = None, limit: int = 60
) -> list[HandedLesson]:
    """Return the lessons of the pupil's classes, while in them, that hand something on: the latest first."""
    in_class = and_(
        ClassMembership.pupil_id == pupil_id,
        ClassMembership.class_id == Lesson.class_id,
        ClassMembership.starts_on <= Lesson.held_on,
        or_(ClassMembership.ends_on.is_(None), ClassMembership.ends_on > Lesson.held_on),
    )
    showed = (
        select(Activity.id)
        .where(Activity.lesson_id == Lesson.id, Activity.kind.not_in(NOT_HANDED_ON), _IS_HANDED_ON)
        .exists()
    )
    rows = session.execute(
        select(Lesson.id, Lesson.held_on, Lesson.subject, Seat.id)
        .join(ClassMembership, in_class)
        .outerjoin(Seat, and_(Seat.lesson_id == Lesson.id, Seat.pupil_id == pupil_id))
        .where(showed, *([] if school_ids is None else [Lesson.school_id.in_(school_ids)]))
        .order_by(Lesson.held_on.desc(), Lesson.id.desc())
        .limit(limit)
    )
    return [HandedLesson(*row[:3], was_away=row[3] is None) for row in rows]
