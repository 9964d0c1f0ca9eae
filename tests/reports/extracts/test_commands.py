"""What leaves: small schools and classes have no numbers in any form, and sums leave them out."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from datetime import date
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from sqlalchemy import select

from app import clock, db
from app.access import Role
from app.school.models import ClassMembership
from reports.cubes.models import ClassDay
from reports.extracts.queries import prepare_extract, prepare_schools
from reports.releases.models import FrozenCell, ReleaseCertificate
from reports.stretches.models import PupilStretch
from reports.tallies.queries import period_named, place_tree
from tests.reports.figures import AFTER_OCTOBER, BIG, SMALL, ClassFigures, add_figures

if TYPE_CHECKING:
    from collections.abc import Iterator

    from click.testing import Result
    from sqlalchemy.orm import Session

    from tests.world import World

SMALL_SCHOOL = ClassFigures("6B", 3, excused=1, school="b")
ARGUMENTS = ("indicators", "compute", "--period", "2026-10")


@pytest.fixture
def october(world: World) -> Iterator[World]:
    """October of school A (large classes, one of seven, one of six) and of school B (nine pupils in all)."""
    with clock.at(AFTER_OCTOBER):
        add_figures(world, *BIG, SMALL, SMALL_SCHOOL)
        with world.app.app_context(), db.transaction() as session:
            fill_stretches(session)
        yield world


def fill_stretches(session: Session) -> None:
    """Give each class of the cube one line per pupil, its absences all with the first one."""
    for class_id in set(session.scalars(select(ClassDay.class_id))):
        days = session.scalars(select(ClassDay).where(ClassDay.class_id == class_id)).all()
        pupils = session.scalars(
            select(ClassMembership.pupil_id)
            .where(ClassMembership.class_id == class_id)
            .order_by(ClassMembership.pupil_id)
        ).all()
        taken = sum(day.sessions_taken for day in days)
        for place, pupil_id in enumerate(pupils):
            sums = {
                name: sum(getattr(day, name) for day in days) if place == 0 else 0
                for name in ("excused", "unexcused", "pending", "late")
            }
            sums = {name: min(value, taken // 4) for name, value in sums.items()}
            session.add(
                PupilStretch(
                    class_id=class_id, starts_on=date(2026, 10, 1), pupil_id=pupil_id,
                    school_id=days[0].school_id, expected=taken, **sums,
                )
            )  # fmt: skip


def compute(world: World, org: str, form: str = "json", *more: str) -> Result:
    result = world.app.test_cli_runner().invoke(args=[*ARGUMENTS, "--org", org, "--format", form, *more])
    assert result.exit_code == 0, result.output
    return result


def rows(result: Result) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(result.stdout)["rows"]
    return found


def one(found: list[dict[str, Any]], place: str, indicator: str, class_name: str = "") -> dict[str, Any]:
    return next(
        row
        for row in found
        if (row["place"], row["indicator"], row["class"]) == (place, indicator, class_name)
    )


def test_a_school_leaves_with_its_small_classes_withheld_and_nothing_to_subtract(october: World) -> None:
    found = rows(compute(october, "THA"))
    whole = one(found, "THA", "pupils")
    assert whole["status"] == "final"
    withheld = {row["class"] for row in found if row["class"] and row["status"] == "withheld"}
    assert "4/6" in withheld
    assert len(withheld) >= 2
    for row in found:
        if row["status"] == "withheld":
            assert row["reason"] == "confidential"
            assert not {"numerator", "denominator", "value", "coverage"} & row.keys()
    with october.app.app_context():
        certificate = db.session().scalars(select(ReleaseCertificate)).first()
        assert certificate is not None
        assert json.loads(certificate.certificate)["passed"] is True
        assert db.session().scalars(select(FrozenCell.cell)).all()


def test_a_ward_is_counted_over_the_schools_that_are_told_and_says_how_many(october: World) -> None:
    found = rows(compute(october, "25210"))
    assert one(found, "CSB", "pupils")["status"] == "withheld"
    ward = one(found, "25210", "pupils")
    assert (ward["schools_counted"], ward["schools"]) == (1, 2)
    assert ward["numerator"] == one(found, "THA", "pupils")["numerator"]
    chronic = one(found, "THA", "chronic_absence")
    assert chronic["status"] == "withheld"
    assert one(found, "25210", "chronic_absence")["status"] == "withheld"


def test_every_form_tells_the_same_figures_and_the_same_again(october: World) -> None:
    told = {(row["class"], row["indicator"]): row.get("numerator") for row in rows(compute(october, "THA"))}
    table = list(csv.DictReader(io.StringIO(compute(october, "THA", "csv").stdout)))
    assert {
        (r["class"], r["indicator"]): int(r["numerator"]) if r["numerator"] else None for r in table
    } == told
    flow = list(csv.DictReader(io.StringIO(compute(october, "THA", "sdmx-csv").stdout)))
    assert len(flow) == len(told)
    assert {row["CONF_STATUS"] for row in flow if not row["OBS_VALUE"] and not row["NUMERATOR"]} == {"C"}
    message = json.loads(compute(october, "THA", "sdmx-json").stdout)
    assert len(message["data"]["dataSets"][0]["observations"]) == len(told)
    first = compute(october, "THA", "xlsx").stdout_bytes
    assert first == compute(october, "THA", "xlsx").stdout_bytes
    book = openpyxl.load_workbook(io.BytesIO(first))
    sheet = book.worksheets[0]
    assert sheet.freeze_panes == "C6"
    assert "Không công bố" in {cell.value for row in sheet.iter_rows() for cell in row}
    with zipfile.ZipFile(io.BytesIO(compute(october, "THA", "csv-package").stdout_bytes)) as package:
        descriptor = json.loads(package.read("datapackage.json"))
        assert [one["path"] for one in descriptor["resources"]] == ["figures.csv", "definitions.csv"]


def test_the_page_hands_out_the_same_file_to_who_may_have_it(october: World) -> None:
    address = f"/reports/figures/{october.school_ids['a']}/export?period=2026-10&format=json"
    told = october.client(Role.PRINCIPAL, gave_factor=True).get(address)
    assert told.status_code == 200
    assert told.get_json()["sha256"] == json.loads(compute(october, "THA").stdout)["sha256"]
    other = f"/reports/figures/{october.school_ids['b']}/export?period=2026-10&format=json"
    assert october.client(Role.PRINCIPAL, gave_factor=True).get(other).status_code == 404
    assert october.client(Role.TEACHER, gave_factor=True).get(address).status_code == 404


def test_the_organisation_of_then_and_of_today(october: World) -> None:
    assert compute(october, "THA", "json", "--as-of", "2026-10-15").exit_code == 0
    before = october.app.test_cli_runner().invoke(args=[*ARGUMENTS, "--org", "THA", "--as-of", "2025-01-01"])
    assert before.exit_code != 0
    assert "Không có đơn vị mang mã THA vào ngày 2025-01-01" in before.output


def test_the_command_says_whether_the_unit_or_the_period_is_not_there(october: World) -> None:
    """A week or a day is a page, not an extract: the answer names the periods that there are."""
    invoke = october.app.test_cli_runner().invoke
    for period in ("2026-W41", "2026-10-05", "2026-2027-start", "2019-10"):
        refused = invoke(args=["indicators", "compute", "--org", "THA", "--period", period])
        assert refused.exit_code == 1
        assert f"Không có kỳ {period}" in refused.output
        assert "2026-10, 2026-09, 2026-2027, 2026-2027-1" in refused.output
        assert "đơn vị" not in refused.output


def test_schools_read_together_say_what_each_says_alone(october: World) -> None:
    with october.app.app_context():
        session, today = db.session(), clock.today()
        tree = place_tree(session, "75", today)
        period = period_named(session, "2026-10")
        assert tree is not None
        assert period is not None
        schools = [one for one in tree.walk() if one.unit.kind == "school"]
        together = prepare_schools(session, schools, period, today, today)
        alone = {one.unit.id: prepare_extract(session, one, period, today, today) for one in schools}
        assert together == alone
        assert len(together) > 1
