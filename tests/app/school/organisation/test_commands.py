"""The change of 1 July 2025: as it was then and as it is today; moves and merges keep the past."""

from __future__ import annotations

import csv
import threading
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select

from app import clock, db
from app.access import SYSTEM
from app.audit.commands import record as record_change
from app.audit.models import AuditEntry
from app.errors import ConflictError, InvalidError
from app.school.models import OrgUnit
from app.school.organisation.commands import (
    Loaded,
    NewUnit,
    add_below,
    load_history,
    merge_unit,
    move_unit,
)
from app.school.organisation.queries import history, today_of, tree_as_of, unit_as_of
from app.school.organisation.rules import Node, history_lines, parent_on
from app.school.rules import UnitKind
from tests.world import MORNING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask

BEFORE, AFTER = date(2025, 6, 30), date(2025, 7, 1)
FILE = Path(__file__).with_name("binh-phuoc-dong-nai.csv")


def load() -> Loaded:
    with FILE.open(encoding="utf-8", newline="") as lines:
        return load_history(SYSTEM, history_lines(csv.DictReader(lines)))


@pytest.fixture
def dong_nai(app: Flask) -> Iterator[Loaded]:
    """The organisation of the file, seen on a Monday in October 2026."""
    with app.app_context(), clock.at(MORNING):
        yield load()


def found(code: str, day: date, code_set: str = "gso") -> OrgUnit:
    unit = unit_as_of(db.session(), code, code_set, day)
    assert unit is not None
    return unit


def paths(nodes: list[Node], above: str = "") -> set[str]:
    here = set()
    for node in nodes:
        path = f"{above}/{node.unit.name}"
        here |= {path} | paths(node.children, path)
    return here


@pytest.mark.parametrize(
    ("code", "then", "now"),
    [
        ("25210", "Phường Tiến Thành", "Phường Đồng Xoài"),
        ("25195", "Phường Tân Phú", "Phường Bình Phước"),
    ],
)
def test_a_ward_code_means_what_it_meant_on_the_day(dong_nai: Loaded, code: str, then: str, now: str) -> None:
    assert (found(code, BEFORE).name, found(code, AFTER).name) == (then, now)


def test_as_it_was_then_and_as_it_is_today(dong_nai: Loaded) -> None:
    then = paths(tree_as_of(db.session(), BEFORE))
    now = paths(tree_as_of(db.session(), clock.today()))
    assert "/Tỉnh Bình Phước/Thành phố Đồng Xoài/Phường Tiến Thành/THCS Bàng Lăng" in then
    assert "/Tỉnh Bình Phước/Thành phố Đồng Xoài/Phường Tân Xuân/THCS Phượng Vỹ" in then
    assert "/Tỉnh Đồng Nai/Phường Đồng Xoài/THCS Bàng Lăng" in now
    assert "/Tỉnh Đồng Nai/Phường Bình Phước/THCS Phượng Vỹ" in now
    assert not [path for path in now if "Tỉnh Bình Phước" in path or "Thành phố" in path]


def test_what_an_old_unit_is_today(dong_nai: Loaded) -> None:
    def today(code: str) -> list[str]:
        return [unit.name for unit in today_of(db.session(), found(code, BEFORE).id, clock.today())]

    assert today("25204") == ["Phường Bình Phước"]
    assert today("70") == ["Tỉnh Đồng Nai"]
    assert today("689") == ["Phường Đồng Xoài", "Phường Bình Phước"]
    assert [unit.name for unit in today_of(db.session(), found("689", BEFORE).id, BEFORE)] == [
        "Thành phố Đồng Xoài"
    ]


def test_loading_twice_changes_nothing(dong_nai: Loaded) -> None:
    assert (dong_nai.units, dong_nai.parents, dong_nai.successions) == (11, 2, 7)
    before = db.session().scalar(select(func.count()).select_from(OrgUnit))
    again = load()
    assert (again.units, again.parents, again.successions) == (0, 0, 0)
    assert db.session().scalar(select(func.count()).select_from(OrgUnit)) == before


def test_a_file_with_an_unknown_unit_writes_nothing(app: Flask) -> None:
    line = {
        "what": "unit",
        "kind": "ward",
        "code_set": "gso",
        "code": "1",
        "name": "Xã Một",
        "valid_from": "2025-07-01",
    }
    with app.app_context():
        with pytest.raises(InvalidError, match="Dòng 3"):
            load_history(SYSTEM, history_lines([line, line | {"code": "2", "other_code": "999"}]))
        assert db.session().scalar(select(func.count()).select_from(OrgUnit)) == 0


def test_the_command_line_loads_the_file(app: Flask) -> None:
    answer = app.test_cli_runner().invoke(args=["org", "load", str(FILE)])
    assert answer.exit_code == 0, answer.output
    assert "Đơn vị: 11" in answer.output


def test_a_school_that_moves_belonged_elsewhere_before(dong_nai: Loaded) -> None:
    school = found("TX01", AFTER, "local")
    old, new = found("25195", AFTER), found("25210", AFTER)
    for _ in range(2):
        move_unit(SYSTEM, school.id, new.id, date(2026, 8, 1))
    known = history(db.session())
    above = [
        parent_on(known.units[school.id], known.former, day)
        for day in (BEFORE, date(2026, 7, 31), date(2026, 8, 1))
    ]
    assert above == [found("25204", BEFORE).id, old.id, new.id]
    assert db.session().scalar(select(AuditEntry.action).order_by(AuditEntry.id.desc())) == "unit.moved"


def test_impossible_moves_are_refused(dong_nai: Loaded) -> None:
    school, ward = found("TX01", AFTER, "local"), found("25210", AFTER)
    for parent, on in (
        (ward.id, date(2026, 12, 1)),  # in the future
        (ward.id, date(2025, 7, 1)),  # the day of the last move
        (school.id, date(2026, 8, 1)),  # below itself
    ):
        with pytest.raises(InvalidError):
            move_unit(SYSTEM, school.id, parent, on)
    with pytest.raises(InvalidError):
        move_unit(SYSTEM, found("75", AFTER).id, ward.id, date(2026, 8, 1))


def test_a_merged_ward_takes_its_schools_along(dong_nai: Loaded) -> None:
    ward, into = found("25195", AFTER), found("25210", AFTER)
    assert merge_unit(SYSTEM, ward.id, into.id, date(2026, 9, 1)) == 1
    now = paths(tree_as_of(db.session(), clock.today()))
    assert "/Tỉnh Đồng Nai/Phường Đồng Xoài/THCS Phượng Vỹ" in now
    assert "/Tỉnh Đồng Nai/Phường Bình Phước/THCS Phượng Vỹ" in paths(
        tree_as_of(db.session(), date(2026, 8, 31))
    )
    assert [unit.id for unit in today_of(db.session(), ward.id, clock.today())] == [into.id]
    with pytest.raises(ConflictError):
        merge_unit(SYSTEM, ward.id, into.id, date(2026, 9, 2))
    with pytest.raises(InvalidError):
        merge_unit(SYSTEM, found("TX01", AFTER, "local").id, into.id, date(2026, 9, 2))


def test_a_new_school_has_what_schools_have_and_its_code_once(dong_nai: Loaded) -> None:
    ward = found("25210", AFTER)
    new = NewUnit(UnitKind.SCHOOL, "HS01", "Tiểu học Hoa Sen", date(2026, 8, 1))
    school_id = add_below(SYSTEM, ward.id, new)
    assert "/Tỉnh Đồng Nai/Phường Đồng Xoài/Tiểu học Hoa Sen" in paths(
        tree_as_of(db.session(), clock.today())
    )
    assert db.session().get_one(OrgUnit, school_id).name_fold == "tieu hoc hoa sen"
    with pytest.raises(ConflictError):
        add_below(SYSTEM, ward.id, new)


@pytest.mark.parametrize("settings", ["postgresql"], indirect=True)
def test_two_moves_at_once_make_no_circle(
    app: Flask, dong_nai: Loaded, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each is right on its own: this ward below that one, and that one below this one."""
    one, other, on = found("25195", AFTER).id, found("25210", AFTER).id, date(2026, 8, 1)
    faults: list[Exception] = []

    def move_back() -> None:
        with app.app_context(), clock.at(MORNING):
            try:
                move_unit(SYSTEM, other, one, on)
            except InvalidError as error:
                faults.append(error)

    beside = threading.Thread(target=move_back)

    def record(*about: Any) -> None:  # noqa: ANN401 - whatever is recorded
        """The first has moved and not committed yet when the second comes."""
        if not beside.ident:
            beside.start()
            beside.join(0.3)
        record_change(*about)

    monkeypatch.setattr("app.school.organisation.commands.record", record)
    move_unit(SYSTEM, one, other, on)
    beside.join(10)
    assert [type(fault) for fault in faults] == [InvalidError]
    session = db.session()
    assert [
        session.get_one(OrgUnit, unit).parent_id == below for unit, below in ((one, other), (other, one))
    ] == [
        True,
        False,
    ]
