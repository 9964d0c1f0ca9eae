"""A live lesson under test: begun by the world's teacher in class 4/1, with devices that hold seats."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from app import clock, db
from app.access import Actor, HeldGrant, Role
from app.school.queries import cards_of_pupils
from app.school.rules import DaySession
from classroom.activities.commands import add_question
from classroom.activities.commands.moving import move_activity
from classroom.activities.rules import Content, Move, choice
from classroom.answers.commands import AnswerGiven, AnswerStored, store_answer
from classroom.answers.rules import Source, Wish
from classroom.lessons.commands import start_lesson
from classroom.lessons.models import Lesson
from classroom.lessons.queries import teacher_snapshot
from classroom.lessons.rules import LessonStart
from classroom.seats.commands import SeatTaken, take_seat
from classroom.seats.rules import device_hash

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from tests.world import World

CANARY: Final = "giải-thích-canary-7041"
"""The explanation of every question under test: it must reach no pupil before the reveal."""
QUESTION: Final = choice(
    "Cây xanh nhả ra khí nào?", ["Ô-xi", "Các-bô-níc", "Ni-tơ", "Hơi nước"], ["A"], explanation=CANARY
)


@dataclass
class Held:
    """A lesson that goes on, and what tests do in it. Use it inside an application context."""

    world: World
    lesson_id: int
    devices: dict[int, str] = field(default_factory=dict)

    @property
    def pupils(self) -> list[int]:
        """The pupils of the class, in the order in which the world made them."""
        return self.world.pupil_ids["own"]

    def card(self, pupil_id: int) -> str:
        """The code on a pupil's card."""
        return cards_of_pupils(db.session(), [pupil_id], self.world.year_id)[pupil_id]

    def seat(self, pupil_id: int, token: str | None = None) -> SeatTaken:
        """Seat a pupil on a device, a new one when no token is given."""
        token = token or str(uuid.uuid4())
        taken = take_seat(self.lesson_id, pupil_id, self.card(pupil_id), device_hash(token))
        self.devices[pupil_id] = token
        return taken

    def ask(self, content: Content = QUESTION, seconds: int | None = None) -> int:
        """Prepare and open a question."""
        activity_id = add_question(self.lesson_id, str(uuid.uuid4()), content)
        move_activity(self.lesson_id, activity_id, Move.OPEN, seconds)
        return activity_id

    def move(self, activity_id: int, move: Move) -> None:
        """Move a question."""
        move_activity(self.lesson_id, activity_id, move)

    def answer(
        self,
        pupil_id: int,
        activity_id: int,
        letters: str | tuple[str, ...],
        *,
        uuid_: str | None = None,
        made: int = 0,
        round_: int = 1,
        at: datetime | None = None,
    ) -> AnswerStored:
        """Send an answer from the pupil's device."""
        hashed = device_hash(self.devices[pupil_id])
        wish = Wish(uuid_ or str(uuid.uuid4()), round_, tuple(letters), at or clock.now(), made, hashed[:16])
        given = AnswerGiven(self.lesson_id, activity_id, pupil_id, wish, Source.DEVICE, hashed)
        return store_answer(given)

    def snapshot(self) -> dict[str, Any]:
        """What a teacher's screen would begin with now."""
        db.session().rollback()
        return teacher_snapshot(db.session(), db.session().get_one(Lesson, self.lesson_id))


def teacher_of(world: World, role: Role = Role.TEACHER) -> Actor:
    """Return the world's teacher of class 4/1 as the one who acts."""
    school_id, class_id = world.school_ids["a"], world.class_ids["own"]
    grant = HeldGrant(role, school_id, class_id)
    return Actor(world.user_ids[role], "Trần Thị teacher", (grant,))


def start_of(world: World, number: int | None = 2) -> LessonStart:
    """Return what it takes to begin a period of 4/1, or a lesson outside the timetable."""
    return LessonStart(str(uuid.uuid4()), world.class_ids["own"], "Toán", DaySession.MORNING, number)


def begin(world: World, number: int | None = 2) -> Held:
    """Begin a lesson."""
    return Held(world, start_lesson(teacher_of(world), start_of(world, number)))
