"""Join codes cannot be guessed: too many wrong ones, and the right one is refused like them, whatever a device says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from limits import parse

from app import db
from classroom.lessons.events import DEVICE_COOKIE
from classroom.lessons.models import Lesson
from classroom.lessons.rules import new_code
from classroom.seats import views

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from tests.classroom.held import Held


@pytest.fixture(autouse=True)
def _few_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "PER_ADDRESS", parse("6 per 5 minutes"))
    monkeypatch.setattr(views, "PER_PUPIL", parse("3 per 5 minutes"))


def code_of(held: Held) -> str:
    return db.session().get_one(Lesson, held.lesson_id).code


def seated(held: Held, pupil_id: int) -> FlaskClient:
    """Return the device of a pupil who proved the card in the lesson."""
    device: FlaskClient = held.world.app.test_client()
    device.get(f"/j/{code_of(held)}")
    sent = {"pupil": pupil_id, "card": held.card(pupil_id)}
    assert device.post(f"/j/{code_of(held)}/seat", json=sent).status_code == 200
    return device


def test_made_up_devices_share_one_count(held: Held) -> None:
    known = seated(held, held.pupils[0])
    statuses = []
    for number in range(8):
        stranger = held.world.app.test_client()
        stranger.set_cookie(DEVICE_COOKIE, f"made-up-{number}")
        stranger.set_cookie(views.PROVED_COOKIE, f"{number}.forged")
        statuses.append(stranger.get(f"/j/{new_code()}").status_code)
    assert statuses == [404] * 6 + [429] * 2
    right = held.world.app.test_client().get(f"/j/{code_of(held)}")
    assert right.status_code == 429, "whoever has guessed too often does not learn the right code"
    assert known.get(f"/j/{code_of(held)}").status_code == 200, "a pupil of the same address still comes in"


def test_a_pupil_who_guesses_is_stopped_on_every_device(held: Held) -> None:
    phone, other = seated(held, held.pupils[0]), seated(held, held.pupils[1])
    tablet = seated(held, held.pupils[0])
    statuses = [device.get(f"/j/{new_code()}").status_code for device in (phone, tablet, phone, tablet)]
    assert statuses == [404, 404, 404, 429]
    assert phone.get(f"/j/{code_of(held)}").status_code == 429
    assert phone.post(f"/j/{code_of(held)}/guest", json={"nickname": "Ai đó"}).status_code == 429
    assert other.get(f"/j/{code_of(held)}").status_code == 200
