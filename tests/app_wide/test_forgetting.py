"""Promise 17: a forgotten pupil is forgotten. A canary in everything that is typed, then a search of all there is."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import date
from typing import TYPE_CHECKING, Final

import pytest
from sqlalchemy import LargeBinary, String, Text, func, select, update

from app import clock, db, sqlite
from app.access import SYSTEM
from app.audit.commands import record
from app.audit.models import AuditEntry
from app.audit.queries import entry_of_forgetting, verify_chain
from app.audit.rules import EMPTIED
from app.db import Base
from app.forgetting import traces
from app.jobs import Job, JobState
from app.school.enrolment.commands.steps import Step, end_enrolment
from app.school.enrolment.rules import LeavingReason
from app.school.models import Pupil
from attendance.registers.models import Mark, MarkEvent, Register
from attendance.registers.queries.chain import verify_chains
from classroom.answers.models import Attempt
from reports.cubes import commands as cubes
from reports.cubes.models import ClassDay, SchoolDay
from reports.files.models import ReportFile
from reports.stretches import commands as stretches
from reports.stretches.models import ClassStretch, PupilStretch
from tests.app_wide.canaries import CANARY, Canary, exchange_packages, merge_twin, plant
from tests.attendance.registers.conftest import desk  # noqa: F401 - a fixture
from tests.world import MONDAY, MORNING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from click.testing import Result
    from flask import Flask

    from tests.attendance.registers.conftest import Desk
    from tests.world import World

LAST: Final = 5
"""The number of the pupil in class 4/1 who is forgotten."""
MANY: Final = 15
WHY: Final = "Đơn số 12 ngày 5/10/2026"
NO_PUPIL: Final = {
    "names, codes, days and rules of places, subjects and lessons": (
        "attendance_code attendance_rule bell_period bulletin_schedule calendar_change calendar_day class_former_name "
        "contact_switch gate heading_alias lesson lesson_change lesson_grouping org_succession org_unit outing "
        "photo_switch rollover school school_class school_code school_year seat_plan subject teaching_group "
        "timetable timetable_edit timetable_entry timetable_import timetable_word called_off month_close"
    ),
    "about those who work there": "staff staff_detail staff_import submission_event submission_reminder",
    "what teachers prepared and drew before a class": (
        "activity ink_stroke lesson_plan plan_deck plan_version slide_file"
    ),
    "counts, of which the disclosure gate has let out what may leave; what was filed and sent stays as it was": (
        "bulletin bulletin_order entered_figure figure_check figure_view frozen_cell hub_receipt hub_slice "
        "kept_figures kept_run outgoing_slice release_certificate report_file round_summary submission"
    ),
    "numbers of rows and days: no field of a fact is a text that somebody typed (app/facts.py)": (
        "fact fact_delivery roster_version"
    ),
    "keys, hashes and programs": (
        "attendance_day audit_check audit_head hub_sender hub_sender_key oneroster_client oneroster_key "
        "oneroster_token reading_key account_run"
    ),
    "guests of a lesson choose a nickname and are nobody's record; they go with the answers": (
        "guest_answer lesson_guest"
    ),
}
"""Tables that hold text or bytes and need no trace, and why."""


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


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_every_table_that_holds_text_says_what_becomes_of_it_or_why_it_names_nobody(app: Flask) -> None:
    with app.app_context():
        known = {table for trace in traces() for table in trace.tables}
    excused = {table for tables in NO_PUPIL.values() for table in tables.split()}
    holding = {
        table.name
        for table in Base.metadata.tables.values()
        if any(isinstance(column.type, (String, Text, LargeBinary)) for column in table.columns)
    }
    assert holding - known - excused == set(), "add a trace to the feature, or say here why it names no pupil"
    assert excused & known == set()
    assert excused <= Base.metadata.tables.keys()


def test_a_forgotten_pupil_is_found_nowhere(
    desk: Desk,  # noqa: F811
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world, pupil_id = desk.world, desk.pupils[LAST]
    saved = desk.save(desk.operation(LAST, "K", reason=f"{CANARY} ốm", note=f"mẹ {CANARY} gọi"))
    assert saved.status_code == 200, saved.text
    monkeypatch.setattr("reports.exports.views.MOST_AT_ONCE", 1)  # so that the file is filed
    with world.app.app_context():
        canary, twin_id = plant(world, pupil_id), merge_twin(world, pupil_id)
        program_key = exchange_packages(world, pupil_id)
        url = db.db.engine.url.render_as_string(hide_password=False)
    is_on_sqlite = url.startswith("sqlite")
    refused = _forget(world, pupil_id)
    assert (refused.exit_code, "còn ghi danh" in refused.output) == (1, True)
    shown = canary.pages() if is_on_sqlite else []
    assert canary.told_to_programs(program_key)
    assert is_on_sqlite or canary.dump(url)
    _let_go(world, pupil_id)
    with world.app.app_context():
        assert len(set(canary.tables())) > MANY
        before = _figures(world)
    caplog.clear()
    with clock.at(MORNING.replace(day=6)):
        assert "Chưa xóa gì" in _forget(world, pupil_id).output
        done, again = (_forget(world, pupil_id, "--yes") for _twice in range(2))
        assert (done.exit_code, "đã được xóa" in again.output) == (0, True), done.output
        assert not canary.told_to_programs(program_key)
        assert not is_on_sqlite or (len(shown) > MANY and canary.pages() == [])
    with world.app.app_context():
        assert canary.tables() == []
        assert _figures(world) == before
        assert verify_chain(db.session()).is_sound
        assert verify_chains(db.session()).broken == ()
        assert is_forgotten(twin_id)
        db.session().rollback()
    assert canary.files() == []
    assert is_on_sqlite or not (canary.dump(url) or canary.dead_rows(url))
    assert CANARY not in caplog.text.casefold()


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_what_could_not_be_wiped_is_said_and_wiped_when_asked_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody reads all the while: the log of the file cannot be emptied then."""
    pupil_id = _departed(world)
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT_MS", 100)
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
    assert Canary(world, pupil_id, []).files() == []


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
        assert Canary(world, pupil_id, []).tables() == []


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


def _let_go(world: World, pupil_id: int) -> None:
    with world.app.app_context():
        step = Step("leave-1", MONDAY, f"nhà {CANARY} chuyển đi")
        end_enrolment(SYSTEM, pupil_id, world.school_ids["a"], LeavingReason.OTHER, step)


def is_forgotten(pupil_id: int) -> bool:
    return entry_of_forgetting(db.session(), pupil_id) is not None


def _figures(world: World) -> tuple[object, ...]:
    """Return the figures of registers, what reports keep of them, made anew, and what was filed."""
    for_a_year = (date(2026, 9, 1), date(2026, 11, 1))
    with clock.at(MORNING.replace(day=6)):
        cubes.rebuild(world.school_ids.values(), *for_a_year)
        stretches.rebuild(world.school_ids.values())
    session = db.session()
    counts = Register.expected, Register.excused, Register.unexcused, Register.pending
    registers = session.execute(select(*counts).order_by(Register.id)).all()
    kept = [
        sorted(map(repr, session.execute(select(table.__table__)).all()))
        for table in (ClassDay, SchoolDay, ClassStretch, PupilStretch, ReportFile)
    ]
    rows = [session.scalar(select(func.count()).select_from(table)) for table in (Mark, MarkEvent, Attempt)]
    session.rollback()
    return (registers, kept, rows)
