"""Files that are no workbook (OneRoster): whoever understands a kind of them says so; the intake does the rest."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy.orm import Session

    from app.access import Actor
    from app.intake.rules.rows import Roster
    from app.school.models import SchoolYear


@dataclass(frozen=True, slots=True)
class Found:
    """What a file says of the pupils of a school, and which of them (ids) its keys were found to mean before."""

    roster: Roster
    by_key: Mapping[str, int] = field(default_factory=dict)


class OtherFile(Protocol):
    """A file that was read, and not yet held against a school."""

    def found_for(self, session: Session, school_id: int, year_id: int | None) -> Found:
        """Return what the file says of a school's pupils; `year_id` None is a year to come.

        Raises UnreadableFileError.
        """

    def write(
        self, session: Session, actor: Actor, school_id: int, year: SchoolYear, pupils: Mapping[str, int]
    ) -> None:
        """Write what the file says besides pupils, who are written already; `pupils` has their ids by key."""


_readers: list[Callable[[bytes, int], OtherFile | None]] = []


def use_reader(reader: Callable[[bytes, int], OtherFile | None]) -> None:
    """Have a reader asked about every file before it is taken for a workbook; it returns None for what is not its own.

    Its second argument is the year in which the school year begins.
    """
    if reader not in _readers:
        _readers.append(reader)


def other_file(content: bytes, first_year: int) -> OtherFile | None:
    """Return a file as its reader reads it, None for a workbook; raise UnreadableFileError."""
    for reader in _readers:
        if (read := reader(content, first_year)) is not None:
            return read
    return None
