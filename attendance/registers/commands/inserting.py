"""Inserting rows that somebody else may be inserting too: whoever comes second keeps the first one's rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import text, update
from sqlalchemy.dialects import postgresql, sqlite

from app import clock
from app.bulk import is_sqlite
from attendance.registers.models import PLACE, AttendanceDay, Register
from attendance.registers.rules.chain import GENESIS
from attendance.registers.rules.states import RegisterState, SlotKind, slot_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from sqlalchemy import TextClause
    from sqlalchemy.orm import Session

    from app.db import Base
    from attendance.registers.rules.due import DueRegister


def insert_missing(
    session: Session, table: type[Base], key: Sequence[str | TextClause], rows: Sequence[Mapping[str, object]]
) -> None:
    """Insert rows (same columns in each); where `key` is there already, nothing happens and nothing is raised."""
    if rows:
        dialect: Any = sqlite if is_sqlite(session) else postgresql
        statement = dialect.insert(table.__table__).on_conflict_do_nothing(index_elements=list(key))
        session.execute(statement, [dict(row) for row in rows])


def ensure_days(session: Session, school_id: int, days: Iterable[date]) -> None:
    """Make the rows that chains hang on, and note when the due registers of these days were worked out."""
    wanted, moment = sorted(set(days)), clock.now()
    if not wanted:
        return
    new = {"school_id": school_id, "last_sequence": 0, "last_hash": GENESIS, "materialised_at": moment}
    insert_missing(session, AttendanceDay, ("school_id", "day"), [new | {"day": day} for day in wanted])
    session.execute(
        update(AttendanceDay)
        .where(AttendanceDay.school_id == school_id, AttendanceDay.day.in_(wanted))
        .values(materialised_at=moment)
    )


def insert_due(session: Session, missing: Iterable[DueRegister]) -> None:
    """Insert due registers, in one order everywhere: two who lay out at once wait for each other, never crosswise."""
    insert_registers(session, [_row(item) for item in sorted(missing)])


def insert_registers(session: Session, rows: Sequence[Mapping[str, object]]) -> None:
    """Insert registers; where a class has one of that day and slot already, nothing happens."""
    key = ("class_id", "day", "slot_kind", "slot") if is_sqlite(session) else ("class_id", text(PLACE))
    insert_missing(session, Register, key, rows)


def _row(item: DueRegister) -> dict[str, object]:
    return {
        "school_id": item.school_id,
        "class_id": item.class_id,
        "day": item.day,
        "slot_kind": SlotKind.SESSION.value,
        "slot": slot_of(item.day_session),
        "programme_session": item.programme_session,
        "state": RegisterState.DUE.value,
    }
