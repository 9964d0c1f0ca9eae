"""Storing a history: the rows that differ are written, in the caller's transaction and under the pupil's lock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select, update

from app.audit.queries import entry_of_forgetting
from app.audit.rules import IS_FORGOTTEN
from app.errors import ConflictError, NotFoundError
from app.i18n import say
from app.school.enrolment.queries import histories_of
from app.school.models import ClassMembership, Enrolment, Pupil

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from sqlalchemy import Insert, Update
    from sqlalchemy.orm import Session

    from app.school.enrolment.rules import ClassStay, History, Row, Stay


def locked_pupil(session: Session, pupil_id: int) -> Pupil:
    """Return a pupil, locked: whoever changes the history of a pupil does so one after the other.

    Raises NotFoundError, ConflictError for one who was forgotten: who comes back is a new pupil.
    """
    found = session.scalar(select(Pupil).where(Pupil.id == pupil_id).with_for_update())
    if found is None:
        raise NotFoundError
    if entry_of_forgetting(session, pupil_id):
        raise ConflictError(IS_FORGOTTEN)
    return found


def write_history(session: Session, pupil_id: int, before: History, after: History) -> History:
    """Make the stored history of a pupil what `after` says and return it with its ids. See `write_histories`."""
    return write_histories(session, {pupil_id: before}, {pupil_id: after})[pupil_id]


def write_histories(
    session: Session, before: Mapping[int, History], after: Mapping[int, History]
) -> dict[int, History]:
    """Make the stored histories of pupils what `after` says and return them with their ids.

    Rows keep their ids; a row of `after` that has an id and is gone is written again with that id (an undo). Raises
    ConflictError when two enrolments of a pupil would overlap, whoever wrote the other one.
    """
    doomed_stays, doomed_classes = _missing(before, after)
    session.execute(delete(ClassMembership).where(ClassMembership.id.in_(doomed_classes)))
    session.execute(delete(Enrolment).where(Enrolment.id.in_(doomed_stays)))
    _write_changed(session, before, after)
    _write_new(session, before, after)
    _forget_loaded(session)
    stored = histories_of(session, list(after))
    for history in stored.values():
        refuse_overlaps(history)
    return stored


def refuse_overlaps(history: History) -> None:
    """Raise ConflictError when two enrolments of one year hold on the same day."""
    stays = sorted(
        (one for one in history.stays if one.ends_on != one.starts_on), key=lambda one: one.starts_on
    )
    for place, one in enumerate(stays):
        for other in stays[place + 1 :]:
            if other.year_id == one.year_id and (one.ends_on is None or other.starts_on < one.ends_on):
                raise ConflictError(
                    say(
                        "Em đã có một lần ghi danh khác từ ngày %(day)s. Hãy tải lại trang.",
                        day=f"{other.starts_on:%d/%m/%Y}",
                    )
                )


def _missing(before: Mapping[int, History], after: Mapping[int, History]) -> tuple[set[int], set[int]]:
    stays = _ids(one for history in before.values() for one in history.stays)
    classes = _ids(one for history in before.values() for one in history.classes)
    stays -= _ids(one for history in after.values() for one in history.stays)
    classes -= _ids(one for history in after.values() for one in history.classes)
    return stays, classes


def _ids(rows: Iterable[Stay | ClassStay]) -> set[int]:
    return {one.id for one in rows if one.id is not None}


def _write_changed(session: Session, before: Mapping[int, History], after: Mapping[int, History]) -> None:
    """Update the rows that are there and differ; ends first, so that no key is held twice on the way.

    Many rows with one statement: a school's step into the next year holds the write lock of a small machine.
    """
    stays = _changed(before, after, lambda history: history.stays)
    classes = _changed(before, after, lambda history: history.classes)
    for is_open in (False, True):
        _at_once(
            session,
            update(Enrolment),
            [_plain_stay(who, one) for who, one in stays if (one.ends_on is None) is is_open],
        )
        _at_once(
            session,
            update(ClassMembership),
            [_plain_class(who, one) for who, one in classes if (one.ends_on is None) is is_open],
        )


def _at_once(session: Session, statement: Update | Insert, rows: list[dict[str, object]]) -> None:
    if rows:
        session.execute(statement, rows)


def _forget_loaded(session: Session) -> None:
    """Have rows that were loaded as objects read anew: they do not know what was written past them."""
    for row in session.identity_map.values():
        if isinstance(row, Enrolment | ClassMembership):
            session.expire(row)


def _changed(
    before: Mapping[int, History], after: Mapping[int, History], rows: Callable[[History], Iterable[Row]]
) -> list[tuple[int, Row]]:
    found = []
    for pupil_id, history in after.items():
        known = {one.id: one for one in rows(before[pupil_id])}
        found += [(pupil_id, one) for one in rows(history) if one.id in known and known[one.id] != one]
    return found


def _write_new(session: Session, before: Mapping[int, History], after: Mapping[int, History]) -> None:
    stays, classes = list[dict[str, object]](), list[dict[str, object]]()
    for pupil_id, history in after.items():
        known_stays, known_classes = _ids(before[pupil_id].stays), _ids(before[pupil_id].classes)
        stays += [_plain_stay(pupil_id, one) for one in history.stays if one.id not in known_stays]
        classes += [_plain_class(pupil_id, one) for one in history.classes if one.id not in known_classes]
    for table, rows in ((Enrolment, stays), (ClassMembership, classes)):
        _at_once(session, insert(table), [row for row in rows if "id" in row])
        _at_once(session, insert(table), [row for row in rows if "id" not in row])


def _plain_stay(pupil_id: int, stay: Stay) -> dict[str, object]:
    return {
        **_own_id(stay),
        "pupil_id": pupil_id,
        "school_id": stay.school_id,
        "year_id": stay.year_id,
        "status": stay.status,
        "came_as": stay.came_as,
        "starts_on": stay.starts_on,
        "ends_on": stay.ends_on,
    }


def _plain_class(pupil_id: int, one: ClassStay) -> dict[str, object]:
    return {
        **_own_id(one),
        "pupil_id": pupil_id,
        "class_id": one.class_id,
        "starts_on": one.starts_on,
        "ends_on": one.ends_on,
    }


def _own_id(row: Stay | ClassStay) -> dict[str, object]:
    return {"id": row.id} if row.id is not None else {}
