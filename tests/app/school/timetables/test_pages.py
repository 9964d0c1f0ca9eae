"""Pages of timetables: drafts, the grid and its editor, publishing, weeks to read, files in and out."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select

from app import clock, db
from app.access import SYSTEM, Role
from app.school.models import Subject, Timetable, TimetableEntry
from app.school.rules import DaySession
from app.school.timetables.commands.cells import CellEdit, set_cell
from app.school.timetables.commands.files import TimetableFile, apply_file, stage_file
from app.school.timetables.commands.versions import make_draft, publish
from app.school.timetables.models import TimetableImport
from app.school.timetables.queries.files import sheets_of
from app.school.timetables.queries.versions import grid_lessons
from app.school.timetables.rules.grid import Line, Slot, differences
from app.school.timetables.rules.weeks import WeekPattern
from app.school.timetables.rules.workbook import workbook_of
from tests.world import MONDAY, MORNING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask.testing import FlaskClient

    from tests.world import World

NEXT_MONDAY = MONDAY + timedelta(days=7)
KEY = "client-key-1"


@pytest.fixture(autouse=True)
def _on_a_monday() -> Iterator[None]:
    with clock.at(MORNING):
        yield


def draft_of(world: World, key: str = KEY, *, copy: bool = True) -> int:
    with world.app.app_context():
        source = db.session().scalar(select(Timetable.id).where(Timetable.school_id == world.school_ids["a"]))
        return make_draft(SYSTEM, world.school_ids["a"], world.year_id, key, source if copy else None)


def subject_id(world: World) -> int:
    with world.app.app_context():
        return db.session().scalars(select(Subject.id)).one()


def cell_form(world: World, slot: str = "1-afternoon-1", **more: Any) -> dict[str, Any]:  # noqa: ANN401
    return {
        "class_id": world.class_ids["own"],
        "slot": slot,
        "seen": 0,
        "client_key": f"cell-{slot}-{world.class_ids['own']}",
        "subject-0": subject_id(world),
        "staff-0": world.staff_ids["homeroom"],
        "weeks-0": "every",
        "room-0": "P12",
    } | more


def lessons_in(world: World, timetable_id: int, session: str = "afternoon") -> list[tuple[int, str, str]]:
    with world.app.app_context():
        rows = db.session().scalars(
            select(TimetableEntry)
            .where(TimetableEntry.timetable_id == timetable_id, TimetableEntry.day_session == session)
            .order_by(TimetableEntry.id)
        )
        return [(row.class_id, row.weeks, row.room) for row in rows]


def test_a_clerk_opens_a_draft_fills_cells_sees_what_collides_and_takes_it_back(world: World) -> None:
    clerk, school = world.client(Role.OFFICE_CLERK), world.school_ids["a"]
    versions = clerk.get(f"/schools/{school}/timetables").text
    assert "Đang áp dụng" in versions
    assert "Không tìm thấy dòng nào khớp" in clerk.get(f"/schools/{school}/timetables?state=draft").text
    assert clerk.get(f"/schools/{school}/timetables?format=xlsx").data[:2] == b"PK"
    with world.app.app_context():
        source = db.session().scalar(select(Timetable.id).where(Timetable.school_id == school))
    form = {"year_id": world.year_id, "source_id": source, "client_key": KEY}
    made = clerk.post(f"/schools/{school}/timetables", data=form).headers["Location"]
    assert clerk.post(f"/schools/{school}/timetables", data=form).headers["Location"] == made, "twice is once"
    page = clerk.get(f"{made}?slot=1-afternoon-1").text
    assert 'name="subject-0"' in page
    assert "Trùng giáo viên" not in page
    saved = clerk.post(f"{made}/cell", data=cell_form(world))
    assert saved.status_code == 302
    other = cell_form(world, class_id=world.class_ids["other_class"], client_key="cell-other-1")
    assert clerk.post(f"{made}/cell", data=other).status_code == 302
    page = clerk.get(f"{made}?class_id={world.class_ids['own']}").text
    assert "Trùng giáo viên" in page
    assert re.search(r"slot__mark.*Trùng phòng:\s*lớp 4/2", page), "the other lesson is named, in words"
    week = clerk.get(f"{made}?staff_id={world.staff_ids['homeroom']}").text
    assert week.count("Trùng giáo viên") >= 2, "in the teacher's week both stand in one cell"
    assert clerk.post(f"{made}/undo").status_code == 302
    assert [class_id for class_id, _, _ in lessons_in(world, int(made.rsplit("/", 1)[1]))] == [
        world.class_ids["own"]
    ]


def test_what_an_editor_refuses_stays_in_its_inputs_and_a_cell_changed_meanwhile_is_said(
    world: World,
) -> None:
    clerk, draft = world.client(Role.OFFICE_CLERK), draft_of(world)
    half = clerk.post(f"/timetables/{draft}/cell", data=cell_form(world, **{"staff-0": ""}))
    assert half.status_code == 422
    assert 'value="P12"' in half.text
    second: dict[str, Any] = {
        "subject-1": subject_id(world),
        "staff-1": world.staff_ids["teacher"],
        "weeks-1": "odd",
    }
    twice = clerk.post(f"/timetables/{draft}/cell", data=cell_form(world) | second)
    assert twice.status_code == 422
    assert lessons_in(world, draft) == []
    clerk.post(f"/timetables/{draft}/cell", data=cell_form(world))
    late = clerk.post(f"/timetables/{draft}/cell", data=cell_form(world, client_key="somebody-else"))
    assert late.status_code == 409
    assert "người khác sửa ô này" in late.text
    pick = f"{subject_id(world)}:{world.staff_ids['teacher']}"
    quick = clerk.post(f"/timetables/{draft}/cell", data=cell_form(world, "2-morning-4", pick=pick, seen=0))
    assert "slot=2-afternoon-1" in quick.headers["Location"], "a quick choice goes on to the next cell"


def test_publishing_says_what_changes_refuses_with_a_reason_and_is_read_by_teachers(world: World) -> None:
    clerk, draft = world.client(Role.OFFICE_CLERK), draft_of(world)
    clerk.post(f"/timetables/{draft}/cell", data=cell_form(world))
    other = cell_form(
        world, class_id=world.class_ids["other_class"], client_key="cell-other-1", **{"room-0": ""}
    )
    clerk.post(f"/timetables/{draft}/cell", data=other)
    page = clerk.get(f"/timetables/{draft}/changes").text
    assert "Lớp 4/1" in page
    assert "1 ô thay đổi" in page
    for day, why in (
        (MONDAY - timedelta(days=7), "ngày đã qua"),
        (NEXT_MONDAY, "chỗ trùng giáo viên hoặc phòng"),
    ):
        refused = clerk.post(
            f"/timetables/{draft}/publish", data={"starts_on": day.isoformat(), "reason": ""}
        )
        assert refused.status_code == 422
        assert why in refused.text
    form = {"starts_on": NEXT_MONDAY.isoformat(), "reason": "Hai lớp học chung"}
    teacher = world.client(Role.HOMEROOM_TEACHER)
    before = teacher.get(f"/timetable?day={NEXT_MONDAY}").text
    assert clerk.post(f"/timetables/{draft}/publish", data=form).status_code == 302
    after = teacher.get(f"/timetable?day={NEXT_MONDAY}").text
    assert before.count("P12") == 0
    assert after.count("P12") == 1
    assert teacher.get(f"/timetable?day={MONDAY}").text.count("P12") == 0, "today is as it was"
    assert "P12" in teacher.get(f"/classes/{world.class_ids['own']}/timetable?day={NEXT_MONDAY}").text
    assert teacher.get(f"/classes/{world.class_ids['other_class']}/timetable").status_code == 404
    assert (
        clerk.post(f"/timetables/{draft}/cell", data=cell_form(world, client_key="later-key")).status_code
        == 409
    )
    for path in (f"/timetables/{draft}/paper", f"/timetables/{draft}/paper?of=staff", "/timetable"):
        assert clerk.get(path).status_code in {200, 302}


def rich_draft(world: World) -> int:
    """A copy with odd and even weeks, a room and a co-teacher in two cells."""
    draft, subject = draft_of(world), subject_id(world)
    first, second = world.staff_ids["homeroom"], world.staff_ids["teacher"]
    with world.app.app_context():
        for number, lines in enumerate(
            (
                (
                    Line(WeekPattern.ODD, subject, (first,), "A 12"),
                    Line(WeekPattern.EVEN, subject, (second,)),
                ),
                (Line(WeekPattern.EVERY, subject, (second, first), "Tin (tầng 2)"),),
            ),
            1,
        ):
            slot = Slot(6, DaySession.AFTERNOON, number)
            set_cell(SYSTEM, draft, CellEdit(world.class_ids["own"], slot, lines, 0, f"rich-{number}"))
    return draft


def workbook(world: World, timetable_id: int) -> bytes:
    with world.app.app_context():
        row = db.session().get_one(Timetable, timetable_id)
        return workbook_of(sheets_of(db.session(), row, clock.now().replace(tzinfo=None)))


def test_what_is_exported_comes_back_the_same(world: World) -> None:
    draft, clerk = rich_draft(world), world.client(Role.OFFICE_CLERK)
    content = clerk.get(f"/timetables/{draft}.xlsx").data
    with world.app.app_context():
        file = TimetableFile("tkb.xlsx", content)
        import_id = stage_file(SYSTEM, world.school_ids["a"], world.year_id, file, "round-trip")
        made = apply_file(SYSTEM, import_id)
        assert apply_file(SYSTEM, import_id) == made, "applied twice is one draft"
        before, after = grid_lessons(db.session(), draft), grid_lessons(db.session(), made)
        assert len(before) == len(after) > 40
        assert differences(before, after) == []


def upload(clerk: FlaskClient, world: World, content: bytes, key: str = "upload-key") -> Any:  # noqa: ANN401
    form = {"file": (BytesIO(content), "tkb.csv"), "year_id": world.year_id, "client_key": key}
    return clerk.post(f"/schools/{world.school_ids['a']}/timetables/import", data=form)


def test_a_file_is_previewed_explained_and_becomes_a_draft_only_when_confirmed(world: World) -> None:
    clerk = world.client(Role.OFFICE_CLERK)
    content = (
        "TKB;;;;\nLỚP 4/1;;;;\nTiết;Thứ 2;Thứ 3;Thứ 4\n"
        "1;Toán - teacher;Cờ vua - teacher;Toán (Bình)\n2;Toán;Toán;TD - teacher\n3;=1+1;;"
    )

    def drafts() -> int:
        with world.app.app_context():
            return (
                db.session().scalar(
                    select(func.count()).select_from(Timetable).where(Timetable.state == "draft")
                )
                or 0
            )

    preview = upload(clerk, world, content.encode()).headers["Location"]
    page = clerk.get(preview).text
    assert "Không có môn nào tên “Cờ vua”" in page
    assert "được thêm khi tạo bản nháp: Giáo dục thể chất." in page, "a subject that every school has"
    assert "Trường không có giáo viên nào tên “Bình”" in page
    assert "C4" in page
    assert "4/2" in page, "a class that the file does not name keeps its lessons, and this is said"
    assert drafts() == 0
    explained = {
        "word-1": "subject:co vua",
        "means-1": "new",
        "name-1": "Cờ vua",
        "word-2": "teacher:bình|toán",
        "means-2": "",
    }
    assert clerk.post(f"{preview}/words", data=explained).status_code == 302
    assert "Cờ vua”" not in clerk.get(preview).text
    stranger = {"word-1": "teacher:bình|toán", "means-1": world.staff_ids["other"]}
    assert clerk.post(f"{preview}/words", data=stranger).status_code == 422
    made = clerk.post(f"{preview}/apply").headers["Location"]
    assert drafts() == 1
    assert clerk.get(preview).headers["Location"] == made
    with world.app.app_context():
        lessons = grid_lessons(db.session(), int(made.rsplit("/", 1)[1]))
        own = [one.subject for one in lessons if one.class_id == world.class_ids["own"]]
        assert sorted(own) == ["Cờ vua", "Giáo dục thể chất", "Toán", "Toán", "Toán"]
        assert len([one for one in lessons if one.class_id == world.class_ids["other_class"]]) == 20
    assert upload(clerk, world, b"khong phai bang", "bad-key-1").status_code == 422
    assert upload(clerk, world, b"PK\x03\x04 hong", "bad-key-2").status_code == 422


def test_the_command_line_previews_applies_once_and_publishes(world: World, tmp_path: Path) -> None:
    path = tmp_path / "tkb.xlsx"
    path.write_bytes(workbook(world, rich_draft(world)))
    runner = world.app.test_cli_runner()
    line = [
        "timetable",
        "import",
        str(path),
        "--school",
        "THA",
        "--year",
        "2026-2027",
        "--from",
        str(NEXT_MONDAY),
    ]

    def run(*more: str) -> dict[str, Any]:
        done = runner.invoke(args=[*line, *more, "--json"])
        assert done.exit_code == 0, done.output
        found: dict[str, Any] = json.loads(done.output.strip().splitlines()[-1])
        return found

    seen = run()
    assert (seen["applied"], seen["published"], seen["errors"], seen["changed"]) == (False, False, [], 2)
    applied = run("--apply")
    assert (applied["applied"], applied["published"]) == (True, False)
    assert run("--apply")["timetable"] == applied["timetable"], "again makes no second draft"
    published = run("--apply", "--publish")
    assert (published["published"], published["timetable"]) == (True, applied["timetable"])
    assert run("--apply", "--publish")["published"]
    with world.app.app_context():
        held = db.session().get_one(Timetable, applied["timetable"])
        assert (held.state, held.starts_on) == ("published", NEXT_MONDAY)
        assert db.session().scalar(select(func.count()).select_from(TimetableImport)) == 1
    wrong = runner.invoke(args=[*line[:4], "KHONGCO", *line[5:], "--json"])
    assert wrong.exit_code == 1
    assert "KHONGCO" in wrong.output


def test_a_copy_is_only_made_of_ones_own_versions(world: World) -> None:
    clerk, school = world.client(Role.OFFICE_CLERK), world.school_ids["a"]
    with world.app.app_context():
        foreign = db.session().scalar(
            select(Timetable.id).where(Timetable.school_id == world.school_ids["b"])
        )
        publish_day = date(2026, 12, 7)
        draft = make_draft(SYSTEM, school, world.year_id, "to-publish", None)
        with pytest.raises(Exception, match="chưa có tiết nào"):
            publish(SYSTEM, draft, publish_day)
    form = {"year_id": world.year_id, "source_id": foreign, "client_key": "foreign-copy"}
    assert clerk.post(f"/schools/{school}/timetables", data=form).status_code == 404
    assert clerk.post(f"/timetables/{draft}/discard", data={"confirm": "1"}).status_code == 302
    assert clerk.get(f"/timetables/{draft}").status_code == 404


def test_a_pupil_and_a_guardian_read_the_week_of_the_own_class_only(world: World) -> None:
    own, other = world.pupil_ids["own"][0], world.pupil_ids["other_class"][0]
    for role in (Role.PUPIL, Role.GUARDIAN):
        client = world.client(role)
        assert client.get("/timetable").headers["Location"].endswith(f"/pupils/{own}/timetable")
        page = client.get(f"/pupils/{own}/timetable").text
        assert "Lớp 4/1" in page
        assert "20 tiết mỗi tuần" in page
        assert client.get(f"/pupils/{other}/timetable").status_code == 404
        assert client.get(f"/classes/{world.class_ids['own']}/timetable").status_code == 404
        assert "Tiết học hôm nay" in client.get(f"/pupils/{own}").text
    assert world.client(Role.HOMEROOM_TEACHER).get(f"/pupils/{own}/timetable").status_code == 200
    assert world.client(Role.TEACHER).get(f"/pupils/{own}/timetable").status_code == 404
