"""Reading photographs. Only what a school keeps switched on is ever given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import and_, func, select
from sqlalchemy.orm import aliased

from app.accounts.models import User
from app.photos.models import PhotoSwitch, PupilPhoto
from app.school.models import ClassMembership, SchoolClass
from app.school.queries import holds_on
from app.sealing import sealer_for

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

PURPOSE: Final = "pupil-photos"


@dataclass(frozen=True, slots=True)
class Switch:
    """That photographs are, or were, kept: who, when, why."""

    reason: str
    on_by: str
    on_at: datetime
    off_by: str
    off_at: datetime | None


def keeps_photos(session: Session, school_id: int) -> bool:
    """Say whether a school keeps photographs now."""
    on = select(PhotoSwitch.id).where(PhotoSwitch.school_id == school_id, PhotoSwitch.off_at.is_(None))
    return session.scalar(on) is not None


def switches_of_school(session: Session, school_id: int) -> list[Switch]:
    """Return every switch of a school, the latest first."""
    begun, ended = aliased(User), aliased(User)
    rows = session.execute(
        select(PhotoSwitch, begun.full_name, ended.full_name)
        .outerjoin(begun, begun.id == PhotoSwitch.on_by)
        .outerjoin(ended, ended.id == PhotoSwitch.off_by)
        .where(PhotoSwitch.school_id == school_id)
        .order_by(PhotoSwitch.id.desc())
    )
    return [Switch(row.reason, on or "", row.on_at, off or "", row.off_at) for row, on, off in rows]


def photos_of_class(session: Session, school_class: SchoolClass, day: date) -> dict[int, bytes]:
    """Return {pupil: photograph} of who is in a class on a day; nothing where the school keeps none. Two queries."""
    if not keeps_photos(session, school_class.school_id):
        return {}
    rows = session.execute(
        select(PupilPhoto.pupil_id, PupilPhoto.sealed)
        .join(ClassMembership, ClassMembership.pupil_id == PupilPhoto.pupil_id)
        .where(
            PupilPhoto.school_id == school_class.school_id,
            ClassMembership.class_id == school_class.id,
            holds_on(ClassMembership, day),
        )
    )
    sealer = sealer_for(PURPOSE)
    opened = {pupil_id: sealer.open_bytes(sealed) for pupil_id, sealed in rows}
    return {pupil_id: content for pupil_id, content in opened.items() if content is not None}


def counts_by_class(session: Session, school_id: int, day: date) -> dict[int, int]:
    """Return {class: how many of its pupils of a day have a photograph}."""
    rows = session.execute(
        select(ClassMembership.class_id, func.count())
        .join(SchoolClass, SchoolClass.id == ClassMembership.class_id)
        .join(
            PupilPhoto,
            and_(
                PupilPhoto.pupil_id == ClassMembership.pupil_id,
                PupilPhoto.school_id == SchoolClass.school_id,
            ),
        )
        .where(SchoolClass.school_id == school_id, holds_on(ClassMembership, day))
        .group_by(ClassMembership.class_id)
    )
    return {row[0]: row[1] for row in rows}
