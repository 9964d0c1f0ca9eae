"""Figures entered by hand: with a source, once a year, corrections follow; they reach the indicator."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from app import db
from app.access import Role
from app.errors import InvalidError
from reports.indicators.rules import Count
from reports.inputs.models import EnteredFigure
from reports.inputs.queries import entered_for
from reports.inputs.rules import Answer, Item

if TYPE_CHECKING:
    from tests.world import World


def test_numbers_that_make_no_sense_and_missing_sources_are_refused() -> None:
    for part, whole, source in ((11, 10, "BB 1"), (3, None, "BB 1"), (3, 10, "  "), (-1, 10, "BB 1")):
        with pytest.raises(InvalidError):
            Answer(Item.ROOMS, part, whole, source)
    with pytest.raises(InvalidError):
        Answer(Item.DIGITAL, 0, None, "QĐ 4725")
    assert Answer(Item.DIGITAL, 3, None, "QĐ 4725").counts() == {
        Count.SCHOOLS_OF_LEVEL_3: 1,
        Count.SCHOOLS_ASSESSED: 1,
    }


def test_an_entry_is_kept_with_its_source_and_a_correction_follows_it(world: World) -> None:
    client, school = world.client(Role.PRINCIPAL), world.school_ids["a"]
    address = f"/reports/inputs/{school}"
    first = {"item": "rooms", "seen": "0", "part": "8", "whole": "10", "source": "Biên bản 30/9/2026"}
    assert client.post(address, data=first).status_code == 302
    assert client.post(address, data=first).status_code == 302
    assert client.post(address, data=first | {"part": "9"}).status_code == 409
    assert client.post(address, data=first | {"part": "9", "seen": "1"}).status_code == 302
    assert client.post(address, data=first | {"seen": "2", "source": ""}).status_code == 422
    assert client.post(address, data=first | {"item": "population_1"}).status_code == 422
    assert client.post(f"/reports/inputs/{world.school_ids['b']}", data=first).status_code == 404
    page = client.get(address).get_data(as_text=True)
    assert "Biên bản 30/9/2026" in page
    assert "chưa nhập" in page
    with world.app.app_context():
        rows = db.session().scalars(select(EnteredFigure).order_by(EnteredFigure.revision)).all()
        assert [(row.revision, row.part, row.whole) for row in rows] == [(1, 8, 10), (2, 9, 10)]
        found = {one.count: one.value for one in entered_for(db.session(), [school], "2026-2027")}
        assert found == {Count.SOLID_ROOMS: 9, Count.ROOMS: 10}
    listed = world.client(Role.DEPARTMENT_OFFICER).get("/reports/inputs").get_data(as_text=True)
    assert "1/3" in listed
    catalogue = client.get("/reports/indicators").get_data(as_text=True)
    assert "Tỷ lệ phòng học kiên cố" in catalogue
    explained = client.get("/reports/indicators/pupils").get_data(as_text=True)
    assert "thông tư 19/2017" in explained
    assert client.get("/reports/indicators/happiness").status_code == 404
    assert "Chưa kiểm tra lần nào" in client.get("/reports/checks").get_data(as_text=True)
