"""The page of an indicator: the true cohort beside the one that is reconstructed from the totals of two years."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Final

import pytest
from sqlalchemy import select

from app import clock, db
from app.access import Role
from app.audit.models import AuditEntry
from app.school.commands import add_class
from app.school.models import ClassMembership, Enrolment, SchoolYear
from app.school.rules import EnrolmentStatus
from reports.explorer.forms import read_view
from tests.reports.extracts.test_commands import fill_stretches
from tests.world import add_pupil

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

    from tests.world import World

LATER: Final = date(2027, 9, 6)
OCTOBER_2027: Final = datetime(2027, 10, 5, 2, 0, tzinfo=UTC)
PAGE: Final = "/reports/indicators/dropout_rate_reconstructed"


@pytest.fixture
def two_years(world: World) -> Iterator[World]:
    """School A has 12 pupils in grade 4 and 5 in grade 5; of the next year's lists see `_next_year`."""
    with clock.at(OCTOBER_2027):
        with world.app.app_context(), db.transaction() as session:
            _next_year(session, world)
        yield world


def _next_year(session: Session, world: World) -> None:
    """Of grade 4 seven go up at A, two at B, two repeat, one is gone; a pupil from nowhere comes into grade 5."""
    year = SchoolYear(
        code="2027-2028",
        starts_on=date(2027, 9, 5),
        second_semester_on=date(2028, 1, 17),
        ends_on=date(2028, 6, 1),
    )
    session.add(year)
    session.flush()
    a, b = world.school_ids["a"], world.school_ids["b"]
    fifth = add_class(session, a, world.year_id, "5/1", 5)
    old = [add_pupil(session, fifth, f"Lê Văn {n}").id for n in range(5)]
    fourth = [*world.pupil_ids["own"], *world.pupil_ids["other_class"]]
    lists = {
        (a, "5/2", 5): [*fourth[:7], old[0]],
        (a, "4/3", 4): fourth[9:11],
        (b, "5B", 5): fourth[7:9],
        (b, "6B", 6): old[1:],
    }
    for (school, name, grade), pupils in lists.items():
        row = add_class(session, school, year.id, name, grade)
        session.add_all(ClassMembership(pupil_id=one, class_id=row.id, starts_on=LATER) for one in pupils)
        if name in {"5/2", "4/3"}:
            add_pupil(session, row, "Em chuyển đến", LATER)
    gone = session.scalars(select(Enrolment).where(Enrolment.pupil_id == fourth[11])).one()
    gone.status, gone.ends_on = EnrolmentStatus.LEFT_TERM_2, date(2027, 3, 1)


def shown(world: World, place: int, role: Role = Role.DEPARTMENT_OFFICER) -> list[list[str]]:
    """The cells of the table of figures, the last of the page."""
    response = world.client(role).get(f"{PAGE}?place={place}&year=2026-2027")
    assert response.status_code == 200
    body = response.text.split('id="cohorts"')[1].split("<tbody>")[1].split("</tbody>")[0]
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in body.split("</tr>")[:-1]]
    return [[" ".join(cell.split()) for cell in row] for row in cells]


def test_true_and_reconstructed_differ_by_who_came_and_went(two_years: World) -> None:
    # by totals (12 - (9 - 1) - 2) / 12 = 2/12: two went to B (+2), one came (-1), one is gone
    grades = shown(two_years, two_years.school_ids["a"])
    assert grades == [
        ["Khối 4", "8,3 %", "8,3 %", "16,7 %", "12", "9", "1", "2"],
        ["Khối 5", "0,0 %", "0,0 %", "–", "–", "–", "–", "–"],
        ["Tiểu học Hoa Sen", "5,9 %", "5,9 %", "16,7 %", "12", "9", "1", "2"],
    ]
    # the ward has both schools: only the one who came is left, (12 - (11 - 1) - 2) / 12; grade 5: (5 - 4 - 1) / 5
    ward = shown(two_years, two_years.ward_id)
    assert [row[1:4] for row in ward] == [
        ["8,3 %", "8,3 %", "0,0 %"],
        ["0,0 %", "0,0 %", "0,0 %"],
        ["0,0 %", "100,0 %", "–"],
        ["4,3 %", "30,4 %", "0,0 %"],
    ]
    with two_years.app.app_context():
        assert db.session().scalars(select(AuditEntry.action)).all().count("figures.viewed") == 2


def test_the_page_shows_the_families_and_why_it_stays_inside(two_years: World) -> None:
    page = two_years.client(Role.DEPARTMENT_OFFICER).get(PAGE).text
    for code in ("dropout_rate", "dropout_rate_uis"):
        assert f'href="/reports/indicators/{code}"' in page
        other = two_years.client(Role.DEPARTMENT_OFFICER).get(f"/reports/indicators/{code}").text
        assert f'href="{PAGE}"' in other
    assert "Chỉ xem ở đây" in page
    assert "số học sinh của khối trên ngày 30/9 năm sau + số em lưu ban" in page


def test_a_year_without_a_next_one_and_a_place_out_of_reach(two_years: World) -> None:
    a, b = (two_years.school_ids[key] for key in "ab")
    principal = two_years.client(Role.PRINCIPAL)
    assert principal.get(f"{PAGE}?place={b}").status_code == 404
    assert "Chưa so được hai năm" in principal.get(f"{PAGE}?place={a}&year=2027-2028").text
    with clock.at(datetime(2027, 9, 29, 2, 0, tzinfo=UTC)):
        assert "Chưa so được hai năm" in principal.get(f"{PAGE}?place={a}&year=2026-2027").text
    assert principal.get("/reports/indicators/pupils?place=1").text.count("<table") == 1


def test_files_of_the_year_have_the_true_rates_alone(two_years: World) -> None:
    with two_years.app.app_context(), db.transaction() as session:
        fill_stretches(session)
    arguments = ["indicators", "compute", "--org", "75", "--period", "2026-2027", "--format", "json"]
    told = two_years.app.test_cli_runner().invoke(args=arguments).stdout
    assert "dropout_rate_uis" in told
    assert "reconstructed" not in told
    for measure, read in (("dropout_rate_reconstructed", "attendance_rate"), ("dropout_rate",) * 2):
        assert read_view({"measure": measure}, two_years.province_id, "2026-2027").measure == read
