"""Excuses: who may ask and decide, what one covers, and that it never changes a mark."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import undefer

from app import db
from app.access import Role
from app.audit.models import AuditEntry
from app.errors import ConflictError, InvalidError
from attendance.excuses.commands.papers import delete_old_papers
from attendance.excuses.models import Excuse, ExcuseCover, ExcuseFile, ExcuseStep
from attendance.excuses.rules import ExcuseState, Span, Step, state_after
from attendance.excuses.rules.papers import MOST_BYTES, SentFile, checked
from attendance.registers.models import Mark
from tests.app.test_pictures import photo
from tests.world import MONDAY

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from tests.attendance.registers.conftest import Desk

days = st.dates(date(2026, 9, 1), date(2027, 5, 31))


def test_an_excuse_covers_and_never_overwrites(desk: Desk) -> None:
    guardian, homeroom = desk.world.client(Role.GUARDIAN), desk.world.client(Role.HOMEROOM_TEACHER)
    for _ in range(2):
        assert ask(desk, guardian, key="page-of-guardian", reason="Bệnh, sốt").status_code == 302
    [excuse] = rows(desk)
    assert (excuse.state, excuse.source) == ("submitted", "guardian")
    assert "đơn nghỉ đã duyệt" not in homeroom.get(f"/registers/{desk.register_id}").text
    url = f"/attendance/excuses/{excuse.id}"
    assert guardian.post(f"{url}/approve").status_code == 404
    assert homeroom.post(f"{url}/reject").status_code == 422
    for _ in range(2):
        assert homeroom.post(f"{url}/approve").status_code == 302
    sheet = homeroom.get(f"/registers/{desk.register_id}").text
    assert "đơn nghỉ đã duyệt: Bệnh, sốt" in sheet, "suggested"
    assert covers(desk) == [], "and no mark by itself"
    desk.save(desk.operation(0, "K"), desk.operation(1, "K"))
    assert covers(desk) == [(excuse.id, desk.register_id)], "the absence is linked when it is saved"
    assert code_of(desk, 0) == 2, "the teacher's K stands"
    assert desk.row().counters.unexcused == 2
    assert '"excused": {"' in homeroom.get(f"/registers/{desk.register_id}").text.replace('":{', '": {')
    desk.save(desk.operation(0, "", base=1), base=1)
    assert covers(desk) == [], "no absence, nothing to cover"
    desk.save(desk.operation(0, "K", base=2), base=2)
    assert guardian.post(f"{url}/withdraw").status_code == 302
    assert covers(desk) == []
    assert code_of(desk, 0) == 2
    assert homeroom.post(f"{url}/approve").status_code == 409, "what was withdrawn is asked for anew"


def test_the_office_records_and_approves_at_once_and_what_was_marked_is_covered(desk: Desk) -> None:
    desk.save(desk.operation(0, "K"))
    clerk = desk.world.client(Role.OFFICE_CLERK)
    assert ask(desk, clerk, approve="y").status_code == 302
    [excuse] = rows(desk)
    assert (excuse.state, excuse.source) == ("approved", "office")
    assert covers(desk) == [(excuse.id, desk.register_id)]
    assert ask(desk, clerk, last_day=MONDAY - timedelta(days=1)).status_code == 422
    assert ask(desk, desk.world.client(Role.TEACHER)).status_code == 404, "a subject teacher reads only"
    listed = clerk.get(f"/attendance/excuses/school/{desk.world.school_ids['a']}").text
    assert "Nguyễn Văn An" in listed
    assert "Đã duyệt" in listed


def test_a_draft_is_its_writers_alone_until_it_is_sent(desk: Desk) -> None:
    guardian, homeroom = desk.world.client(Role.GUARDIAN), desk.world.client(Role.HOMEROOM_TEACHER)
    page = f"/pupils/{desk.pupils[0]}/excuses"
    assert ask(desk, guardian, key="draft-of-guardian", reason="Sốt nhẹ", how="draft").status_code == 302
    [draft] = rows(desk)
    assert draft.state == "draft"
    assert "Sốt nhẹ" in guardian.get(page).text
    assert "Sốt nhẹ" in guardian.get(f"{page}?draft={draft.id}").text.split("Các đơn đã gửi")[0], (
        "in the form"
    )
    assert "Sốt nhẹ" not in homeroom.get(page).text
    assert "Sốt nhẹ" not in homeroom.get("/attendance/excuses").text
    assert homeroom.post(f"/attendance/excuses/{draft.id}/withdraw").status_code == 404
    for _ in range(2):
        assert ask(desk, guardian, key="draft-of-guardian", reason="Sốt cao").status_code == 302
    [sent] = rows(desk)
    assert (sent.state, sent.reason) == ("submitted", "Sốt cao")
    assert "Sốt cao" in homeroom.get(page).text
    assert steps(desk) == [("submit", "")]
    ask(desk, guardian, how="draft", files=[(BytesIO(photo()), "a.jpg")])
    other = next(one for one in rows(desk) if one.state == "draft")
    assert guardian.post(f"/attendance/excuses/{other.id}/withdraw").status_code == 302
    assert len(rows(desk)) == 1, "a draft that is thrown away was never there"
    assert papers(desk) == []


def test_the_school_asks_back_and_the_guardian_answers_with_a_paper(desk: Desk) -> None:
    guardian, homeroom = desk.world.client(Role.GUARDIAN), desk.world.client(Role.HOMEROOM_TEACHER)
    ask(desk, guardian, reason="Bệnh")
    [excuse] = rows(desk)
    url = f"/attendance/excuses/{excuse.id}"
    assert homeroom.post(f"{url}/ask-back").status_code == 422, "a question asks something"
    assert guardian.post(f"{url}/ask-back", data={"note": "?"}).status_code == 404
    for _ in range(2):
        assert homeroom.post(f"{url}/ask-back", data={"note": "Có giấy khám không?"}).status_code == 302
    assert rows(desk)[0].state == "needs_info"
    assert "Có giấy khám không?" in guardian.get("/").text, "it is on the guardian's home"
    assert guardian.post(f"{url}/answer").status_code == 422
    for _ in range(2):
        sent = {"note": "Giấy của bác sĩ", "files": [(BytesIO(photo()), "giay kham.jpg")]}
        assert guardian.post(f"{url}/answer", data=sent).status_code == 302
    assert rows(desk)[0].state == "submitted"
    assert steps(desk) == [("submit", ""), ("ask", "Có giấy khám không?"), ("answer", "Giấy của bác sĩ")]
    page = homeroom.get(f"/pupils/{desk.pupils[0]}/excuses").text
    assert "Quá trình xử lý" in page
    assert "giay kham.jpg" in page


def test_papers_are_sealed_opened_by_who_decides_logged_and_deleted(desk: Desk) -> None:
    guardian, homeroom = desk.world.client(Role.GUARDIAN), desk.world.client(Role.HOMEROOM_TEACHER)
    files = [
        (BytesIO(photo()), "a.png"),
        (BytesIO(b"%PDF-1.7 note"), "../b.pdf"),
        (BytesIO(photo()), "again.jpg"),
    ]
    assert ask(desk, guardian, files=files).status_code == 302
    [shown, saved] = papers(desk)
    assert (shown.kind, saved.kind) == ("jpeg", "pdf"), "the same photo twice is one; a name says nothing"
    assert shown.sealed is not None
    assert b"JFIF" not in shown.sealed
    url = f"/attendance/excuses/papers/{shown.id}"
    assert guardian.get(url).status_code == 404, "only who decides opens papers"
    answer = homeroom.get(url)
    assert (answer.status_code, answer.mimetype, answer.data[:3]) == (200, "image/jpeg", b"\xff\xd8\xff")
    assert b"Mrs Lan" not in answer.data
    assert answer.headers["Content-Disposition"].startswith("inline")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    pdf = homeroom.get(f"/attendance/excuses/papers/{saved.id}")
    assert pdf.headers["Content-Disposition"].startswith("attachment")
    assert pdf.data == b"%PDF-1.7 note"
    assert audited(desk, "excuse.paper_opened") == 2
    with desk.world.app.app_context():
        assert delete_old_papers(MONDAY + timedelta(days=180)) == 0
        assert delete_old_papers(MONDAY + timedelta(days=181)) == 2
        assert delete_old_papers(MONDAY + timedelta(days=181)) == 0
    assert [one.sealed for one in papers(desk)] == [None, None]
    assert homeroom.get(url).status_code == 404
    assert "đã xóa" in homeroom.get(f"/pupils/{desk.pupils[0]}/excuses").text, "that there was one stays"


def test_papers_go_with_a_withdrawn_excuse(desk: Desk) -> None:
    guardian = desk.world.client(Role.GUARDIAN)
    ask(desk, guardian, files=[(BytesIO(photo()), "a.jpg")])
    guardian.post(f"/attendance/excuses/{rows(desk)[0].id}/withdraw")
    assert [one.sealed for one in papers(desk)] == [None]


def test_what_is_no_paper_is_refused_by_name(desk: Desk) -> None:
    guardian = desk.world.client(Role.GUARDIAN)
    for content, words in (
        (b"MZ program", "không phải ảnh"),
        (photo()[:300], "Không đọc được ảnh"),
    ):
        refused = ask(desk, guardian, files=[(BytesIO(content), "giay.jpg")])
        assert refused.status_code == 422
        assert words in refused.text
    many = [(BytesIO(b"%PDF-" + bytes([n])), "a.pdf") for n in range(4)]
    assert ask(desk, guardian, files=many).status_code == 422
    assert rows(desk) == []
    with pytest.raises(InvalidError, match="lớn hơn 5 MB"):
        checked([SentFile("giay.pdf", b"%PDF-" + bytes(MOST_BYTES))])


def steps(desk: Desk) -> list[tuple[str, str]]:
    with desk.world.app.app_context():
        found = db.session().scalars(select(ExcuseStep).order_by(ExcuseStep.id))
        return [(row.step, row.note) for row in found]


def papers(desk: Desk) -> list[ExcuseFile]:
    with desk.world.app.app_context():
        query = select(ExcuseFile).options(undefer(ExcuseFile.sealed)).order_by(ExcuseFile.id)
        return list(db.session().scalars(query))


def audited(desk: Desk, action: str) -> int:
    with desk.world.app.app_context():
        return db.session().scalar(select(func.count()).where(AuditEntry.action == action)) or 0


def ask(
    desk: Desk, client: FlaskClient, *, key: str = "", last_day: date = MONDAY, **more: object
) -> TestResponse:
    body: dict[str, object] = {
        "client_key": key or desk.new_id(),
        "first_day": MONDAY.isoformat(),
        "first_slot": "1",
        "last_day": last_day.isoformat(),
        "last_slot": "3",
        "reason": "Việc gia đình",
        **more,
    }
    return client.post(f"/pupils/{desk.pupils[0]}/excuses", data=body)


def rows(desk: Desk) -> list[Excuse]:
    with desk.world.app.app_context():
        return list(db.session().scalars(select(Excuse)))


def covers(desk: Desk) -> list[tuple[int, int]]:
    with desk.world.app.app_context():
        found = db.session().execute(select(ExcuseCover.excuse_id, ExcuseCover.register_id))
        return [(row.excuse_id, row.register_id) for row in found]


def code_of(desk: Desk, pupil: int) -> int | None:
    with desk.world.app.app_context():
        return db.session().get_one(Mark, (desk.register_id, desk.pupils[pupil])).code_id


@given(days, st.integers(1, 3), st.integers(0, 70), st.integers(1, 3), days, st.integers(1, 3))
def test_a_span_covers_what_lies_between_its_ends(
    first: date, first_slot: int, length: int, last_slot: int, day: date, slot: int
) -> None:
    span = Span(first, first_slot, first + timedelta(days=length), last_slot)
    if (length == 0 and last_slot < first_slot) or length > 60:
        with pytest.raises(InvalidError):
            span.checked()
        return
    assert span.checked() is span
    half_days = (day - first).days * 3 + slot
    assert span.covers(day, slot) == (first_slot <= half_days <= length * 3 + last_slot)


@given(st.sampled_from(ExcuseState), st.lists(st.sampled_from(Step), max_size=4))
def test_a_step_taken_twice_is_taken_once(state: ExcuseState, steps: list[Step]) -> None:
    for step in steps:
        try:
            after = state_after(state, step)
        except ConflictError:
            continue
        assert state_after(after, step) is after
        state = after
