"""Every way out of reports is known here, and none of them tells the number of a class that is too small."""

from __future__ import annotations

import io
import json
import re
import zipfile
from typing import TYPE_CHECKING, Final

import click
import pytest

from app import clock, db
from app.access import SYSTEM, Actor, Role
from app.school.models import OrgUnit
from reports import feature
from reports.bulletins.commands import Wanted as WantedBulletin
from reports.bulletins.commands import make_bulletins, order_bulletins
from reports.bulletins.models import Bulletin
from reports.bulletins.rules import read_content, told_on_paper
from reports.cubes.queries import month_of_school
from reports.exchange.models import OutgoingSlice
from reports.files.commands import want_file
from reports.files.rules import FileKind, Wanted
from reports.official.commands import release_form
from reports.official.rules import Occasion, official_period, told_of_form
from reports.readers.commands import add_key
from reports.releases.queries import frozen_cells
from reports.releases.rules import release_month
from reports.submissions.commands import accept_month
from tests.reports.extracts.test_commands import fill_stretches
from tests.reports.figures import AFTER_OCTOBER, BIG, OCTOBER, ClassFigures, add_figures
from wsgi import create_app

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from config import Settings
    from tests.world import World

PAGES: Final = frozenset(
    {
        "indicators.attendance", "indicators.school_attendance", "submissions.submissions", "submissions.submission",
        "exchange.exchange", "hub.dashboard", "hub.forms", "hub.held", "readers.openapi", "catalogue.catalogue",
        "catalogue.indicator", "inputs.inputs", "inputs.unit_inputs", "checks.checks", "questions.week",
        "bulletins.index", "bulletins.progress", "breakdowns.breakdown", "changes.change", "past.month",
        "official.index", "explorer.dashboard", "files.files",
        "official.form",
    }
)  # fmt: skip
"""Pages for those on duty, whose views are logged where they show figures of pupils; and pages without figures."""
ACTS: Final = frozenset(
    {
        "submissions.accept", "submissions.reopen", "exchange.send_slice", "hub.receive", "inputs.enter",
        "bulletins.order", "bulletins.schedule", "explorer.keep", "explorer.pin", "explorer.drop",
        "submissions.submit", "submissions.approve", "submissions.give_back", "submissions.remind",
    }
)  # fmt: skip
EXITS: Final = frozenset(
    {
        "exports.workbook_of_schools", "exports.workbook_of_school", "exports.extract_of_unit",
        "exchange.slice_file", "readers.indicators", "bulletins.paper", "bulletins.workbook", "bulletins.chart",
        "official.paper", "official.workbook", "explorer.explore", "files.download",
    }
)  # fmt: skip
COMMANDS: Final = frozenset(
    {
        "cubes rebuild", "cubes verify", "exchange key", "exchange send", "exchange verify", "hub sender add",
        "hub sender list", "hub sender withdraw-key", "reading-key add", "reading-key list", "reading-key withdraw",
        "figures check", "figures then", "indicators compute", "bulletins file", "bulletins schedule",
        "bulletins verify",
    }
)  # fmt: skip
"""`indicators compute` and `bulletins file` are exits; `cubes verify` names keys of faults; others tell no figure."""
TINY: Final = ClassFigures("4/9", 8, excused=2, taken=13)
MARK: Final = re.compile(rb"(?<![\w.])104(?![\w.])")
"""8 pupils x 13 sessions: the number that nobody outside may read."""


def test_every_way_out_is_known(settings: Settings) -> None:
    app = create_app(settings)
    mine = {blueprint.name for part in feature.FEATURES for blueprint in part.blueprints}
    found = {rule.endpoint for rule in app.url_map.iter_rules() if rule.endpoint.split(".")[0] in mine}
    assert found <= PAGES | ACTS | EXITS, (
        "say whether it is a page, an act or an exit; an exit goes through the gate"
    )
    commands = {name for part in feature.FEATURES for command in part.commands for name in names_of(command)}
    assert commands == COMMANDS


def names_of(command: click.Command) -> list[str]:
    if isinstance(command, click.Group):
        return [f"{command.name} {name}" for one in command.commands.values() for name in names_of(one)]
    return [str(command.name)]


@pytest.fixture
def tiny(world: World) -> Iterator[World]:
    with clock.at(AFTER_OCTOBER):
        add_figures(world, *BIG, TINY)
        with world.app.app_context(), db.transaction() as session:
            fill_stretches(session)
        yield world


def test_no_exit_tells_what_a_small_class_holds(tiny: World) -> None:
    ways: dict[str, Callable[[World], bytes]] = {
        "exports.workbook_of_schools": lambda world: page(world, "/reports/attendance.xlsx?month=2026-10"),
        "exports.workbook_of_school": lambda world: page(
            world, f"/reports/attendance/{world.school_ids['a']}.xlsx?month=2026-10"
        ),
        "exports.extract_of_unit": lambda world: page(
            world, f"/reports/figures/{world.school_ids['a']}/export?period=2026-10&format=csv-package"
        ),
        "exchange.slice_file": slice_file,
        "readers.indicators": through_service,
        "explorer.explore": lambda world: page(
            world,
            f"/reports/explorer?place={world.school_ids['a']}&rows=place&columns=indicator&period=2026-10",
        ),
        "official.workbook": lambda world: page(
            world, f"/reports/official/{world.school_ids['a']}/start/form.xlsx"
        ),
        "official.paper": official_paper,
        "files.download": made_file,
        "bulletins.workbook": lambda world: bulletin(world, "xlsx"),
        "bulletins.paper": lambda world: bulletin(world, "pdf"),
        "bulletins.chart": lambda world: bulletin(world, "vl.json"),
    }
    assert set(ways) == EXITS
    for name, way in ways.items():
        told = way(tiny)
        assert len(told) > 200, name
        assert not MARK.search(told), name
        assert b"_reconstructed" not in told, name
    for form in ("json", "csv", "xlsx", "sdmx-csv", "sdmx-json", "csv-package"):
        arguments = ["indicators", "compute", "--org", "THA", "--period", "2026-2027", "--format", form]
        result = tiny.app.test_cli_runner().invoke(args=arguments)
        assert result.exit_code == 0
        assert not MARK.search(unpacked(result.stdout_bytes)), form
        assert b"_reconstructed" not in unpacked(result.stdout_bytes), form


def page(world: World, address: str) -> bytes:
    told = world.client(Role.DEPARTMENT_OFFICER, gave_factor=True).get(address)
    assert told.status_code == 200
    return unpacked(told.data)


def through_service(world: World) -> bytes:
    with world.app.app_context():
        token = add_key(SYSTEM, "BI", "THA", 1)
    address = "/api/v1/indicators?place=THA&period=2026-10&per_page=1000"
    return bytes(world.app.test_client().get(address, headers={"Authorization": f"Bearer {token}"}).data)


def slice_file(world: World) -> bytes:
    client = world.client(Role.DEPARTMENT_OFFICER)
    with world.app.app_context():
        accept_october(world)
        slice_id = db.session().query(OutgoingSlice).one().id
    return bytes(client.get(f"/exchange/{slice_id}/file").data)


def official_paper(world: World) -> bytes:
    """What the template is told."""
    period = official_period("2026-2027", Occasion.START)
    with world.app.app_context():
        school = db.session().get_one(OrgUnit, world.school_ids["a"])
        form = release_form(SYSTEM, school, [school], period, "pdf")
    return json.dumps(told_of_form(form, period)).encode()


def made_file(world: World) -> bytes:
    """The file of many schools, as the job makes it."""
    client = world.client(Role.DEPARTMENT_OFFICER, gave_factor=True)
    with world.app.app_context():
        about = {"schools": sorted(world.school_ids.values()), "month": "2026-10"}
        wanted = Wanted(FileKind.ATTENDANCE, "chuyen-can.xlsx", about)
        file_id = want_file(Actor(world.user_ids[Role.DEPARTMENT_OFFICER], ""), wanted, "vi")
    assert "chuyen-can.xlsx" in client.get("/reports/files").text
    return unpacked(client.get(f"/reports/files/{file_id}/download").data)


def bulletin(world: World, form: str) -> bytes:
    """The file as it leaves; for paper, what the template is told, since a PDF packs its text away."""
    with world.app.app_context():
        wanted = WantedBulletin(
            world.school_ids["a"], "2026-10", with_schools=False, client_key=f"exits-{form}"
        )
        make_bulletins(SYSTEM, order_bulletins(SYSTEM, wanted), say_nothing)
        row = db.session().query(Bulletin).filter_by(unit_id=world.school_ids["a"]).one()
        told = json.dumps(told_on_paper(read_content(row.content))).encode() + row.content.encode()
    content = page(world, f"/reports/bulletins/{row.id}/bulletin.{form}")
    return told if form == "pdf" else content


def say_nothing(_done: int, _total: int, _message: str) -> None:
    return None


def accept_october(world: World) -> None:
    session = db.session()
    school = session.get_one(OrgUnit, world.school_ids["a"])
    month = month_of_school(session, school, OCTOBER, clock.today())
    release = release_month(month, frozen_cells(session, school.id, OCTOBER))
    accept_month(SYSTEM, school, OCTOBER, release, month.digest, "thử")


def unpacked(content: bytes) -> bytes:
    if not content.startswith(b"PK"):
        return content
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return b"\n".join(unpacked(package.read(name)) for name in package.namelist())
