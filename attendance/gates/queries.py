"""Gates: found by their key, listed for those who register them; and whose cards were read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from app import db
from app.accounts.models import User
from app.errors import NotFoundError
from app.school.models import PupilCard
from app.school.queries import latest_year, place_of_unit
from attendance.gates.models import Gate
from attendance.gates.rules import MANAGE_GATES

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from app.access import Actor


def gate_of_key(session: Session, key_id: str) -> Gate | None:
    """Return the gate that signs with a key, None when nobody does or it was revoked."""
    return session.scalar(select(Gate).where(Gate.key_id == key_id, Gate.revoked_at.is_(None)))


def gate_for(actor: Actor, gate_id: int) -> Gate:
    """Return a gate of a school where the actor may manage them; raise NotFoundError."""
    gate = db.session().get(Gate, gate_id)
    if gate is None:
        raise NotFoundError
    actor.require(MANAGE_GATES, place_of_unit(gate.school_id))
    return gate


def gates_of_school(session: Session, school_id: int) -> Sequence[tuple[Gate, str | None]]:
    """Return a school's gates with who registered them: those in use first, the newest first."""
    rows = session.execute(
        select(Gate, User.full_name)
        .outerjoin(User, User.id == Gate.made_by)
        .where(Gate.school_id == school_id)
        .order_by(Gate.revoked_at.is_not(None), Gate.id.desc())
    )
    return [(gate, maker) for gate, maker in rows]


def pupils_of_cards(session: Session, school_id: int, today: date, codes: Collection[str]) -> dict[str, int]:
    """Return {code: pupil} of a school's cards of this year. A lost card and one of another school are nobody's."""
    year = latest_year(session, today)
    if year is None or not codes:
        return {}
    rows = session.execute(
        select(PupilCard.code, PupilCard.pupil_id).where(
            PupilCard.school_id == school_id,
            PupilCard.year_id == year.id,
            PupilCard.code.in_(list(codes)),
            PupilCard.revoked_at.is_(None),
        )
    )
    return {row.code: row.pupil_id for row in rows}
