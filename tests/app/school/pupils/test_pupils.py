"""Looking for pupils, the page of one, the record, and who may see what."""

from __future__ import annotations

import re
from datetime import date, timedelta
from io import BytesIO
from typing import TYPE_CHECKING

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, select, update

from app import clock, db
from app.access import Role
from app.audit.models import AuditEntry
from app.school.models import Pupil, PupilCard, SchoolClass
from app.school.pupils.queries import pupils_of_school
from app.school.pupils.rules import Asked, Standing, wanted
from app.text import fold, initials
from tests.attendance.registers.conftest import desk  # noqa: F401 - a fixture
from tests.world import MONDAY, MORNING, add_pupil

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask.testing import FlaskClient

    from tests.attendance.registers.conftest import Desk
    from tests.world import World

CODE = "7500000001"


@pytest.fixture
def clerk(world: World) -> Iterator[FlaskClient]:
    with clock.at(MORNING):
        yield world.client(Role.OFFICE_CLERK)


def found(world: World, text: str = "", **more: object) -> list[str]:
    asked = Asked(text, **more)  # type: ignore[arg-type]
    with world.app.app_context():
        page = pupils_of_school(db.session(), world.school_ids["a"], world.year_id, MONDAY, asked)
        return [row.full_name for row in page.rows]


def test_search_takes_names_initials_codes_and_birth_dates(world: World) -> None:
    with world.app.app_context(), db.transaction() as session:
        first = session.get_one(Pupil, world.pupil_ids["own"][0])
        first.ministry_code, first.birth_date = CODE, date(2015, 12, 3)
        second = session.get_one(Pupil, world.pupil_ids["own"][1])
        second.temporary_key = "TAM-0A1B2C3D4E"
    assert found(world, "ước") == found(world, "UOC") == ["Đặng Thị Ước"] * 2
    assert found(world, "nva") == ["Nguyễn Văn An"] * 2
    assert found(world, "nv") == [], "initials are of the whole name"
    assert found(world, "lhpu") == ["Lê Hoàng Phương Uyên"] * 2
    assert found(world, "van nguyen") == ["Nguyễn Văn An"] * 2
    assert found(world, CODE) == found(world, "03/12/2015") == found(world, "3/12") == ["Nguyễn Văn An"]
    assert found(world, "an 2015") == ["Nguyễn Văn An"]
    assert found(world, "tam-0a1b") == ["Điểu K'Rân"]
    assert found(world, "%") == found(world, "_") == []


def test_a_list_is_in_vietnamese_order_and_filtered(world: World) -> None:
    own, other = world.class_ids["own"], world.class_ids["other_class"]
    names = [
        "Nguyễn Văn An",
        "Trần Thị Ánh",
        "Y Bloong",
        "Điểu K'Rân",
        "Lê Hoàng Phương Uyên",
        "Đặng Thị Ước",
    ]
    assert found(world, class_id=own) == names
    assert found(world, class_id=other, grade=4) == names
    assert found(world, grade=5) == found(world, standing=Standing.GONE) == []
    assert len(found(world, grade=4)) == 12


@given(st.text(max_size=40))
def test_whatever_is_typed_is_understood_as_something(text: str) -> None:
    sought = wanted(text)
    assert len(sought.words) + len(sought.codes) + len(sought.births) == len(fold(text).split())


@given(st.lists(st.sampled_from(["Nguyễn", "Văn", "Đình", "Ánh", "Y"]), min_size=2, max_size=6))
def test_the_initials_of_a_name_are_initials(words: list[str]) -> None:
    assert wanted(initials(" ".join(words))).initials == initials(" ".join(words))


@pytest.mark.parametrize("size", [10, 60])
def test_a_page_takes_three_queries_however_many_there_are(world: World, size: int) -> None:
    with world.app.app_context():
        with db.transaction() as session:
            school_class = session.get_one(SchoolClass, world.class_ids["own"])
            for number in range(size):
                add_pupil(session, school_class, f"Lê Thị Số {number}")
        statements: list[str] = []
        event.listen(db.db.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
        page = pupils_of_school(db.session(), world.school_ids["a"], world.year_id, MONDAY, Asked("le"))
        assert page.total == size + 2
        assert len(page.rows) == min(page.total, 50)
        assert sum(one.startswith("SELECT") for one in statements) == 3


def test_pages_and_the_workbook_of_what_was_searched(clerk: FlaskClient, world: World) -> None:
    place = f"/schools/{world.school_ids['a']}/pupils"
    page = clerk.get(f"{place}?q=nva&grade=4").text
    assert "Điểu" not in page
    assert "2 dòng" in page
    assert "Không tìm thấy dòng nào khớp" in clerk.get(f"{place}?q=zzz&page=99&standing=x").text
    answer = world.client(Role.OFFICE_CLERK, gave_factor=True).get(f"{place}?q=nva&format=xlsx")
    sheet = openpyxl.load_workbook(BytesIO(answer.data)).active
    assert sheet is not None
    assert [row[1] for row in sheet.values] == ["Họ và tên", "Nguyễn Văn An", "Nguyễn Văn An"]
    with world.app.app_context():
        last = db.session().scalars(select(AuditEntry).order_by(AuditEntry.sequence.desc())).first()
        assert last is not None
        assert (last.action, '"rows":2' in last.details.replace(" ", "")) == ("list.exported", True)


def test_the_list_is_sorted_by_whatever_column_a_reader_presses(clerk: FlaskClient, world: World) -> None:
    with world.app.app_context(), db.transaction() as session:
        session.get_one(Pupil, world.pupil_ids["own"][2]).birth_date = date(2010, 1, 1)
    place = f"/schools/{world.school_ids['a']}/pupils?order="
    first = {order: names_on(clerk.get(f"{place}{order}").text)[0] for order in ("born", "-class", "class")}
    with world.app.app_context():
        oldest = db.session().get_one(Pupil, world.pupil_ids["own"][2]).full_name
    assert first["born"] == oldest
    rows = re.findall(r'data-label="Lớp">(.*?)</td>', clerk.get(f"{place}-class").text)
    assert rows == sorted(rows, reverse=True)
    assert len(set(rows)) > 1
    assert names_on(clerk.get(f"{place}bad").text) == names_on(clerk.get(place).text)


def names_on(page: str) -> list[str]:
    return [re.sub(r"<[^>]+>", "", row).strip() for row in re.findall(r'<th scope="row">(.*?)</th>', page)]


def test_numbers_beyond_all_measure_are_as_good_as_not_said(clerk: FlaskClient, world: World) -> None:
    page = f"/schools/{world.school_ids['a']}/pupils"
    huge = "9" * 40
    assert clerk.get(f"{page}?class_id={huge}&grade={huge}&page={huge}").status_code == 200


def test_the_page_tells_of_school_attendance_and_lessons(desk: Desk, clerk: FlaskClient) -> None:  # noqa: F811
    desk.save(desk.operation(0, "K"), desk.operation(1, "P"))
    page = clerk.get(f"/pupils/{desk.pupils[0]}").text
    assert "Tiểu học Hoa Sen" in page
    assert "Buổi đã điểm danh" in page
    assert "Thứ Hai, 05/10/2026" in page
    assert "Em chưa tham gia tiết học tương tác nào" in page
    assert "Chưa vắng hay trễ buổi nào" in clerk.get(f"/pupils/{desk.pupils[2]}").text


def test_guardian_pupil_and_homeroom_see_their_own_and_change_nothing(world: World) -> None:
    own, other = world.pupil_ids["own"][0], world.pupil_ids["own"][1]
    with clock.at(MORNING):
        for role, sees_other in ((Role.GUARDIAN, 404), (Role.PUPIL, 404), (Role.HOMEROOM_TEACHER, 200)):
            client = world.client(role)
            page = client.get(f"/pupils/{own}")
            assert page.status_code == 200
            assert "/move" not in page.text
            assert "Sửa hồ sơ" not in page.text
            assert client.get(f"/pupils/{other}").status_code == sees_other
        assert world.client(Role.GUARDIAN).get("/pupils").headers["Location"] == f"/pupils/{own}"
        of_class = world.client(Role.HOMEROOM_TEACHER).get("/pupils")
        assert of_class.headers["Location"] == f"/classes/{world.class_ids['own']}"


def test_ethnicity_is_shown_on_asking_and_the_asking_is_kept(clerk: FlaskClient, world: World) -> None:
    own = world.pupil_ids["own"][0]
    assert "Kinh" not in clerk.get(f"/pupils/{own}").text
    assert "Kinh" in clerk.post(f"/pupils/{own}/sensitive").text
    assert "Kinh" in world.client(Role.GUARDIAN).post(f"/pupils/{own}/sensitive").text
    assert world.client(Role.PUPIL).post(f"/pupils/{own}/sensitive").status_code == 404
    with world.app.app_context():
        actions = (
            db.session().scalars(select(AuditEntry.action).where(AuditEntry.subject_kind == "pupil")).all()
        )
        assert actions == ["pupil.sensitive_viewed"] * 2


def test_a_code_takes_the_place_of_the_temporary_key_and_is_never_doubled(
    clerk: FlaskClient, world: World
) -> None:
    own, other = world.pupil_ids["own"][:2]
    with world.app.app_context(), db.transaction() as session:
        session.execute(update(Pupil).where(Pupil.id == own).values(temporary_key="TAM-0A1B2C3D4E"))
    data = {"full_name": "Nguyễn  Văn Ân", "birth_date": "2016-05-18", "sex": "M", "ministry_code": CODE}
    assert clerk.post(f"/pupils/{own}/edit", data=data).status_code == 302
    taken = clerk.post(f"/pupils/{other}/edit", data={**data, "full_name": "Điểu K'Rân"})
    assert taken.status_code == 422
    assert "có thể em có hai hồ sơ" in taken.text
    with world.app.app_context():
        pupil = db.session().get_one(Pupil, own)
        assert (pupil.full_name, pupil.name_fold) == ("Nguyễn Văn Ân", "nguyen van an")
        assert (pupil.ministry_code, pupil.temporary_key) == (CODE, None)
        entry = db.session().scalars(select(AuditEntry).where(AuditEntry.action == "pupil.edited")).one()
        assert "TAM-0A1B2C3D4E" in entry.details


def test_a_class_to_come_is_not_the_class_of_today(clerk: FlaskClient, world: World) -> None:
    own, later = world.pupil_ids["own"][0], MONDAY + timedelta(days=7)
    there, then = world.class_ids["own"], world.class_ids["other_class"]
    data = {"day": later.isoformat(), "client_key": "key-00000001", "note": "", "class_id": then}
    assert clerk.post(f"/pupils/{own}/move", data=data).status_code == 302
    with world.app.app_context():
        session, school = db.session(), world.school_ids["a"]

        def listed(class_id: int, day: date) -> list[str]:
            page = pupils_of_school(session, school, world.year_id, day, Asked(class_id=class_id))
            return [row.class_name for row in page.rows if row.pupil_id == own]

        assert (listed(there, MONDAY), listed(then, MONDAY)) == (["4/1"], [])
        assert (listed(there, later), listed(then, later)) == ([], ["4/2"])


def test_ethnicity_and_disability_are_written_by_hand_and_by_one_person_at_a_time(
    clerk: FlaskClient, world: World
) -> None:
    own = world.pupil_ids["own"][0]
    page = clerk.get(f"/pupils/{own}/edit").text
    seen = re.search(r'name="seen"[^>]*value="(\w+)"', page)
    assert seen
    assert 'selected value="Kinh"' not in page, "what is written is not shown"
    data = {"full_name": "Nguyễn Văn An", "birth_date": "2016-05-17", "sex": "F", "seen": seen[1]}
    wrong = clerk.post(f"/pupils/{own}/edit", data={**data, "ethnicity": "Người Mỹ"})
    assert wrong.status_code == 422
    right = {**data, "ethnicity": "Xtiêng", "disability": "Nhìn"}
    assert clerk.post(f"/pupils/{own}/edit", data=right).status_code == 302
    stale = clerk.post(f"/pupils/{own}/edit", data={**data, "sex": "M"})
    assert (stale.status_code, "vừa được người khác sửa" in stale.text) == (422, True)
    with world.app.app_context():
        pupil = db.session().get_one(Pupil, own)
        assert (pupil.ethnicity, pupil.ethnicity_code, pupil.ethnicity_code_set) == (
            "Xtiêng",
            "22",
            "QĐ121-1979",
        )
        assert (pupil.disability, pupil.sex) == ("Nhìn", "F")
        entry = db.session().scalars(select(AuditEntry).where(AuditEntry.action == "pupil.edited")).one()
        assert "Xtiêng" not in entry.details
        assert "ethnicity" in entry.details


def test_kinds_of_disability_are_read_in_the_readers_language(clerk: FlaskClient, world: World) -> None:
    own = world.pupil_ids["own"][0]
    with world.app.app_context(), db.transaction() as session:
        session.execute(update(Pupil).where(Pupil.id == own).values(disability="Vận động"))
    clerk.set_cookie("bx_lang", "en")
    assert '<option value="Vận động">Movement</option>' in clerk.get(f"/pupils/{own}/edit").text
    shown = clerk.post(f"/pupils/{own}/sensitive").text
    assert "<dd>Movement</dd>" in shown
    assert "<dd>Kinh</dd>" in shown, "the name of a people is a name"


def test_a_birth_date_to_come_is_refused(clerk: FlaskClient, world: World) -> None:
    own, tomorrow = world.pupil_ids["own"][0], MONDAY + timedelta(days=1)
    data = {"full_name": "An", "birth_date": tomorrow.isoformat(), "sex": "M", "ministry_code": ""}
    assert clerk.post(f"/pupils/{own}/edit", data=data).status_code == 422


def test_a_new_card_makes_the_old_one_worthless(clerk: FlaskClient, world: World) -> None:
    own = world.pupil_ids["own"][0]
    clerk.post(f"/pupils/{own}/card")
    with world.app.app_context():
        cards = db.session().scalars(select(PupilCard).where(PupilCard.pupil_id == own)).all()
        assert [card.revoked_at is None for card in cards] == [False, True]
        new = cards[1].code
    assert new in clerk.get(f"/pupils/{own}").text
