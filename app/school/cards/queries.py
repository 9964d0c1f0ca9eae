"""Reading cards: the state of a school's cards by class, the numbers of a class, what was made to print."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, func, select
from sqlalchemy.orm import undefer

from app import db
from app.errors import NotFoundError
from app.jobs import Job, JobState
from app.school.cards.models import CardNumber, CardPrint
from app.school.cards.rules import Card
from app.school.models import ClassMembership, OrgUnit, Pupil, PupilCard, SchoolClass, SchoolYear
from app.school.queries import cards_of_pupils, classes_of_school, holds_on, place_of_unit
from app.school.rules import PRINT_CARDS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from app.access import Actor

SHOWN_PRINTS = 20


@dataclass(frozen=True, slots=True)
class ClassCards:
    """A class with how many pupils it has and how many of them have a card."""

    school_class: SchoolClass
    pupils: int
    cards: int


@dataclass(frozen=True, slots=True)
class Printed:
    """A print as the page shows it: of whom (a class or a pupil; both empty for the school), and how its job stands."""

    row: CardPrint
    class_name: str | None
    pupil_name: str | None
    has_content: bool
    job_state: str | None

    @property
    def is_failed(self) -> bool:
        """Whether the job ended without sheets."""
        return self.row.ready_at is None and self.job_state == JobState.FAILED

    @property
    def is_waiting(self) -> bool:
        """Whether the sheets are still being made."""
        return self.row.ready_at is None and not self.is_failed


def print_for(actor: Actor, print_id: int) -> Printed:
    """Return a print of a school where the actor may print cards; raise NotFoundError."""
    row = db.session().get(CardPrint, print_id)
    if row is None:
        raise NotFoundError
    actor.require(PRINT_CARDS, place_of_unit(row.school_id))
    return _printed(db.session(), CardPrint.id == print_id)[0]


def prints_of_school(session: Session, school_id: int) -> list[Printed]:
    """Return the latest prints of a school, newest first."""
    return _printed(session, CardPrint.school_id == school_id)


def _printed(session: Session, which: object) -> list[Printed]:
    rows = session.execute(
        select(CardPrint, SchoolClass.name, Pupil.full_name, CardPrint.content.is_not(None), Job.state)
        .outerjoin(SchoolClass, SchoolClass.id == CardPrint.class_id)
        .outerjoin(Pupil, Pupil.id == CardPrint.pupil_id)
        .outerjoin(Job, Job.id == CardPrint.job_id)
        .where(which)  # type: ignore[arg-type]
        .order_by(CardPrint.id.desc())
        .limit(SHOWN_PRINTS)
    )
    return [Printed(*row) for row in rows]


def content_of(session: Session, print_id: int) -> bytes | None:
    """Return the PDF of a print, None when it is not ready or no longer kept."""
    row = session.scalar(
        select(CardPrint).where(CardPrint.id == print_id).options(undefer(CardPrint.content))
    )
    return row.content if row else None


def class_cards(session: Session, school_id: int, year: SchoolYear, day: date) -> list[ClassCards]:
    """Return a school's classes of a year with their pupils and cards of a day; two queries."""
    counts = {
        class_id: (pupils, cards)
        for class_id, pupils, cards in session.execute(
            select(ClassMembership.class_id, func.count(), func.count(PupilCard.id))
            .join(SchoolClass, SchoolClass.id == ClassMembership.class_id)
            .outerjoin(
                PupilCard,
                and_(
                    PupilCard.pupil_id == ClassMembership.pupil_id,
                    PupilCard.year_id == year.id,
                    PupilCard.revoked_at.is_(None),
                ),
            )
            .where(
                SchoolClass.school_id == school_id,
                SchoolClass.year_id == year.id,
                holds_on(ClassMembership, day),
            )
            .group_by(ClassMembership.class_id)
        )
    }
    return [
        ClassCards(row, *counts.get(row.id, (0, 0))) for row in classes_of_school(session, school_id, year.id)
    ]


def numbers_of_class(session: Session, class_id: int) -> dict[int, int]:
    """Return {pupil: number} of everybody who ever got a number in a class, those who left it too."""
    rows = session.execute(
        select(CardNumber.pupil_id, CardNumber.number).where(CardNumber.class_id == class_id)
    )
    return {row[0]: row[1] for row in rows}


def class_of_pupil(session: Session, school_id: int, pupil_id: int, day: date) -> SchoolClass | None:
    """Return the class of a pupil at a school on a day."""
    return session.scalars(
        select(SchoolClass)
        .join(ClassMembership, ClassMembership.class_id == SchoolClass.id)
        .where(
            ClassMembership.pupil_id == pupil_id,
            SchoolClass.school_id == school_id,
            holds_on(ClassMembership, day),
        )
        .order_by(SchoolClass.id)
    ).first()


def pupil_here(session: Session, school_id: int, pupil_id: int, day: date) -> Pupil | None:
    """Return a pupil who is in a class of a school on a day."""
    found = class_of_pupil(session, school_id, pupil_id, day)
    return session.get(Pupil, pupil_id) if found else None


def cards_in_class(session: Session, school_class: SchoolClass, pupils: Sequence[Pupil]) -> list[Card]:
    """Return what stands on the cards of some pupils of a class, in order of their numbers."""
    codes = cards_of_pupils(session, [pupil.id for pupil in pupils], school_class.year_id)
    numbers = numbers_of_class(session, school_class.id)
    cards = [
        Card(pupil.full_name, school_class.name, codes[pupil.id], numbers.get(pupil.id))
        for pupil in pupils
        if pupil.id in codes
    ]
    return sorted(cards, key=lambda card: card.number or len(cards) + 100)


def head_of_cards(session: Session, school_id: int, year_id: int) -> dict[str, str]:
    """Return what stands on every card of a school: its name and the year."""
    unit, year = session.get_one(OrgUnit, school_id), session.get_one(SchoolYear, year_id)
    return {"school": unit.name, "year": year.code}
