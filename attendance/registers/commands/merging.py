"""Two records of one pupil become one: marks and rosters follow, registers stay what they said.

Only exceptions are stored, so that a register whose roster holds both records says two things of the same child. Such a
register is left as it was taken: the mark of the record that goes stays there, inert like that of anybody who left.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, cast

from sqlalchemy import func, select, update

from app import clock
from app.errors import ConflictError
from app.i18n import N_, say
from app.merging import Belonging, Clash
from app.school.models import ClassMembership, SchoolClass
from attendance.registers.models import AttendanceCode, Mark, Register, RosterVersion
from attendance.registers.queries.sheets import members_of
from attendance.registers.rules.chain import roster_fingerprint, roster_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import CursorResult
    from sqlalchemy.orm import Session

    from app.merging import Journal, Pair

EXAMPLES = 8


def _count(session: Session, pupil_id: int) -> int:
    return session.scalar(select(func.count()).select_from(Mark).where(Mark.pupil_id == pupil_id)) or 0


def _clash(session: Session, pair: Pair) -> Clash:
    """Say in which registers both are: day, class, the letter of the record that goes and that of the kept one."""
    kept = _letters(session, pair.kept)
    gone = _letters(session, pair.gone)
    both = [one for one in gone if one in set(_staying(session, pair))]
    rows = session.execute(
        select(Register.id, Register.day, SchoolClass.name)
        .join(SchoolClass, SchoolClass.id == Register.class_id)
        .where(Register.id.in_(both))
        .order_by(Register.day, Register.slot)
        .limit(EXAMPLES)
    )
    told = (f"{row.day:%d/%m/%Y} {row.name}: {gone[row.id]} ≠ {kept.get(row.id, 'x')}" for row in rows)
    return Clash(len(both), tuple(told))


def _letters(session: Session, pupil_id: int) -> dict[int, str]:
    rows = session.execute(
        select(Mark.register_id, AttendanceCode.letter)
        .outerjoin(AttendanceCode, AttendanceCode.id == Mark.code_id)
        .where(Mark.pupil_id == pupil_id)
    )
    return {register_id: letter or "x" for register_id, letter in rows}


def _staying(session: Session, pair: Pair) -> list[int]:
    """Return the registers in which the mark of the record that goes stays: both are marked or listed there."""
    rows = session.execute(
        select(Register.id, RosterVersion)
        .join(Mark, Mark.register_id == Register.id)
        .outerjoin(RosterVersion, RosterVersion.id == Register.roster_version_id)
        .where(Mark.pupil_id == pair.gone)
    ).all()
    marked = set(session.scalars(select(Mark.register_id).where(Mark.pupil_id == pair.kept)))
    two = {pair.kept, pair.gone}
    return [row[0] for row in rows if row[0] in marked or two <= members_of(row[1])]


def _move(session: Session, pair: Pair) -> Journal:
    staying = set(_staying(session, pair))
    marked = session.scalars(select(Mark.register_id).where(Mark.pupil_id == pair.gone)).all()
    moved = [one for one in marked if one not in staying]
    _hand_marks(session, moved, pair.gone, pair.kept)
    return {"marks": moved, "rosters": _rewrite_rosters(session, pair)}


def _hand_marks(session: Session, registers: Sequence[int], source: int, target: int) -> None:
    session.flush()
    done = session.execute(
        update(Mark)
        .where(Mark.register_id.in_(registers), Mark.pupil_id == source)
        .values(pupil_id=target)
        .execution_options(synchronize_session=False)
    )
    session.expire_all()
    if cast("CursorResult[object]", done).rowcount != len(registers):
        raise _changed()


def _rewrite_rosters(session: Session, pair: Pair) -> list[list[object]]:
    """Point registers at rosters that name the kept record; return [old version, new version, registers]."""
    classes = select(ClassMembership.class_id).where(ClassMembership.pupil_id == pair.gone)
    rosters = session.scalars(select(RosterVersion).where(RosterVersion.class_id.in_(classes))).all()
    done: list[list[object]] = []
    for old in rosters:
        members = members_of(old)
        if pair.gone in members and pair.kept not in members:
            new_id = _roster_like(session, old, roster_text((members - {pair.gone}) | {pair.kept}))
            registers = session.scalars(select(Register.id).where(Register.roster_version_id == old.id)).all()
            _point(session, registers, old.id, new_id)
            done.append([old.id, new_id, list(registers)])
    return done


def _roster_like(session: Session, old: RosterVersion, members: str) -> int:
    """Return the roster of the same class and days with other members, making it when there is none."""
    sha256 = roster_fingerprint(members)
    found = session.scalar(
        select(RosterVersion.id).where(
            RosterVersion.class_id == old.class_id,
            RosterVersion.sha256 == sha256,
            RosterVersion.starts_on == old.starts_on,
        )
    )
    if found is not None:
        return found
    row = RosterVersion(
        class_id=old.class_id,
        starts_on=old.starts_on,
        ends_on=old.ends_on,
        members=members,
        member_count=len(json.loads(members)),
        sha256=sha256,
        made_at=clock.now(),
    )
    session.add(row)
    session.flush()
    return row.id


def _point(session: Session, registers: Sequence[int], source: int, target: int) -> None:
    done = session.execute(
        update(Register)
        .where(Register.id.in_(registers), Register.roster_version_id == source)
        .values(roster_version_id=target)
    )
    if cast("CursorResult[object]", done).rowcount != len(registers):
        raise _changed()


def _move_back(session: Session, pair: Pair, journal: Journal) -> None:
    """Give marks and rosters back; raise ConflictError when a register was taken anew since."""
    for old_id, new_id, registers in journal["rosters"]:
        _point(session, registers, new_id, old_id)
    _hand_marks(session, journal["marks"], pair.kept, pair.gone)


def _changed() -> ConflictError:
    return ConflictError(say("Sổ điểm danh của em đã được ghi lại từ lúc đó nên không hoàn tác được."))


MARKS = Belonging("marks", N_("Buổi có ghi vắng, trễ"), _count, _clash, _move, _move_back)
