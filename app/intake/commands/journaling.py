"""Keeps, for each import that is written, what it did; steps inside the caller's transaction."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select

from app.contacts.models import PupilContact
from app.intake.models import RosterJournal
from app.intake.queries import chunks
from app.intake.rules.journal import journal_of, packed
from app.school.models import ClassMembership, Enrolment, Pupil

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Table
    from sqlalchemy.orm import Session

    from app.intake.rules.journal import Rows

TABLES: Final[dict[str, Table]] = {
    model.__tablename__: model.__table__  # type: ignore[misc] # a FromClause to the types, a Table in fact
    for model in (Pupil, Enrolment, ClassMembership, PupilContact)
}
"""What an import writes about pupils, in an order in which rows may be made."""


def rows_of_pupils(session: Session, pupil_ids: Collection[int]) -> Rows:
    """Return all rows of some pupils, at whatever school and in whatever year, as JSON has them."""
    found: dict[str, dict[int, dict[str, Any]]] = {name: {} for name in TABLES}
    for some in chunks(sorted(pupil_ids)):
        for name, table in TABLES.items():
            of_pupil = table.c.id if name == "pupil" else table.c.pupil_id
            for row in session.execute(select(table).where(of_pupil.in_(some))).mappings():
                found[name][row["id"]] = {column: _plain(value) for column, value in row.items()}
    return found


@dataclass(slots=True)
class Journaling:
    """Begun before an import is written, with the pupils whom it concerns; `keep` stores what it did."""

    session: Session
    pupil_ids: frozenset[int]
    _before: Rows = field(init=False)

    def __post_init__(self) -> None:
        self._before = rows_of_pupils(self.session, self.pupil_ids)

    def keep(self, import_id: int, made_pupils: Collection[int], made_classes: Collection[int]) -> None:
        """Store what lies between the beginning and now."""
        self.session.flush()
        after = rows_of_pupils(self.session, self.pupil_ids | set(made_pupils))
        journal = journal_of(self._before, after, made_classes)
        self.session.add(RosterJournal(import_id=import_id, content=packed(journal)))


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date | datetime) else value
