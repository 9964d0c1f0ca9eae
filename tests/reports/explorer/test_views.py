"""The pivot shows what may leave and says what may not; views are kept per account and shared by their address."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, select

from app import clock, db
from app.access import Role
from app.audit.models import AuditEntry
from app.school.commands import add_class
from app.school.models import ClassMembership, Pupil, SchoolClass
from classroom.seats.models import Seat
from reports.explorer.forms import read_view
from reports.explorer.models import FigureView
from reports.explorer.rules import Axis
from reports.extracts.commands import place_on
from reports.extracts.queries import OF_ALL, OF_SCHOOL, kept_extract, state_of
from reports.releases.models import FrozenCell
from reports.tallies.queries import period_named
from tests.reports.extracts.test_commands import october
from tests.reports.figures import change_cube
from tests.world import FIRST_DAY

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


def test_an_extract_is_kept_until_anything_that_it_is_made_from_changes(october: World) -> None:
    school, code = october.school_ids["a"], "THA"
    with october.app.app_context():
        session, today = db.session(), clock.today()
        place, period = place_on(code, today), period_named(session, "2026-10")
        assert period is not None
        read: set[str] = set()

        def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
            read.update(re.findall(r"(?:FROM|JOIN) (\w+)", statement))

        event.listen(session.get_bind(), "before_cursor_execute", note)
        first = kept_extract(session, place, period, today, today, state_of(session, [school]))
        event.remove(session.get_bind(), "before_cursor_execute", note)
        watched = {table.__tablename__ for table in (*OF_SCHOOL, *OF_ALL, Seat)}
        assert read - watched == set()
        again = kept_extract(session, place, period, today, today, state_of(session, [school]))
        assert again is first
        (class_id,) = session.scalars(select(SchoolClass.id).where(SchoolClass.name == "4/3"))
    change_cube(october, class_id, late=5)
    with october.app.app_context():
        session = db.session()
        new = kept_extract(session, place, period, today, today, state_of(session, [school]))
        assert new is not first


def test_a_new_figure_is_seen_at_once(october: World) -> None:
    client, school = october.client(OFFICER), october.school_ids["a"]
    address = f"/reports/explorer?place={school}&rows=place&columns=period&period=2026-10&measure=classes"
    before = [client.get(address).text for _again in range(2)]
    with october.app.app_context(), db.transaction() as session:
        add_class(session, school, october.year_id, "4/9", 4)
        session.add(
            ClassMembership(
                pupil_id=session.scalars(select(Pupil.id).order_by(Pupil.id.desc()).limit(1)).one(),
                class_id=session.scalars(select(SchoolClass.id).where(SchoolClass.name == "4/9")).one(),
                starts_on=FIRST_DAY,
            )
        )
    assert "4/9" not in before[1]
    assert "4/9" in client.get(address).text
