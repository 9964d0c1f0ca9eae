"""Before and after: a change that everybody had is nobody's own; what weeks differ anyway is called no change."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from reports.changes.rules import Line, Stage, Verdict, change_of, picture_of, weeks_around
from reports.questions.rules import Place

DAY = date(2026, 10, 19)
WOBBLE = (0, 4, -4, 2, -2, 4, 0, -4)


def lines(own: int, others: int | None, count: int = 16) -> list[Line]:
    """Return weeks of 1,000 pupil-sessions: 40 absent before, 40 - own after; beside it others in the same way."""
    found = []
    for number, (week, stage) in enumerate(weeks_around(DAY)[:count]):
        is_after = stage is Stage.AFTER
        absent = 40 + WOBBLE[number % 8] - own * is_after
        there = Place(0, "") if others is None else Place(0, "", 5000, 200 - 5 * others * is_after)
        found.append(Line(week, stage, Place(0, "", 1000, absent), there))
    return found


@pytest.mark.parametrize(
    ("own", "others", "verdict"),
    [
        (20, 0, Verdict.UP),
        (-20, 0, Verdict.DOWN),
        (20, 20, Verdict.WITHIN),
        (0, 20, Verdict.DOWN),
        (1, 0, Verdict.WITHIN),
        (20, None, Verdict.UP),
    ],
)
def test_what_others_did_meanwhile_is_taken_off(own: int, others: int | None, verdict: Verdict) -> None:
    found = change_of(lines(own, others))
    assert found.verdict is verdict
    assert found.has_others is (others is not None)
    assert found.beyond_others == pytest.approx((own - (others or 0)) / 1000)


def test_too_few_weeks_say_nothing() -> None:
    assert change_of(lines(20, 0, count=9)).verdict is Verdict.TOO_FEW
    assert change_of(lines(20, 0, count=8)).own is None
    assert change_of([]).verdict is Verdict.TOO_FEW


def test_a_day_in_the_middle_leaves_its_week_out_of_both_sides() -> None:
    assert [stage for _week, stage in weeks_around(DAY)].count(Stage.DURING) == 0
    around = weeks_around(DAY + timedelta(days=2))
    assert [week.monday for week, stage in around if stage is Stage.DURING] == [DAY]
    assert [len([1 for _w, stage in around if stage is one]) for one in Stage] == [8, 1, 8]


def test_everything_that_is_drawn_lies_in_the_picture() -> None:
    drawn = picture_of(change_of(lines(20, 0)), DAY)
    assert drawn is not None
    assert all(0 <= dot.x <= 96 and 0 <= dot.y <= 100 for dot in (*drawn.place, *drawn.others))
    assert drawn.place[7].x < drawn.day < drawn.place[8].x
    assert picture_of(change_of([]), DAY) is None
