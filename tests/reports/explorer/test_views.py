"""The pivot shows what may leave and says what may not; views are kept per account and shared by their address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from app import db
from app.access import Role
from app.audit.models import AuditEntry
from reports.explorer.forms import read_view
from reports.explorer.models import FigureView
from reports.explorer.rules import Axis
from reports.releases.models import FrozenCell
from tests.reports.extracts.test_commands import october

if TYPE_CHECKING:
    from tests.world import World

__all__ = ["october"]
OFFICER = Role.DEPARTMENT_OFFICER


def test_small_classes_stay_withheld_in_every_pivot_and_say_so(october: World) -> None:
    client, school = october.client(OFFICER), october.school_ids["a"]
    page = client.get(f"/reports/explorer?place={school}&rows=place&columns=indicator&period=2026-10").text
    assert "không công bố" in page
    assert "Lượt đi trễ (T)" in page
    row = page.split('<th scope="row">4/6</th>')[1].split("</tr>")[0]
    assert not any(letter.isdigit() for letter in row.replace("icons", "").split("</td>")[2])
    assert row.count("không công bố") >= 5
    months = client.get(
        f"/reports/explorer?place={october.ward_id}&rows=period&columns=place&period=2026-10"
    ).text
    assert "10/2026" in months
    assert "Tiểu học Hoa Sen" in months
    with october.app.app_context():
        assert db.session().scalars(select(FrozenCell.cell)).all()
        assert "indicators.exported" in set(db.session().scalars(select(AuditEntry.action)))


def test_a_view_is_kept_pinned_shared_and_dropped(october: World) -> None:
    client, other = october.client(OFFICER), october.client(Role.PRINCIPAL)
    address = f"/reports/explorer?place={october.school_ids['a']}&rows=place&columns=period&period=2026-10&measure=late"
    form = {"key": "key-of-the-page", "name": "Đi trễ theo lớp", "is_pinned": "y"}
    for _again in range(2):
        assert client.post(address, data=form).status_code == 302
    assert client.post(address, data=form | {"key": "another-key", "name": " "}).status_code == 422
    with october.app.app_context():
        (row,) = db.session().scalars(select(FigureView))
    board = client.get("/reports/dashboard").text
    assert "Đi trễ theo lớp" in board
    assert f'hx-get="/reports/explorer?{row.query}"'.replace("&", "&amp;") in board
    assert "Đi trễ theo lớp" not in other.get("/reports/dashboard").text
    table = other.get(f"/reports/explorer?{row.query}", headers={"HX-Request": "true"}).text
    assert table.lstrip().startswith("<div")
    foreign = row.query.replace(f"place={october.school_ids['a']}", f"place={october.school_ids['b']}")
    assert other.get(f"/reports/explorer?{foreign}").status_code == 404
    assert other.post(f"/reports/views/{row.id}/drop").status_code == 404
    assert client.post(f"/reports/views/{row.id}/pin").status_code == 302
    assert "hx-get" not in client.get("/reports/dashboard").text.split("<main")[1]
    assert client.post(f"/reports/views/{row.id}/drop").status_code == 302
    assert "Chưa có góc nhìn nào" in client.get("/reports/dashboard").text


WORDS = st.sampled_from(["", "place", "period", "indicator", "late", "7", "2026-10", "'--"])


@given(st.dictionaries(st.sampled_from(["place", "period", "measure", "rows", "columns"]), WORDS))
def test_any_address_is_a_view_and_is_read_back(arguments: dict[str, str]) -> None:
    view = read_view(arguments, 1, "2026-10")
    assert view.rows in set(Axis)
    assert read_view(view.arguments(), 1, "2026-10") == view
