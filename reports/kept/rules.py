"""How long kept figures hold, and how the rows of an extract are written down and read back."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from reports.extracts.rules import ExtractRow, PlaceCell, Status
from reports.indicators.rules import Value

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reports.extracts.rules import Extract
    from reports.indicators.rules import Definition

MOST_AT_ONCE: Final = 20
"""More schools than these are not worked out while somebody waits for a page."""
TRIED_AGAIN_AFTER: Final = timedelta(minutes=5)
"""What failed is left alone for so long."""
FORM: Final = "official form"
"""Under this name the form of an official day is kept beside the indicators."""
WHOLE: Final = "whole extract"
"""Under this name the whole extract of a place of many schools is kept, for programs that read it page by page."""
_BELOW: Final = {"province": ("ward", "school"), "ward": ("school",), "school": ("class",)}


@dataclass(frozen=True, slots=True)
class Age:
    """When figures were made, and when the cube was last written in their period."""

    made_at: datetime | None
    changed_at: datetime | None

    def is_due(self, now: datetime, schools: int, *, is_over: bool) -> bool:
        """Say whether they should be made again.

        At once when registers were written since; otherwise after an hour, a day where the period is over: rolls and
        timetables change without a register. A place of many schools, where a register is always being written, is
        made at most once a quarter of an hour.
        """
        if self.made_at is None:
            return True
        age = now - self.made_at
        if self.changed_at is not None and self.changed_at >= self.made_at:
            return age >= (timedelta(minutes=15) if schools > MOST_AT_ONCE else timedelta())
        return age >= (timedelta(days=1) if is_over else timedelta(hours=1))


def kinds_shown(extract: Extract) -> frozenset[str]:
    """Return the place's own kind and that right below; schools for a province with one ward."""
    own = extract.place.kind
    for kind in _BELOW.get(own, ()):
        if len({row.place for row in extract.rows if row.place.kind == kind}) > 1:
            return frozenset({own, kind})
    return frozenset({own, *_BELOW.get(own, ())[:1]})


def rows_to_keep(extract: Extract) -> dict[str, list[ExtractRow]]:
    """Return {indicator: rows} of an extract, as far as a pivot shows them."""
    kinds = kinds_shown(extract)
    found: dict[str, list[ExtractRow]] = {}
    for row in extract.rows:
        if row.level is None and row.place.kind in kinds:
            found.setdefault(row.indicator.code, []).append(row)
    return found


def written(rows: Iterable[ExtractRow]) -> str:
    """Return the rows of one indicator as JSON; `read_rows` returns the same rows."""
    return json.dumps([_plain(row) for row in rows], ensure_ascii=False, separators=(",", ":"))


def _plain(row: ExtractRow) -> list[object]:
    place = [row.place.kind, row.place.code, row.place.name, row.place.class_name]
    head: list[object] = [*place, row.status.value, *row.schools]
    if row.value is None:
        return head
    coverage = row.value.coverage
    parts = (None, None) if coverage is None else coverage.as_integer_ratio()
    return [*head, row.value.numerator, row.value.denominator, *parts]


def read_rows(text: str, known: Definition, own: tuple[str, str] | None = None) -> list[ExtractRow]:
    """Return what `written` wrote of an indicator; `known` is the version that was valid in the period.

    `own` is the kind and code of the place whose rows alone are wanted.
    """
    found = []
    for kind, code, name, class_name, status, counted, schools, *numbers in json.loads(text):
        if own is not None and (kind, code) != own:
            continue
        value = None
        if numbers:
            numerator, denominator, part, whole = numbers
            coverage = None if whole is None else Fraction(part, whole)
            value = Value(known, numerator, denominator, coverage, status == Status.PROVISIONAL)
        place = PlaceCell(kind, code, name, class_name)
        found.append(ExtractRow(place, known, Status(status), (counted, schools), value))
    return found
