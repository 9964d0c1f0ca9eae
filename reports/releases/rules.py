"""Making a release: a school's month, protected, attacked, and only then fit to leave.

Each school's table stands for itself: the school above, its classes below. No figure over several schools leaves
except sums of what was published school by school, so nothing can be subtracted between schools, and schools can
be released one after the other. The same month with the same frozen cells gives the same release at every exit.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from reports.attacker.rules import Certificate, audit
from reports.disclosure.rules import Key, Kind, Measure, Rule, Table, protect

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reports.cubes.rules import Month, SchoolMonth
    from reports.indicators.rules import Counts

DATASET: Final = "attendance_month"
SCHEMA: Final = "bangxanh.attendance_month.v1"
RULE: Final = Rule()
MEASURES: Final = (
    Measure("pupils", Kind.PERSONS),
    Measure("expected", Kind.DENOMINATOR),
    Measure("absent", Kind.NUMERATOR, within="expected"),
    Measure("excused", Kind.NUMERATOR, within="absent", width=3),
    Measure("unexcused", Kind.NUMERATOR, within="absent", width=3),
    Measure("late", Kind.NUMERATOR, within="expected", width=3),
)
"""A width of 3 for the rare counts: as wide as the threshold, they would take most of a school with them."""
BESIDES: Final = ("classes", "sessions_due", "sessions_taken", "lessons_held")
"""Counts of no person; they are withheld with the rest of their cell, but nothing is withheld because of them."""
PUBLISHED_COUNTS: Final = (*(measure.name for measure in MEASURES), *BESIDES)


@dataclass(frozen=True, slots=True)
class ReleasedRow:
    """A school (`key` empty) or one of its classes. `counts` is None when the cell is withheld."""

    key: str
    name: str
    grade: int | None
    counts: Mapping[str, int] | None

    def as_json(self) -> dict[str, object]:
        """Return the row as it travels: a withheld one has a reason and no count at all, not even 0."""
        head: dict[str, object] = {"key": self.key, "name": self.name}
        head["level"] = "class" if self.key else "school"
        if self.grade is not None:
            head["grade"] = self.grade
        if self.counts is None:
            return {**head, "status": "withheld", "reason": "confidential"}
        return {**head, "status": "published", "counts": dict(self.counts)}


@dataclass(frozen=True, slots=True)
class Release:
    """A school's month as it may leave, with the proof that it may."""

    code: str
    name: str
    month: Month
    rows: tuple[ReleasedRow, ...]
    withheld: frozenset[Key]
    certificate: Certificate
    source_digest: str

    @property
    def school(self) -> ReleasedRow:
        """The row of the school as a whole."""
        return self.rows[0]

    @property
    def classes(self) -> tuple[ReleasedRow, ...]:
        """The rows of the classes, in natural order."""
        return self.rows[1:]


class UnsafeReleaseError(RuntimeError):
    """The attacker broke the release. It must not leave; somebody has to look at the rule or its implementation."""


@dataclass(frozen=True, slots=True)
class Guarded:
    """Which cells of a school's period are withheld, () the school itself, with the proof that it is enough."""

    withheld: frozenset[Key]
    certificate: Certificate


def guard_classes(
    whole: Counts,
    classes: Mapping[int, Counts],
    frozen: frozenset[Key] = frozenset(),
    rule: Rule = RULE,
    *,
    together: frozenset[Key] = frozenset(),
) -> tuple[Guarded, dict[Key, Mapping[str, int] | None]]:
    """Protect a school's table, {class id: counts}, and have it attacked; return also what is published.

    Takes up to a second; raises UnsafeReleaseError if the attacker breaks it.
    """
    return _guarded(whole, tuple(classes.items()), frozen, rule, together)


@lru_cache(maxsize=2048)
def _guarded(
    whole: Counts,
    classes: tuple[tuple[int, Counts], ...],
    frozen: frozenset[Key],
    rule: Rule,
    together: frozenset[Key],
) -> tuple[Guarded, dict[Key, Mapping[str, int] | None]]:
    """Work it out once for the same figures: an interface is asked page by page."""
    counts: dict[Key, Mapping[str, int]] = {(): counts_of(whole)}
    counts |= {(str(class_id),): counts_of(row) for class_id, row in classes}
    withheld = protect(Table(MEASURES, counts), rule, frozen, together).withheld
    published = {key: None if key in withheld else values for key, values in counts.items()}
    certificate = audit(published, MEASURES, rule)
    if not certificate.passed:
        message = "the release can be broken"
        raise UnsafeReleaseError(message)
    return Guarded(withheld, certificate), published


def guard_sizes(
    sizes: Mapping[str, int],
    frozen: frozenset[Key] = frozenset(),
    rule: Rule = RULE,
    *,
    together: frozenset[Key] = frozenset(),
) -> Guarded:
    """Protect a school of which only the pupils of each class are told, {class: pupils}, and have it attacked.

    Raises UnsafeReleaseError if the attacker breaks it.
    """
    measures = (Measure("pupils", Kind.PERSONS),)
    counts: dict[Key, Mapping[str, int]] = {(): {"pupils": sum(sizes.values())}}
    counts |= {(key,): {"pupils": size} for key, size in sizes.items()}
    withheld = protect(Table(measures, counts), rule, frozen, together).withheld
    published = {key: None if key in withheld else values for key, values in counts.items()}
    certificate = audit(published, measures, rule)
    if not certificate.passed:
        message = "the release can be broken"
        raise UnsafeReleaseError(message)
    return Guarded(withheld, certificate)


def release_month(
    month: SchoolMonth,
    frozen: frozenset[Key] = frozenset(),
    rule: Rule = RULE,
    *,
    together: frozenset[Key] = frozenset(),
) -> Release:
    """Protect a school's month; see `guard_classes`. `frozen` are the cells that earlier releases withheld.

    `together` are those that the releases of all other periods withheld.
    """
    classes = {row.class_id: row.counts for row in month.classes}
    guarded, published = guard_classes(month.counts, classes, frozen, rule, together=together)
    rows = [ReleasedRow("", month.name, None, published[()])]
    rows += [
        ReleasedRow(str(r.class_id), r.name, r.grade, published[str(r.class_id),]) for r in month.classes
    ]
    return Release(
        month.code, month.name, month.month, tuple(rows), guarded.withheld, guarded.certificate, month.digest
    )


def counts_of(counts: Counts) -> dict[str, int]:
    """Return the counts that a release shows. Absences still without a reason are in `absent` only."""
    return {name: getattr(counts, name) for name in PUBLISHED_COUNTS}
