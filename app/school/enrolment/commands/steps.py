"""What happens to a pupil who is known: another class, another school, leaving, coming back, a date put right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app import clock, db, facts
from app.audit.commands import record
from app.errors import ConflictError, InvalidError, NotFoundError
from app.i18n import say
from app.school.enrolment.commands.writing import locked_pupil, write_history
from app.school.enrolment.models import EnrolmentChange
from app.school.enrolment.queries import class_place, history_of, last_place, still_waits, year_frames
from app.school.enrolment.rules import (
    Coming,
    EnrolmentChanged,
    Going,
    History,
    LeavingReason,
    Verb,
    corrected,
    enrolled,
    first_difference,
    from_json,
    gone,
    moved,
    to_json,
)
from app.school.models import School
from app.text import clean_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from sqlalchemy.orm import Session

    from app.access import Actor


@dataclass(frozen=True, slots=True)
class Step:
    """What every step has: the key made with its form (twice the same is once), its day, a note."""

    client_key: str
    day: date
    note: str = ""


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a transferred pupil goes: a school of this installation, or a place in words."""

    school_id: int | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class About:
    """What a step says besides its day."""

    verb: Verb
    school_id: int
    class_id: int | None = None
    to_school_id: int | None = None
    destination: str = ""
    reason: LeavingReason | None = None
    wrong_day: date | None = None
    accepts_id: int | None = None


def move_pupil(actor: Actor, pupil_id: int, class_id: int, step: Step) -> int:
    """Put a pupil into another class of the same school from a day on; return the step's id. Raises InvalidError."""

    def change(session: Session, before: History) -> tuple[About, History]:
        place = class_place(session, class_id)
        return About(Verb.MOVE, place.school_id, class_id), moved(before, place, step.day)

    return _take_step(actor, pupil_id, step, change)


def transfer_pupil(actor: Actor, pupil_id: int, school_id: int, to: Destination, step: Step) -> int:
    """End a pupil's enrolment because the pupil goes to another school; return the step's id.

    A school of the installation sees the pupil waiting and takes the pupil in (`accept_transfer`); until then the pupil
    is at no school, as the papers are under way. Raises InvalidError without a destination.
    """
    name = clean_text(to.name)
    if to.school_id is None and not name:
        raise InvalidError(
            say("Chọn trường chuyển đến, hoặc ghi tên trường, tỉnh."),
            {"destination": say("Nhập nơi chuyển đến.")},
        )
    if to.school_id == school_id:
        raise InvalidError(say("Em đang học ở chính trường này."), {"to_school_id": say("Chọn trường khác.")})

    def change(session: Session, before: History) -> tuple[About, History]:
        if to.school_id is not None and session.get(School, to.school_id) is None:
            raise NotFoundError
        last_class = _last_class(before, school_id)
        about = About(Verb.TRANSFER, school_id, last_class, to.school_id, name)
        return about, _gone(session, before, pupil_id, school_id, step.day, Going.TRANSFERRED)

    return _take_step(actor, pupil_id, step, change)


def end_enrolment(actor: Actor, pupil_id: int, school_id: int, reason: LeavingReason, step: Step) -> int:
    """End a pupil's enrolment because the pupil stops learning; return the step's id. Raises InvalidError."""

    def change(session: Session, before: History) -> tuple[About, History]:
        about = About(Verb.LEAVE, school_id, _last_class(before, school_id), reason=reason)
        return about, _gone(session, before, pupil_id, school_id, step.day, Going.LEFT)

    return _take_step(actor, pupil_id, step, change)


def return_pupil(actor: Actor, pupil_id: int, class_id: int, step: Step) -> int:
    """Take a pupil back who had left the school; return the step's id. Raises InvalidError."""

    def change(session: Session, before: History) -> tuple[About, History]:
        place = class_place(session, class_id)
        if all(one.school_id != place.school_id for one in before.stays):
            raise NotFoundError
        return About(Verb.RETURN, place.school_id, class_id), enrolled(
            before, place, step.day, Coming.RETURNED
        )

    return _take_step(actor, pupil_id, step, change)


def accept_transfer(actor: Actor, offer_id: int, class_id: int, step: Step) -> int:
    """Take in a pupil whom another school has transferred here; return the step's id.

    Raises InvalidError before the day on which the pupil left the other school, ConflictError when the transfer was
    taken back, is accepted already, or the pupil came back or went elsewhere since.
    """
    offer = db.session().get(EnrolmentChange, offer_id)
    if offer is None:
        raise NotFoundError

    def change(session: Session, before: History) -> tuple[About, History]:
        held = session.get_one(EnrolmentChange, offer_id, with_for_update=True)
        place = class_place(session, class_id)
        if held.undone_at is not None or held.to_school_id != place.school_id:
            raise ConflictError(say("Trường cũ đã rút lại việc chuyển trường này. Hãy tải lại trang."))
        if not still_waits(session, offer_id):
            raise ConflictError(
                say("Sau lần chuyển trường này, em đã học lại hoặc chuyển đi nơi khác. Hãy tải lại trang.")
            )
        about = About(Verb.ACCEPT, place.school_id, class_id, accepts_id=offer_id)
        return about, enrolled(before, place, step.day, Coming.ARRIVED)

    return _take_step(actor, offer.pupil_id, step, change)


def correct_date(actor: Actor, pupil_id: int, school_id: int, wrong: date, step: Step) -> int:
    """Move everything that happened to a pupil on a wrong day to `step.day`; return the step's id.

    Raises InvalidError when something else happened in between, or when another school's periods would move.
    """

    def change(session: Session, before: History) -> tuple[About, History]:
        after = corrected(before, wrong, step.day, year_frames(session))
        if set(first_difference(before, after)) - {school_id}:
            raise InvalidError(
                say(
                    "Ngày này còn là của trường khác. Hãy hoàn tác việc tiếp nhận hoặc chuyển trường rồi ghi lại."
                )
            )
        return About(Verb.CORRECT, school_id, wrong_day=wrong), after

    return _take_step(actor, pupil_id, step, change)


def undo_change(actor: Actor, change_id: int) -> None:
    """Put back the history that a step replaced. Undoing twice is undoing once.

    Raises ConflictError when the history has changed since: the later step has to be undone first.
    """
    with db.transaction() as session:
        change = session.get_one(EnrolmentChange, change_id, with_for_update=True)
        if change.undone_at is not None:
            return
        locked_pupil(session, change.pupil_id)
        now, before = history_of(session, change.pupil_id), from_json(change.before)
        if now != from_json(change.after):
            raise ConflictError(
                say("Sau đó hồ sơ của em đã có thay đổi khác. Hãy hoàn tác thay đổi mới nhất trước.")
            )
        write_history(session, change.pupil_id, now, before)
        change.undone_at, change.undone_by = clock.now(), actor.user_id or None
        details = {"change": change.id, "verb": change.verb, "day": change.day.isoformat()}
        record(session, actor, "enrolment.undone", ("pupil", change.pupil_id), details)
        tell_changed(session, change.pupil_id, now, before)


def tell_changed(session: Session, pupil_id: int, before: History, after: History) -> None:
    """Record the facts of a changed history, one for each school concerned."""
    for school_id, first in sorted(first_difference(before, after).items()):
        facts.record(session, EnrolmentChanged(pupil_id, school_id, first))


# --- one step -----------------------------------------------------------------------------------------------------

if TYPE_CHECKING:
    _Change = Callable[[Session, History], tuple[About, History]]


def _take_step(actor: Actor, pupil_id: int, step: Step, change: _Change) -> int:
    if (known := _same_step(db.session(), pupil_id, step)) is not None:
        return known
    try:
        with db.transaction() as session:
            locked_pupil(session, pupil_id)
            if (known := _same_step(session, pupil_id, step)) is not None:
                return known
            before = history_of(session, pupil_id)
            about, wanted = change(session, before)
            return store_step(session, actor, pupil_id, step, about, (before, wanted))
    except IntegrityError as error:
        if (known := _same_step(db.session(), pupil_id, step)) is not None:
            return known
        raise ConflictError(say("Hồ sơ của em vừa được người khác thay đổi. Hãy tải lại trang.")) from error


def _same_step(session: Session, pupil_id: int, step: Step) -> int | None:
    """Return the step that this form made before; raise ConflictError when it was changed or taken back since.

    A form that the browser brings back (Back, then another day) keeps its key, and must not report what it did not do.
    """
    known = session.scalar(select(EnrolmentChange).where(EnrolmentChange.client_key == step.client_key))
    if known is None:
        return None
    if (known.pupil_id, known.day) != (pupil_id, step.day) or known.undone_at is not None:
        raise ConflictError(
            say("Biểu mẫu này đã được gửi rồi. Hãy mở lại trang của em để làm bước tiếp theo.")
        )
    return known.id


def store_step(
    session: Session,
    actor: Actor,
    pupil_id: int,
    step: Step,
    about: About,
    histories: tuple[History, History],
) -> int:
    """Write a step in a running transaction: the history (before, wanted), the step itself, audit and facts."""
    before = histories[0]
    after = write_history(session, pupil_id, *histories)
    row = EnrolmentChange(
        pupil_id=pupil_id,
        client_key=step.client_key,
        verb=about.verb,
        day=step.day,
        wrong_day=about.wrong_day,
        school_id=about.school_id,
        class_id=about.class_id,
        to_school_id=about.to_school_id,
        destination=about.destination,
        reason=about.reason,
        note=clean_text(step.note),
        accepts_id=about.accepts_id,
        before=to_json(before),
        after=to_json(after),
        decided_by=actor.user_id or None,
        decided_at=clock.now(),
    )
    session.add(row)
    session.flush()
    record(session, actor, f"enrolment.{about.verb}", ("pupil", pupil_id), _details(row))
    tell_changed(session, pupil_id, before, after)
    return row.id


def change_by_key(session: Session, client_key: str) -> int | None:
    """Return the step that a form's key has already made."""
    return session.scalar(select(EnrolmentChange.id).where(EnrolmentChange.client_key == client_key))


def _details(row: EnrolmentChange) -> dict[str, object]:
    said = {
        "change": row.id,
        "day": row.day.isoformat(),
        "wrong_day": row.wrong_day.isoformat() if row.wrong_day else None,
        "school": row.school_id,
        "class": row.class_id,
        "to_school": row.to_school_id,
        "destination": row.destination,
        "reason": row.reason,
        "note": row.note,
    }
    return {name: value for name, value in said.items() if value not in {None, ""}}


def _gone(session: Session, before: History, pupil_id: int, school_id: int, day: date, how: Going) -> History:
    last = last_place(session, pupil_id, school_id)
    if last is None:
        raise NotFoundError
    return gone(before, school_id, last[1], day, how)


def _last_class(history: History, school_id: int) -> int | None:
    rows = [one for one in history.classes if one.school_id == school_id]
    return max(rows, key=lambda one: (one.starts_on, one.id or 0)).class_id if rows else None
