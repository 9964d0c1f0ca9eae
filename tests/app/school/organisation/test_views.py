"""The organisation's pages: a day's tree, a unit's past, who may change it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from app import clock, db
from app.access import Role
from app.school.commands import add_unit
from app.school.models import OrgUnit
from app.school.organisation.models import OrgParent, OrgSuccession
from app.school.organisation.rules import SuccessionKind
from app.school.rules import UnitKind
from tests.world import MORNING

if TYPE_CHECKING:
    from tests.world import World


def test_the_tree_is_of_the_day_that_is_asked_for(world: World) -> None:
    client = world.client(Role.DEPARTMENT_OFFICER)
    assert "Tiểu học Hoa Sen" in client.get("/organisation").text
    earlier = client.get("/organisation?day=2025-06-30").text
    assert "Tiểu học Hoa Sen" not in earlier
    assert "30/06/2025" in earlier
    assert client.get("/organisation?day=nonsense").status_code == 200


def test_a_principal_sees_the_own_branch_only(world: World) -> None:
    page = world.client(Role.PRINCIPAL).get("/organisation").text
    assert "Tiểu học Hoa Sen" in page
    assert "Phường Đồng Xoài" in page
    assert "THCS Sao Mai" not in page


def test_the_units_of_a_day_are_a_list_to_search_and_take_along(world: World) -> None:
    office = world.client(Role.DEPARTMENT_OFFICER)
    found = office.get("/organisation/list?q=hoa+sen&kind=school&order=-code").text
    assert "Tiểu học Hoa Sen" in found
    assert "THCS Sao Mai" not in found
    assert "Tiểu học Hoa Sen" not in office.get("/organisation/list?day=2025-06-30").text
    assert office.get("/organisation/list?format=xlsx").data[:2] == b"PK"
    assert "THCS Sao Mai" not in world.client(Role.PRINCIPAL).get("/organisation/list").text


@pytest.mark.parametrize(("role", "status"), [(Role.DEPARTMENT_OFFICER, 302), (Role.PRINCIPAL, 404)])
def test_an_officer_adds_a_school_and_a_principal_cannot(world: World, role: Role, status: int) -> None:
    form = {
        "kind": "school",
        "name": "Tiểu học Ban Mai",
        "code": "BM01",
        "code_set": "local",
        "type_name": "",
        "valid_from": "2026-08-01",
    }
    answer = world.client(role).post(f"/organisation/{world.ward_id}/units", data=form)
    assert answer.status_code == status
    with world.app.app_context():
        added = db.session().scalar(select(OrgUnit).where(OrgUnit.code == "BM01"))
    assert (added is not None) == (status == 302)


def test_a_move_shows_in_the_units_past(world: World) -> None:
    client = world.client(Role.DEPARTMENT_OFFICER)
    school_id = world.school_ids["a"]
    late = client.post(
        f"/organisation/{school_id}/move", data={"other_id": world.province_id, "on": "2027-01-01"}
    )
    assert late.status_code == 422
    assert "Ngày chuyển chưa tới" in late.text
    done = client.post(
        f"/organisation/{school_id}/move", data={"other_id": world.province_id, "on": "2026-10-01"}
    )
    assert done.status_code == 302
    page = client.get(f"/organisation/{school_id}").text
    assert "Trước 01/10/2026 thuộc" in page
    assert "Phường Đồng Xoài" in page


def test_a_merge_ends_a_ward_and_points_to_what_it_became(world: World) -> None:
    client = world.client(Role.DEPARTMENT_OFFICER)
    form = {
        "kind": "ward",
        "name": "Phường Bình Phước",
        "code": "25195",
        "code_set": "gso",
        "type_name": "Phường",
        "valid_from": "2025-07-01",
    }
    into = int(client.post(f"/organisation/{world.province_id}/units", data=form).location.rpartition("/")[2])
    done = client.post(f"/organisation/{world.ward_id}/merge", data={"other_id": into, "on": "2026-10-01"})
    assert done.location.endswith(f"/organisation/{into}")
    page = client.get(f"/organisation/{world.ward_id}").text
    assert "đã kết thúc ngày 01/10/2026" in page
    assert "Phường Bình Phước" in page
    with world.app.app_context(), clock.at(MORNING):
        assert len(db.session().scalars(select(OrgParent)).all()) == 2


def test_a_unit_of_then_says_what_it_is_today_and_the_slider_reaches_back_to_it(world: World) -> None:
    with world.app.app_context(), db.transaction() as session:
        old = add_unit(
            session,
            UnitKind.WARD,
            "25195",
            "Phường Tân Thiện",
            world.province_id,
            valid_from=date(2004, 1, 1),
        )
        old.valid_to = date(2025, 7, 1)
        session.add(
            OrgSuccession(
                predecessor_id=old.id,
                successor_id=world.ward_id,
                kind=SuccessionKind.MERGED,
                on_date=date(2025, 7, 1),
            )
        )
    client = world.client(Role.DEPARTMENT_OFFICER)
    then, now = client.get("/organisation?day=2025-06-30").text, client.get("/organisation").text
    assert "nay là Phường Đồng Xoài" in then
    assert "Tân Thiện" not in now
    assert "Như khi đó: 30/06/2025" in now
    assert 'data-first-day="2025-05-31"' in now, (
        "the slider ends on the day of the change: the day before is beyond it"
    )
