"""Hands: first come, first heard; what was lowered stays lowered, in whatever order messages arrive."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app import db, realtime
from app.realtime import Peer
from classroom.hands.commands import lower_hand, lower_hands, raise_hand
from classroom.hands.queries import hands_up
from classroom.lessons.events import SEAT_DOOR, SeatHeld, pupil_state
from tests.classroom.held import teacher_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.classroom.held import Held


def up(held: Held) -> list[int]:
    db.session().rollback()
    return [held.pupils.index(hand.pupil_id) for hand in hands_up(db.session(), held.lesson_id)]


def test_the_order_is_that_of_raising_and_a_repeated_tap_keeps_the_turn(held: Held) -> None:
    for place, key in (
        (2, "hand-0002"),
        (0, "hand-0000"),
        (1, "hand-0001"),
        (2, "hand-0002"),
        (2, "hand-9999"),
    ):
        raise_hand(held.lesson_id, held.pupils[place], key)
    assert up(held) == [2, 0, 1]
    lower_hand(held.lesson_id, held.pupils[2], "hand-0002")
    assert raise_hand(held.lesson_id, held.pupils[2], "hand-0002") is None, (
        "a retry after lowering raises nothing"
    )
    raise_hand(held.lesson_id, held.pupils[2], "hand-0003")
    assert up(held) == [0, 1, 2]
    assert lower_hands(held.lesson_id, held.pupils[1]) == [held.pupils[1]]
    assert len(lower_hands(held.lesson_id)) == 2
    assert lower_hands(held.lesson_id) == up(held) == []


def test_a_lowering_that_overtakes_its_raising_wins(held: Held) -> None:
    lower_hand(held.lesson_id, held.pupils[0], "hand-0001")
    assert raise_hand(held.lesson_id, held.pupils[0], "hand-0001") is None
    assert up(held) == []


def test_the_pupils_device_hears_that_the_teacher_lowered_the_hand(held: Held) -> None:
    heard: list[tuple[str, str, Any]] = []

    def note(to: str, name: str, content: Mapping[str, object]) -> None:
        heard.append((to, name, content))

    pupil = held.pupils[0]
    device = Peer(SEAT_DOOR, holder=SeatHeld(held.lesson_id, pupil, "x"), checked_at=1e12)
    teacher = Peer(realtime.STAFF, actor=teacher_of(held.world), checked_at=1e12)
    raised = realtime.answer(device, "hand", {"uuid": "hand-0001", "up": True})
    assert raised == {"ok": True, "hand": "hand-0001"}
    assert pupil_state(held.lesson_id, pupil)["hand"] == "hand-0001"
    stop = realtime.listen(note)
    assert realtime.answer(teacher, "hands_lower", {"lesson": held.lesson_id})["lowered"] == 1
    stop()
    assert (f"lesson:{held.lesson_id}:pupil:{pupil}", "hand", {"hand": None}) in heard
    assert "pupils" not in {to.rsplit(":", 1)[-1] for to, _, _ in heard}, (
        "who raised a hand is told to nobody else"
    )
    assert pupil_state(held.lesson_id, pupil)["hand"] is None
