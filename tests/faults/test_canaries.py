"""What reaches pupils' devices over real sockets before the reveal: ten thousand frames, and no solution in any."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Final

import pytest

from app import db
from classroom.activities.commands import add_question
from classroom.activities.rules import Kind, Move
from tests.classroom.test_canary import CANARY, GIVEN, HIDDEN, QUESTIONS
from tests.faults.conftest import settings_of
from tests.faults.devices import pupils_of, teacher_of
from tests.servers import served_app
from wsgi import create_app

if TYPE_CHECKING:
    from pathlib import Path

    from bench.schools import Class
    from tests.faults.conftest import Built
    from tests.faults.devices import Device

FRAMES: Final = 10_000
LESSONS: Final = 4
BEFORE: Final = (Move.PAUSE, Move.RESUME, Move.CLOSE, Move.DISCUSS, Move.OPEN, Move.CLOSE)
ANSWERING: Final = 10


@pytest.mark.timeout(600)
def test_no_frame_of_ten_thousand_before_the_reveal_holds_a_solution(
    built: Built, instance: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lessons = built.classes[:LESSONS]
    asked = _prepare(instance, lessons)
    frames = revealed = 0
    with served_app(instance, {"BANGXANH_ENV": "development"}) as served:
        for lesson in lessons:
            teacher, pupils = teacher_of(served.port, lesson), pupils_of(served.port, lesson)
            for kind, activity in asked[lesson.lesson_id].items():
                before = _run_to_the_reveal(teacher, pupils, lesson, kind, activity)
                assert not [one for one in before if any(hidden in one for hidden in HIDDEN)], kind
                frames += len(before)
                _move(teacher, lesson, activity, Move.REVEAL)
                revealed += sum(CANARY in one for one in _heard(pupils))
    with capsys.disabled():
        sys.stdout.write(f"\n{frames} frames before the reveal; {revealed} of the reveal hold the canary\n")
    assert frames >= FRAMES
    assert revealed >= LESSONS * len(QUESTIONS) * len(lessons[0].pupil_cookies), "it is there to be seen"


def _prepare(instance: Path, lessons: tuple[Class, ...]) -> dict[int, dict[Kind, int]]:
    """Add a question of every kind, full of canaries, to each lesson."""
    app = create_app(settings_of(instance))
    with app.app_context():
        found = {
            lesson.lesson_id: {
                kind: add_question(lesson.lesson_id, f"canary-{lesson.lesson_id}-{kind}", content)
                for kind, content in QUESTIONS.items()
            }
            for lesson in lessons
        }
        db.db.session.remove()
        db.db.engine.dispose()
    return found


def _run_to_the_reveal(  # noqa: PLR0917, RUF100 - a lesson in its parts
    teacher: Device, pupils: list[Device], lesson: Class, kind: Kind, activity: int
) -> list[str]:
    """Ask a question through two rounds with a pause; return all that the pupils' devices have heard of it."""
    _move(teacher, lesson, activity, Move.OPEN)
    for pupil in pupils:
        pupil.heard = []
    for pupil in pupils[:ANSWERING]:
        given = {
            "activity": activity,
            "round": 1,
            "uuid": f"{kind}-given",
            "answer": list(GIVEN[kind]),
            "made": 0,
        }
        assert pupil.ask("answer", given)["ok"], kind
    for move in BEFORE:
        _move(teacher, lesson, activity, move)
        pupils[0].ask("pupil_sync", {})  # after it the others have been told as well
    return _heard(pupils)


def _move(teacher: Device, lesson: Class, activity: int, move: Move) -> None:
    wanted = {"lesson": lesson.lesson_id, "activity": activity, "move": move.value}
    ack = teacher.ask("activity_move", wanted)
    while ack.get("error") == "rate_limited":  # no teacher is as fast as this
        time.sleep(0.2)
        ack = teacher.ask("activity_move", wanted)
    assert ack["ok"], (move, ack)


def _heard(pupils: list[Device]) -> list[str]:
    """Return what the devices have heard since the last time; each asks for its state once more and hears that too."""
    found = []
    for pupil in pupils:
        pupil.ask("pupil_sync", {})
        found += pupil.heard or []
        pupil.heard = []
    return found
