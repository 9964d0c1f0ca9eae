"""What is proposed, and what the step does to any history: nothing overlaps, no day of the past changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import InvalidError
from app.school.enrolment.rules import ClassPlace, Coming, Going, History, YearFrame, enrolled, gone, moved
from app.school.rollover.rules import (
    ClassChoice,
    Decision,
    Plan,
    PupilChoice,
    class_names,
    last_grade,
    next_name,
    plan_from_json,
    plan_to_json,
    proposed,
    rolled,
)
from app.school.rollover.rules.previews import NewClass, OldClass, Rising, Standing, previewed

OLD = YearFrame(1, date(2026, 9, 5), date(2027, 1, 18), date(2027, 6, 1))
NEW = YearFrame(2, date(2027, 9, 5), date(2028, 1, 18), date(2028, 6, 1))
SCHOOL, OTHER = 1, 2
STANDING = Standing(
    (
        OldClass(10, "4/2", 4, "afternoon"),
        OldClass(11, "5/1", 5),
        OldClass(12, "Hoa Mai", 3),
        OldClass(13, "1/1", 1),
    ),
    (
        Rising(1, "An", 10),
        Rising(2, "Bình", 10),
        Rising(3, "Chi", 11),
        Rising(4, "Dũng", 12),
        Rising(5, "Em", None),
        Rising(6, "Giang", 11, is_there=True),
    ),
    (NewClass(20, "5/2", 5, 34),),
    5,
)


@pytest.mark.parametrize(
    ("name", "grade", "expected"),
    [("4/2", 4, "5/2"), ("6A1", 6, "7A1"), ("L2B", 2, "L3B"), ("11.10", 11, "12.10"), ("Hoa Mai", 3, "")],
)
def test_the_class_of_the_next_grade(name: str, grade: int, expected: str) -> None:
    assert next_name(name, grade) == expected


def test_the_last_grade_comes_from_the_levels_or_the_classes() -> None:
    assert (last_grade("1", []), last_grade("12", [1]), last_grade("", [6, 8]), last_grade("", [12])) == (
        5,
        9,
        9,
        12,
    )
    assert proposed("5/1", 5, 5) == ClassChoice(Decision.GRADUATE, "", "5/1")
    assert proposed("5/1", 5, 9) == ClassChoice(Decision.PROMOTE, "6/1", "5/1")
    assert proposed("Hoa Mai", 3, 5).decision is Decision.UNDECIDED


def test_a_preview_says_who_goes_where_and_what_is_missing() -> None:
    plan = Plan(pupils={2: PupilChoice(Decision.REPEAT)})
    found = previewed(STANDING, plan)
    assert [(one.pupil_id, one.decision.value, one.target) for one in found.pupils] == [
        (1, "promote", "5/2"),
        (2, "repeat", "4/2"),
        (3, "graduate", ""),
        (4, "undecided", ""),
        (5, "undecided", ""),
    ]
    assert found.already == 1
    assert [one.pupil_id for one in found.without_class] == [5]
    targets = {one.name: one for one in found.targets}
    assert {name: (one.size, one.exists, one.is_over) for name, one in targets.items()} == {
        "1/1": (0, False, False),
        "4/2": (1, False, False),
        "5/2": (35, True, False),
    }
    assert targets["4/2"].source == STANDING.classes[0]
    assert previewed(STANDING, Plan()).targets[-1].is_over, "36 in a class of primary school"
    closed = previewed(STANDING, Plan(pupils=plan.pupils, opens=False))
    assert (closed.opened, closed.totals[Decision.UNDECIDED]) == ([], 3), (
        "4/2 is not there, so nobody repeats in it"
    )
    assert plan_from_json(plan_to_json(plan)) == plan
    assert found.fingerprint != previewed(STANDING, Plan()).fingerprint


def test_names_of_classes_say_a_grade() -> None:
    assert class_names(" 1/1, 1/2;1/1 ") == ("1/1", "1/2")
    with pytest.raises(InvalidError, match="Hoa"):
        class_names("1/1, Hoa")


days = st.integers(0, (OLD.ends_on - OLD.starts_on).days - 1).map(
    lambda count: OLD.starts_on + timedelta(days=count)
)


@st.composite
def histories(draw: st.DrawFn) -> History:
    """A history of the old year by random steps; those that a rule refuses are left out."""
    history = History()
    for day in sorted(draw(st.lists(days, min_size=1, max_size=6, unique=True))):
        school = draw(st.sampled_from([SCHOOL, SCHOOL, OTHER]))
        place = ClassPlace(school * 10 + draw(st.integers(0, 2)), school, OLD)
        for step in draw(st.permutations(["enrol", "move", "leave"])):
            try:
                if step == "enrol":
                    history = enrolled(history, place, day, draw(st.sampled_from(Coming)))
                elif step == "move":
                    history = moved(history, place, day)
                else:
                    history = gone(history, school, OLD, day, draw(st.sampled_from(Going)))
            except InvalidError:
                continue
            break
    return numbered(history)


def numbered(history: History) -> History:
    """The same history as it comes from the database."""
    stays = tuple(replace(one, id=number) for number, one in enumerate(history.stays, 1))
    classes = tuple(replace(one, id=number) for number, one in enumerate(history.classes, 1))
    return History(stays, classes)


@given(histories(), st.sampled_from(Decision))
def test_no_overlap_and_no_day_of_the_old_year_changes(history: History, decision: Decision) -> None:
    place = ClassPlace(99, SCHOOL, NEW) if decision in {Decision.PROMOTE, Decision.REPEAT} else None
    try:
        after = rolled(history, SCHOOL, OLD, decision, place)
    except InvalidError:
        assert history.stay_on(OLD.ends_on - timedelta(days=1)) is None or all(
            one.school_id != SCHOOL or one.ends_on is not None for one in history.stays
        )
        return
    borders = {(NEW.starts_on - OLD.starts_on).days, (OLD.ends_on - OLD.starts_on).days}
    for count in {*range(0, max(borders) + 60, 4), *borders, *(one - 1 for one in borders)}:
        day = OLD.starts_on + timedelta(days=count)
        holding = [
            one for one in after.stays if one.starts_on <= day and (one.ends_on is None or day < one.ends_on)
        ]
        assert len(holding) <= 1
        if day < OLD.ends_on or (place and day < NEW.starts_on):
            assert bool(after.stay_on(day)) == bool(history.stay_on(day))
            assert [one.class_id for one in after.classes_on(day)] == [
                one.class_id for one in history.classes_on(day)
            ]
        elif place and day >= NEW.starts_on:
            assert [one.class_id for one in after.classes_on(day)] == [99]
    if place:
        summer = date(2027, 7, 1)
        away = gone(after, SCHOOL, NEW, summer, Going.TRANSFERRED)
        assert away.stay_on(summer - timedelta(days=1)) is not None
        assert away.stay_on(summer) is None, "who goes in the summer goes before the new year begins"
        assert away.stay_on(NEW.starts_on) is None
        assert "Chuyển đi trong hè" in {one.status for one in away.stays}
    if decision in {Decision.GRADUATE, Decision.LEAVE, Decision.TRANSFER}:
        assert after.stay_on(NEW.starts_on) is None
