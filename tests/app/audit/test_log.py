"""The page of the audit log: who sees what, search, pages, the Excel file; and whether the chain is verified."""

from __future__ import annotations

import ast
import re
from datetime import timedelta
from io import BytesIO
from typing import TYPE_CHECKING

import openpyxl
from sqlalchemy import event, text

from app import clock, db
from app.access import SYSTEM, Actor, Role
from app.accounts.commands import NewGrant, create_user, give_grant
from app.audit import commands
from app.audit.commands import record, verify_on, verify_whole
from app.audit.models import AuditCheck, AuditEntry
from app.audit.queries.log import PAGE_SIZE
from app.audit.rules.words import ACTIONS, FORMER, SUBJECTS, action_words, actions_like
from app.school.enrolment.rules import Verb
from app.school.timetables.rules.days import ChangeKind
from tests.servers import ROOT
from tests.world import FIRST_DAY, World

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest

CHOSEN_ELSEWHERE = {
    "attendance/excuses/commands/__init__.py": {
        "excuse.answered",
        "excuse.approved",
        "excuse.asked_back",
        "excuse.rejected",
        "excuse.requested",
        "excuse.withdrawn",
    },
    "app/accounts/commands/__init__.py": {"account.signed_out", "account.signed_out_everywhere"},
    "app/school/classes/commands/appointing.py": {
        f"{kind}.{what}" for kind in ("homeroom", "subject_teacher") for what in ("appointed", "ended")
    },
    "app/school/enrolment/commands/steps.py": {f"enrolment.{verb}" for verb in Verb},
    "app/school/timetables/commands/days.py": {f"lesson.{kind}" for kind in ChangeKind},
    "reports/submissions/commands.py": {
        f"submission.{step}" for step in ("submitted", "approved", "returned", "accepted", "reopened")
    },
}
"""Actions that reach `record` through a parameter, by file."""


def recorded() -> Iterator[tuple[str | None, str | None, str]]:
    """Yield the action and the kind of object of every call of the audit log's `record` in the product, and where."""
    for package in ("app", "attendance", "classroom", "reports"):
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and len(node.args) >= 4 and _called(node.func) == "record":
                    yield _text(node.args[2]), _kind(node.args[3]), f"{path.relative_to(ROOT)}:{node.lineno}"


def _called(function: ast.expr) -> str:
    return getattr(function, "id", getattr(function, "attr", ""))


def _text(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _kind(node: ast.expr) -> str | None:
    return _text(node.elts[0]) if isinstance(node, ast.Tuple) else None


def test_every_recorded_action_has_its_sentence() -> None:
    found = list(recorded())
    through_parameters = {place.split(":")[0] for action, _kind, place in found if action is None}
    assert through_parameters == set(CHOSEN_ELSEWHERE)
    actions = {action for action, _kind, _place in found if action}.union(*CHOSEN_ELSEWHERE.values())
    assert len(actions) > 40
    assert actions - set(ACTIONS) == set(), "give it a sentence in app/audit/rules/words.py"
    assert set(ACTIONS) - actions == set(), "no longer recorded"
    assert {kind for _action, kind, _place in found if kind} - set(SUBJECTS) == set()


def test_an_entry_of_before_keeps_its_words_and_is_found_by_them() -> None:
    (action, words), *_others = FORMER.items()
    assert action not in ACTIONS
    assert action_words(action) == words
    assert action in actions_like(words.lower())


def acts(
    world: World, count: int, who: Role = Role.TEACHER, subject: tuple[str, object] = ("lesson", 1)
) -> None:
    with world.app.app_context(), db.transaction() as session:
        for number in range(count):
            record(session, Actor(world.user_ids[who], str(who)), "lesson.started", subject, {"số": number})


def rows(page: str) -> list[str]:
    return re.findall(r'href="/audit/(\d+)"', page)


def test_a_principal_sees_the_own_school_only(world: World) -> None:
    with world.app.app_context():
        stranger = create_user(SYSTEM, "truong.khac", "Người Trường Khác", "x")
        give_grant(SYSTEM, stranger, NewGrant(Role.TEACHER, world.school_ids["b"], FIRST_DAY, 3))
        moved = create_user(SYSTEM, "chuyen.truong", "Người Chuyển Trường", "x")
        for school in ("a", "b"):
            give_grant(SYSTEM, moved, NewGrant(Role.OFFICE_CLERK, world.school_ids[school], FIRST_DAY))
        with db.transaction() as session:
            record(session, Actor(stranger, "Người Trường Khác"), "lesson.started", ("lesson", 7))
            record(session, Actor(moved, "Người Chuyển Trường"), "lesson.started", ("lesson", 8))
            record(session, SYSTEM, "unit.added", ("unit", world.school_ids["b"]))
            hidden = record(session, SYSTEM, "account.password_reset", ("user", stranger)).sequence
            record(session, SYSTEM, "unit.moved", ("unit", world.school_ids["a"]))
    acts(world, 1)
    client = world.client(Role.PRINCIPAL)
    page = client.get("/audit").text
    assert "Chuyển đơn vị trực thuộc" in page
    assert "Người Trường Khác" not in page
    assert "Người Chuyển Trường" not in page
    assert "Thêm đơn vị</a>" not in page
    assert client.get(f"/audit/{hidden}").status_code == 404
    officer = world.client(Role.DEPARTMENT_OFFICER).get("/audit").text
    assert "Người Trường Khác" in officer
    for role in (Role.TEACHER, Role.HOMEROOM_TEACHER, Role.OFFICE_CLERK, Role.GUARDIAN, Role.PUPIL):
        assert world.client(role).get("/audit").status_code == 404


def test_a_teacher_of_two_schools_is_in_the_log_of_each_with_what_was_done_there(world: World) -> None:
    with world.app.app_context():
        user_id = create_user(SYSTEM, "co.hai.truong", "Cô Hai Trường", "x")
        for school in world.school_ids.values():
            give_grant(SYSTEM, user_id, NewGrant(Role.OFFICE_CLERK, school, FIRST_DAY))
        principal = create_user(SYSTEM, "hieu.truong.b", "Hiệu trưởng B", "x")
        give_grant(SYSTEM, principal, NewGrant(Role.PRINCIPAL, world.school_ids["b"], FIRST_DAY))
        actor = Actor(user_id, "Cô Hai Trường")
        with db.transaction() as session:
            mine = record(session, actor, "pupil.edited", ("pupil", world.pupil_ids["own"][0])).sequence
            other = record(
                session, actor, "pupil.edited", ("pupil", world.pupil_ids["other_school"][0])
            ).sequence
            both = record(session, actor, "account.signed_in", ("user", user_id)).sequence
    logs = [world.client(Role.PRINCIPAL), world.client_of(principal)]
    seen = [[log.get(f"/audit/{number}").status_code for number in (mine, other, both)] for log in logs]
    assert seen == [[200, 404, 200], [404, 200, 200]]


def test_it_is_searched_with_accents_or_none(world: World) -> None:
    with world.app.app_context():
        hoa = create_user(SYSTEM, "hoa.diep", "Điệp Thị Hòa", "x")
        give_grant(SYSTEM, hoa, NewGrant(Role.TEACHER, world.school_ids["a"], FIRST_DAY, 1))
        with db.transaction() as session:
            record(
                session,
                Actor(hoa, "Điệp Thị Hòa"),
                "register.corrected",
                ("register", 5),
                {"reason": "nhầm 50%"},
            )
    client = world.client(Role.PRINCIPAL)
    for query in (
        "person=diep+thi",
        "person=Điệp",
        "q=so+diem+danh",
        "q=nhầm 50%25",
        "action=register.corrected",
    ):
        assert len(rows(client.get(f"/audit?{query}&kind=register").text)) == 1, query
    assert rows(client.get("/audit?person=khong+co").text) == []
    assert "Không có mục nào khớp" in client.get("/audit?q=zzz").text
    today, before = clock.today(), clock.today() - timedelta(days=1)
    assert rows(client.get(f"/audit?from={today}&to={today}").text) != []
    assert rows(client.get(f"/audit?to={before}").text) == []
    assert client.get("/audit?from=hôm+qua&before=-1&action=x&kind=y").status_code == 200
    assert actions_like("SUA SO DIEM DANH") == ["register.corrected"]


def test_pages_follow_the_sequence_and_miss_nothing(world: World) -> None:
    acts(world, PAGE_SIZE + 20)
    client = world.client(Role.PRINCIPAL)
    first = client.get("/audit?kind=lesson").text
    older = re.search(r"/audit\?before=(\d+)&amp;kind=lesson", first)
    assert older is not None
    acts(world, 3)
    second = client.get(f"/audit?kind=lesson&before={older[1]}").text
    seen = [int(number) for number in rows(first) + rows(second)]
    assert len(seen) == PAGE_SIZE + 20
    assert seen == sorted(seen, reverse=True)


def test_the_number_of_queries_does_not_grow(world: World) -> None:
    client, school = world.client(Role.PRINCIPAL), ("school", world.school_ids["a"])
    acts(world, 2, subject=school)
    few = statements(world, lambda: client.get("/audit"))
    acts(world, 45, subject=school)
    assert statements(world, lambda: client.get("/audit")) == few
    assert few <= 12


def statements(world: World, act: object) -> int:
    count = [0]

    def hear(*_everything: object) -> None:
        count[0] += 1

    with world.app.app_context():
        engine = db.db.engine
    event.listen(engine, "before_cursor_execute", hear)
    try:
        assert act().status_code == 200  # type: ignore[operator]
    finally:
        event.remove(engine, "before_cursor_execute", hear)
    return count[0]


def test_an_entry_says_what_is_stored(world: World) -> None:
    with world.app.app_context():
        user_id = create_user(SYSTEM, "co.hoa", "Cô Hoa", "x")
        give_grant(
            SYSTEM, user_id, NewGrant(Role.PRINCIPAL, world.school_ids["a"], FIRST_DAY, reason="QĐ 12")
        )
        number = (
            db.session()
            .query(AuditEntry.sequence)
            .filter_by(action="grant.given")
            .order_by(AuditEntry.sequence.desc())
            .limit(1)
            .scalar()
        )
    page = world.client(Role.PRINCIPAL).get(f"/audit/{number}").text
    for words in ("Cấp vai trò", "Tài khoản Cô Hoa", "Hiệu trưởng", "07/09/2026", "QĐ 12", "Hệ thống"):
        assert words in page


def test_the_excel_file_holds_text_only_and_is_itself_recorded(world: World) -> None:
    with world.app.app_context(), db.transaction() as session:
        evil = Actor(world.user_ids[Role.TEACHER], '=HYPERLINK("http://x")')
        record(
            session, evil, "lesson.started", ("lesson", 1), {"=1+1": "=cmd|' /C calc'!A0", "name": "@SUM(1)"}
        )
    answer = world.client(Role.PRINCIPAL).get("/audit/log.xlsx?kind=lesson")
    sheet = openpyxl.load_workbook(BytesIO(answer.data)).worksheets[0]
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} == {"s"}
    assert any(str(cell.value).startswith("=HYPERLINK") for cell in cells)
    with world.app.app_context():
        entry = db.session().query(AuditEntry).filter_by(action="audit.exported").one()
    assert '"count":1' in entry.details
    assert '"kind":"lesson"' in entry.details


# --- the chain ----------------------------------------------------------------------------------------------------


def check() -> AuditCheck:
    db.session().expire_all()
    return db.session().get_one(AuditCheck, 1)


def tamper(statement: str) -> None:
    """Do what only somebody with the database in hand can do."""
    current = db.session()
    if current.get_bind().dialect.name == "sqlite":
        for (name,) in current.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
            current.execute(text(f'DROP TRIGGER "{name}"'))
    else:
        current.execute(text("ALTER TABLE audit_entry DISABLE TRIGGER USER"))
    current.execute(text(statement))
    current.commit()


def test_it_is_verified_step_by_step_and_says_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "STEP", 4)
    acts(world, 10)
    with world.app.app_context():
        verify_on()
        first = check().sequence
        assert first >= 10
        assert check().broken_at is None
    acts(world, 8)
    with world.app.app_context():
        verify_on()
        assert check().sequence == first + 8
        assert check().whole_at is not None
    page = world.client(Role.PRINCIPAL).get("/audit").text
    assert "Chuỗi nguyên vẹn" in page


def test_a_break_is_found_and_shown(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "STEP", 3)
    acts(world, 10)
    with world.app.app_context():
        verify_on()
        tamper("UPDATE audit_entry SET user_name = 'ai đó' WHERE sequence = 5")
        verify_on()
        assert check().broken_at is None  # it goes on from where it was; the walk of the whole chain finds it
        assert verify_whole().broken_at == 5
        verify_on()
        assert check().broken_at == 5
    page = world.client(Role.PRINCIPAL).get("/audit").text
    assert "Chuỗi bị đứt ở mục số 5" in page
    assert "Chuỗi nguyên vẹn" not in page


def test_a_cut_end_is_found_by_the_next_check(world: World) -> None:
    acts(world, 10)
    with world.app.app_context():
        verify_on()
        tamper("DELETE FROM audit_entry WHERE sequence > (SELECT max(sequence) - 2 FROM audit_entry)")
        verify_on()
        assert check().broken_at is not None


def test_anybody_who_reads_may_have_it_verified_by_the_worker(world: World) -> None:
    acts(world, 3)
    assert world.client(Role.PRINCIPAL).post("/audit/verify").location == "/audit"
    with world.app.app_context():
        assert check().whole_at is not None
