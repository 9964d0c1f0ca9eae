"""The pivot shows what may leave and says what may not; views are kept per account and shared by their address."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, select

from app import clock, db
from app.access import Role
from app.audit.models import AuditEntry
from app.jobs import Job, run_job
from app.school.commands import add_class
from app.school.models import ClassMembership, Pupil, SchoolClass
from classroom.seats.models import Seat
from reports.cubes.models import ClassDay
from reports.explorer.forms import read_view
from reports.explorer.models import FigureView
from reports.explorer.rules import Axis
from reports.extracts.commands import place_on
from reports.extracts.queries import OF_ALL, OF_SCHOOL, kept_extract, state_of
from reports.extracts.rules import ExtractRow, PlaceCell, Status
from reports.indicators.rules import Value, definition
from reports.kept.models import KeptRun
from reports.kept.rules import Age, read_rows, written
from reports.releases.models import FrozenCell
from reports.releases.rules import DATASET
from reports.tallies.queries import period_named
from tests.reports.extracts.test_commands import october
from tests.reports.figures import AFTER_OCTOBER, change_cube
from tests.world import FIRST_DAY

if TYPE_CHECKING:
    from fractions import Fraction

    import pytest

    from app.db import Base
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


def test_places_are_drawn_with_a_sentence_and_lead_on_to_their_own_table(october: World) -> None:
    client, school = october.client(OFFICER), october.school_ids["a"]
    page = client.get(f"/reports/explorer?place={school}&rows=place&columns=period&measure=pupils").text
    drawn, table = page.split('<figure class="figure">')[1].split("</figure>")[0], page.split("<tbody>")[1]
    assert drawn.count("<circle") >= 2
    assert "Thấp nhất:" in drawn
    assert "4/6" not in drawn  # withheld: no dot
    assert "4/6" in table
    ward = client.get(
        f"/reports/explorer?place={october.ward_id}&rows=place&columns=period&measure=pupils"
    ).text
    assert f'href="/reports/explorer?place={school}&amp;' in ward
    rates = client.get(f"/reports/explorer?place={school}&rows=place&columns=period").text
    sentence = rates.split("Thấp nhất:")[1].split("</p>")[0]
    assert ("\u00a0%" in sentence, " %" in sentence) == (True, False)  # no line breaks before the sign
    pivot = client.get(f"/reports/explorer?place={school}&rows=place&columns=indicator&period=2026-10").text
    assert "<circle" not in pivot
    alike = client.get(f"/reports/explorer?place={school}&rows=period&columns=place&measure=pupils").text
    assert re.search(r"Mọi hàng như nhau: \d+\.", alike)


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
        tables: tuple[type[Base], ...] = (*OF_SCHOOL, *OF_ALL, Seat)
        watched = {table.__tablename__ for table in tables}
        assert read - watched == set()
        again = kept_extract(session, place, period, today, today, state_of(session, [school]))
        assert again is first
        (class_id,) = session.scalars(select(SchoolClass.id).where(SchoolClass.name == "4/3"))
        before = state_of(session, [school])
        with db.transaction() as writing:
            theirs, ours = (october.pupil_ids[name][0] for name in ("other_school", "own"))
            writing.get_one(Pupil, theirs).sex = "F"
        assert state_of(session, [school]) == before
        with db.transaction() as writing:
            writing.get_one(Pupil, ours).sex = "F" if writing.get_one(Pupil, ours).sex != "F" else "M"
        assert state_of(session, [school]) != before
    change_cube(october, class_id, late=5)
    with october.app.app_context():
        session = db.session()
        new = kept_extract(session, place, period, today, today, state_of(session, [school]))
        assert new is not first


def test_a_saved_register_is_seen_at_once_and_a_change_of_rolls_within_the_hour(october: World) -> None:
    client, school = october.client(OFFICER), october.school_ids["a"]
    address = f"/reports/explorer?place={school}&rows=place&columns=period&period=2026-10&measure="
    with clock.at(clock.now() + timedelta(minutes=1)):
        assert "Số liệu tính lúc 09:01" in client.get(f"{address}classes").text
        with october.app.app_context(), db.transaction() as session:
            add_class(session, school, october.year_id, "4/9", 4)
            session.add(
                ClassMembership(
                    pupil_id=session.scalars(select(Pupil.id).order_by(Pupil.id.desc()).limit(1)).one(),
                    class_id=session.scalars(select(SchoolClass.id).where(SchoolClass.name == "4/9")).one(),
                    starts_on=FIRST_DAY,
                )
            )
    with clock.at(clock.now() + timedelta(minutes=2)):
        assert "4/9" not in client.get(f"{address}classes").text
        with october.app.app_context(), db.transaction() as session:
            session.scalars(select(ClassDay).limit(1)).one().computed_at = clock.now()
    with clock.at(clock.now() + timedelta(minutes=3)):
        assert "4/9" in client.get(f"{address}classes").text
        with october.app.app_context():
            run = db.session().get_one(KeptRun, (school, "2026-10"))
            assert run.made_at is not None
            assert run.made_at > AFTER_OCTOBER + timedelta(minutes=2)


def test_while_a_job_works_the_page_says_so_and_shows_what_is_there(
    october: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, school = october.client(OFFICER), october.school_ids["a"]
    address = f"/reports/explorer?place={school}&rows=place&columns=period&period=2026-10&measure=classes"
    monkeypatch.setattr("app.jobs.Jobs.push", lambda *_job: None)
    first = client.get(address).text
    assert "Đang chờ đến lượt tính số liệu" in first
    assert "poll=1" in first
    for _again in range(2):
        assert "không công bố" not in client.get(f"{address}&poll=1", headers={"HX-Request": "true"}).text
    with october.app.app_context():
        (job,) = db.session().scalars(select(Job).where(Job.kind == "figures.keep"))
        run_job(october.app.extensions["bangxanh.jobs"], job.id)
        assert job.payload == f'{{"unit_id": {school}, "periods": ["2026-09", "2026-10"]}}'
    assert "4/3" in client.get(address).text


def test_another_release_that_withholds_more_takes_kept_figures_off_the_page(
    october: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, school = october.client(OFFICER), october.school_ids["a"]
    address = f"/reports/explorer?place={school}&rows=place&columns=indicator&period=2026-10"
    with clock.at(clock.now() + timedelta(minutes=1)):
        assert "4/3" in client.get(address).text
    with clock.at(clock.now() + timedelta(minutes=2)):
        with october.app.app_context(), db.transaction() as session:
            session.add(
                FrozenCell(school_id=school, dataset=DATASET, period="2026-10", cell="999", since=clock.now())
            )
        monkeypatch.setattr("app.jobs.Jobs.push", lambda *_job: None)
        assert "4/3" not in client.get(address).text


MOMENT = datetime(2026, 11, 2, 2, 0, tzinfo=UTC)


@given(
    age=st.integers(0, 60 * 48),
    changed=st.integers(-60, 60 * 48),
    schools=st.integers(1, 430),
    is_over=st.booleans(),
)
def test_figures_are_made_again_when_registers_came_and_not_all_the_time(
    age: int, changed: int, schools: int, *, is_over: bool
) -> None:
    changed_at = None if changed < 0 else MOMENT + timedelta(minutes=changed)
    found = Age(MOMENT, changed_at).is_due(MOMENT + timedelta(minutes=age), schools, is_over=is_over)
    assert Age(None, None).is_due(MOMENT, schools, is_over=is_over)
    if age >= 24 * 60:
        assert found
    if changed_at is None and age < 60:
        assert not found
    if changed_at is not None and schools <= 20:
        assert found


COUNTS = st.integers(0, 10**6)


@given(
    st.lists(st.tuples(st.sampled_from(Status), COUNTS, st.none() | COUNTS, st.none() | st.fractions(0, 1)))
)
def test_kept_rows_are_read_back_as_they_were(
    figures: list[tuple[Status, int, int | None, Fraction | None]],
) -> None:
    known = definition("attendance_rate", FIRST_DAY)
    rows = [
        ExtractRow(
            PlaceCell("class", "THA", "Hoa Sen", f"4/{number}"),
            known,
            status,
            (1, 1),
            None
            if status is Status.WITHHELD
            else Value(known, numerator, denominator, coverage, status is Status.PROVISIONAL),
        )
        for number, (status, numerator, denominator, coverage) in enumerate(figures)
    ]
    assert read_rows(written(rows), known) == rows
