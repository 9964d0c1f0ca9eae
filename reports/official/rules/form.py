"""A form: a line for each grade and one for the whole, complete inside, guarded where it leaves.

A cell without a number is withheld. Where classes of two grades or more are withheld (reports.releases), these grades
are; classes of one grade alone tell nothing more by it, since it is the whole less the others. Girls, pupils who are
not Kinh and pupils with a disability leave when their split does (reports.splits). A place above schools is counted,
cell by cell, over the schools whose own cell is told, and says over how many.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from app.i18n import N_
from reports.splits.rules import Split, protect_split

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from reports.splits.rules import SplitPattern

WHOLE: Final = ""
"""The grade of the line that is the whole."""


class Column(StrEnum):
    """What a form counts."""

    CLASSES = "classes"
    PUPILS = "pupils"
    GIRLS = "girls"
    NOT_KINH = "not_kinh"
    DISABLED = "disabled"


COLUMN_NAMES: Final = {
    Column.CLASSES: N_("Số lớp"),
    Column.PUPILS: N_("Số học sinh"),
    Column.GIRLS: N_("Trong đó: nữ"),
    Column.NOT_KINH: N_("Trong đó: dân tộc (không phải Kinh)"),
    Column.DISABLED: N_("Trong đó: khuyết tật"),
}
GROUPS: Final = (Column.GIRLS, Column.NOT_KINH, Column.DISABLED)


@dataclass(frozen=True, slots=True)
class FormLine:
    """A grade ("1" to "12", "" the whole) and its numbers; None is withheld."""

    grade: str
    counts: Mapping[Column, int | None]


@dataclass(frozen=True, slots=True)
class Form:
    """The form of a place; `schools` is over how many schools the whole's pupils are counted, of how many."""

    code: str
    name: str
    period: str
    lines: tuple[FormLine, ...]
    schools: tuple[int, int] = (1, 1)

    @property
    def has_withheld(self) -> bool:
        """Whether any number is withheld."""
        return any(count is None for line in self.lines for count in line.counts.values())

    @property
    def digest(self) -> str:
        """The SHA-256 of place, period and numbers, in hex."""
        return hashlib.sha256(self.as_text().encode()).hexdigest()

    def as_text(self) -> str:
        """Return place, period and numbers as canonical JSON: [code, period, [[grade, {column: count}]]]."""
        told = [
            [line.grade, {column.value: count for column, count in line.counts.items()}]
            for line in self.lines
        ]
        return json.dumps([self.code, self.period, told], sort_keys=True)

    def split(self, column: Column) -> Split:
        """Return how a group is spread over the grades; of a complete form only."""
        grades = [line for line in self.lines if line.grade != WHOLE]
        return Split(
            {line.grade: line.counts[Column.PUPILS] or 0 for line in grades},
            {line.grade: line.counts[column] or 0 for line in grades},
        )


def read_form(text: str, name: str, schools: int) -> Form:
    """Return the complete form of a place above schools that `Form.as_text` wrote."""
    code, period, told = json.loads(text)
    lines = (FormLine(grade, {column: counts[column.value] for column in Column}) for grade, counts in told)
    return Form(code, name, period, tuple(lines), (schools, schools))


def grades_that_differ(text: str, form: Form) -> list[str]:
    """Return the grades whose numbers are not those that `Form.as_text` wrote, those that came or went too."""
    old: dict[str, object] = dict(json.loads(text)[2])
    new: dict[str, object] = dict(json.loads(form.as_text())[2])
    return sorted(
        (grade for grade in (old.keys() | new) - {WHOLE} if old.get(grade) != new.get(grade)), key=int
    )


def form_of(code: str, name: str, period: str, grades: Mapping[int, Mapping[Column, int]]) -> Form:
    """Return the complete form of a school from the numbers of its grades."""
    lines = [FormLine(str(grade), dict(grades[grade])) for grade in sorted(grades)]
    whole = {column: sum(line.counts[column] or 0 for line in lines) for column in Column}
    return Form(code, name, period, (*lines, FormLine(WHOLE, whole)))


def patterns_of(
    form: Form,
    hidden_grades: frozenset[str],
    frozen: Mapping[Column, frozenset[str]],
    *,
    hides_school: bool,
) -> dict[Column, SplitPattern]:
    """Return what each group's split withholds; `frozen` is what earlier forms withheld, "" the total."""
    return {
        column: protect_split(
            form.split(column),
            hidden_grades | (frozen[column] - {WHOLE}),
            hides_total=hides_school or WHOLE in frozen[column],
        )
        for column in GROUPS
    }


def guarded(
    form: Form, hidden_grades: frozenset[str], patterns: Mapping[Column, SplitPattern], *, hides_school: bool
) -> Form:
    """Return the form as it may leave."""
    lines = []
    for line in form.lines:
        hides_pupils = hides_school if line.grade == WHOLE else hides_school or line.grade in hidden_grades
        counts = {
            column: None
            if hides_pupils or (column in patterns and _is_hidden(line.grade, patterns[column]))
            else count
            for column, count in line.counts.items()
        }
        lines.append(replace(line, counts=counts))
    return replace(form, lines=tuple(lines), schools=(0 if hides_school else 1, 1))


def _is_hidden(grade: str, pattern: SplitPattern) -> bool:
    return pattern.hides_total if grade == WHOLE else grade in pattern.withheld


def sum_of_forms(code: str, name: str, period: str, forms: Sequence[Form]) -> Form:
    """Return the form of a place above schools: of each cell the sum of those told, None when none is."""
    grades = sorted({line.grade for form in forms for line in form.lines} - {WHOLE}, key=int)
    lines = []
    for grade in (*grades, WHOLE):
        found = [line.counts for form in forms for line in form.lines if line.grade == grade]
        lines.append(FormLine(grade, {column: _sum([one[column] for one in found]) for column in Column}))
    told = sum(form.schools[0] for form in forms)
    return Form(code, name, period, tuple(lines), (told, len(forms)))


def _sum(counts: Sequence[int | None]) -> int | None:
    told = [count for count in counts if count is not None]
    return sum(told) if told else None
