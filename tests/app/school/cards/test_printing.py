"""Sheets of cards: made by a job, taken with a second factor, with the code that holds."""

from __future__ import annotations

import re
import zlib
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from app import clock, db
from app.access import Role
from app.audit.models import AuditEntry
from app.school.cards.commands import forget_old_prints
from app.school.cards.models import CardNumber, CardPrint
from app.school.models import ClassMembership, SchoolClass
from app.school.queries import cards_of_pupils
from tests.world import MONDAY, add_pupil

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from tests.world import World


@pytest.fixture
def office(world: World) -> FlaskClient:
    return world.client(Role.OFFICE_CLERK, gave_factor=True)


def order(office: FlaskClient, world: World, **fields: str) -> int:
    answer = office.post(f"/schools/{world.school_ids['a']}/cards", data={"key": "k"} | fields)
    assert answer.status_code == 302
    with world.app.app_context():
        return db.session().scalars(select(CardPrint.id).order_by(CardPrint.id.desc())).first() or 0


def numbers(world: World, key: str = "own") -> dict[int, int]:
    with world.app.app_context():
        rows = db.session().execute(
            select(CardNumber.pupil_id, CardNumber.number).where(CardNumber.class_id == world.class_ids[key])
        )
        return {row[0]: row[1] for row in rows}


def texts(pdf: bytes) -> int:
    """How many pages a PDF has."""
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    plain = pdf + b"".join(zlib.decompressobj().decompress(one) for one in streams if one[:1] == b"x")
    return len(re.findall(rb"/Type\s*/Page\b", plain))


def test_a_school_is_printed_with_a_sheet_a_class_and_every_step_is_in_the_log(
    world: World, office: FlaskClient
) -> None:
    print_id = order(office, world)
    pdf = office.get(f"/card-prints/{print_id}/cards.pdf")
    assert (pdf.status_code, pdf.data[:5], texts(pdf.data)) == (200, b"%PDF-", 2)
    assert b"BeVietnamPro" in pdf.data
    assert b"Libertinus" not in pdf.data
    assert sorted(numbers(world).values()) == [1, 2, 3, 4, 5, 6]
    with world.app.app_context():
        actions = db.session().scalars(select(AuditEntry.action).order_by(AuditEntry.sequence)).all()
        assert [one for one in actions if one.startswith("cards.")] == ["cards.printed", "cards.downloaded"]
        row = db.session().get_one(CardPrint, print_id)
        assert (row.count, row.class_id) == (12, None)
    assert "12 thẻ" in office.get(f"/schools/{world.school_ids['a']}/cards").text


def test_the_same_form_twice_is_one_print_and_strangers_are_not_printed(
    world: World, office: FlaskClient
) -> None:
    own = str(world.class_ids["own"])
    assert order(office, world, class_id=own) == order(office, world, class_id=own)
    for fields in (
        {"class_id": str(world.class_ids["other_school"])},
        {"pupil_id": str(world.pupil_ids["other_school"][0])},
    ):
        path = f"/schools/{world.school_ids['a']}/cards"
        assert office.post(path, data={"key": "other"} | fields).status_code == 404


def test_numbers_stay_when_pupils_leave_and_come(world: World, office: FlaskClient) -> None:
    own = str(world.class_ids["own"])
    order(office, world, class_id=own)
    before = numbers(world)
    with world.app.app_context(), db.transaction() as session:
        new = add_pupil(session, session.get_one(SchoolClass, world.class_ids["own"]), "Ân Văn Ánh").id
        gone = world.pupil_ids["own"][1]
        session.query(ClassMembership).filter_by(pupil_id=gone).update({"ends_on": MONDAY})
    order(office, world, class_id=own, key="again")
    assert numbers(world) == before | {new: 7}


def test_a_lost_card_is_no_good_and_its_successor_is_printed_alone(world: World, office: FlaskClient) -> None:
    pupil = world.pupil_ids["own"][0]
    with world.app.app_context():
        old = cards_of_pupils(db.session(), [pupil], world.year_id)[pupil]
    assert office.post(f"/pupils/{pupil}/card").status_code == 302
    with world.app.app_context():
        new = cards_of_pupils(db.session(), [pupil], world.year_id)[pupil]
    assert new != old
    print_id = order(office, world, pupil_id=str(pupil))
    with world.app.app_context():
        assert db.session().get_one(CardPrint, print_id).count == 1


def test_sheets_are_kept_a_week(world: World, office: FlaskClient) -> None:
    print_id = order(office, world)
    with world.app.app_context(), clock.at(clock.now() + timedelta(days=8)):
        forget_old_prints()
    assert office.get(f"/card-prints/{print_id}/cards.pdf").status_code == 422


def test_whoever_gave_no_second_factor_takes_no_cards(world: World, office: FlaskClient) -> None:
    print_id = order(office, world)
    assert (
        world.client(Role.PRINCIPAL, gave_factor=True).get(f"/card-prints/{print_id}/cards.pdf").status_code
        == 404
    )
    assert office.get(f"/card-prints/{print_id}/cards.pdf").status_code == 200
