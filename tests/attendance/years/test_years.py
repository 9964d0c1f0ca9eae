"""A class's year on the page, in Excel and on paper, and the page to copy into the school record from."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, timedelta
from io import BytesIO
from typing import TYPE_CHECKING

import openpyxl
from hypothesis import given
from hypothesis import strategies as st

from app import clock, db
from app.access import SYSTEM, Role
from app.school.enrolment.commands import Step, move_pupil
from app.school.models import SchoolClass
from app.school.rules import DaySession
from attendance.absences.models import AbsenceOpening
from attendance.absences.rules import Session
from attendance.registers.commands.opening import open_register
from attendance.registers.rules.marks import MORE_CODES, SEED_CODES
from attendance.years.rules.frame import Cover, Frame, Part
from attendance.years.rules.record import Way, counted, record_lines, usual_way
from attendance.years.rules.sheet import Pupil, year_sheet
from tests.world import MONDAY

if TYPE_CHECKING:
    from tests.attendance.registers.conftest import Desk

FRAME = Frame("2026-2027", date(2026, 9, 5), date(2027, 1, 18), date(2027, 6, 1))
P, K, T = SEED_CODES
UNKNOWN = MORE_CODES[0]
halves = st.builds(
    Session,
    st.dates(FRAME.first, FRAME.after_last - timedelta(days=1)),
    st.integers(1, 2),
    st.integers(1, 2),
    st.sampled_from([P, K, T, UNKNOWN]),
)


def test_a_year_as_page_workbook_and_paper(desk: Desk) -> None:
    desk.save(desk.operation(0, "K"), desk.operation(1, "P"), desk.operation(2, "T"))
    url = f"/attendance/years/class/{desk.world.class_ids['own']}"
    teacher = desk.world.client(Role.TEACHER, gave_factor=True)
    page = teacher.get(url)
    assert page.status_code == 200
    assert "school-record" not in page.text, "who teaches a subject writes no school records"
    book = openpyxl.load_workbook(BytesIO(teacher.get(f"{url}/sheet.xlsx").data)).active
    assert book is not None
    rows = [[cell.value for cell in row] for row in book.iter_rows()]
    groups = [word for word in rows[2][2:] if word]
    assert groups[:2] == ["09/26", "10/26"]
    assert groups[-3:] == ["Học kỳ 1", "Học kỳ 2", "Cả năm"]
    by_name = {row[1]: row[2:] for row in rows[4:10]}
    assert by_name["Nguyễn Văn An"][3:6] == [0, 1, 0], "October: P, K, T"
    assert by_name["Nguyễn Văn An"][-4:] == [0, 1, 0, 0], "the year: P, K, unknown, T"
    assert by_name["Trần Thị Ánh"][-4:] == [0, 0, 0, 1]
    assert teacher.get(f"{url}/sheet.pdf").data.startswith(b"%PDF-")


def test_what_is_copied_follows_the_pupil_and_says_what_is_missing(desk: Desk) -> None:
    world, class_id, other_id = desk.world, desk.world.class_ids["own"], desk.world.class_ids["other_class"]
    desk.save(desk.operation(0, "K"), desk.operation(1, "P"))
    with world.app.app_context():
        other = db.session().get_one(SchoolClass, other_id)
        open_register(other, MONDAY, DaySession.MORNING)
        with db.transaction() as session:
            session.add(AbsenceOpening(pupil_id=desk.pupils[2], year_id=world.year_id, sessions=4, note=""))
        move_pupil(SYSTEM, desk.pupils[1], other_id, Step("moved-on", MONDAY + timedelta(days=1)))
    homeroom, clerk = world.client(Role.HOMEROOM_TEACHER), world.client(Role.OFFICE_CLERK)
    with clock.at(clock.now() + timedelta(days=1)):
        mine = homeroom.get(f"/attendance/years/class/{class_id}/school-record").text
        theirs = clerk.get(f"/attendance/years/class/{other_id}/school-record").text
    assert "sổ chưa điểm danh trên" in mine, "registers that nobody took are told"
    assert "Chưa chốt sổ: tháng 09/2026, 10/2026" in mine
    assert row_of(mine, "Nguyễn Văn An") == ["0", "1", "0", "0", "0", "1", ""]
    assert row_of(mine, "Trần Thị Ánh")[-1] == "thêm 4 buổi ở trường cũ"
    assert "Điểu K&#39;Rân" not in mine, "who moved away is in the other class's list,"
    assert row_of(theirs, "Điểu K&#39;Rân")[:2] == ["1", "0"], "with what was marked here"
    assert (
        world.client(Role.TEACHER).get(f"/attendance/years/class/{class_id}/school-record").status_code == 404
    )


def test_a_closed_month_is_no_longer_warned_of(desk: Desk) -> None:
    desk.save(desk.operation(0, "K"))
    school_id, url = desk.world.school_ids["a"], f"/attendance/years/class/{desk.world.class_ids['own']}"
    with clock.at(clock.now() + timedelta(days=30)):
        desk.world.client(Role.OFFICE_CLERK).post(f"/attendance/months/{school_id}/2026-10/close")
        page = desk.world.client(Role.HOMEROOM_TEACHER).get(f"{url}/school-record?way=every").text
    assert "Chưa chốt sổ: tháng 09/2026, 11/2026" in page


def row_of(page: str, name: str) -> list[str]:
    found = re.search(rf"</span> {re.escape(name)}</th>(.*?)</tr>", page, re.DOTALL)
    assert found is not None, name
    return [re.sub(r"<[^>]+>", "", cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", found[1], re.DOTALL)]


@given(st.lists(halves, max_size=25, unique_by=lambda one: (one.day, one.slot)))
def test_months_and_semesters_add_up_to_the_year(sessions: list[Session]) -> None:
    sheet = year_sheet(FRAME, [Pupil(1, "An", ((FRAME.first, None),))], {1: sessions}, [])
    [line] = sheet.lines
    codes = Counter(one.code for one in sessions)
    whole = line.parts[Part.WHOLE]
    assert (whole.excused, whole.unexcused, whole.pending, whole.late) == (
        codes[P], codes[K], codes[UNKNOWN], codes[T],
    )  # fmt: skip
    for name in ("excused", "unexcused", "pending", "late"):
        assert sum(getattr(sums, name) for sums in line.months) == getattr(whole, name)
        halves_of_it = [getattr(line.parts[part], name) for part in (Part.FIRST, Part.SECOND)]
        assert sum(halves_of_it) == getattr(whole, name)
    assert [month.words for month in sheet.months][::8] == ["09/2026", "05/2027"]


@given(st.lists(halves, max_size=25, unique_by=lambda one: (one.day, one.slot)))
def test_daily_counts_the_days_missed_in_the_first_programme_and_every_counts_all(
    sessions: list[Session],
) -> None:
    daily, every = counted(sessions, Way.DAILY), counted(sessions, Way.EVERY)
    days = {one.day for one in sessions if one.is_absent and one.programme_session == 1}
    assert [one.day for one in daily] == sorted(days)
    assert set(daily) <= set(every)
    assert len(every) == sum(one.is_absent for one in sessions)
    [line] = record_lines(FRAME, Way.EVERY, [(1, "An")], {1: sessions}, {})
    sums = line.parts[Part.WHOLE]
    assert sums.excused + sums.unexcused + sums.pending == len(every)
    assert sums.late == 0


def test_the_gravest_of_a_day_counts() -> None:
    day = date(2026, 10, 5)
    both = [Session(day, 1, 1, K), Session(day, 2, 1, P)]
    assert [one.code for one in counted(both, Way.DAILY)] == [K]
    assert (usual_way(5), usual_way(6)) == (Way.EVERY, Way.DAILY)


def test_a_year_knows_who_came_and_left_and_what_was_taken() -> None:
    came, left = date(2026, 10, 5), date(2027, 2, 1)
    pupils = [Pupil(1, "An", ((came, None),)), Pupil(2, "Bình", ((FRAME.first, left),))]
    taken = [(date(2026, 9, 7), True), (date(2027, 1, 17), False), (date(2027, 1, 18), True)]
    sheet = year_sheet(FRAME, pupils, {}, taken)
    assert [(line.came_on, line.left_on) for line in sheet.lines] == [(came, None), (None, left)]
    assert list(sheet.covers.values()) == [Cover(2, 1), Cover(1, 1), Cover(3, 2)]
    assert sheet.month_covers[4] == Cover(2, 1), "the semesters meet in January"
