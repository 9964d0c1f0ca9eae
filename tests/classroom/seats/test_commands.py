"""A seat is taken with the card's code, by one device at a time, and codes cannot be guessed."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from app import clock, db
from app.errors import ConflictError, InvalidError, NotFoundError, RateLimitedError
from app.facts import FactRow
from classroom.lessons.commands import end_lesson
from classroom.seats.commands import free_seat, take_seat
from classroom.seats.queries import seat_of_device
from classroom.seats.rules import TRIES_PER_DEVICE, TRIES_PER_PUPIL, TRIES_WITHIN, device_hash, is_card_code
from tests.classroom.held import teacher_of
from tests.world import MORNING

if TYPE_CHECKING:
    from tests.classroom.held import Held


def joined_facts() -> int:
    return len(list(db.session().scalars(select(FactRow.id).where(FactRow.name == "PupilJoinedLesson"))))


def wrong(held: Held, pupil: int, device: str) -> None:
    with pytest.raises(InvalidError):
        take_seat(held.lesson_id, pupil, "0000", device_hash(device))


def test_the_code_may_be_typed_in_any_case_with_spaces(held: Held) -> None:
    code = held.card(held.pupils[0])
    assert is_card_code(code, f" {code[:2].lower()} {code[2:].lower()}")
    assert not is_card_code(code, code[:3])
    assert not is_card_code(code, "")


def test_joining_is_evidence_once(held: Held) -> None:
    first = held.seat(held.pupils[0], "device")
    again = held.seat(held.pupils[0], "device")
    assert first.seat_id == again.seat_id
    assert not again.replaced
    held.seat(held.pupils[0], "other device")
    assert joined_facts() == 1


def test_a_second_device_takes_over(held: Held) -> None:
    held.seat(held.pupils[0], "old")
    assert held.seat(held.pupils[0], "new").replaced
    assert seat_of_device(db.session(), held.lesson_id, device_hash("old")) is None
    seat = seat_of_device(db.session(), held.lesson_id, device_hash("new"))
    assert seat is not None
    assert seat.pupil_id == held.pupils[0]


def test_one_device_answers_for_one_pupil(held: Held) -> None:
    held.seat(held.pupils[0], "tablet")
    held.seat(held.pupils[1], "tablet")
    seat = seat_of_device(db.session(), held.lesson_id, device_hash("tablet"))
    assert seat is not None
    assert seat.pupil_id == held.pupils[1]
    assert not held.snapshot()["pupils"][str(held.pupils[0])]["device"]


def test_a_pupil_of_another_class_is_not_found(held: Held) -> None:
    stranger = held.world.pupil_ids["other_class"][0]
    with pytest.raises(NotFoundError):
        take_seat(held.lesson_id, stranger, held.card(stranger), device_hash("x"))


def test_codes_of_one_pupil_cannot_be_guessed_from_many_devices(held: Held) -> None:
    pupil = held.pupils[0]
    for number in range(TRIES_PER_PUPIL):
        wrong(held, pupil, f"device {number}")
    with pytest.raises(RateLimitedError):
        held.seat(pupil)
    held.seat(held.pupils[1])
    free_seat(held.lesson_id, pupil)
    held.seat(pupil)


def test_one_device_cannot_guess_for_many_pupils_and_may_try_again_later(held: Held) -> None:
    for number in range(TRIES_PER_DEVICE):
        wrong(held, held.pupils[number % 6], "guesser")
    code = held.card(held.pupils[5])
    with pytest.raises(RateLimitedError):
        take_seat(held.lesson_id, held.pupils[5], code, device_hash("guesser"))
    with clock.at(MORNING + TRIES_WITHIN + timedelta(minutes=1)):
        take_seat(held.lesson_id, held.pupils[5], code, device_hash("guesser"))


def test_nobody_joins_a_lesson_that_has_ended(held: Held) -> None:
    end_lesson(teacher_of(held.world), held.lesson_id)
    with pytest.raises(ConflictError):
        held.seat(held.pupils[0])
