"""Teaching groups: pupils across classes, dated; a teacher at a time; closed."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from app import clock, db
from app.access import Role
from app.school.groups.models import TeachingGroup
from app.school.groups.queries import duties_of, groups_of_school, members_of
from tests.world import MONDAY, MORNING

if TYPE_CHECKING:
    from tests.world import World

NEXT_WEEK = MONDAY + timedelta(days=7)


def each_teacher_sees_the_own_group(world: World, page: str) -> None:
    """The duty decides, on its days; it opens neither the group's page of the office nor a class."""
    teacher, homeroom = world.client(Role.TEACHER), world.client(Role.HOMEROOM_TEACHER)
    with clock.at(MORNING):
        assert "Nguyễn Văn An" in homeroom.get("/groups").text
        assert "Bồi dưỡng Toán" in homeroom.get("/").text
        assert "Bạn chưa dạy nhóm nào" in teacher.get("/groups").text, "the duty begins next week"
        assert homeroom.get(page).status_code == 404
    with clock.at(MORNING + timedelta(days=7)):
        assert "Nguyễn Văn An" in teacher.get("/groups").text
        assert "Bạn chưa dạy nhóm nào" in homeroom.get("/groups").text, "and ends there"
        assert teacher.get(f"/classes/{world.class_ids['other_class']}").status_code == 404


def test_a_group_takes_pupils_of_several_classes_and_lets_them_go(world: World) -> None:
    school_id, client = world.school_ids["a"], world.client(Role.OFFICE_CLERK)
    new = {
        "name": "Bồi dưỡng Toán",
        "subject": "Toán",
        "staff_id": world.staff_ids["homeroom"],
        "starts_on": "2026-10-05",
    }
    page = client.post(f"/schools/{school_id}/groups", data=new).headers["Location"]
    assert client.post(f"/schools/{school_id}/groups", data=new).status_code == 422
    own, other = world.pupil_ids["own"], world.pupil_ids["other_class"]
    joining = {"pupil": [own[0], other[0]], "starts_on": "2026-10-05"}
    for _twice in range(2):
        assert client.post(f"{page}/members", data=joining).status_code == 302
    stranger = {"pupil": [world.pupil_ids["other_school"][0]], "starts_on": "2026-10-05"}
    assert client.post(f"{page}/members", data=stranger).status_code == 422
    assert (
        client.post(f"{page}/members/end", data={"pupil": other[0], "day": "2026-10-12"}).status_code == 302
    )
    change = {"staff_id": world.staff_ids["teacher"], "starts_on": "2026-10-12"}
    assert client.post(f"{page}/teacher", data=change).status_code == 302
    each_teacher_sees_the_own_group(world, page)
    shown = client.get(f"{page}?class_id={world.class_ids['other_class']}").get_data(as_text=True)
    assert "Nhóm chưa có" not in shown
    narrowed = client.get(f"{page}?q=nguyen+van+an+4/2").text
    assert '<td data-label="Lớp">4/2</td>' in narrowed
    assert '<td data-label="Lớp">4/1</td>' not in narrowed
    clerk_again = world.client(Role.OFFICE_CLERK, gave_factor=True)
    assert clerk_again.get(f"{page}?format=xlsx&order=-class").data[:2] == b"PK"
    group_id = int(page.rsplit("/", 1)[1])
    with world.app.app_context():
        session = db.session()
        group = session.get_one(TeachingGroup, group_id)
        now, later = members_of(session, group, MONDAY), members_of(session, group, NEXT_WEEK)
        assert [(line.pupil.id, line.class_name) for line in now] == [(own[0], "4/1"), (other[0], "4/2")]
        assert [line.pupil.id for line in later] == [own[0]]
        assert [name for _duty, name in duties_of(session, group_id)] == ["Lê Thị teacher", "Lê Thị homeroom"]
        session.rollback()
    assert client.post(f"{page}/close", data={"day": "2026-10-19"}).status_code == 302
    with world.app.app_context():
        lines = groups_of_school(db.session(), school_id, world.year_id, NEXT_WEEK)
        assert [(line.teacher, line.size, line.closed_on is not None) for line in lines] == [
            ("Lê Thị teacher", 1, True)
        ]
    assert client.post(f"{page}/members", data=joining | {"starts_on": "2026-10-20"}).status_code == 422
