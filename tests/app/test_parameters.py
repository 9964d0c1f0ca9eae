"""What addresses say: numbers, and what only looks like one."""

from __future__ import annotations

from datetime import date

import pytest

from app.parameters import number_in
from reports.breakdowns.forms import read_view as breakdown
from reports.changes.forms import read_view as change
from reports.tallies.rules import Period, PeriodKind

OCTOBER = Period(
    "2026-10", PeriodKind.MONTH, date(2026, 10, 1), date(2026, 11, 1), date(2026, 9, 5), "2026-2027"
)


@pytest.mark.parametrize(
    ("text", "number"), [("17", 17), ("0", 0), ("", None), ("-1", None), ("1.5", None), ("9" * 5000, None)]
)
def test_a_number_of_an_address(text: str, number: int | None) -> None:
    assert number_in(text) == number


def test_thousands_of_digits_are_no_place() -> None:
    assert change({"place": "9" * 5000, "class": "9" * 5000}, date(2026, 10, 5)).place is None
    assert breakdown({"place": "9" * 5000, "grade": "9" * 5000}, OCTOBER).place is None
