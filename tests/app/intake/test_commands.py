"""Imports through their commands: what is written, once, with dates, and what is left alone."""

from __future__ import annotations

import json
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from app import clock, db
from app.access import SYSTEM
from app.audit.models import AuditEntry
from app.errors import ConflictError, InvalidError
from app.facts import FactRow
from app.intake.commands import imports
from app.intake.commands.imports import Upload, import_at_once
from app.intake.models import RosterFile, RosterImport
from app.intake.rules.dating import Choice, Leaving
from app.intake.rules.preview import from_json, phrase_from_json
from app.intake.rules.states import ImportState
from app.jobs import Job, JobState
from app.school.commands import create_school
from app.school.models import ClassMembership, Enrolment, Pupil, SchoolClass
from tests.app.intake.files import AN, BINH, RAN, sheet

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy.orm import Session

    from tests.world import World

OCTOBER = datetime(2026, 10, 5, 3, 0, tzinfo=UTC)
NOVEMBER = datetime(2026, 11, 2, 3, 0, tzinfo=UTC)
YEAR_BEGINS = date(2026, 9, 5)


@pytest.fixture
def school(world: World) -> Iterator[Session]:
    """An application context at a school without pupils: the second school's are moved out of the way."""
    with world.app.app_context(), clock.at(OCTOBER):
        create_school(SYSTEM, "NEW", "Tiểu học Mới")
        yield db.session()


def bring(*rows: Sequence[object], choice: Choice | None = None, **flags: bool) -> dict[str, int]:
    flags = {"apply": True, "many_confirmed": False} | flags
    outcome = import_at_once(
        SYSTEM, "NEW", "2026-2027", Upload("a.xlsx", sheet(*rows)), choice or Choice(), **flags
    )
    return outcome.preview.numbers


def enrolments(session: Session, name: str) -> list[tuple[str, date, date | None]]:
    rows = session.scalars(
        select(Enrolment)
        .join(Pupil, Pupil.id == Enrolment.pupil_id)
        .where(Pupil.full_name == name)
        .order_by(Enrolment.id)
    )
    return [(row.status, row.starts_on, row.ends_on) for row in rows]


def memberships(session: Session, name: str) -> list[tuple[str, date, date | None]]:
    rows = session.execute(
        select(SchoolClass.name, ClassMembership.starts_on, ClassMembership.ends_on)
        .join(SchoolClass, SchoolClass.id == ClassMembership.class_id)
        .join(Pupil, Pupil.id == ClassMembership.pupil_id)
        .where(Pupil.full_name == name)
        .order_by(ClassMembership.id)
    )
    return [tuple(row) for row in rows]  # type: ignore[misc]


@contextmanager
def counted(session: Session) -> Iterator[dict[str, int]]:
    """Count what is written meanwhile, by table."""
    tables = (Pupil, Enrolment, ClassMembership, SchoolClass)

    def count() -> dict[str, int]:
        session.expire_all()
        return {
            table.__tablename__: session.scalar(select(func.count()).select_from(table)) or 0
            for table in tables
        }

    before = count()
    written: dict[str, int] = {}
    yield written
    written.update({name: number - before[name] for name, number in count().items()})


CU = (9, "4/2", "7501000009", "Lê Thị Cù", "01/02/2017", "Nữ", "Kinh")
LAN = (8, "4/2", "7501000008", "Lê Thị Lan", "02/02/2017", "Nữ", "Kinh")


def test_a_first_import_makes_classes_pupils_and_dated_memberships(school: Session) -> None:
    with counted(school) as written:
        assert bring(AN, BINH, RAN)["new"] == 3
    assert written == {"pupil": 3, "enrolment": 3, "class_membership": 3, "school_class": 2}
    ran = school.scalars(select(Pupil).where(Pupil.ministry_code == "7501000003")).one()
    assert (ran.full_name, ran.name_fold, ran.sex, ran.birth_date) == (
        "Điểu K'Rân",
        "dieu k'ran",
        "M",
        date(2016, 12, 1),
    )
    assert (ran.ethnicity, ran.ethnicity_code, ran.ethnicity_code_set) == ("Xtiêng", "22", "QĐ121-1979")
    assert ran.temporary_key is None
    starts = school.scalars(select(Enrolment.starts_on).where(Enrolment.pupil_id == ran.id)).all()
    assert starts == [YEAR_BEGINS]


def test_importing_again_writes_nothing_about_pupils(school: Session) -> None:
    bring(AN, BINH)
    with counted(school) as written:
        assert bring(AN, BINH) == {
            "new": 0,
            "updated": 0,
            "unchanged": 2,
            "moved": 0,
            "left": 0,
            "missing": 0,
            "bad": 0,
        }
    assert set(written.values()) == {0}


def test_without_apply_nothing_is_stored(school: Session) -> None:
    with counted(school) as written:
        assert bring(AN, BINH, apply=False)["new"] == 2
    assert set(written.values()) == {0}
    assert school.scalar(select(func.count()).select_from(RosterImport)) == 0


def test_a_month_later_moves_renames_arrivals_and_leavers_have_their_day(school: Session) -> None:
    bring(CU, LAN, (1, "4/3", "7501000007", "Vũ Văn Tú", "03/03/2017", "Nam", ""))
    with clock.at(NOVEMBER):
        numbers = import_at_once(
            SYSTEM,
            "NEW",
            "2026-2027",
            Upload("b.xlsx", month_later()),
            Choice(),
            apply=True,
            many_confirmed=False,
        ).preview.numbers
    assert numbers == {"new": 1, "updated": 1, "unchanged": 0, "moved": 1, "left": 1, "missing": 0, "bad": 0}
    november = date(2026, 11, 2)
    assert memberships(school, "Lê Thị Cù") == [("4/2", YEAR_BEGINS, november), ("4/3", november, None)]
    assert enrolments(school, "Lê Thị Lan Anh") == [("Đang học", YEAR_BEGINS, None)]
    assert enrolments(school, "Vũ Văn Tú") == [("Chuyển đi kỳ 1", YEAR_BEGINS, date(2026, 10, 20))]
    assert memberships(school, "Vũ Văn Tú") == [("4/3", YEAR_BEGINS, date(2026, 10, 20))]
    assert enrolments(school, "Phạm Mới Đến") == [("Chuyển đến kỳ 1", november, None)]


def month_later() -> bytes:
    headings = ("Lớp", "Mã học sinh", "Họ tên", "Ngày sinh", "Giới tính", "Trạng thái", "Ngày trạng thái")
    return sheet(
        ("4/3", "7501000009", "Lê Thị Cù", "01/02/2017", "Nữ", "Đang học", ""),
        ("4/2", "7501000008", "Lê Thị Lan Anh", "02/02/2017", "Nữ", "Đang học", ""),
        ("4/3", "7501000007", "Vũ Văn Tú", "03/03/2017", "Nam", "Chuyển đi kỳ 1", "20/10/2026"),
        ("4/3", "7588000001", "Phạm Mới Đến", "04/03/2017", "Nam", "Chuyển đến kỳ 1", ""),
        headings=headings,
    )


def test_a_code_that_comes_later_replaces_the_temporary_key(school: Session) -> None:
    bring((1, "1A", "", "Thị Bé", "06/05/2020", "Nữ", ""))
    be = school.scalars(select(Pupil).where(Pupil.full_name == "Thị Bé")).one()
    assert be.ministry_code is None
    assert be.temporary_key is not None
    assert be.temporary_key.startswith("TAM-")
    assert bring((1, "1A", "7501000099", "Thị Bé", "06/05/2020", "Nữ", ""))["updated"] == 1
    school.expire_all()
    found = school.scalars(select(Pupil).where(Pupil.full_name == "Thị Bé")).one()
    assert (found.id, found.ministry_code, found.temporary_key) == (be.id, "7501000099", None)


def test_the_missing_stay_unless_told_and_confirmed(school: Session) -> None:
    many = [(n, "4/2", f"75020000{n:02}", f"Lê Thị {chr(65 + n)}", "01/02/2017", "Nữ", "") for n in range(20)]
    bring(*many)
    assert bring(*many[1:])["missing"] == 1
    assert enrolments(school, "Lê Thị A")[0][2] is None
    leave = Choice(ends_missing=True, leaving=Leaving.DROPPED_OUT)
    bring(*many[5:], choice=leave)  # a quarter is missing: not without a second confirmation
    assert enrolments(school, "Lê Thị A")[0][2] is None
    bring(*many[1:], choice=leave)
    assert enrolments(school, "Lê Thị A") == [("Thôi học kỳ 1", YEAR_BEGINS, date(2026, 10, 5))]
    came_as = select(Enrolment.came_as).join(Pupil, Pupil.id == Enrolment.pupil_id)
    assert school.scalar(came_as.where(Pupil.full_name == "Lê Thị A")) == "Đang học", "how A came is not lost"
    bring(*many[5:], choice=leave, many_confirmed=True)
    assert enrolments(school, "Lê Thị B")[0][0] == "Thôi học kỳ 1"


def test_who_comes_back_has_two_enrolments_that_do_not_overlap(school: Session) -> None:
    bring(CU, LAN)
    bring(LAN, choice=Choice(ends_missing=True), many_confirmed=True)
    with clock.at(NOVEMBER):
        bring(CU, LAN)
    spans = enrolments(school, "Lê Thị Cù")
    assert [(start, end) for _, start, end in spans] == [
        (YEAR_BEGINS, date(2026, 10, 5)),
        (date(2026, 11, 2), None),
    ]


def test_a_pupil_of_another_school_stays_there(school: Session, world: World) -> None:
    taken = school.get_one(Pupil, world.pupil_ids["own"][0])
    with db.transaction() as session:
        session.get_one(Pupil, taken.id).ministry_code = "7501000001"
        session.get_one(Pupil, taken.id).birth_date = date(2017, 9, 5)
    assert bring((*AN[:3], taken.full_name, *AN[4:]))["bad"] == 1
    where = school.scalars(select(Enrolment.school_id).where(Enrolment.pupil_id == taken.id)).all()
    assert where == [world.school_ids["a"]]


def test_an_unknown_school_and_a_wrong_year_are_told(school: Session) -> None:
    del school
    for code, year, told in (("NOPE", "2026-2027", "NOPE"), ("NEW", "2026-2028", "2026-2028")):
        with pytest.raises(InvalidError, match=told):
            import_at_once(
                SYSTEM, code, year, Upload("a.xlsx", sheet(AN)), Choice(), apply=True, many_confirmed=False
            )


# ---------------------------------------------------------------------------------------------- through the pages


def staged(world: World, content: bytes, key: str = "key-12345678") -> int:
    return imports.stage_import(SYSTEM, world.school_ids["a"], "2026-2027", Upload("hs.xlsx", content), key)


def row_of(session: Session, import_id: int) -> RosterImport:
    session.expire_all()
    return session.get_one(RosterImport, import_id)


def test_an_import_is_previewed_confirmed_and_applied_once(school: Session, world: World) -> None:
    import_id = staged(world, sheet(AN, BINH))
    shown = row_of(school, import_id)
    assert shown.state == ImportState.PREVIEWED
    assert from_json(shown.preview or "").numbers["new"] == 2
    with counted(school) as written:
        for _ in range(2):
            imports.confirm_import(SYSTEM, import_id, Choice(), many_confirmed=False)
        imports.apply_import(import_id, lambda *_: None)
    assert written["pupil"] == 2
    done = row_of(school, import_id)
    assert (done.state, json.loads(done.numbers or "")["new"]) == (ImportState.APPLIED, 2)
    assert school.get(RosterFile, import_id) is None
    facts = [
        json.loads(fact)
        for fact in school.scalars(select(FactRow.payload).where(FactRow.name == "RosterApplied"))
    ]
    assert [(fact["import_id"], fact["arrived"]) for fact in facts] == [(import_id, 2)]
    actions = school.scalars(select(AuditEntry.action).where(AuditEntry.subject_kind == "import")).all()
    assert actions == ["roster.uploaded", "roster.applied"]


def test_the_same_key_is_the_same_import(school: Session, world: World) -> None:
    assert staged(world, sheet(AN)) == staged(world, sheet(AN))
    assert school.scalar(select(func.count()).select_from(RosterImport)) == 1


def test_a_file_that_cannot_be_read_ends_with_words_and_is_forgotten(school: Session, world: World) -> None:
    row = row_of(school, staged(world, b"PK\x03\x04nothing"))
    assert row.state == ImportState.UNREADABLE
    assert "Không đọc được" in phrase_from_json(row.problem or "")
    assert school.get(RosterFile, row.id) is None
    with pytest.raises(ConflictError):
        imports.confirm_import(SYSTEM, row.id, Choice(), many_confirmed=False)


def test_when_the_school_has_changed_meanwhile_nothing_unseen_is_written(
    school: Session, world: World
) -> None:
    first, second = staged(world, sheet(AN, BINH)), staged(world, sheet(AN, BINH), "another-key")
    imports.confirm_import(SYSTEM, first, Choice(), many_confirmed=False)
    with counted(school) as written:
        imports.confirm_import(SYSTEM, second, Choice(), many_confirmed=False)
    assert set(written.values()) == {0}
    row = row_of(school, second)
    assert row.state == ImportState.PREVIEWED
    assert from_json(row.preview or "").numbers["unchanged"] == 2
    assert "đã thay đổi" in phrase_from_json(row.problem or "")
    imports.confirm_import(SYSTEM, second, Choice(), many_confirmed=False)
    assert row_of(school, second).state == ImportState.APPLIED


def test_many_missing_need_the_second_confirmation(school: Session, world: World) -> None:
    import_id = staged(world, sheet(AN))  # the school has twelve others
    with pytest.raises(InvalidError, match="một phần mười"):
        imports.confirm_import(SYSTEM, import_id, Choice(ends_missing=True), many_confirmed=False)
    imports.confirm_import(SYSTEM, import_id, Choice(ends_missing=True), many_confirmed=True)
    assert json.loads(row_of(school, import_id).numbers or "")["left"] == 12


def test_a_discarded_import_is_forgotten_and_an_applied_one_cannot_be(school: Session, world: World) -> None:
    import_id = staged(world, sheet(AN))
    imports.discard_import(SYSTEM, import_id)
    row = row_of(school, import_id)
    assert (row.state, row.preview) == (ImportState.DISCARDED, None)
    assert school.get(RosterFile, import_id) is None
    applied = staged(world, sheet(BINH), "another-key")
    imports.confirm_import(SYSTEM, applied, Choice(), many_confirmed=False)
    with pytest.raises(ConflictError):
        imports.discard_import(SYSTEM, applied)


def test_what_was_never_confirmed_is_forgotten_after_two_weeks(school: Session, world: World) -> None:
    import_id = staged(world, sheet(AN))
    assert imports.forget_stale_imports() == 0
    with clock.at(NOVEMBER):
        assert imports.forget_stale_imports() == 1
    assert row_of(school, import_id).state == ImportState.DISCARDED
    assert school.get(RosterFile, import_id) is None


def test_a_job_that_failed_begins_again_and_a_good_one_does_not(school: Session, world: World) -> None:
    import_id = staged(world, sheet(AN))
    with db.transaction() as session:
        row = session.get_one(RosterImport, import_id)
        row.state = ImportState.APPLYING
        session.get_one(Job, row.job_id).state = JobState.FAILED
    imports.retry_import(SYSTEM, import_id)
    assert row_of(school, import_id).state == ImportState.APPLIED
    job_id = row_of(school, import_id).job_id
    imports.retry_import(SYSTEM, import_id)
    assert row_of(school, import_id).job_id == job_id


def test_a_failure_half_way_leaves_no_trace(school: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: object) -> None:
        message = "the disk is full"
        raise OSError(message)

    monkeypatch.setattr("app.intake.commands.imports.facts.record", breaks)
    with counted(school) as written, pytest.raises(OSError, match="disk"):
        bring(AN, BINH)
    assert set(written.values()) == {0}
