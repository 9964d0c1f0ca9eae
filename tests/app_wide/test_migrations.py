"""Every revision goes up and down, with data in it, on both databases; and the models are what the revisions make."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from alembic.script import ScriptDirectory
from flask_migrate import check, downgrade, upgrade
from sqlalchemy import Index, PrimaryKeyConstraint, UniqueConstraint, inspect, select, text

from app import clock, db
from app.db import Base
from app.school.models import Pupil
from classroom.activities.models import Activity
from classroom.activities.rules import Content, Kind, Move
from classroom.bank.commands import begin_plan, take_into_lesson
from classroom.bank.models import PlanVersion
from classroom.bank.rules import PlanDraft, questions_of
from classroom.ink.commands import draw_stroke
from classroom.ink.rules import Pen
from classroom.slides.rules import Page, slides_of
from tests.classroom.held import begin, teacher_of
from tests.world import MORNING, build

if TYPE_CHECKING:
    from flask import Flask

VERSIONS = Path(__file__).parents[2] / "migrations"


def revisions() -> list[str]:
    """The revision ids, oldest first."""
    script = ScriptDirectory(str(VERSIONS))
    return [revision.revision for revision in reversed(list(script.walk_revisions()))]


def tables(app: Flask) -> set[str]:
    with app.app_context():
        return set(inspect(db.db.engine).get_table_names()) - {"alembic_version"}


def test_the_models_are_what_the_revisions_make(app: Flask) -> None:
    with app.app_context():
        check()


def test_revisions_are_one_line() -> None:
    script = ScriptDirectory(str(VERSIONS))
    assert len(script.get_heads()) == 1


def test_every_revision_goes_down_and_up_again_with_data(app: Flask) -> None:
    with clock.at(MORNING):
        build(app)
    known = revisions()
    with app.app_context():
        for older in reversed(known[1:]):
            db.db.session.remove()
            downgrade(revision=f"{older}")
            upgrade(revision=f"{older}")
            downgrade(revision=known[known.index(older) - 1])
        names = inspect(db.db.engine).get_table_names()
        assert "school_class" not in names
        assert db.session().scalar(text("SELECT count(*) FROM user_account")) == 9
        db.session().rollback()
        db.db.session.remove()
        downgrade(revision="base")
    assert tables(app) == set()
    with app.app_context():
        upgrade()
    assert tables(app) == set(Base.metadata.tables)


def test_data_of_older_tables_survives_the_newer_revisions(app: Flask) -> None:
    with clock.at(MORNING):
        build(app)
    with app.app_context():
        before = db.session().scalars(select(Pupil.full_name).order_by(Pupil.id)).all()
        db.db.session.remove()
        downgrade(revision="0002_school")
        upgrade()
        assert db.session().scalars(select(Pupil.full_name).order_by(Pupil.id)).all() == before


def test_slides_and_drawings_leave_lessons_and_plans_that_do_not_know_them(app: Flask) -> None:
    slide, question = slides_of("a" * 64, [Page(1152, "Trang")])[0], Content(Kind.TEXT, "Vì sao?")
    drawing = Content(Kind.DRAWING, "Vẽ đi")
    with clock.at(MORNING):
        world = build(app)
        with app.app_context():
            held, actor = begin(world), teacher_of(world)
            draft = PlanDraft("Ôn tập", "Toán", (slide, question, drawing))
            plan = begin_plan(actor, world.school_ids["a"], draft, "op-000001")
            first, _, last = take_into_lesson(held.lesson_id, plan, "op-000002")
            draw_stroke(held.lesson_id, actor.user_id, first, "stroke-1", Pen.RED, "0000")
            held.seat(held.pupils[0])
            held.move(last, Move.OPEN)
            held.answer(held.pupils[0], last, ("0000",))
    with app.app_context():
        downgrade(revision="0024_bulletins")
        upgrade()
        assert db.session().scalars(select(Activity.kind)).all() == ["text"]
        assert questions_of(db.session().scalars(select(PlanVersion.questions)).one()) == (question,)


@pytest.mark.parametrize("settings", ["postgresql"], indirect=True)
def test_enrolments_that_overlap_are_named_before_anything_changes(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    with clock.at(MORNING):
        build(app)
    with app.app_context():
        db.db.session.remove()
        downgrade(revision="0011_timetables")
        session = db.session()
        session.execute(
            text(
                "INSERT INTO enrolment (pupil_id, school_id, year_id, status, starts_on, ends_on) SELECT "
                "pupil_id, school_id, year_id, status, DATE '2026-10-01', DATE '2026-12-01' "
                "FROM enrolment WHERE id = 1"
            )
        )
        session.commit()
        db.db.session.remove()
        with pytest.raises(SystemExit):
            upgrade()
        assert "ghi danh 1 (2026-09-07 – nay) chồng lên" in caplog.text
        assert "ghi danh 1: ends_on = '2026-10-01'" in caplog.text
        db.session().execute(text("UPDATE enrolment SET ends_on = '2026-10-01' WHERE id = 1"))
        db.session().commit()
        db.db.session.remove()
        upgrade()


def test_every_foreign_key_that_is_followed_has_an_index(app: Flask) -> None:
    """PostgreSQL makes none by itself; deleting or joining without one reads the whole table."""
    del app  # it has loaded every feature's tables
    bare = {name: _bare_keys(name) for name in set(Base.metadata.tables) - {"mark", "mark_event", "register"}}
    assert {
        name: keys - SMALL.get(name, set()) for name, keys in bare.items() if keys - SMALL.get(name, set())
    } == {}


def _bare_keys(table: str) -> set[str]:
    found = Base.metadata.tables[table]
    keys: list[Any] = [found.primary_key, *found.indexes, *found.constraints]
    leading = [next(iter(key.columns)).name for key in keys if _is_searchable(key)]
    return {key.parent.name for key in found.foreign_keys} - set(leading)


def _is_searchable(key: object) -> bool:
    return isinstance(key, Index | PrimaryKeyConstraint | UniqueConstraint) and bool(list(key.columns))


SMALL: dict[str, set[str]] = {
    "absence_opening": {"year_id"},
    "attempt_change": {"user_id"},
    "calendar_day": {"decided_by"},
    "enrolment": {"year_id"},
    "evidence": {"school_id"},
    "excuse": {"requested_by", "decided_by"},
    "excuse_file": {"added_by"},
    "excuse_step": {"by"},
    "mark_correction": {"requested_by", "decided_by"},
    "month_close": {"closed_by", "reopened_by"},
    "plan_version": {"user_id"},
    "pupil_card": {"year_id", "pupil_id"},
    "school_code": {"code_id"},
    "timetable_entry": {"subject_id"},
}
"""Keys nobody follows backwards, in tables that are small or never lose a parent row."""
