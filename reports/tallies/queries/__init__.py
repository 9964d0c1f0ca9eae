"""Reading everything that a place and a period are counted from: cubes, rolls, enrolments, lessons, entries."""

from __future__ import annotations

from reports.tallies.queries.enrolments import cohort_of
from reports.tallies.queries.grades import grade_totals
from reports.tallies.queries.lines import lines_of
from reports.tallies.queries.periods import period_named, periods_until
from reports.tallies.queries.places import PlaceTree, place_tree, units_in_order

__all__ = [
    "PlaceTree",
    "cohort_of",
    "grade_totals",
    "lines_of",
    "period_named",
    "periods_until",
    "place_tree",
    "units_in_order",
]
