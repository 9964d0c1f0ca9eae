"""The letters of an installation, as a school writes them."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, func, select, true

from app.bulk import is_among
from app.prepared import Prepared
from app.school.models import School
from attendance.registers.models import AttendanceCode, Register
from attendance.registers.rules.chain import value_text
from attendance.registers.rules.marks import Code, MarkValue
from attendance.rulebook.models import SchoolCode

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session


@dataclass(frozen=True)
class Codes:
    """The codes of the installation, by letter and by id, in the order in which a tap goes through them."""

    all: tuple[Code, ...]
    offered: tuple[Code, ...]

    @cached_property
    def by_letter(self) -> Mapping[str, Code]:
        """The codes by their letter, the retired ones too."""
        return {code.letter: code for code in self.all}

    @cached_property
    def by_id(self) -> Mapping[int, Code]:
        """The codes by their id."""
        return {code.id: code for code in self.all}

    @cached_property
    def letters(self) -> dict[int, str]:
        """The letters by id."""
        return {code.id: code.letter for code in self.all}

    def told(self, value: MarkValue) -> str:
        """Return a value as an event tells it: with the letter, and with what the letter means here and now."""
        code = self.by_letter.get(value.letter)
        return value_text(value, code.id if code else None)


def codes(session: Session, school_id: int | None = None) -> Codes:
    """Return the codes as a school writes them, or as the installation does; those out of use are known, not offered.

    Flags are the code's own everywhere: whatever a school calls it, reports count it alike.
    """
    rows = session.execute(_written_codes(), {"school_id": school_id}).all()
    return _codes([(Code(*flags), is_offered) for is_offered, *flags in rows])


def codes_by_school(rows: Iterable[Sequence[Any]]) -> dict[int, Codes]:
    """Return the codes as several schools write them, by school, of what `codes_of_registers` finds."""
    of_school: dict[int, list[tuple[Code, bool]]] = {}
    for school_id, is_offered, *flags in rows:
        of_school.setdefault(school_id, []).append((Code(*flags), is_offered))
    return {one: _codes(written) for one, written in of_school.items()}


def _codes(written: Sequence[tuple[Code, bool]]) -> Codes:
    return Codes(
        tuple(code for code, _ in written), tuple(code for code, is_offered in written if is_offered)
    )


@Prepared
def codes_of_registers(*, for_sqlite: bool) -> Any:  # noqa: ANN401 - a select
    """Return the statement of the codes as the schools of registers (`ids`) write them."""
    of_school = and_(SchoolCode.code_id == AttendanceCode.id, SchoolCode.school_id == School.id)
    theirs = select(Register.school_id).where(is_among(Register.id, "ids", for_sqlite=for_sqlite))
    return (
        select(School.id, _is_offered(), *_fields())
        .select_from(School)
        .join(AttendanceCode, true())
        .outerjoin(SchoolCode, of_school)
        .where(School.id.in_(theirs))
        .order_by(*_order())
    )


@cache
def _written_codes() -> Select[*tuple[Any, ...]]:
    of_school = and_(SchoolCode.code_id == AttendanceCode.id, SchoolCode.school_id == bindparam("school_id"))
    return (
        select(_is_offered(), *_fields())
        .select_from(AttendanceCode)
        .outerjoin(SchoolCode, of_school)
        .order_by(*_order())
    )


def _is_offered() -> ColumnElement[bool]:
    return func.coalesce(SchoolCode.is_offered, AttendanceCode.is_retired.is_(False))


def _fields() -> list[ColumnElement[Any]]:
    """Return the fields of `Code` in their order; the school's own words first."""
    own = {"letter": SchoolCode.letter, "name": SchoolCode.name}
    return [
        func.coalesce(own[field.name], getattr(AttendanceCode, field.name))
        if field.name in own
        else getattr(AttendanceCode, field.name)
        for field in fields(Code)
    ]


def _order() -> tuple[ColumnElement[int], ...]:
    return func.coalesce(SchoolCode.position, AttendanceCode.position), AttendanceCode.id.expression
