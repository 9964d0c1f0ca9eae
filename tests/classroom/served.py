"""A served installation with a lesson that goes on, and the sockets of its people."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import requests
from sqlalchemy import select

from app import db
from app.access import Role
from classroom.answers.models import Attempt
from classroom.lessons.events import DEVICE_COOKIE
from classroom.lessons.rules import screen_token
from tests.classroom.held import CANARY
from tests.classroom.wires import Wire

if TYPE_CHECKING:
    from classroom.lessons.models import Lesson
    from tests.classroom.held import Held
    from tests.servers import ServedApp

NOW: Final = "2026-10-05T07:05:00"
OPTIONS: Final = ["Ô-xi", "Các-bô-níc", "Ni-tơ", "Hơi nước"]


@dataclass
class School:
    """A served installation with a lesson that goes on, and the people's devices."""

    served: ServedApp
    held: Held
    lesson: Lesson
    secret: str
    wires: list[Wire] = field(default_factory=list)

    def wire(self, query: str = "", cookie: str = "", origin: str | None = None) -> Wire:
        """Connect a device; it is closed after the test."""
        made = Wire(self.served.url, query, cookie, origin)
        self.wires.append(made)
        return made.open()

    def cookie(self, role: Role = Role.TEACHER) -> str:
        """Sign a role in; return its browser's cookies."""
        client = self.held.world.client(role)
        found = client.get_cookie("bx_session")
        assert found is not None
        return f"bx_session={found.value}"

    def teacher(self) -> Wire:
        """The teacher's laptop, on the console."""
        wire = self.wire(cookie=self.cookie())
        assert wire.ask("lesson_watch", {"lesson": self.lesson.id})["ok"]
        return wire

    def token(self, number: int) -> str:
        """What the cookie of a pupil's device holds."""
        return f"device-{self.lesson.id}-{number}"

    def device(self, number: int, token: str = "") -> Wire:
        """A pupil's device that has joined over HTTP with the card's code, connected and in step."""
        pupil = self.held.pupils[number]
        token = token or self.token(number)
        join(self, pupil, token)
        wire = self.wire(f"door=pupil&lesson={self.lesson.id}", f"{DEVICE_COOKIE}={token}")
        assert wire.ask("pupil_sync", {})["ok"]
        return wire

    def screen(self) -> Wire:
        """The projector."""
        token = screen_token(self.secret, self.lesson.id, self.lesson.screen_nonce)
        wire = self.wire(f"door=screen&lesson={self.lesson.id}&token={token}")
        assert wire.ask("screen_sync", {})["ok"]
        return wire

    def ask(self, teacher: Wire) -> int:
        """Prepare and open a question over the teacher's socket."""
        question = {
            "lesson": self.lesson.id, "op_id": str(uuid.uuid4()), "question": "Khí nào?", "options": OPTIONS,
            "solution": ["A"], "explanation": CANARY,
        }  # fmt: skip
        made = teacher.ask("activity_add", question)
        self.move(teacher, made["activity"], "open")
        return int(made["activity"])

    def move(self, teacher: Wire, activity: int, move: str) -> None:
        """Move a question."""
        ack = teacher.ask("activity_move", {"lesson": self.lesson.id, "activity": activity, "move": move})
        assert ack["ok"], ack

    def stored(self) -> dict[int, str]:
        """What the database says stands for whom."""
        with self.held.world.app.app_context():
            of_lesson = select(Attempt).where(Attempt.lesson_id == self.lesson.id)
            return {row.pupil_id: row.answer for row in db.session().scalars(of_lesson)}


def join(school: School, pupil: int, token: str) -> None:
    with school.held.world.app.app_context():
        card = school.held.card(pupil)
    answer = post(school, token, f"/j/{school.lesson.code}/seat", {"pupil": pupil, "card": card})
    assert answer["ok"], answer


def post(school: School, token: str, path: str, content: dict[str, Any]) -> dict[str, Any]:
    """Open the pupil's page on a device and send JSON from it, as its island does."""
    with requests.Session() as browser:
        browser.cookies.set(DEVICE_COOKIE, token)
        csrf = csrf_of(browser.get(f"{school.served.url}/j/{school.lesson.code}", timeout=10))
        answer = browser.post(
            school.served.url + path, json=content, headers={"X-CSRFToken": csrf}, timeout=10
        )
    found: dict[str, Any] = answer.json()
    return found


def csrf_of(page: requests.Response) -> str:
    return page.text.split('name="csrf-token" content="')[1].split('"')[0]


def answered(activity: int, letter: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - parts of a payload
    return {"activity": activity, "round": 1, "uuid": str(uuid.uuid4()), "answer": [letter], **more}
