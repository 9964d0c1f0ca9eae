"""The province for measurements: as many schools and pupils as promised; a few of them really written."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from app import db
from app.audit.queries import verify_chain
from app.school.models import OrgUnit, Pupil, School
from attendance.registers.models import Mark, MarkEvent, Register
from demo import province
from demo.accounts import HOMEROOM, OFFICER, shown_accounts
from demo.province import BATCH, PUPILS, SCHOOLS, province_schools, seed_province
from reports.cubes.models import ClassDay
from reports.recount.queries import Scope, recount_differences

if TYPE_CHECKING:
    from flask import Flask


def test_schools_and_pupils_are_as_many_as_promised() -> None:
    plans = province_schools(random.Random(1))
    assert len(plans) == sum(SCHOOLS.values()) == 430
    assert sum(one.size for plan in plans for one in plan.classes) == PUPILS
    assert len({plan.code for plan in plans}) == len({plan.name for plan in plans}) == 430
    assert all(28 <= one.size <= 42 for plan in plans for one in plan.classes)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_few_schools_of_it_are_written_whole(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    few = province_schools(random.Random(1))[:: 430 // 3][:4]
    monkeypatch.setattr(province, "province_schools", lambda _: few)
    told: list[str] = []
    with app.app_context():
        seed_province("hash", told.append)
        session = db.session()
        assert len(told) == -(-len(few) // BATCH) + 1
        assert session.scalar(select(func.count()).select_from(Pupil)) == sum(
            one.size for p in few for one in p.classes
        )
        registers = session.scalar(select(func.count()).select_from(Register)) or 0
        marks = session.scalar(select(func.count()).select_from(Mark)) or 0
        assert registers > 200 * sum(len(plan.classes) for plan in few)
        assert 1.2 * registers < marks < 3 * registers
        assert not session.scalar(select(func.count()).select_from(MarkEvent))
        assert session.scalar(select(func.count()).select_from(ClassDay))
        year = session.execute(select(func.min(Register.day), func.max(Register.day))).one()
        for school_id in session.scalars(select(School.id)):
            assert not recount_differences(session, Scope(school_id, *year))
        assert verify_chain(session).is_sound
        assert {one.username for one in shown_accounts(session)} >= {HOMEROOM.username, OFFICER.username}
        assert session.scalar(select(func.count()).where(OrgUnit.kind == "ward")) == 96
