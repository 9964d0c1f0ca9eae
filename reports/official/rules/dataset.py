"""A form as it travels to the hub: the whole first, then the grades; a withheld cell has its name and no number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from reports.official.rules.form import GROUPS, WHOLE, Column

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from reports.official.rules.form import Form, FormLine

FORM_DATASET: Final = "official_form"
FORM_SCHEMA: Final = "bangxanh.official_form.v1"
LEAST: Final = 10
LARGEST: Final = 10**9


@dataclass(frozen=True, slots=True)
class TravellingLine:
    """A grade ("" the whole) as received: what is told, and by omission what is not."""

    grade: str
    counts: Mapping[Column, int]

    def count(self, column: Column) -> int | None:
        """Return a number, None when it is withheld."""
        return self.counts.get(column)


def rows_of_form(form: Form) -> list[dict[str, Any]]:
    """Return the lines of a guarded form as plain values."""
    whole = [line for line in form.lines if line.grade == WHOLE]
    return [_row(line) for line in (*whole, *(line for line in form.lines if line.grade != WHOLE))]


def _row(line: FormLine) -> dict[str, Any]:
    told = {column.value: count for column, count in line.counts.items() if count is not None}
    row: dict[str, Any] = {
        "key": line.grade,
        "level": "grade" if line.grade else "school",
        "counts": told,
        "withheld": sorted(column.value for column in Column if column.value not in told),
    }
    return row | ({"reason": "confidential"} if row["withheld"] else {})


def read_form_rows(rows: Sequence[Mapping[str, Any]]) -> list[TravellingLine]:
    """Return the lines of a form that arrived, the whole first. Raises ValueError, naming the row, on another shape."""
    lines = [_line(row) for row in rows]
    grades = [line.grade for line in lines[1:]]
    if not lines or lines[0].grade != WHOLE or len(set(grades)) < len(grades) or not all(grades):
        message = "the first row must be the whole, the others grades, each once"
        raise ValueError(message)
    for column in Column:
        _check_sum(lines, column)
    return lines


def _line(row: Mapping[str, Any]) -> TravellingLine:
    key, counts, withheld = row.get("key"), row.get("counts"), row.get("withheld")
    is_grade = isinstance(key, str) and (key == WHOLE or (key.isdecimal() and 1 <= int(key) <= 12))  # noqa: PLR2004
    if not is_grade or not isinstance(counts, dict) or not isinstance(withheld, list):
        message = f"row {key!r} is not a line of a form"
        raise ValueError(message)
    if sorted([*counts, *withheld]) != sorted(column.value for column in Column):
        message = f"row {key!r} does not say of every number that it is told or withheld"
        raise ValueError(message)
    if not all(type(value) is int and 0 <= value <= LARGEST for value in counts.values()):
        message = f"row {key!r} has a count that is none"
        raise ValueError(message)
    return TravellingLine(str(key), {Column(name): value for name, value in counts.items()})


def _check_sum(lines: Sequence[TravellingLine], column: Column) -> None:
    whole, told = lines[0].count(column), [line.count(column) for line in lines[1:]]
    known = sum(count for count in told if count is not None)
    if whole is not None and (known > whole or (None not in told and known != whole)):
        message = f"the grades do not add up to the whole in {column}"
        raise ValueError(message)


def is_protected(lines: Sequence[TravellingLine]) -> bool:
    """Say whether a form that arrived tells of nobody who is one of fewer than ten, and hides no single number.

    The numbers of a withheld grade and of those outside a group follow by subtraction.
    """
    safe = all(_is_safe(line) for line in lines)
    return safe and not any(
        lines[0].count(column) is not None and [line.count(column) for line in lines[1:]].count(None) == 1
        for column in Column
    )


def _is_safe(line: TravellingLine) -> bool:
    pupils = line.count(Column.PUPILS)
    groups = [count for column in GROUPS if (count := line.count(column)) is not None]
    if pupils is None:
        return not groups
    counts = [pupils, *groups, *(pupils - count for count in groups)]
    return all(count == 0 or count >= LEAST for count in counts)


def sum_of_lines(lines: Sequence[TravellingLine]) -> dict[Column, tuple[int, int]]:
    """Return of each column the sum of what is told, and by how many lines."""
    told = {
        column: [count for line in lines if (count := line.count(column)) is not None] for column in Column
    }
    return {column: (sum(counts), len(counts)) for column, counts in told.items()}
