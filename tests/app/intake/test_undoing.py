"""A whole import taken back: the tables are as before, or nothing happens and a sentence says why."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from app import clock, db
from app.access import SYSTEM, Actor, Role
from app.audit.models import AuditEntry
from app.contacts.commands import switch_off, switch_on
from app.contacts.models import PupilContact
from app.contacts.rules import ContactField
from app.errors import ConflictError
from app.facts import FactDelivery, FactRow
from app.intake.commands.imports import Upload, forget_stale_imports, import_at_once
from app.intake.commands.undoing import BuiltUponError, undo_import
from app.intake.models import RosterImport, RosterJournal
from app.intake.rules.dating import Choice
from app.intake.rules.journal import digests, journal_of, packed, unpacked
from app.intake.rules.states import ImportState
from app.school.cards.commands import issue_class_cards
from app.school.commands import add_class, create_school
from app.school.models import (
    ClassMembership,
    Enrolment,
    HomeroomDuty,
    Pupil,
    PupilCard,
    SchoolClass,
    Staff,
    Subject,
    Timetable,
    TimetableEntry,
)
from app.school.timetables.commands.versions import make_draft, publish
from app.text import fold, sort_key
from attendance.registers.commands.opening import materialise_around, open_register
from attendance.registers.commands.saving import Save, save_register
from attendance.registers.models import Register
from attendance.registers.rules.states import Submit
from classroom.lessons.models import Lesson
from tests.app.intake.files import AN, BINH, HEADINGS, RAN, sheet

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy.orm import Session

    from tests.world import World

BEGIN = datetime(2026, 10, 5, 3, 0, tzinfo=UTC)
TABLES = (Pupil, Enrolment, ClassMembership, SchoolClass, PupilCard, PupilContact)
MORE = ("Lớp", "Mã học sinh", "Họ tên", "Ngày sinh", "Giới tính", "Dân tộc", "SĐT liên hệ", "Trạng thái")


@pytest.fixture
def school(world: World) -> Iterator[Session]:
    with world.app.app_context(), clock.at(BEGIN):
        create_school(SYSTEM, "NEW", "Tiểu học Mới")
        yield db.session()


def bring(
    *rows: Sequence[object],
    at: datetime = BEGIN,
    headings: Sequence[str] = HEADINGS,
    ends_missing: bool = False,
) -> int:
    with clock.at(at):
        outcome = import_at_once(
            SYSTEM,
            "NEW",
            "2026-2027",
            Upload("a.xlsx", sheet(*rows, headings=headings)),
            Choice(ends_missing),
            apply=True,
            many_confirmed=True,
        )
    assert outcome.import_id is not None
    return outcome.import_id


def everything(session: Session) -> dict[str, list[Any]]:
    """Return every row of the tables that an import writes."""
    session.rollback()
    session.expire_all()
    return {
        table.__tablename__: [
            tuple(row) for row in session.execute(select(*table.__table__.c).order_by("id"))
        ]
        for table in TABLES
    }


def later(days: int = 1) -> datetime:
    return BEGIN + timedelta(days=days)


@contextmanager
def refused(session: Session, *words: str) -> Iterator[None]:
    """Undoing is refused with these words, and nothing has changed."""
    before = everything(session)
    with pytest.raises(BuiltUponError) as error:
        yield
    assert everything(session) == before
    for word in words:
        assert word in str(error.value)


def test_a_first_import_leaves_no_trace_but_its_history(school: Session) -> None:
    before = everything(school)
    import_id = bring(AN, BINH, RAN)
    assert everything(school) != before
    undo_import(SYSTEM, import_id)
    assert everything(school) == before
    row = school.get_one(RosterImport, import_id)
    assert row.state == ImportState.UNDONE
    assert row.undone_at is not None
    assert school.get(RosterJournal, import_id) is None
    actions = school.scalars(select(AuditEntry.action).where(AuditEntry.subject_kind == "import")).all()
    assert actions == ["roster.applied", "roster.undone"]
    assert school.scalars(select(FactRow.name).where(FactRow.name == "RosterUndone")).all() == [
        "RosterUndone"
    ]


def test_undoing_twice_is_undoing_once_and_importing_again_works(school: Session) -> None:
    import_id = bring(AN, BINH)
    undo_import(SYSTEM, import_id)
    undo_import(SYSTEM, import_id)
    assert len(school.scalars(select(AuditEntry.id).where(AuditEntry.action == "roster.undone")).all()) == 1
    again = bring(AN, BINH)
    assert school.scalar(select(func.count()).select_from(Pupil).where(Pupil.ministry_code == AN[2])) == 1
    undo_import(SYSTEM, again)


def test_moves_renames_leavers_returners_and_contacts_come_back(school: Session) -> None:
    school_id = school.scalars(select(RosterImport.school_id)).first() or _school_id(school)
    switch_on(SYSTEM, school_id, ContactField.PHONE, "liên lạc")
    bring(
        ("4/2", "7501000001", "Nguyễn Văn An", "05/09/2017", "Nam", "Kinh", "0901234567", ""),
        ("4/2", "7501000002", "Trần Thị Bình", "17/05/2017", "Nữ", "", "", ""),
        ("4/2", "7501000003", "Lê Văn Cù", "18/05/2017", "Nam", "", "", ""),
        headings=MORE,
    )
    before = everything(school)
    import_id = bring(
        ("4/3", "7501000001", "Nguyễn Văn Ân", "06/09/2017", "Nam", "Tày", "0907654321", ""),
        ("4/2", "7501000002", "Trần Thị Bình", "17/05/2017", "Nữ", "Xtiêng", "0911111111", "Chuyển đi kỳ 1"),
        ("4/4", "7501000009", "Phạm Thị Mới", "19/05/2017", "Nữ", "Kinh", "0922222222", ""),
        headings=MORE,
        at=later(20),
        ends_missing=True,
    )
    assert everything(school) != before
    undo_import(SYSTEM, import_id)
    assert everything(school) == before


def _school_id(session: Session) -> int:
    from app.school.queries import unit_by_code  # noqa: PLC0415

    unit = unit_by_code(session, "NEW", date(2026, 10, 5))
    assert unit is not None
    return unit.id


def test_a_temporary_key_that_a_code_replaced_comes_back(school: Session) -> None:
    bring((1, "1A", "", "Thị Bé", "06/05/2020", "Nữ", ""))
    before = everything(school)
    import_id = bring((1, "1A", "7501000099", "Thị Bé", "06/05/2020", "Nữ", ""), at=later())
    undo_import(SYSTEM, import_id)
    assert everything(school) == before


NAMES = st.sampled_from(["Lê An", "Lê Bình", "Lê Cúc", "Điểu Dương"])
CODES = st.sampled_from([f"750100000{n}" for n in range(6)] + [""])
ROWS = st.lists(
    st.tuples(
        st.sampled_from(["4/1", "4/2", "5A"]),
        CODES,
        NAMES,
        st.sampled_from(["01/02/2017", "02/02/2017"]),
        st.sampled_from(["Nam", "Nữ"]),
        st.sampled_from(["", "Kinh", "Xtiêng"]),
        st.just(""),
        st.sampled_from(["", "", "Đang học", "Chuyển đi kỳ 1", "Thôi học kỳ 1"]),
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=ROWS, second=ROWS, ends=st.booleans())
def test_apply_and_undo_leave_the_tables_as_before(
    school: Session, first: list[Any], second: list[Any], *, ends: bool
) -> None:
    """Whatever was there, whatever the file says: one after the other taken back, back to the beginning."""
    begin = everything(school)
    one = bring(*first, headings=MORE)
    between = everything(school)
    two = bring(*second, headings=MORE, at=later(10), ends_missing=ends)
    undo_import(SYSTEM, two)
    assert everything(school) == between
    undo_import(SYSTEM, one)
    assert everything(school) == begin


# ---------------------------------------------------------------------------------------------- what stands on it


def the_class(session: Session, name: str = "4/2") -> SchoolClass:
    return session.scalars(
        select(SchoolClass).where(SchoolClass.name == name, SchoolClass.school_id == _school_id(session))
    ).one()


def test_a_later_import_of_the_same_pupils_is_named(school: Session) -> None:
    begin = everything(school)
    first = bring(AN, BINH)
    second = bring((1, "4/2", "7501000001", "Nguyễn Văn Ân", "05/09/2017", "Nam", "Kinh"), at=later())
    with refused(school, "a.xlsx", "06/10/2026", "Hãy hoàn tác lần đó trước"):
        undo_import(SYSTEM, first)
    undo_import(SYSTEM, second)
    undo_import(SYSTEM, first)
    assert everything(school) == begin


def test_a_later_import_of_other_pupils_into_older_classes_does_not_matter(school: Session) -> None:
    bring(BINH)
    first = bring(AN, BINH, at=later())
    bring(AN, BINH, (3, "4/2", "7501000004", "Vũ Văn Tú", "03/03/2017", "Nam", ""), at=later(2))
    undo_import(SYSTEM, first)
    names = school.scalars(select(Pupil.full_name).where(Pupil.ministry_code.is_not(None))).all()
    assert sorted(names) == ["Trần Thị Bình", "Vũ Văn Tú"]


def test_pupils_changed_by_hand_since_are_told_with_an_example(school: Session) -> None:
    import_id = bring(AN, BINH)
    with db.transaction() as session:
        pupil = session.scalars(select(Pupil).where(Pupil.ministry_code == AN[2])).one()
        pupil.full_name, pupil.name_fold, pupil.name_sort = "An Khác", fold("An Khác"), sort_key("An Khác")
    with refused(school, "1 học sinh đã được sửa", "An Khác"):
        undo_import(SYSTEM, import_id)


def test_cards_duties_timetables_and_other_pupils_stand_on_it(school: Session) -> None:
    import_id = bring(AN, BINH)
    found = the_class(school)
    issue_class_cards(SYSTEM, found, date(2026, 10, 5))
    with refused(school, "Đã cấp thẻ cho 2 học sinh mới"):
        undo_import(SYSTEM, import_id)
    _teach_in(found)
    with refused(school, "1 tiết của các lớp mới", "chủ nhiệm cho 1 lớp mới"):
        undo_import(SYSTEM, import_id)


def _teach_in(found: SchoolClass) -> None:
    with db.transaction() as session:
        staff = Staff(
            school_id=found.school_id, staff_code="1", full_name="Cô Lan", name_sort="lan", name_fold="lan"
        )
        plan = Timetable(
            school_id=found.school_id,
            year_id=found.year_id,
            version=1,
            state="draft",
            starts_on=date(2026, 9, 5),
        )
        session.add_all([staff, plan])
        session.flush()
        subject = session.scalars(select(Subject)).first()
        assert subject is not None
        session.add(HomeroomDuty(class_id=found.id, staff_id=staff.id, starts_on=date(2026, 9, 5)))
        session.add(
            TimetableEntry(
                timetable_id=plan.id,
                class_id=found.id,
                weekday=1,
                day_session="morning",
                number=1,
                subject_id=subject.id,
                staff_id=staff.id,
            )
        )


def test_registers_and_lessons_of_the_classes_stand_on_it(school: Session, world: World) -> None:
    """Into a class of school A that has lessons: a register taken before is no matter, one taken after is."""
    own = school.get_one(SchoolClass, world.class_ids["own"])
    teacher = Actor(world.user_ids[Role.HOMEROOM_TEACHER], "Cô")
    take_register(teacher, own, date(2026, 10, 5))
    row = (1, "4/1", "7501000001", "Nguyễn Văn An", "05/09/2017", "Nam", "Kinh")
    import_id = bring_to_a(row, later())
    undo_import(SYSTEM, import_id)
    import_id = bring_to_a(row, later())
    with clock.at(later(2)):
        take_register(teacher, own, date(2026, 10, 7))
        with refused(school, "Đã điểm danh 1 buổi"):
            undo_import(SYSTEM, import_id)
        _begin_lesson(own, teacher.user_id)
        with refused(school, "1 tiết học tương tác"):
            undo_import(SYSTEM, import_id)


def bring_to_a(row: Sequence[object], at: datetime) -> int:
    with clock.at(at):
        outcome = import_at_once(
            SYSTEM,
            "THA",
            "2026-2027",
            Upload("a.xlsx", sheet(row)),
            Choice(),
            apply=True,
            many_confirmed=False,
        )
    assert outcome.import_id is not None
    return outcome.import_id


def take_register(teacher: Actor, school_class: SchoolClass, day: date) -> None:
    from app.school.rules import DaySession  # noqa: PLC0415

    register_id = open_register(school_class, day, DaySession.MORNING)
    save = Save(id=f"save-{day}", device="may-tinh", base=0, submit=Submit.FINAL)
    save_register(teacher, register_id, save)


def _begin_lesson(school_class: SchoolClass, owner_id: int) -> None:
    with db.transaction() as session:
        session.add(
            Lesson(
                op_id="a-lesson",
                school_id=school_class.school_id,
                class_id=school_class.id,
                owner_id=owner_id,
                subject="Toán",
                held_on=clock.today(),
                day_session="morning",
                number=None,
                code="ABCDEF",
                screen_nonce="0" * 16,
                state="lobby",
                seq=0,
                started_at=clock.now(),
            )
        )


def test_what_is_not_applied_or_too_old_cannot_be_undone(school: Session) -> None:
    import_id = bring(AN)
    with clock.at(later(20)):
        forget_stale_imports()
        with pytest.raises(ConflictError):
            undo_import(SYSTEM, import_id)
    assert school.get(RosterJournal, import_id) is None


def test_contacts_that_were_switched_off_meanwhile_do_not_come_back(school: Session) -> None:
    bring(BINH)
    school_id = _school_id(school)
    switch_on(SYSTEM, school_id, ContactField.PHONE, "liên lạc")
    row = ("4/2", "7501000002", "Trần Thị Bình", "17/05/2017", "Nữ", "Kinh", "0901234567", "")
    bring(row, headings=MORE)
    import_id = bring((*row[:6], "0909999999", ""), headings=MORE, at=later())
    stored = school.get_one(RosterJournal, import_id).content
    assert "0901234567" in str(unpacked(stored).changed)
    switch_off(SYSTEM, school_id, ContactField.PHONE)
    school.expire_all()
    stored = school.get_one(RosterJournal, import_id).content
    assert "0901234567" not in str(unpacked(stored))
    undo_import(SYSTEM, import_id)
    assert school.scalars(select(PupilContact)).all() == []


# ---------------------------------------------------------------------------------------------- the journal


@given(
    st.dictionaries(st.integers(1, 5), st.fixed_dictionaries({"id": st.just(0), "full_name": st.text()})),
    st.dictionaries(st.integers(1, 5), st.fixed_dictionaries({"id": st.just(0), "full_name": st.text()})),
)
def test_a_journal_says_exactly_what_differs(before: dict[int, Any], after: dict[int, Any]) -> None:
    after = before | after
    journal = journal_of({"pupil": before}, {"pupil": after}, [])
    assert unpacked(packed(journal)) == journal
    back = {row_id: row for row_id, row in after.items() if row_id not in journal.made["pupil"]}
    for row_id, old in journal.changed["pupil"].items():
        back[row_id] = back[row_id] | old
    assert back == before
    assert journal.stood == digests({"pupil": after})


def test_due_registers_follow_an_undone_import(school: Session, world: World) -> None:
    """A class that only the import filled is due while it is filled, and no longer when the import is taken back."""
    with db.transaction() as session:
        empty = add_class(session, world.school_ids["a"], world.year_id, "4/9", 4)
        known = session.scalars(
            select(TimetableEntry).where(TimetableEntry.class_id == world.class_ids["own"])
        ).first()
        assert known is not None
        source = (known.timetable_id, known.subject_id, known.staff_id)
    draft_id = make_draft(SYSTEM, world.school_ids["a"], world.year_id, "draft-0001", source[0])
    with db.transaction() as session:
        session.add(
            TimetableEntry(
                timetable_id=draft_id,
                class_id=empty.id,
                weekday=2,
                day_session="morning",
                number=1,
                subject_id=source[1],
                staff_id=source[2],
            )
        )
    publish(SYSTEM, draft_id, clock.today() + timedelta(days=1), "hai lớp học chung")
    due = select(func.count()).select_from(Register).where(Register.class_id == empty.id)
    with clock.at(later()):
        row = (1, "4/9", "7501000001", "Nguyễn Văn An", "05/09/2017", "Nam", "Kinh")
        import_id = bring_to_a(row, later())
        materialise_around(clock.today())
        assert school.scalar(due)
        undo_import(SYSTEM, import_id)
        school.rollback()
        assert school.scalar(due) == 0
    told = school.scalars(select(FactDelivery.subscriber).join(FactRow).where(FactRow.name == "RosterUndone"))
    assert sorted(told) == ["cubes.roster_undone", "registers.roster_undone", "stretches.roster_undone"]
