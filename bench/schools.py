"""The school of a measurement: classes of forty-five in the product's own database, lessons begun, pupils seated."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from flask_migrate import upgrade

from app import clock, db, text
from app.access import SYSTEM, Actor, Role
from app.accounts.commands import NewGrant, add_grant, begin_sign_in, new_user
from app.bulk import insert_rows, instant_text
from app.school.commands import add_class, add_unit
from app.school.models import ClassMembership, Pupil, School, SchoolYear
from app.school.rules import DaySession, UnitKind
from classroom.activities.commands import add_question
from classroom.activities.rules import choice
from classroom.lessons.commands import start_lesson
from classroom.lessons.events import DEVICE_COOKIE
from classroom.lessons.rules import LessonStart
from classroom.seats.models import Seat
from classroom.seats.rules import device_hash
from wsgi import create_app

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy.orm import Session

    from config import Settings

FIRST_DAY: Final = date(2026, 1, 1)
LAST_DAY: Final = date(2100, 1, 1)
QUESTION: Final = choice(
    "Cây xanh nhả ra khí nào khi quang hợp?", ["Khí ô-xi", "Khí các-bô-níc", "Khí ni-tơ", "Hơi nước"], ["A"]
)


@dataclass(frozen=True, slots=True)
class Class:
    """A class whose lesson goes on: what each side's device needs, and the questions that wait to be asked."""

    lesson_id: int
    teacher_cookie: str
    pupil_cookies: tuple[str, ...]
    activities: tuple[int, ...]

    def for_load(self) -> dict[str, Any]:
        """Return what bench/node/load.mjs reads."""
        pupil = f"door=pupil&lesson={self.lesson_id}"
        return {
            "lesson": self.lesson_id,
            "teacher": {"query": f"lesson={self.lesson_id}", "cookie": self.teacher_cookie},
            "pupils": [{"query": pupil, "cookie": cookie} for cookie in self.pupil_cookies],
            "activities": self.activities,
        }


def build(settings: Settings, classes: int, pupils: int, questions: int) -> list[Class]:
    """Fill an empty installation: so many classes with so many pupils, each with a lesson and its questions."""
    app = create_app(settings)
    with app.app_context():
        upgrade()
        with db.transaction() as session:
            school_id, year_id = _school(session)
        built = [_class(app, school_id, year_id, number, pupils, questions) for number in range(classes)]
        db.db.session.remove()
        db.db.engine.dispose()
    return built


def _school(session: Session) -> tuple[int, int]:
    unit = add_unit(session, UnitKind.SCHOOL, "DO", "Trường đo tốc độ", None, valid_from=FIRST_DAY)
    session.add(School(id=unit.id, levels="2"))
    year = SchoolYear(code="2026-2027", starts_on=FIRST_DAY, second_semester_on=FIRST_DAY, ends_on=LAST_DAY)
    session.add(year)
    session.flush()
    return unit.id, year.id


def _class(app: Flask, school_id: int, year_id: int, number: int, pupils: int, questions: int) -> Class:
    with db.transaction() as session:
        school_class = add_class(session, school_id, year_id, f"6A{number + 1}", 6)
        user = new_user(f"gv{number}", f"Giáo viên {number}", "x")
        session.add(user)
        session.flush()
        grant = NewGrant(Role.TEACHER, school_id, FIRST_DAY, class_id=school_class.id)
        add_grant(session, SYSTEM, user.id, grant)
        pupil_ids = [_pupil(session, school_class.id, place).id for place in range(pupils)]
        class_id, user_id = school_class.id, user.id
    start = LessonStart(f"measure-{number}", class_id, "Khoa học tự nhiên", DaySession.MORNING, None)
    lesson_id = start_lesson(Actor(user_id, user.full_name), start)
    tokens = [secrets.token_urlsafe(32) for _ in pupil_ids]
    with db.transaction() as session:
        now = instant_text(clock.now(), for_sqlite=True)
        rows = [
            [lesson_id, pupil, device_hash(token), now, now]
            for pupil, token in zip(pupil_ids, tokens, strict=True)
        ]
        insert_rows(session, Seat, rows, ("lesson_id", "pupil_id", "device_hash", "joined_at", "taken_at"))
    return Class(
        lesson_id,
        session_cookie(app, begin_sign_in(user_id, "measurement")),
        tuple(f"{DEVICE_COOKIE}={token}" for token in tokens),
        tuple(add_question(lesson_id, f"question-{number}-{place}", QUESTION) for place in range(questions)),
    )


def _pupil(session: Session, class_id: int, place: int) -> Pupil:
    name = f"Nguyễn Hoàng Phương Uyên {place + 1}"
    pupil = Pupil(
        full_name=name, name_sort=text.sort_key(name), name_fold=text.fold(name), created_at=clock.now()
    )
    session.add(pupil)
    session.flush()
    session.add(ClassMembership(pupil_id=pupil.id, class_id=class_id, starts_on=FIRST_DAY))
    return pupil


def session_cookie(app: Flask, token: str) -> str:
    """Return the cookie of a browser that holds a sign-in, as NAME=VALUE."""
    signer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined] # Flask's default one
    return f"{app.config['SESSION_COOKIE_NAME']}={signer.dumps({'sign_in': token})}"
