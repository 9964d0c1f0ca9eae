"""Writing photographs: a school begins and ends keeping them; the office puts one beside a name or takes it away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from sqlalchemy import delete, exists, or_, select
from sqlalchemy.exc import IntegrityError

from app import clock, db
from app.audit.commands import record
from app.errors import ConflictError, InvalidError
from app.i18n import N_, say
from app.photos.models import PhotoSwitch, PupilPhoto
from app.photos.queries import PURPOSE, keeps_photos
from app.photos.rules import LONGEST_REASON
from app.school.models import Enrolment
from app.sealing import sealer_for
from app.text import clean_text

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, CursorResult, Select
    from sqlalchemy.orm import Session

    from app.access import Actor


def switch_on(actor: Actor, school_id: int, reason: str) -> None:
    """Let a school keep photographs of its pupils from now on. Doing it twice keeps the first reason.

    Raises InvalidError without a reason: nobody should have to guess later why children's faces are kept.
    """
    why = clean_text(reason)[:LONGEST_REASON]
    if not why:
        raise InvalidError(say("Hãy ghi lý do."), {"reason": say("Hãy ghi lý do cần giữ ảnh học sinh.")})
    try:
        with db.transaction() as session:
            if keeps_photos(session, school_id):
                return
            session.add(
                PhotoSwitch(school_id=school_id, reason=why, on_by=actor.user_id or None, on_at=clock.now())
            )
            session.flush()
            record(session, actor, "photos.switched_on", ("school", school_id), {"reason": why})
    except IntegrityError:
        return  # somebody else switched it on in the same moment


def switch_off(actor: Actor, school_id: int) -> int:
    """Stop keeping photographs and delete every one; return how many. Twice is once."""
    with db.transaction() as session:
        row = session.scalar(_switch_that_is_on(school_id))
        if row is None:
            return 0
        row.off_by, row.off_at = actor.user_id or None, clock.now()
        deleted = _delete(session, PupilPhoto.school_id == school_id)
        record(session, actor, "photos.switched_off", ("school", school_id), {"deleted": deleted})
        return deleted


def _switch_that_is_on(school_id: int) -> Select[PhotoSwitch]:
    """Select the switch, to be held until the transaction ends: one at a time writes a school's photographs."""
    on = select(PhotoSwitch).where(PhotoSwitch.school_id == school_id, PhotoSwitch.off_at.is_(None))
    return on.with_for_update()


def keep_photo(actor: Actor, school_id: int, pupil_id: int, content: bytes) -> None:
    """Keep a photograph (as `rules.kept_photo` made it) of a pupil, in the place of an earlier one.

    The caller has loaded the pupil at the school. Raises ConflictError where the school keeps none.
    """
    with db.transaction() as session:
        # Held until the end: else a photograph would outlive `switch_off`, and two of one pupil would meet.
        if session.scalar(_switch_that_is_on(school_id)) is None:
            raise ConflictError(N_("Trường không giữ ảnh học sinh. Hiệu trưởng bật mục này trước."))
        _delete(session, PupilPhoto.school_id == school_id, PupilPhoto.pupil_id == pupil_id)
        session.add(
            PupilPhoto(
                pupil_id=pupil_id,
                school_id=school_id,
                sealed=sealer_for(PURPOSE).seal_bytes(content),
                added_by=actor.user_id or None,
                added_at=clock.now(),
            )
        )
        record(session, actor, "photo.kept", ("pupil", pupil_id), {"school_id": school_id})


def delete_photo(actor: Actor, school_id: int, pupil_id: int) -> None:
    """Delete a pupil's photograph; without one nothing happens."""
    with db.transaction() as session:
        if _delete(session, PupilPhoto.school_id == school_id, PupilPhoto.pupil_id == pupil_id):
            record(session, actor, "photo.deleted", ("pupil", pupil_id), {"school_id": school_id})


@dataclass(frozen=True, slots=True)
class EnrolmentMoved:
    """What this slice reads of the fact that a pupil's enrolment has changed."""

    pupil_id: int


def forget_leaver(session: Session, moved: EnrolmentMoved) -> None:
    """Delete the photographs of a pupil at schools that it is not at any more, and will not be."""
    stays = exists().where(
        Enrolment.pupil_id == PupilPhoto.pupil_id,
        Enrolment.school_id == PupilPhoto.school_id,
        or_(Enrolment.ends_on.is_(None), Enrolment.ends_on > clock.today()),
    )
    _delete(session, PupilPhoto.pupil_id == moved.pupil_id, ~stays)


def _delete(session: Session, *which: ColumnElement[bool]) -> int:
    done = session.execute(delete(PupilPhoto).where(*which).execution_options(synchronize_session=False))
    return cast("CursorResult[object]", done).rowcount
