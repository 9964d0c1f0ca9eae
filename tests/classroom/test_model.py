"""The whole engine against a plain model: joining, answering, changing, closing, reopening, crashing, taking over."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from app import clock, db
from app.errors import BangXanhError
from classroom.activities.rules import Move
from classroom.answers.models import Attempt
from classroom.answers.queries import answer_of, answers_in_time
from classroom.ledger.queries import events_since
from classroom.ledger.rules import followed
from classroom.lessons.models import Lesson
from classroom.lessons.queries import pupil_snapshot
from tests.classroom.held import CANARY, begin
from tests.world import MORNING, build

if TYPE_CHECKING:
    from flask import Flask

    from tests.world import World

PUPILS: Final = st.integers(0, 2)
DEVICES: Final = st.sampled_from(["phone", "tablet"])
LETTERS: Final = st.sampled_from("ABCD")
GRACE: Final = timedelta(seconds=2)


@dataclass
class Question:
    """What the model knows of one question."""

    phase: str = "open"
    round: int = 1
    closed_at: datetime | None = None
    revealed_at: datetime | None = None


@dataclass
class Stands:
    """The answer that should stand for a pupil."""

    letter: str
    made: int
    device: str
    late: bool


@dataclass
class Model:
    """A lesson as a child would describe it."""

    questions: dict[int, Question] = field(default_factory=dict)
    answers: dict[tuple[int, int, int], Stands] = field(default_factory=dict)
    seats: dict[int, str] = field(default_factory=dict)
    sent: list[tuple[str, int, int, int, str, int, str]] = field(default_factory=list)
    arrived: set[str] = field(default_factory=set)

    def is_late(self, question: Question, round_: int, now: datetime) -> bool:
        """Whether an answer that arrives now is too late."""
        if round_ < question.round:
            return True
        if question.revealed_at is not None and now >= question.revealed_at:
            return True
        return question.closed_at is not None and now > question.closed_at + GRACE

    def answer(self, key: tuple[int, int, int], new: Stands) -> None:
        """Let the right answer stand."""
        old = self.answers.get(key)
        overtaken = old and old.device == new.device and old.made > new.made and old.late == new.late
        if old is None or not ((new.late and not old.late) or overtaken):
            self.answers[key] = new


class LessonMachine(RuleBasedStateMachine):
    """Two lessons of the same class at once; each step is done in one of them."""

    world: World

    @initialize()
    def start(self) -> None:
        self.now = MORNING + timedelta(minutes=1)
        self.context = self.world.app.app_context()
        self.context.push()
        with clock.at(self.now):
            self.lessons = [begin(self.world, None), begin(self.world, None)]
        self.models = [Model(), Model()]
        self.screens = [held.snapshot() for held in self.lessons]
        self.taps = 0

    def teardown(self) -> None:
        if hasattr(self, "context"):
            self.context.pop()

    def newest(self, place: int) -> tuple[int, Question] | None:
        """The question on stage in a lesson."""
        questions = self.models[place].questions
        return list(questions.items())[-1] if questions else None

    @rule(seconds=st.sampled_from([0.5, 1.5, 3, 60]))
    def time_passes(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(place=st.integers(0, 1), number=PUPILS, device=DEVICES)
    def join(self, place: int, number: int, device: str) -> None:
        held, model = self.lessons[place], self.models[place]
        token = f"{device}-{number}"
        with clock.at(self.now):
            held.seat(held.pupils[number], token)
        model.seats[number] = token

    @rule(place=st.integers(0, 1))
    def ask(self, place: int) -> None:
        current = self.newest(place)
        with clock.at(self.now):
            activity = self.lessons[place].ask()
        if current and current[1].phase == "open":
            current[1].phase, current[1].closed_at = "closed", self.now
        self.models[place].questions[activity] = Question()

    @precondition(lambda self: any(model.questions for model in self.models))
    @rule(place=st.integers(0, 1), move=st.sampled_from([Move.CLOSE, Move.OPEN, Move.REVEAL, Move.DISCUSS]))
    def move(self, place: int, move: Move) -> None:
        current = self.newest(place)
        if current is None:
            return
        activity, question = current
        fits = {
            ("open", Move.CLOSE), ("closed", Move.OPEN), ("closed", Move.REVEAL), ("closed", Move.DISCUSS),
            ("discussion", Move.OPEN), ("discussion", Move.REVEAL),
        }  # fmt: skip
        allowed = (question.phase, move) in fits and not (move is Move.DISCUSS and question.round == 2)
        with clock.at(self.now):
            try:
                self.lessons[place].move(activity, move)
            except BangXanhError:
                assert not allowed
                return
        if allowed:
            self.apply(question, move)

    def apply(self, question: Question, move: Move) -> None:
        """Do to the model what was done to the lesson."""
        if move is Move.OPEN:
            question.round += question.phase == "discussion"
            question.phase, question.closed_at = "open", None
        elif move is Move.CLOSE:
            question.phase, question.closed_at = "closed", self.now
        elif move is Move.REVEAL:
            question.phase, question.revealed_at = "revealed", self.now
        else:
            question.phase = "discussion"

    @precondition(lambda self: any(model.questions and model.seats for model in self.models))
    @rule(
        place=st.integers(0, 1), number=PUPILS, letter=LETTERS, first_round=st.booleans(), lost=st.booleans()
    )
    def answer(self, place: int, number: int, letter: str, first_round: bool, lost: bool) -> None:  # noqa: FBT001 - Hypothesis names them
        model, current = self.models[place], self.newest(place)
        if current is None or number not in model.seats:
            return
        activity, question = current
        self.taps += 1
        round_ = 1 if first_round else question.round
        tap = (str(uuid.uuid4()), activity, round_, number, letter, self.taps, model.seats[number])
        model.sent.append(tap)
        if not lost:
            self.send(place, tap)

    @precondition(lambda self: any(model.sent for model in self.models))
    @rule(place=st.integers(0, 1), which=st.integers(0, 20))
    def retry(self, place: int, which: int) -> None:
        """Send one of the earlier answers, arrived already or not, once more."""
        model = self.models[place]
        if model.sent:
            self.send(place, model.sent[which % len(model.sent)])

    def send(self, place: int, tap: tuple[str, int, int, int, str, int, str]) -> None:
        """Send a tap to the engine and to the model, and compare what each says stands."""
        held, model = self.lessons[place], self.models[place]
        uuid_, activity, round_, number, letter, made, token = tap
        question, key = model.questions[activity], (activity, round_, number)
        held.devices[held.pupils[number]] = token
        with clock.at(self.now):
            try:
                stored = held.answer(
                    held.pupils[number], activity, letter, uuid_=uuid_, made=made, round_=round_
                )
            except BangXanhError:
                assert model.seats.get(number) != token
                return
        assert model.seats[number] == token
        if uuid_ not in model.arrived:
            late = model.is_late(question, round_, self.now)
            model.answer(key, Stands(letter, made, token, late))
            model.arrived.add(uuid_)
        assert stored.stands.answer == (model.answers[key].letter,)
        assert stored.stands.is_late == model.answers[key].late

    @rule()
    def crash(self) -> None:
        """Everything that was only in memory is gone."""
        db.db.session.remove()
        db.db.engine.dispose()

    @rule(place=st.integers(0, 1))
    def reload(self, place: int) -> None:
        """A teacher's page is loaded anew."""
        self.screens[place] = self.lessons[place].snapshot()

    @invariant()
    def the_ledger_is_the_model(self) -> None:
        for held, model in zip(getattr(self, "lessons", []), getattr(self, "models", []), strict=True):
            db.session().rollback()
            rows = db.session().scalars(select(Attempt).where(Attempt.lesson_id == held.lesson_id))
            stored = {
                (row.activity_id, row.round, held.pupils.index(row.pupil_id)): (
                    answer_of(row.answer),
                    row.is_late,
                )
                for row in rows
            }
            expected = {key: ((stands.letter,), stands.late) for key, stands in model.answers.items()}
            assert stored == expected
            for activity, question in model.questions.items():
                counted = sum(
                    1
                    for key, (_, late) in expected.items()
                    if key[:2] == (activity, question.round) and not late
                )
                assert answers_in_time(db.session(), activity, question.round) == counted

    @invariant()
    def a_screen_that_followed_the_events_shows_what_a_fresh_one_shows(self) -> None:
        for place, held in enumerate(getattr(self, "lessons", [])):
            screen = self.screens[place]
            for news in events_since(db.session(), held.lesson_id, screen["seq"]):
                screen = {**followed(screen, news.patch), "seq": news.seq}
            self.screens[place] = screen
            fresh = held.snapshot()
            assert screen == fresh

    @invariant()
    def pupils_see_no_solution_before_the_reveal(self) -> None:
        for place, held in enumerate(getattr(self, "lessons", [])):
            current = self.newest(place)
            lesson = db.session().get_one(Lesson, held.lesson_id)
            shown: dict[str, Any] = pupil_snapshot(db.session(), lesson.id)
            revealed = current is not None and current[1].phase == "revealed"
            assert (CANARY in repr(shown)) == revealed


def test_the_engine_does_what_a_plain_model_does(app: Flask) -> None:
    with clock.at(MORNING):
        world = build(app)
    machine = type("Machine", (LessonMachine,), {"world": world})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=15,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
