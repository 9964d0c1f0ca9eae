"""Groups: everybody in one, sizes even, pairs kept apart, names on the projector only when they are switched on."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import clock, db
from app.errors import InvalidError, NotFoundError
from app.school.models import Pupil
from app.school.seating.models import PlanSeat, SeatPlan
from classroom.groups.commands import keep_apart, make_groups
from classroom.groups.rules import How, Pair, Wish, divided, together
from classroom.ledger.queries import events_since
from classroom.ledger.rules import followed
from classroom.lessons.commands import pick_pupil, switch
from classroom.lessons.events import pupil_state, screen_state
from classroom.lessons.rules import Switch
from tests.classroom.held import begin
from tests.world import FIRST_DAY

if TYPE_CHECKING:
    from tests.classroom.held import Held

CLASSES = st.integers(1, 45).map(lambda n: list(range(1, n + 1)))


@given(CLASSES, st.sampled_from(How), st.integers(2, 10), st.data())
def test_everybody_is_in_one_group_and_sizes_are_even(
    pupils: list[int], how: How, size: int, data: st.DataObject
) -> None:
    two = st.tuples(st.sampled_from(pupils), st.sampled_from(pupils)).filter(lambda pair: pair[0] != pair[1])
    apart = data.draw(st.lists(two.map(Pair), max_size=6)) if len(pupils) > 1 else []
    results = {pupil: pupil / len(pupils) for pupil in pupils}
    seats = {pupil: divmod(pupil, 8) for pupil in pupils}
    chance = Random(data.draw(st.integers(0, 9)))
    groups = divided(pupils, Wish(how, size), apart, chance=chance, seats=seats, results=results)
    assert sorted(pupil for group in groups for pupil in group) == pupils
    sizes = {len(group) for group in groups}
    assert max(sizes) - min(sizes) <= 1
    if len(set(apart)) == 1 and len(groups) > 1:
        assert together(groups, apart) == []


def test_mixed_groups_get_of_every_level_and_seats_keep_neighbours() -> None:
    pupils, chance = list(range(12)), Random(1)
    results = {pupil: pupil / 12 for pupil in pupils}
    mixed = divided(pupils, Wish(How.MIXED, 4), chance=chance, results=results)
    assert all({pupil // 3 for pupil in group} == {0, 1, 2, 3} for group in mixed)
    seats = {pupil: divmod(pupil, 4) for pupil in pupils}
    pairs = divided(pupils, Wish(How.SEATS, 2), chance=chance, seats=seats)
    assert {frozenset(group) for group in pairs} == {frozenset((n, n + 1)) for n in range(0, 12, 2)}
    tables = divided(pupils[:8], Wish(How.SEATS, 4), chance=chance, seats=seats)
    assert [set(group) for group in tables] == [{0, 1, 4, 5}, {2, 3, 6, 7}], "those in front turn round"


def test_pairs_stay_apart_and_the_screen_shows_numbers_until_names_are_on(held: Held) -> None:
    one, other = held.pupils[:2]
    keep_apart(held.lesson_id, one, other, apart=True)
    keep_apart(held.lesson_id, other, one, apart=True)
    assert held.snapshot()["apart"] == [sorted([one, other])]
    made = [make_groups(held.lesson_id, f"op-000000{number}", Wish(How.RANDOM, 3)) for number in range(5)]
    assert not any({one, other} <= set(group) for groups in made for group in groups)
    groups = made[-1]
    assert make_groups(held.lesson_id, "op-0000004", Wish(How.MIXED, 2)) == groups
    assert "groups" not in screen_state(held.lesson_id)["stage"]
    assert "group" not in pupil_state(held.lesson_id, one)
    switch(held.lesson_id, Switch.GROUPS, on=True)
    db.session().rollback()
    shown = screen_state(held.lesson_id)["stage"]["groups"]
    assert sorted(int(number) for group in shown for number in group) == [1, 2, 3, 4, 5, 6]
    assert pupil_state(held.lesson_id, one)["group"] == next(
        n for n, group in enumerate(groups, 1) if one in group
    )
    switch(held.lesson_id, Switch.NAMES, on=True)
    db.session().rollback()
    names = [name for group in screen_state(held.lesson_id)["stage"]["groups"] for name in group]
    assert "An" in names
    assert "Nguyễn Văn An" not in names
    with db.transaction() as session:
        session.get_one(Pupil, held.pupils[-1]).full_name = "Lê Thị An"
    names = [name for group in screen_state(held.lesson_id)["stage"]["groups"] for name in group]
    assert {"Văn An", "Thị An"} <= set(names), "two of one name find their groups"
    with pytest.raises(NotFoundError):
        keep_apart(held.lesson_id, one, held.world.pupil_ids["other_class"][0], apart=True)


def test_by_seat_needs_a_plan(held: Held) -> None:
    with pytest.raises(InvalidError):
        make_groups(held.lesson_id, "op-0000001", Wish(How.SEATS, 2))
    with db.transaction() as session:
        plan = SeatPlan(
            class_id=held.world.class_ids["own"], rows=3, columns=2, starts_on=FIRST_DAY, made_at=clock.now()
        )
        session.add(plan)
        session.flush()
        session.add_all(
            PlanSeat(plan_id=plan.id, row=n // 2, column=n % 2, pupil_id=pupil)
            for n, pupil in enumerate(held.pupils)
        )
    groups = make_groups(held.lesson_id, "op-0000002", Wish(How.SEATS, 2))
    assert {frozenset(group) for group in groups} == {
        frozenset(held.pupils[n : n + 2]) for n in range(0, 6, 2)
    }


def test_who_is_kept_apart_is_so_in_the_classs_other_and_later_lessons(held: Held) -> None:
    one, other = held.pupils[:2]
    beside = begin(held.world, None)
    before = beside.snapshot()
    keep_apart(held.lesson_id, one, other, apart=True)
    after = beside.snapshot()
    assert after["apart"] == [sorted([one, other])]
    (news,) = events_since(db.session(), beside.lesson_id, before["seq"])
    assert followed(before, news.patch) | {"seq": news.seq} == after
    later = begin(held.world, None)
    assert later.snapshot()["apart"] == [sorted([one, other])]
    for number in range(5):
        groups = make_groups(later.lesson_id, f"op-000000{number}", Wish(How.RANDOM, 3))
        assert together(groups, [Pair({one, other})]) == []


def test_the_picker_remembers_earlier_lessons(held: Held) -> None:
    called = [pick_pupil(held.lesson_id, f"op-000000{number}") for number in range(len(held.pupils) - 1)]
    later = begin(held.world, None)
    assert pick_pupil(later.lesson_id, "op-0000001") == (set(held.pupils) - set(called)).pop()
