"""Reading groups, and who is kept apart."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from app.school.models import Pupil
from classroom.goals.rules import called
from classroom.groups.models import Grouping, GroupPlace, KeptApart
from classroom.groups.rules import Pair

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from classroom.groups.rules import Groups
    from classroom.lessons.models import Lesson


def groups_of(session: Session, lesson_id: int) -> Groups | None:
    """Return the groups of a lesson as they hold now, None before the first division."""
    newest = select(Grouping.id).where(Grouping.lesson_id == lesson_id).order_by(Grouping.id.desc()).limit(1)
    grouping_id = session.scalar(newest)
    return places_of(session, grouping_id) if grouping_id is not None else None


def places_of(session: Session, grouping_id: int) -> Groups:
    """Return the groups of one division."""
    rows = session.execute(
        select(GroupPlace.number, GroupPlace.pupil_id)
        .where(GroupPlace.grouping_id == grouping_id)
        .order_by(GroupPlace.number, GroupPlace.place)
    )
    groups: dict[int, list[int]] = defaultdict(list)
    for number, pupil_id in rows:
        groups[number].append(pupil_id)
    return list(groups.values())


def group_of(session: Session, lesson_id: int, pupil_id: int) -> int | None:
    """Return the number of a pupil's group, None for a pupil in none."""
    for number, group in enumerate(groups_of(session, lesson_id) or (), 1):
        if pupil_id in group:
            return number
    return None


def kept_apart(session: Session, class_id: int) -> list[Pair]:
    """Return the pairs of a class that are kept apart, the earliest first."""
    rows = session.execute(
        select(KeptApart.pair, KeptApart.pupil_id)
        .where(KeptApart.class_id == class_id)
        .order_by(KeptApart.id)
    )
    pairs: dict[str, set[int]] = defaultdict(set)
    for pair, pupil_id in rows:
        pairs[pair].add(pupil_id)
    return [Pair(pupils) for pupils in pairs.values() if len(pupils) == 2]  # noqa: PLR2004 - a pair


def apart_rows(session: Session, class_id: int) -> list[list[int]]:
    """Return the pairs that are kept apart as a teacher's screen has them."""
    return [sorted(pair) for pair in kept_apart(session, class_id)]


def groups_on_screen(session: Session, lesson: Lesson, numbers: dict[int, int]) -> list[list[str]] | None:
    """Return the groups as the projector shows them: first names where names are switched on, else class numbers.

    Two of the same first name are told apart by more of their names. `numbers` is {pupil: number in the class list}.
    """
    groups = groups_of(session, lesson.id)
    if groups is None:
        return None
    if not lesson.shows_names:
        return [[str(numbers[pupil]) for pupil in group if pupil in numbers] for group in groups]
    ids = [pupil for group in groups for pupil in group]
    rows = session.execute(select(Pupil.id, Pupil.full_name).where(Pupil.id.in_(ids)))
    names = called({row.id: row.full_name for row in rows})
    return [[names[pupil] for pupil in group if pupil in names] for group in groups]


def groups_for_teacher(session: Session, lesson: Lesson) -> dict[str, Any]:
    """Return groups and pairs for the teachers' screens."""
    return {"groups": groups_of(session, lesson.id), "apart": apart_rows(session, lesson.class_id)}
