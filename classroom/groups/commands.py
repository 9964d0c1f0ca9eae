"""Writes of groups: divide a class, keep two pupils apart."""

from __future__ import annotations

import uuid
from secrets import SystemRandom
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from app import clock
from app.errors import InvalidError, NotFoundError
from app.i18n import say
from app.school.seating.queries import seats_of_class
from app.writer import write
from classroom.groups.models import Grouping, GroupPlace, KeptApart
from classroom.groups.queries import apart_rows, kept_apart, places_of
from classroom.groups.rules import How, Pair, divided
from classroom.ledger.commands import locked_lesson, tell
from classroom.ledger.rules import Happened
from classroom.lessons.models import Lesson
from classroom.lessons.queries import away_from, pupils_of
from classroom.lessons.rules import LessonState
from classroom.mastery.queries import shares_in_class

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from classroom.groups.rules import Groups, Wish


def make_groups(lesson_id: int, op_id: str, wish: Wish) -> Groups:
    """Divide those who are not absent into groups and return them; the same `op_id` again returns the same.

    Raises InvalidError when nobody is there, or the class has no seat plan to divide by.
    """

    def make(session: Session) -> Groups:
        lesson = locked_lesson(session, lesson_id)
        known = session.scalar(
            select(Grouping.id).where(Grouping.lesson_id == lesson.id, Grouping.op_id == op_id)
        )
        if known is not None:
            return places_of(session, known)
        groups = _divide(session, lesson, wish)
        now = clock.now()
        grouping = Grouping(lesson_id=lesson.id, op_id=op_id, how=wish.how.value, made_at=now)
        session.add(grouping)
        session.flush()
        session.add_all(
            GroupPlace(grouping_id=grouping.id, pupil_id=pupil_id, number=number, place=place)
            for number, group in enumerate(groups, 1)
            for place, pupil_id in enumerate(group, 1)
        )
        tell(session, lesson, Happened.GROUPED, {"groups": groups}, now)
        return groups

    return write(make)


def _divide(session: Session, lesson: Lesson, wish: Wish) -> Groups:
    away = away_from(session, lesson)
    pupils = [pupil.id for pupil in pupils_of(session, lesson) if pupil.id not in away]
    if not pupils:
        raise InvalidError(say("Chưa có em nào để chia nhóm."))
    seats = seats_of_class(session, lesson.class_id, lesson.held_on) if wish.how is How.SEATS else None
    if wish.how is How.SEATS and seats is None:
        raise InvalidError(
            say("Lớp chưa có sơ đồ chỗ ngồi. Hãy xếp chỗ trong trang của lớp, hoặc chia ngẫu nhiên.")
        )
    results = shares_in_class(session, lesson.class_id) if wish.how is How.MIXED else None
    return divided(
        pupils,
        wish,
        kept_apart(session, lesson.class_id),
        chance=SystemRandom(),
        seats=seats.by_pupil if seats else None,
        results=results,
    )


def keep_apart(lesson_id: int, one: int, other: int, *, apart: bool) -> None:
    """Have two pupils of the lesson's class kept apart from the next division on, or no longer. Twice is once.

    It holds for the class: in this lesson, in others that go on, and in all later ones.

    Raises NotFoundError unless both are pupils of the class, and different ones.
    """

    def keep(session: Session) -> None:
        lesson, *others = _locked_with_others(session, lesson_id)
        pair = Pair({one, other})
        if one == other or not pair <= {pupil.id for pupil in pupils_of(session, lesson)}:
            raise NotFoundError
        if (pair in kept_apart(session, lesson.class_id)) == apart:
            return
        if apart:
            _add(session, lesson, pair)
        else:
            _remove(session, lesson, pair)
        session.flush()
        patch = {"apart": apart_rows(session, lesson.class_id)}
        for one_of_class in (lesson, *others):
            tell(session, one_of_class, Happened.GROUPED, patch, clock.now())

    write(keep)


def _locked_with_others(session: Session, lesson_id: int) -> list[Lesson]:
    """Return the lesson and the others that go on in its class, all locked, the lesson first."""
    class_id = select(Lesson.class_id).where(Lesson.id == lesson_id).scalar_subquery()
    live = select(Lesson).where(Lesson.class_id == class_id, Lesson.state != LessonState.ENDED)
    found = session.scalars(live.order_by(Lesson.id).with_for_update()).all()
    return [locked_lesson(session, lesson_id), *(one for one in found if one.id != lesson_id)]


def _add(session: Session, lesson: Lesson, pair: Pair) -> None:
    key, now = str(uuid.uuid4()), clock.now()
    session.add_all(
        KeptApart(class_id=lesson.class_id, pair=key, pupil_id=pupil, since=now) for pupil in sorted(pair)
    )


def _remove(session: Session, lesson: Lesson, pair: Pair) -> None:
    rows = list(
        session.scalars(
            select(KeptApart).where(KeptApart.class_id == lesson.class_id, KeptApart.pupil_id.in_(pair))
        )
    )
    keys = {row.pair for row in rows if sum(row.pair == other.pair for other in rows) == len(pair)}
    session.execute(delete(KeptApart).where(KeptApart.class_id == lesson.class_id, KeptApart.pair.in_(keys)))
