"""Promise 17: a forgotten pupil is forgotten. A canary in everything that is typed, then a search of all there is."""

from __future__ import annotations

import json
import sqlite3
import uuid
from contextlib import closing
from datetime import date
from io import BytesIO
from typing import TYPE_CHECKING, Final
from zipfile import ZipFile

import pytest
from sqlalchemy import func, select, text, update

from app import clock, db
from app.access import SYSTEM, Role
from app.accounts.commands import NewGrant, add_grant, new_user
from app.audit.commands import record
from app.audit.models import AuditEntry
from app.audit.queries import verify_chain
from app.audit.rules import EMPTIED
from app.contacts.models import PupilContact
from app.db import Base
from app.forgetting import traces
from app.guardians.models import Guardian
from app.jobs import Job, JobState
from app.school.enrolment.commands.steps import Step, end_enrolment
from app.school.enrolment.rules import LeavingReason
from app.school.models import Pupil
from app.school.pupils.commands import edit_pupil
from app.school.pupils.rules import Basics
from attendance.absences.commands import set_opening
from attendance.excuses.models import Excuse, ExcuseStep
from attendance.registers.models import Mark, MarkEvent, Register
from attendance.registers.queries.chain import verify_chains
from classroom.activities.rules import Content, Kind
from classroom.inquiries.commands import ask_question
from classroom.lessons.models import Lesson
from tests.attendance.registers.conftest import desk  # noqa: F401 - a fixture
from tests.classroom.held import begin
from tests.world import MONDAY, MORNING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from click.testing import Result
    from flask import Flask

    from tests.attendance.registers.conftest import Desk
    from tests.world import World

CANARY: Final = "kanarivogel"
CODE: Final = "7041704199"
PHONE: Final = "0970417041"
LAST: Final = 5
"""The number of the pupil in class 4/1 who is forgotten."""
WHY: Final = "Đơn số 12 ngày 5/10/2026"


@pytest.fixture(autouse=True)
def _this_morning() -> Iterator[None]:
    with clock.at(MORNING):
        yield


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_every_table_that_names_a_pupil_says_what_becomes_of_it(app: Flask) -> None:
    with app.app_context():
        known = {table for trace in traces() for table in trace.tables}
    naming = {
        table.name
        for table in Base.metadata.tables.values()
        for column in table.columns
        if column.name.endswith("pupil_id")
        or any(key.column.table.name == "pupil" for key in column.foreign_keys)
    }
    assert naming - known == set(), "add a trace to the feature (app/forgetting.py)"
    assert known <= Base.metadata.tables.keys()


def test_a_forgotten_pupil_is_found_nowhere(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:  # noqa: F811
    world = desk.world
    pupil_id = desk.pupils[LAST]
    saved = desk.save(desk.operation(LAST, "K", reason=f"{CANARY} ốm", note=f"mẹ {CANARY} gọi"))
    assert saved.status_code == 200, saved.text
    with world.app.app_context():
        _type_everywhere(world, pupil_id)
    refused = _forget(world, pupil_id)
    assert refused.exit_code == 1
    assert "còn ghi danh" in refused.output
    assert len(_found_in_pages(world)) > 2
    with world.app.app_context():
        end_enrolment(
            SYSTEM,
            pupil_id,
            world.school_ids["a"],
            LeavingReason(next(iter(LeavingReason))),
            Step("leave-1", MONDAY, f"nhà {CANARY} chuyển đi"),
        )
        assert _found_in_tables()
        before = _figures(world)
    caplog.clear()
    with clock.at(MORNING.replace(day=6)):
        assert "Chưa xóa gì" in _forget(world, pupil_id).output
        done = _forget(world, pupil_id, "--yes")
        again = _forget(world, pupil_id, "--yes")
    assert done.exit_code == 0, done.output
    assert "đã được xóa" in again.output
    with world.app.app_context():
        assert _found_in_tables() == []
        assert _figures(world) == before
        assert verify_chain(db.session()).is_sound
        assert verify_chains(db.session()).broken == ()
        db.session().rollback()
    assert _found_in_files(world) == []
    assert CANARY not in caplog.text.casefold()
    assert _found_in_pages(world) == []


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_what_could_not_be_wiped_is_said_and_wiped_when_asked_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody reads all the while: the log of the file cannot be emptied then."""
    pupil_id = _departed(world)
    monkeypatch.setattr(db, "BUSY_TIMEOUT_MS", 100)
    with world.app.app_context():
        db.db.engine.dispose()
    with closing(
        sqlite3.connect(world.app.extensions["bangxanh.settings"].instance / "bangxanh.db")
    ) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM pupil").fetchall()
        busy = _forget(world, pupil_id, "--yes")
    assert (busy.exit_code, "đang bận" in busy.output) == (1, True), busy.output
    assert _forget(world, pupil_id, "--yes").exit_code == 0
    assert _found_in_files(world) == []


def test_a_job_that_still_names_the_pupil_is_waited_for(world: World) -> None:
    pupil_id = _departed(world)
    with world.app.app_context(), db.transaction() as session:
        job = Job(
            kind="x",
            payload=json.dumps({"who": f"Lê {CANARY.title()}"}, ensure_ascii=False),
            created_at=MORNING,
        )
        session.add(job)
        session.flush()
        number = job.id
    waited = _forget(world, pupil_id, "--yes")
    assert (waited.exit_code, "đang chờ" in waited.output) == (1, True), waited.output
    with world.app.app_context(), db.transaction() as session:
        assert session.get_one(Pupil, pupil_id).full_name == f"Lê {CANARY.title()}"
        session.get_one(Job, number).state = JobState.DONE
    assert _forget(world, pupil_id, "--yes").exit_code == 0
    with world.app.app_context():
        assert _found_in_tables() == []


def _departed(world: World) -> int:
    """A pupil with the canary for a name who is enrolled nowhere."""
    with world.app.app_context(), db.transaction() as session:
        pupil = Pupil(
            full_name=f"Lê {CANARY.title()}",
            name_sort="",
            name_fold=f"le {CANARY}",
            sex="F",
            created_at=MORNING,
        )
        session.add(pupil)
        session.flush()
        return pupil.id


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_whoever_empties_an_entry_without_forgetting_a_pupil_is_found(app: Flask) -> None:
    with app.app_context():
        with db.transaction() as session:
            record(session, SYSTEM, "thing.done", ("thing", 1), {"count": 1})
            session.execute(update(AuditEntry).values(details=EMPTIED))
        assert verify_chain(db.session()).broken_at == 1


def _forget(world: World, pupil_id: int, *more: str) -> Result:
    return world.app.test_cli_runner().invoke(args=["pupil", "forget", str(pupil_id), "--reason", WHY, *more])


def _type_everywhere(world: World, pupil_id: int) -> None:
    """Put the canary wherever people type something about a pupil."""
    school_id = world.school_ids["a"]
    edit_pupil(SYSTEM, pupil_id, Basics(f"Lê {CANARY.title()}", date(2016, 5, 1), "F", CODE, "Kinh"))
    edit_pupil(SYSTEM, pupil_id, Basics(f"Lê Thị {CANARY.title()}", date(2016, 5, 2), "F", CODE))
    set_opening(SYSTEM, pupil_id, world.year_id, 3, f"học bạ {CANARY}")
    with db.transaction() as session:
        user = new_user(f"{CANARY}.4", f"Lê Thị {CANARY.title()}", "!")
        session.add(user)
        session.flush()
        add_grant(
            session,
            SYSTEM,
            user.id,
            NewGrant(Role.PUPIL, school_id, MONDAY, pupil_id=pupil_id, reason=CANARY),
        )
        address = {"field": "address", "value": f"ấp {CANARY}", "updated_at": clock.now()}
        session.add(PupilContact(pupil_id=pupil_id, school_id=school_id, **address))
        session.add(
            Guardian(
                pupil_id=pupil_id,
                school_id=school_id,
                client_key="g",
                relationship="mother",
                full_name=f"Bà {CANARY}",
                phone=PHONE,
                made_at=clock.now(),
            )
        )
        _excuse(session, school_id, pupil_id, user.id)
    held = begin(world)
    held.seat(pupil_id)
    activity_id = held.ask(Content(Kind.TEXT, "Em kể về ngày nghỉ."))
    held.answer(pupil_id, activity_id, (f"em là {CANARY}",))
    with db.transaction() as session:
        session.get_one(Lesson, held.lesson_id).takes_inquiries = True
    ask_question(held.lesson_id, pupil_id, str(uuid.uuid4()), f"sao {CANARY} hót?")


def _excuse(session: object, school_id: int, pupil_id: int, user_id: int) -> None:
    excuse = Excuse(
        client_key="e",
        school_id=school_id,
        pupil_id=pupil_id,
        first_day=MONDAY,
        first_slot=1,
        last_day=MONDAY,
        last_slot=1,
        reason=f"{CANARY} bệnh",
        source="guardian",
        state="rejected",
        requested_by=user_id,
        requested_at=clock.now(),
        decision_note=f"gọi {CANARY}",
    )
    session.add(excuse)  # type: ignore[attr-defined]
    session.flush()  # type: ignore[attr-defined]
    session.add(  # type: ignore[attr-defined]
        ExcuseStep(excuse_id=excuse.id, step="reject", note=f"gọi {CANARY}", by=user_id, at=clock.now())
    )
    record(session, SYSTEM, "excuse.rejected", ("pupil", pupil_id), {"note": f"gọi {CANARY}"})  # type: ignore[arg-type]


def _found_in_tables() -> list[str]:
    """Return the columns of any table in which a canary is found."""
    found = []
    for table in Base.metadata.sorted_tables:
        for row in db.session().execute(select(table)).mappings():
            for name, value in row.items():
                if _is_hit(value if isinstance(value, bytes) else str(value).encode()):
                    found.append(f"{table.name}.{name}")
    return found


def _is_hit(content: bytes) -> bool:
    lowered = content.lower()
    return any(word.encode() in lowered for word in (CANARY, CODE, PHONE))


def _found_in_files(world: World) -> list[str]:
    """Return the files of the installation, the database's own and its log among them, that hold a canary."""
    folder: Path = world.app.extensions["bangxanh.settings"].instance
    return [str(path) for path in folder.rglob("*") if path.is_file() and _is_hit(path.read_bytes())]


def _found_in_pages(world: World) -> list[str]:
    """Return the pages and workbooks that hold a canary; a workbook is unpacked, for nothing is found in a zip."""
    client = world.client(Role.PRINCIPAL, gave_factor=True)
    school = f"/schools/{world.school_ids['a']}"
    lists = (
        f"{school}/pupils?standing=all",
        f"{school}/pupils?standing=all&format=xlsx",
        f"/attendance/excuses/school/{world.school_ids['a']}",
    )
    found = []
    for page in (*lists, "/audit", "/audit/log.xlsx"):
        answer = client.get(page)
        assert answer.status_code == 200, page
        content = answer.data
        if content.startswith(b"PK"):
            with ZipFile(BytesIO(content)) as packed:
                content = b"".join(packed.read(name) for name in packed.namelist())
        if _is_hit(content):
            found.append(page)
    return found


def _figures(world: World) -> tuple[object, ...]:
    session = db.session()
    registers = session.execute(
        select(Register.expected, Register.excused, Register.unexcused, Register.pending).order_by(
            Register.id
        )
    ).all()
    counts = [session.scalar(select(func.count()).select_from(table)) for table in (Mark, MarkEvent)]
    answers = session.scalar(text("SELECT count(*) FROM attempt"))
    return (registers, counts, answers)
