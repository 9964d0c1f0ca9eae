"""The page of breakdowns: each pupil once in every part, filters in the address, and down to the classes."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from app import db
from app.access import Role
from app.audit.models import AuditEntry
from app.school.models import ClassMembership, Pupil, SchoolClass
from reports.breakdowns.forms import read_view
from reports.breakdowns.queries import sums_of
from reports.breakdowns.rules import By, Measure
from reports.tallies.queries import lines_of, period_named
from reports.tallies.rules import Ethnicity, Period, PeriodKind, Selection, tally
from tests.reports.extracts.test_commands import october
from tests.reports.figures import AFTER_OCTOBER

if TYPE_CHECKING:
    from tests.world import World

__all__ = ["october"]
PERIOD = "2026-10"


def mark_pupils(world: World) -> None:
    """Let the first pupils of class 4/3 be boys who are not Kinh, of whom three have a disability."""
    with world.app.app_context(), db.transaction() as session:
        class_id = session.scalars(select(SchoolClass.id).where(SchoolClass.name == "4/3")).one()
        some = session.scalars(
            select(ClassMembership.pupil_id)
            .where(ClassMembership.class_id == class_id)
            .order_by(ClassMembership.pupil_id)
            .limit(12)
        ).all()
        session.execute(update(Pupil).where(Pupil.id.in_(some)).values(sex="M", ethnicity="S'Tiêng"))
        session.execute(update(Pupil).where(Pupil.id.in_(some[:3])).values(disability="nhìn"))


def test_the_database_counts_as_the_tallies_do(october: World) -> None:
    mark_pupils(october)
    schools = list(october.school_ids.values())
    with october.app.app_context():
        session = db.session()
        period = period_named(session, PERIOD)
        assert period is not None
        lines = lines_of(session, schools, period, AFTER_OCTOBER.date())
        for chosen in (
            Selection(),
            Selection(sex="M"),
            Selection(ethnicity=Ethnicity.OTHER, is_disabled=True),
            Selection(ethnicity=Ethnicity.KINH),
            Selection(grade=6),
            Selection(is_disabled=False),
        ):
            values, found = (
                tally(lines, selection=chosen).values,
                sums_of(session, "ward", By.GRADE, schools, period, chosen).whole,
            )
            told = {"measured": found.pupils, "chronic": found.chronic, "expected": found.expected,
                    "excused": found.excused, "unexcused": found.unexcused, "late": found.late}  # fmt: skip
            assert told == {name: values[name] for name in told}, chosen  # type: ignore[index]
        counted = sums_of(session, "ward", By.SEX, schools, period, Selection())
        for parts in (counted.places, counted.groups):
            assert sum(one.pupils for one in parts.values()) == counted.whole.pupils
            assert sum(one.excused for one in parts.values()) == counted.whole.excused
        assert counted.places.keys() == {str(school) for school in schools}
        assert counted.groups["M"].pupils == 12


def test_one_drills_from_the_department_to_the_classes_and_the_address_says_it_all(october: World) -> None:
    mark_pupils(october)
    officer = october.client(Role.DEPARTMENT_OFFICER)
    top = officer.get(f"/reports/breakdown?period={PERIOD}").text
    assert "Phường Đồng Xoài" in top
    ward = officer.get(f"/reports/breakdown?period={PERIOD}&place={october.ward_id}&sex=M&by=ethnicity").text
    assert "Dân tộc khác" in ward
    link = re.search(r'href="(/reports/breakdown\?[^"]*sex=M[^"]*)">Tiểu học Hoa Sen', ward)
    assert link
    inside = officer.get(link[1].replace("&amp;", "&")).text
    assert "4/3" in inside
    assert "4/4" not in inside.split("<tbody>")[-1]  # no boy is known there
    assert 'value="M" selected' in inside
    nobody = officer.get(f"/reports/breakdown?period={PERIOD}&grade=12").text
    assert "Không có học sinh nào như đã chọn" in nobody
    principal = october.client(Role.PRINCIPAL)
    assert "4/5" in principal.get(f"/reports/breakdown?period={PERIOD}").text
    assert principal.get(f"/reports/breakdown?place={october.ward_id}").status_code == 404
    assert principal.get(f"/reports/breakdown?place={october.school_ids['b']}").status_code == 404
    with october.app.app_context():
        assert "figures.viewed" in set(db.session().scalars(select(AuditEntry.action)))


NAMES = ("place", "measure", "by", "level", "grade", "sex", "ethnicity", "disability")
WORDS = st.sampled_from(["", "1", "7", "M", "F", "kinh", "yes", "no", "sex", "chronic_absence", "99", "'--"])


@given(st.dictionaries(st.sampled_from(NAMES), WORDS))
def test_an_address_is_read_back_as_it_was_written(arguments: dict[str, str]) -> None:
    period = Period(
        PERIOD, PeriodKind.MONTH, date(2026, 10, 1), date(2026, 11, 1), date(2026, 9, 5), "2026-2027"
    )
    view = read_view(arguments, period)
    assert read_view(view.arguments(), period) == view
    assert view.measure in set(Measure)
