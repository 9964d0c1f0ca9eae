"""A class's month on the page, in Excel and on paper; the paper typed back in."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from typing import TYPE_CHECKING

import openpyxl
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from app import db
from app.access import Role
from app.audit.models import AuditEntry
from attendance.months.rules import Month
from attendance.months.rules.paper import Paper, pdf_of
from attendance.months.rules.sheet import Held, Pupil, month_sheet
from attendance.registers.models import Mark, MarkEvent
from attendance.registers.rules.marks import SEED_CODES
from tests.world import MONDAY

if TYPE_CHECKING:
    from tests.attendance.registers.conftest import Desk

OCTOBER = Month(date(2026, 10, 1))
P, K, T = SEED_CODES


def test_a_month_as_page_workbook_and_paper(desk: Desk) -> None:
    desk.save(desk.operation(0, "K"), desk.operation(1, "P"), desk.operation(2, "T"))
    url = f"/attendance/months/class/{desk.world.class_ids['own']}/2026-10"
    teacher = desk.world.client(Role.HOMEROOM_TEACHER, gave_factor=True)
    page = teacher.get(url).text
    assert "Đã điểm danh 1/1 sổ" in page
    book = openpyxl.load_workbook(BytesIO(teacher.get(f"{url}/sheet.xlsx").data)).active
    assert book is not None
    rows = [[cell.value for cell in row] for row in book.iter_rows()]
    assert rows[2][:3] == ["STT", "Họ và tên", "05"]
    by_name = {row[1]: row[2:] for row in rows[3:9]}
    assert by_name["Nguyễn Văn An"] == ["K", 0, 1, 0, 0]
    assert by_name["Điểu K'Rân"] == ["P", 1, 0, 0, 0]
    assert by_name["Trần Thị Ánh"] == ["T", 0, 0, 0, 1]
    for name in ("sheet.pdf", "blank.pdf"):
        assert teacher.get(f"{url}/{name}").data.startswith(b"%PDF-")


def test_a_paper_register_is_typed_in_once(desk: Desk) -> None:
    url = f"/attendance/months/class/{desk.world.class_ids['own']}/grid?week={MONDAY}"
    teacher = desk.world.client(Role.HOMEROOM_TEACHER)
    assert f'name="t-{desk.register_id}"' in teacher.get(url).text
    typed = {f"m-{desk.register_id}-{desk.pupils[0]}": "k", f"m-{desk.register_id}-{desk.pupils[1]}": "P"}
    assert teacher.post(url, data={"client_key": "grid00000001", **typed}).status_code == 302
    assert desk.row().state == "due", "only what is ticked is saved"
    ticked = {
        f"t-{desk.register_id}": "1",
        f"v-{desk.register_id}": "0",
        "client_key": "grid00000002",
        **typed,
    }
    for _ in range(2):
        teacher.post(url, data=ticked)
    row = desk.row()
    assert (row.state, row.row_version, row.excused, row.unexcused) == ("submitted", 1, 1, 1)
    wrong = ticked | {f"m-{desk.register_id}-{desk.pupils[2]}": "Z", "client_key": "grid00000003"}
    refused = teacher.post(url, data=wrong)
    assert refused.status_code == 422
    assert "Không có ký hiệu điểm danh “Z”." in refused.text
    field, tick = (
        f'name="m-{desk.register_id}-{desk.pupils[2]}" value="Z" aria-invalid="true"',
        f'name="t-{desk.register_id}"',
    )
    assert field in refused.text, "what was typed is still there, and shown where it is wrong"
    assert f'{tick} value="1" checked' in refused.text
    assert refused.text.count('aria-invalid="true"') == 1
    assert desk.row().row_version == 1


def test_the_office_types_a_paper_in_for_the_teacher_who_wrote_it(desk: Desk) -> None:
    url = f"/attendance/months/class/{desk.world.class_ids['own']}/grid?week={MONDAY}"
    clerk, teacher_id = desk.world.client(Role.OFFICE_CLERK), desk.world.user_ids[Role.HOMEROOM_TEACHER]
    page = clerk.get(url).text
    assert page.index(f'value="{teacher_id}"') < page.index(f'value="{desk.world.user_ids[Role.TEACHER]}"')
    form = {
        f"t-{desk.register_id}": "1",
        f"v-{desk.register_id}": "0",
        f"m-{desk.register_id}-{desk.pupils[0]}": "K",
        "client_key": "grid00000009",
        "teacher": str(teacher_id),
    }
    stranger = form | {"teacher": str(desk.world.user_ids[Role.GUARDIAN])}
    assert clerk.post(url, data=stranger).status_code == 422
    for role in (Role.PRINCIPAL, Role.GUARDIAN):
        assert desk.world.client(role).post(url, data=form).status_code == 404
    assert desk.row().state == "due"
    for _twice in range(2):
        assert clerk.post(url, data=form).status_code == 302
        assert "đã điểm danh. Hãy sửa" not in clerk.get(url).text, "sent twice it is once"
    assert (desk.row().state, desk.row().unexcused) == ("submitted", 1)
    with desk.world.app.app_context():
        events = db.session().scalars(select(MarkEvent)).all()
        mark = db.session().scalars(select(Mark)).one()
        typed = db.session().scalars(select(AuditEntry).where(AuditEntry.action == "register.typed")).all()
    assert {(one.user_id, one.on_behalf_of) for one in events} == {
        (desk.world.user_ids[Role.OFFICE_CLERK], teacher_id)
    }
    assert (mark.source, len(typed)) == ("paper", 1)
    history = clerk.get(f"/registers/{desk.register_id}/history").text
    assert "ghi thay Trần Thị homeroom_teacher" in history

    assert f'name="t-{desk.register_id}"' not in clerk.get(url).text, (
        "what was taken is corrected on its sheet"
    )
    again = form | {"client_key": "grid00000010", f"m-{desk.register_id}-{desk.pupils[1]}": "K"}
    late = clerk.post(url, data=again)
    assert (late.status_code, desk.row().unexcused) == (409, 1)
    assert "đã điểm danh. Hãy sửa" in late.text


def test_cells_say_absent_untaken_and_not_in_class() -> None:
    days = frozenset(OCTOBER.days)
    held = [
        Held(date(2026, 10, 5), 1, is_taken=True, marks={1: K}),
        Held(date(2026, 10, 5), 2, is_taken=True),
        Held(date(2026, 10, 6), 1, is_taken=False),
    ]
    sheet = month_sheet(OCTOBER, held, [Pupil(1, "An", days), Pupil(2, "Bình", days - {date(2026, 10, 5)})])
    assert [line.cells for line in sheet.lines] == [("K/-", "?"), ("x", "?")]
    assert (sheet.taken, sheet.due, sheet.lines[0].unexcused) == (2, 3, 1)


said = st.tuples(st.sampled_from(OCTOBER.days), st.integers(1, 2), st.sampled_from([None, P, K, T]))


@given(st.lists(said, max_size=20))
def test_the_sums_of_a_line_are_its_sessions(found: list[tuple[date, int, object]]) -> None:
    held = [Held(day, slot, is_taken=True, marks={1: code} if code else {}) for day, slot, code in found]  # type: ignore[dict-item]
    [line] = month_sheet(OCTOBER, held, [Pupil(1, "An", frozenset(OCTOBER.days))]).lines
    codes = [code for _, _, code in found]
    assert (line.excused, line.unexcused, line.late) == (codes.count(P), codes.count(K), codes.count(T))


def test_no_text_is_code_to_typst() -> None:
    hostile = '#panic("x") = _*`$ \\ ") <a> @b'
    paper = Paper(
        hostile,
        hostile,
        hostile,
        [hostile, "B"],
        ["1"],
        ["P"],
        [["1", hostile, "K", "1"]],
        hostile,
        ["A", "B"],
    )
    assert pdf_of(paper).startswith(b"%PDF-")
