"""How registers and marks are stored: in short rows, that older revisions of the tables tell in their own words."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from flask_migrate import downgrade, upgrade
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from app import clock, db
from app.access import Role
from attendance.registers.commands.repacking import is_repacking_due, repack_indexes, repack_on_sunday
from attendance.registers.models import Mark, Register, rare_text
from attendance.registers.rules.marks import MarkValue

if TYPE_CHECKING:
    from tests.attendance.registers.conftest import Desk

OLD_MARKS = (
    "SELECT pupil_id, code_id, teacher_code_id, office_code_id, is_corrected, minutes_late, arrived_at, left_at, "
    "reason, note, source FROM mark ORDER BY pupil_id"
)
OLD_REGISTER = (
    "SELECT state, expected, present, excused, unexcused, late, row_version, not_held_why FROM register "
    "WHERE id = :register"
)


def fill(desk: Desk) -> dict[str, Any]:
    """Take a register with every kind of mark; return what its sheet says."""
    everything = desk.operation(
        1, "T", minutes_late=7, arrived="07:37", left="10:05", reason="Xe hư", note="kín"
    )
    desk.save(desk.operation(0, "K"), everything, desk.operation(2, "P"))
    for pupil, letter in ((0, "P"), (2, ""), (3, "K")):
        assert desk.correct(pupil, letter).status_code == 200
    stands: dict[str, Any] = (
        desk.world.client(Role.HOMEROOM_TEACHER).get(f"/registers/{desk.register_id}/state").get_json()
    )
    return stands


def test_marks_and_registers_go_down_and_up_with_all_that_they_say(desk: Desk) -> None:
    before = fill(desk)
    teacher, url = desk.world.client(Role.HOMEROOM_TEACHER), f"/registers/{desk.register_id}"
    pupils = desk.pupils
    teacher.post(f"{url}/call-off", data={"client_key": "wish-0001", "why": "Bão"})
    with desk.world.app.app_context():
        db.db.session.remove()
        downgrade(revision="0028_goals")
        marks = {row.pupil_id: tuple(map(_plain, row[1:])) for row in db.session().execute(text(OLD_MARKS))}
        assert marks == {
            pupils[0]: (1, 2, 1, True, None, None, None, None, None, "teacher"),
            pupils[1]: (3, 3, None, False, 7, "07:37", "10:05", "Xe hư", "kín", "teacher"),
            pupils[2]: (None, 1, None, True, None, None, None, None, None, "teacher"),
            pupils[3]: (2, None, 2, True, None, None, None, None, None, "office"),
        }
        register = db.session().execute(text(OLD_REGISTER), {"register": desk.register_id}).one()
        assert tuple(register) == ("not_held", 6, 4, 1, 1, 1, 5, "Bão")
        db.session().rollback()
        db.db.session.remove()
        upgrade()
    assert "Bão" in teacher.get(url).text
    teacher.post(f"{url}/hold", data={"client_key": "wish-0002"})
    after = teacher.get(f"{url}/state").get_json()
    assert (after["marks"], after["counters"]) == (before["marks"], before["counters"])
    with desk.world.app.app_context():
        source = {mark.pupil_id: mark.source for mark in db.session().scalars(select(Mark))}
        assert source == dict.fromkeys(pupils[:3], "teacher") | {pupils[3]: "office"}


def _plain(value: object) -> object:
    """Return a time as text whichever database told it, truth as truth."""
    text_of = str(value)
    return text_of[:5] if text_of[2:3] == ":" else value


@pytest.mark.parametrize("settings", ["postgresql"], indirect=True)
def test_a_row_takes_no_more_than_it_must(desk: Desk) -> None:
    """2.4 million registers and 4.6 million marks a year are within 600 MB as long as these numbers stand."""
    fill(desk)
    with desk.world.app.app_context():
        size = text("SELECT pg_column_size(register.*) FROM register WHERE id = :register")
        taken = db.session().scalar(size, {"register": desk.register_id})
        assert taken <= 64
        sizes = text(
            "SELECT code_id, max(pg_column_size(mark.*)) FROM mark WHERE NOT is_corrected GROUP BY code_id"
        )
        db.session().execute(text("UPDATE mark SET more = NULL, reason = NULL"))
        assert max(row[1] for row in db.session().execute(sizes)) <= 40
        db.session().rollback()
    assert len(Mark.__table__.columns) == 8, "a ninth widens the head of every row in which one is NULL"
    names = [column.name for column in Register.__table__.columns if column.nullable]
    assert names == ["roster_version_id"], "a taken register has no NULL: its head stays at 24 bytes"


def test_what_few_marks_have_is_one_text() -> None:
    assert rare_text() is None
    assert rare_text(MarkValue("T", arrived="07:05:30", note="kín")) == '{"arrived":"07:05","note":"kín"}'
    assert rare_text(source="office") == '{"source":"office"}'


def test_a_class_has_one_register_of_a_slot(desk: Desk) -> None:
    """The key is another one on PostgreSQL (docs/adr/0118): it refuses the same."""
    with desk.world.app.app_context():
        row = db.session().get_one(Register, desk.register_id)
        same = {
            name: getattr(row, name)
            for name in ("school_id", "class_id", "day", "slot_kind", "slot", "programme_session", "state")
        }
        with db.transaction() as session:
            session.add(Register(**(same | {"slot": 3})))
        with pytest.raises(IntegrityError), db.transaction() as session:
            session.add(Register(**same))


def test_indexes_are_packed_on_sunday_nights(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(desk)
    here = timezone(timedelta(hours=7))
    sunday = datetime(2026, 10, 4, 2, 0, tzinfo=here)
    hours = [sunday + timedelta(hours=hour) for hour in range(-36, 200)]
    assert [hour for hour in hours if is_repacking_due(hour)] == [sunday, sunday + timedelta(days=7)]
    with desk.world.app.app_context():
        before = db.session().scalars(select(Mark.pupil_id)).all()
        db.session().rollback()
        is_postgres = db.db.engine.dialect.name == "postgresql"
        assert (repack_indexes() is not None) == is_postgres
        assert db.session().scalars(select(Mark.pupil_id)).all() == before
        db.session().rollback()
        done: list[int] = []
        monkeypatch.setattr("attendance.registers.commands.repacking.repack", lambda *_: done.append(1))
        for hour in (
            sunday - timedelta(minutes=1),
            sunday + timedelta(minutes=59),
            sunday + timedelta(hours=1),
        ):
            with clock.at(hour):
                repack_on_sunday()
        assert done == [1]
