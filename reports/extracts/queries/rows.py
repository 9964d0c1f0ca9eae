"""The rows of an extract, counted from below: what a place is counted from is read once, then told or withheld."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import select

from app.school.models import SchoolClass
from reports.extracts.queries.gate import patterns_of
from reports.extracts.rules import (
    Extract,
    PlaceCell,
    SchoolCell,
    Status,
    Told,
    rows_of_levels,
    rows_of_school,
    rows_of_sum,
)
from reports.tallies.queries import lines_of
from reports.tallies.rules import PeriodKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from app.school.organisation.rules import Unit
    from reports.extracts.rules import ExtractRow
    from reports.releases.rules import Guarded
    from reports.tallies.queries import PlaceTree
    from reports.tallies.rules import Lines, Period


@dataclass(frozen=True, slots=True)
class Prepared:
    """An extract with what must be frozen before it leaves: {(school, period name): its pattern}."""

    extract: Extract
    patterns: Mapping[tuple[int, str], Guarded]


def prepare_extract(session: Session, place: PlaceTree, period: Period, today: date, as_of: date) -> Prepared:
    """Return what may leave of a place and a period, for the schools that the place has in `place`, on day `as_of`.

    The attacker is run for every school and month: about 5 ms for a school of which nothing is withheld, up to a second
    otherwise. Raises UnsafeReleaseError.
    """
    ids = [unit.id for unit in place.schools]
    above = [one.unit.id for one in place.walk() if one.unit.kind != "school"]
    lines = lines_of(session, ids, period, today, above)
    patterns = patterns_of(session, place.schools, period, today, lines)
    names = _class_names(session, [line.class_id for line in lines.classes])
    rows = _Rows(place.unit.id, _told(period, today), lines, patterns, period.name, names)
    return Prepared(Extract(_cell(place.unit), period, as_of, tuple(rows.of(place))), patterns)


def prepare_schools(
    session: Session, schools: Sequence[PlaceTree], period: Period, today: date, as_of: date
) -> dict[int, Prepared]:
    """Return {school: what `prepare_extract` returns of it}; everything is read once for all of them.

    Schools do not touch each other: lines, frozen cells and patterns are each school's own.
    """
    units = [place.unit for place in schools]
    lines = lines_of(session, [unit.id for unit in units], period, today)
    patterns = patterns_of(session, units, period, today, lines)
    told = _told(period, today)
    names = _class_names(session, [line.class_id for line in lines.classes])
    found = {}
    for place in schools:
        own = {key: pattern for key, pattern in patterns.items() if key[0] == place.unit.id}
        rows = _Rows(place.unit.id, told, lines, own, period.name, names)
        found[place.unit.id] = Prepared(Extract(_cell(place.unit), period, as_of, tuple(rows.of(place))), own)
    return found


def _told(period: Period, today: date) -> Told:
    return Told(
        period.first, is_longer=period.kind is not PeriodKind.MONTH, is_running=period.after_last > today
    )


class _Rows:
    """The rows of a place and of every place below it, counted from below."""

    def __init__(
        self,
        whole: int,
        told: Told,
        lines: Lines,
        patterns: Mapping[tuple[int, str], Guarded],
        period: str,
        names: Mapping[int, str],
    ) -> None:
        self._whole, self._told, self._lines = whole, told, lines
        self._patterns, self._period, self._names = patterns, period, names
        self._cells: dict[int, SchoolCell] = {}
        self._rows: dict[int, list[ExtractRow]] = {}
        self._by_code: dict[int, dict[str, ExtractRow]] = {}

    def of(self, place: PlaceTree) -> Iterator[ExtractRow]:
        """Yield them, the larger places first."""
        self._count(place)
        for one in place.walk():
            yield from self._rows[one.unit.id]

    def _count(self, place: PlaceTree) -> None:
        for one in place.below:
            self._count(one)
        unit = place.unit
        if unit.id not in self._rows:
            self._rows[unit.id] = self._of_school(unit) if unit.kind == "school" else self._above(place)

    def _of_school(self, unit: Unit) -> list[ExtractRow]:
        withheld = self._patterns[unit.id, self._period].withheld
        own = self._lines.of_schools([unit.id])
        shown = tuple((line.class_id, self._names[line.class_id]) for line in own.classes)
        cell = SchoolCell(unit.id, _cell(unit), () in withheld, shown if self._whole == unit.id else ())
        classes = frozenset(int(key[0]) for key in withheld if key)
        rows = list(rows_of_school(cell, own, classes, self._told)) if own.classes else []
        self._by_code[unit.id] = {row.indicator.code: row for row in rows if row.place.kind == "school"}
        hidden = frozenset(
            code for code, row in self._by_code[unit.id].items() if row.status is Status.WITHHELD
        )
        self._cells[unit.id] = replace(cell, hidden=hidden)
        return rows

    def _above(self, place: PlaceTree) -> list[ExtractRow]:
        schools = [self._cells[unit.id] for unit in place.schools if self._rows[unit.id]]
        if not schools:
            return []
        cell = _cell(place.unit)
        found = list(
            rows_of_sum(
                cell, schools, lambda code: list(self._told_below(place, code)), self._lines, self._told
            )
        )
        self._by_code[place.unit.id] = {row.indicator.code: row for row in found}
        return found + list(rows_of_levels(cell, place.unit.id, schools, self._lines, self._told.day))

    def _told_below(self, place: PlaceTree, code: str) -> Iterator[ExtractRow]:
        """Yield what is told of each place right below, or of those below it where it is not told itself."""
        for one in place.below:
            row = self._by_code.get(one.unit.id, {}).get(code)
            if row is not None and row.value is not None:
                yield row
            else:
                yield from self._told_below(one, code)


def _cell(unit: Unit) -> PlaceCell:
    return PlaceCell(unit.kind, unit.code, unit.name)


def _class_names(session: Session, class_ids: Sequence[int]) -> dict[int, str]:
    rows = session.execute(select(SchoolClass.id, SchoolClass.name).where(SchoolClass.id.in_(class_ids)))
    return {row.id: row.name for row in rows}
