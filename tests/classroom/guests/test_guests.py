"""Guests come in by a decent nickname where the teacher lets them, and never count as a pupil."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from app import clock, db
from app.errors import ConflictError, InvalidError, NotFoundError
from app.text import fold
from classroom.activities.rules import Move
from classroom.answers.models import Attempt
from classroom.answers.rules import Wish
from classroom.guests.commands import admit_guest, show_out, store_guest_answer
from classroom.guests.events import guest_state
from classroom.guests.queries import guest_of_device
from classroom.guests.rules import LONGEST, checked_nickname
from classroom.lessons.commands import end_lesson, switch
from classroom.lessons.events import DEVICE_COOKIE, screen_state
from classroom.lessons.models import Lesson
from classroom.lessons.rules import Switch
from classroom.outcomes.queries import outcome_of
from classroom.seats.rules import device_hash
from tests.classroom.held import CANARY, teacher_of

if TYPE_CHECKING:
    from tests.classroom.held import Held

DEVICE: Final = device_hash("guest-device")


@given(st.text(max_size=30))
def test_what_is_let_through_is_short_plain_and_free(typed: str) -> None:
    taken = {fold("Nguyễn Văn An")}
    try:
        name = checked_nickname(typed, taken)
    except InvalidError:
        return
    assert 2 <= len(name) <= LONGEST
    assert all(sign.isalnum() or sign in " .'-" for sign in name)
    assert checked_nickname(name, taken) == name
    assert fold(name) not in taken


@pytest.mark.parametrize("typed", ["A", "x" * 21, "<b>hi</b>", "😀😀", "nguyen van an", "a\u202eb cd!", "__"])
def test_other_names_are_refused(typed: str) -> None:
    with pytest.raises(InvalidError):
        checked_nickname(typed, {fold("Nguyễn Văn An")})


def test_only_where_the_teacher_lets_guests_in(held: Held) -> None:
    with pytest.raises(ConflictError):
        admit_guest(held.lesson_id, "Cô Hoa", DEVICE)
    switch(held.lesson_id, Switch.TAKES_GUESTS, on=True)
    guest = admit_guest(held.lesson_id, "Cô Hoa", DEVICE)
    assert admit_guest(held.lesson_id, "Tên khác", DEVICE) == guest, "the same device is the same guest"
    for name in ("cô hoa", "Nguyễn Văn An"):
        with pytest.raises(InvalidError):
            admit_guest(held.lesson_id, name, device_hash("other"))
    show_out(held.lesson_id, guest)
    assert guest_of_device(db.session(), held.lesson_id, DEVICE) is None
    with pytest.raises(NotFoundError):
        store_guest_answer(held.lesson_id, guest, held.ask(), Wish("answer-1", 1, ("A",), clock.now()))


def test_a_guests_answer_counts_as_a_guests_only(held: Held) -> None:
    switch(held.lesson_id, Switch.TAKES_GUESTS, on=True)
    guest = admit_guest(held.lesson_id, "Cô Hoa", DEVICE)
    held.seat(held.pupils[0])
    activity = held.ask()
    held.answer(held.pupils[0], activity, "B")
    for uuid, letter, made in (("answer-1", "B", 1), ("answer-2", "A", 2), ("answer-1", "B", 1)):
        store_guest_answer(held.lesson_id, guest, activity, Wish(uuid, 1, (letter,), clock.now(), made))
    seen = guest_state(held.lesson_id, guest)
    assert seen["mine"]["answer"] == ["A"]
    assert CANARY not in str(seen)
    held.move(activity, Move.CLOSE)
    held.move(activity, Move.REVEAL)
    db.session().rollback()
    stage = screen_state(held.lesson_id)["stage"]
    assert (stage["answered"], stage["guests"]) == (1, 1)
    assert stage["tallies"]["1"]["A"] == 0
    assert stage["guest_tallies"]["1"]["A"] == 1
    assert guest_state(held.lesson_id, guest)["mine"]["share"] == 1
    assert [row.pupil_id for row in db.session().scalars(select(Attempt))] == [held.pupils[0]]
    (question,) = outcome_of(db.session(), db.session().get_one(Lesson, held.lesson_id)).questions
    assert (question.last.answered, question.last.guests) == (1, 1)


def test_the_page_lets_a_guest_in_until_the_lesson_ends(held: Held) -> None:
    switch(held.lesson_id, Switch.TAKES_GUESTS, on=True)
    code = db.session().get_one(Lesson, held.lesson_id).code
    browser = held.world.app.test_client()
    assert '"takesGuests": true' in browser.get(f"/j/{code}").text.replace('":', '": ').replace("  ", " ")
    assert browser.get_cookie(DEVICE_COOKIE) is not None
    answer = browser.post(f"/j/{code}/guest", json={"nickname": " Cô  Hoa "})
    assert answer.json is not None
    assert answer.json["stage"]["activity"] is None
    assert browser.post(f"/live/guest/guest_sync?lesson={held.lesson_id}", json={}).json["ok"]  # type: ignore[index]
    end_lesson(teacher_of(held.world), held.lesson_id)
    assert browser.post(f"/j/{code}/guest", json={"nickname": "Chú Ba"}).status_code == 404
