"""Pages of classes through HTTP: who sees what, what is written, what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.access import Role

if TYPE_CHECKING:
    from tests.world import World


def test_a_class_page_tells_teachers_facts_and_pupils_as_of_a_day(world: World) -> None:
    class_id, client = world.class_ids["own"], world.client(Role.PRINCIPAL)
    teacher = world.staff_ids["teacher"]
    sent = {"staff_id": teacher, "starts_on": "2026-10-12"}
    assert client.post(f"/classes/{class_id}/homeroom", data=sent).status_code == 302
    sent = {"staff_id": teacher, "subject": "Toán", "starts_on": "2026-10-05"}
    assert client.post(f"/classes/{class_id}/subjects", data=sent).status_code == 302
    today = client.get(f"/classes/{class_id}").get_data(as_text=True)
    assert "Lê Thị homeroom" in today
    assert "Toán: <b>Lê Thị teacher</b>" in today
    assert today.index("Nguyễn Văn An") < today.index("Trần Thị Ánh") < today.index("Đặng Thị Ước")
    later = client.get(f"/classes/{class_id}?day=2026-10-12").get_data(as_text=True)
    assert "<b>Lê Thị teacher</b>" in later
    assert "Lê Thị homeroom" not in later
    access = client.get(f"/classes/{class_id}/access").get_data(as_text=True)
    assert "Chủ nhiệm lớp 4/1" in access
    assert "Dạy Toán lớp 4/1" in access


def test_a_class_is_opened_renamed_and_closed_with_its_faults_at_the_fields(world: World) -> None:
    school_id, client = world.school_ids["a"], world.client(Role.OFFICE_CLERK)
    new = {"name": "5/1", "grade": "0", "main_session": "afternoon", "site_id": "0"}
    opened = client.post(f"/schools/{school_id}/classes/new", data=new)
    assert opened.status_code == 302
    page = opened.headers["Location"]
    again = client.post(f"/schools/{school_id}/classes/new", data=new)
    assert again.status_code == 422
    assert "đã có lớp 5/1" in again.get_data(as_text=True)
    assert client.post(f"{page}/rename", data={"name": "5/2", "day": "2026-10-01"}).status_code == 302
    assert "Lớp 5/1" in client.get(f"{page}?day=2026-09-30").get_data(as_text=True)
    assert "Lớp 5/2" in client.get(page).get_data(as_text=True)
    assert client.post(f"{page}/close", data={"day": "2026-10-05"}).status_code == 302
    assert "Lớp đã đóng" in client.get(page).get_data(as_text=True)
    own = world.class_ids["own"]
    refused = client.post(f"/classes/{own}/close", data={"day": "2026-10-05"})
    assert refused.status_code == 422
    assert "6 học sinh" in refused.get_data(as_text=True)


def test_the_homerooms_of_a_school_are_appointed_in_one_go(world: World) -> None:
    school_id, client = world.school_ids["a"], world.client(Role.OFFICE_CLERK)
    own, other = world.class_ids["own"], world.class_ids["other_class"]
    sent = {
        "starts_on": "2026-09-07",
        f"class-{own}": world.staff_ids["homeroom"],
        f"class-{other}": world.staff_ids["teacher"],
    }
    page = client.post(f"/schools/{school_id}/homerooms", data=sent, follow_redirects=True)
    assert "Đã phân công chủ nhiệm 1 lớp" in page.get_data(as_text=True)
    stranger = sent | {f"class-{own}": world.staff_ids["other"]}
    assert client.post(f"/schools/{school_id}/homerooms", data=stranger).status_code == 422


def test_a_teacher_sees_the_class_but_keeps_nothing(world: World) -> None:
    own, client = world.class_ids["own"], world.client(Role.TEACHER)
    page = client.get(f"/classes/{own}/teachers")
    assert page.status_code == 200
    assert "Phân công chủ nhiệm" not in page.get_data(as_text=True)
    assert client.get(f"/classes/{own}/timetable").get_data(as_text=True).count("Toán") == 20
    sent = {"staff_id": world.staff_ids["teacher"], "starts_on": "2026-10-05"}
    assert client.post(f"/classes/{own}/homeroom", data=sent).status_code == 404


@pytest.mark.parametrize("path", ["/schools/{school}/setup", "/schools/{school}"])
def test_the_guide_and_the_home_of_a_school_say_what_is_missing(world: World, path: str) -> None:
    client = world.client(Role.PRINCIPAL)
    page = client.get(path.format(school=world.school_ids["a"])).get_data(as_text=True)
    assert ("còn thiếu 1 lớp" if path.endswith("setup") else "Chưa có chủ nhiệm") in page
