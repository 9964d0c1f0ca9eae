"""No frame, page state or acknowledgement that reaches a pupil or the projector before the reveal holds a solution."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from app import db, realtime
from classroom.activities.models import Activity
from classroom.activities.rules import Content, Kind, Move, checked, choice
from classroom.activities.rules.kinds import matching, ordering
from classroom.answers.queries import attempts_at, for_its_pupil
from classroom.ledger.events import tell_rooms
from classroom.lessons.events import pupil_state, screen_state

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.classroom.held import Held

CANARY = "canary-xyzzy"
"""Stands in everything of a question that only the reveal may show."""
TEXTS = ("một", "hai", "ba")
QUESTIONS = {
    Kind.SINGLE: choice("?", TEXTS, "A", explanation=CANARY, misconceptions=["", CANARY, CANARY]),
    Kind.MULTIPLE: choice("?", TEXTS, "AC", several=True, explanation=CANARY),
    Kind.TRUE_FALSE: checked(Content(Kind.TRUE_FALSE, "?", solution=("T",), explanation=CANARY)),
    Kind.STATEMENTS: checked(
        Content(Kind.STATEMENTS, "?", TEXTS, solution=("T", "F", "T"), explanation=CANARY)
    ),
    Kind.SHORT: checked(Content(Kind.SHORT, "?", solution=(CANARY, "khác"), explanation=CANARY)),
    Kind.NUMBER: checked(
        Content(Kind.NUMBER, "?", solution=("0,70417",), tolerance="0,00417", explanation=CANARY)
    ),
    Kind.ORDERING: ordering("?", TEXTS, CANARY),
    Kind.MATCHING: matching("?", [(text, f"{text} đôi") for text in TEXTS], CANARY),
    Kind.WORDS: checked(Content(Kind.WORDS, "?", most=2, explanation=CANARY)),
    Kind.TEXT: checked(Content(Kind.TEXT, "?", explanation=CANARY)),
    Kind.SCALE: checked(Content(Kind.SCALE, "?", most=5, explanation=CANARY)),
    Kind.EXIT: checked(Content(Kind.EXIT, "?", most=3, explanation=CANARY)),
    Kind.QUICK: choice("", ["", ""], explanation=CANARY),
    Kind.DRAWING: checked(Content(Kind.DRAWING, "?", explanation=CANARY)),
}
GIVEN = {
    Kind.SINGLE: ("B",), Kind.MULTIPLE: ("A", "B"), Kind.TRUE_FALSE: ("F",), Kind.STATEMENTS: ("T", "T", "-"),
    Kind.SHORT: ("sai",), Kind.NUMBER: ("1",), Kind.ORDERING: ("A", "B", "C"), Kind.MATCHING: ("A", "B", "C"),
    Kind.WORDS: ("mùa xuân",), Kind.TEXT: ("vì thế",), Kind.SCALE: ("3",), Kind.EXIT: ("2", "chưa rõ"),
    Kind.QUICK: ("A",), Kind.DRAWING: ("0000WW",),
}  # fmt: skip
HIDDEN = (
    "canary-xyzzy",
    "0,70417",
    "0,00417",
    '"solution"',
    '"explanation"',
    '"misconceptions"',
    '"tolerance"',
    '"share"',
)


def seen_by_pupils(held: Held) -> list[str]:
    """What the pages of two pupils and the projector begin with now."""
    db.session().rollback()
    states = [pupil_state(held.lesson_id, pupil) for pupil in held.pupils[:2]]
    return [orjson.dumps(state).decode() for state in [*states, screen_state(held.lesson_id)]]


def test_no_frame_before_the_reveal_holds_a_solution(held: Held) -> None:
    frames: list[str] = []

    def note(to: str, _name: str, content: Mapping[str, object]) -> None:
        if not to.endswith("teachers"):
            frames.append(orjson.dumps(content).decode())

    stop = realtime.listen(note)
    held.seat(held.pupils[0])
    for kind in QUESTIONS:
        frames.clear()
        frames += run_to_the_reveal(held, kind)
        assert len(frames) > 20
        for frame in (one for one in frames if '"phase":"revealed"' not in one):  # the question before
            assert not any(hidden in frame for hidden in HIDDEN), (kind, frame)
        held.move(held.snapshot()["current"], Move.REVEAL)
        assert all(CANARY in frame for frame in seen_by_pupils(held)), kind
        tell_rooms(held.world.app, held.lesson_id)
    stop()


def run_to_the_reveal(held: Held, kind: Kind) -> list[str]:
    """Ask a question of a kind through two rounds with a pause; return all that was there to be seen."""
    activity = held.ask(QUESTIONS[kind])
    seen = seen_by_pupils(held)
    held.answer(held.pupils[0], activity, GIVEN[kind])
    for move in (Move.PAUSE, Move.RESUME, Move.CLOSE, Move.DISCUSS, Move.OPEN, Move.CLOSE):
        held.move(activity, move)
        tell_rooms(held.world.app, held.lesson_id)
        seen += seen_by_pupils(held)
    found = db.session().get_one(Activity, activity)
    own = [for_its_pupil(row, found) for row in attempts_at(db.session(), activity)]
    return [*seen, *(orjson.dumps(one).decode() for one in own)]


def test_every_kind_is_under_test() -> None:
    assert set(QUESTIONS) == set(GIVEN) == set(Kind) - {Kind.SLIDE}, "a slide asks nothing"
