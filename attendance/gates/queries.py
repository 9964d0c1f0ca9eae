"""Gates: found by their key, listed for those who register them; and whose cards were read."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from sqlalchemy import select

from app import db
from app.accounts.models import User
from app.errors import NotFoundError
from app.school.models import ClassMembership, PupilCard
from app.school.queries import holds_on, latest_year, place_of_unit
from attendance.evidence.queries import sightings
from attendance.evidence.rules import EvidenceKind, first_sightings, minutes_late
from attendance.gates.models import Gate
from attendance.gates.rules import MANAGE_GATES
from attendance.registers.models import Register
from attendance.registers.queries.periods import session_begins_at
from attendance.registers.rules.states import PERIODS_APART

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from app.access import Actor
    from attendance.evidence.rules import Sighting


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


def seen_on_open(
    session: Session, school_id: int, today: date, codes: Collection[str], registers: Collection[int]
) -> dict[int, list[tuple[Sighting, int | None]]]:
    """Return {register: (first sighting, minutes late)} of the owners of cards, for those of today's registers.

    Of each pupil the first scan of the register's session counts: who goes out and comes back is not late by that.
    """
    pupils = set(pupils_of_cards(session, school_id, today, codes).values())
    rows = session.execute(
        select(Register, ClassMembership.pupil_id)
        .join(ClassMembership, ClassMembership.class_id == Register.class_id)
        .where(
            Register.school_id == school_id,
            Register.day == today,
            ClassMembership.pupil_id.in_(pupils),
            holds_on(ClassMembership, today),
        )
    ).all()
    members: defaultdict[int, set[int]] = defaultdict(set)
    opened = {row.id: row for row, _pupil in rows if row.id in registers}
    for row, pupil_id in rows:
        if row.id in opened:
            members[row.id].add(pupil_id)
    found = sightings(session, sorted(pupils), today) if opened else []
    return {one: _first_at_gate(session, row, members[one], found) for one, row in opened.items()}


def _first_at_gate(
    session: Session, register: Register, members: Collection[int], found: Sequence[Sighting]
) -> list[tuple[Sighting, int | None]]:
    slot = register.slot if register.slot < PERIODS_APART else register.slot // PERIODS_APART
    mine = [one for one in found if one.kind is EvidenceKind.GATE and one.pupil_id in members]
    begins_at = session_begins_at(session, register) if mine else None
    return [(one, minutes_late(one, begins_at)) for one in first_sightings(mine, slot)]
