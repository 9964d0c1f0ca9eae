"""Lesson plans: versions, sharing, copies, and what a lesson took stays as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import db
from app.access import Role
from app.errors import ConflictError, NotFoundError
from classroom.activities.rules import choice
from classroom.bank import commands, queries
from classroom.bank.rules import PlanDraft, rearranged, without
from tests.classroom.held import QUESTION, Held, teacher_of

if TYPE_CHECKING:
    from app.access import Actor

OTHER = choice("2 + 2 = ?", ["3", "4"], "B")
DRAFT = PlanDraft("Ôn tập", "Toán", (QUESTION,))
LONGER = PlanDraft("Ôn tập", "Toán", (QUESTION, OTHER))


@pytest.fixture
def actor(held: Held) -> Actor:
    return teacher_of(held.world)


@pytest.fixture
def plan(held: Held, actor: Actor) -> int:
    return commands.begin_plan(actor, held.world.school_ids["a"], DRAFT, "op-begin-1")


def questions(actor: Actor, plan: int) -> int:
    db.session().rollback()
    return len(queries.questions_in(db.session(), queries.plan_for(actor, plan)))


def test_saving_makes_a_version_and_the_same_again_makes_none(actor: Actor, plan: int) -> None:
    assert commands.save_plan(actor, plan, LONGER, 1, "op-save-1") == 2
    assert commands.save_plan(actor, plan, LONGER, 1, "op-save-1") == 2
    assert commands.save_plan(actor, plan, LONGER, 2, "op-save-2") == 2
    assert questions(actor, plan) == 2
    with pytest.raises(ConflictError):
        commands.save_plan(actor, plan, DRAFT, 1, "op-save-3")


def test_an_earlier_version_comes_back_as_the_newest(actor: Actor, plan: int) -> None:
    commands.save_plan(actor, plan, LONGER, 1, "op-save-1")
    assert commands.restore_version(actor, plan, 1, "op-back-1") == 3
    assert questions(actor, plan) == 1


def test_a_colleague_sees_and_copies_a_plan_only_while_it_is_shared(
    held: Held, actor: Actor, plan: int
) -> None:
    colleague = teacher_of(held.world, Role.HOMEROOM_TEACHER)
    with pytest.raises(NotFoundError):
        queries.plan_for(colleague, plan)
    commands.share_plan(actor, plan, shared=True)
    copy = commands.copy_plan(colleague, queries.plan_for(colleague, plan), "op-copy-1")
    assert queries.own_plan_for(colleague, copy).owner_id == colleague.user_id
    with pytest.raises(NotFoundError):
        queries.own_plan_for(colleague, plan)
    with pytest.raises(NotFoundError):
        commands.save_plan(colleague, plan, LONGER, 1, "op-save-9")
    assert {row.id for row in queries.plans_seen_by(db.session(), colleague)} == {plan, copy}


def test_what_a_lesson_took_stays_whatever_becomes_of_the_plan(held: Held, actor: Actor, plan: int) -> None:
    made = commands.take_into_lesson(held.lesson_id, plan, "op-take-1")
    assert commands.take_into_lesson(held.lesson_id, plan, "op-take-1") == made
    commands.save_plan(actor, plan, PlanDraft("Khác", "", (OTHER,)), 1, "op-save-1")
    asked = held.snapshot()["activities"].values()
    assert [row["question"] for row in asked] == [QUESTION.question]


@given(st.integers(1, 4), st.integers(-5, 5))
def test_rearranging_loses_no_question(number: int, steps: int) -> None:
    order = (QUESTION, OTHER, choice("", ["", ""]))
    after = rearranged(order, number, steps)
    assert sorted(one.question for one in after) == sorted(one.question for one in order)
    assert len(without(order, number)) == (2 if number <= 3 else 3)
