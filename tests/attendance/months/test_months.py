"""Closing a month: locked, fingerprinted, opened again by the principal with a reason, proved by its CLI."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from app import clock, db
from app.access import Actor, Role
from app.errors import InvalidError
from app.jobs import Job
from attendance.months.commands import close_month
from attendance.months.models import MonthClose
from attendance.months.rules import CLOSE_JOB, Month, Snapped, fingerprint
from attendance.registers.models import Mark
from attendance.registers.queries.chain import verify_chains

if TYPE_CHECKING:
    from tests.attendance.registers.conftest import Desk

OCTOBER = Month(date(2026, 10, 1))
NOVEMBER = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)


def test_a_closed_month_is_locked_until_the_principal_opens_it(desk: Desk) -> None:
    school_id = desk.world.school_ids["a"]
    url = f"/attendance/months/{school_id}"
    desk.save(desk.operation(0, "K"), submit="provisional")
    clerk = desk.world.client(Role.OFFICE_CLERK)
    assert clerk.post(f"{url}/2026-10/close").status_code == 422, "the month is not over"
    with clock.at(NOVEMBER):
        clerk, principal = desk.world.client(Role.OFFICE_CLERK), desk.world.client(Role.PRINCIPAL)
        for _ in range(2):
            assert clerk.post(f"{url}/2026-10/close").status_code == 302
        [closing] = closings(desk)
        assert (closing.register_count, closing.reopened_at) == (1, None)
        assert desk.row().state == "locked"
        assert desk.row().counters.unexcused == 1, "it still counts"
        refused = desk.correct(0, "P", by=principal)
        assert refused.status_code == 409
        assert "khóa" in refused.get_json()["message"]
        assert "Tháng này đã chốt sổ" in principal.get(f"/registers/{desk.register_id}").text
        assert closing.sha256[:12] in principal.get(url).text
        assert verify(desk) == 0
        assert clerk.post(f"{url}/2026-10/reopen", data={"why": "x"}).status_code == 404
        assert principal.post(f"{url}/2026-10/reopen").status_code == 422
        assert principal.post(f"{url}/2026-10/reopen", data={"why": "Nhập sót đơn"}).status_code == 302
        assert desk.row().state == "provisional", "as it stood before"
        assert desk.correct(0, "P", by=principal).status_code == 200
        clerk.post(f"{url}/2026-10/close")
        first, second = closings(desk)
        assert first.reopen_why == "Nhập sót đơn"
        assert first.sha256 != second.sha256
    with desk.world.app.app_context():
        assert verify_chains(db.session()).broken == ()
        with db.transaction() as session:
            session.execute(update(Mark).values(code_id=2))
    assert verify(desk) == 1, "somebody changed a mark behind the product's back"


def test_a_month_is_closed_by_one_job_that_the_page_shows(desk: Desk) -> None:
    school_id = desk.world.school_ids["a"]
    url = f"/attendance/months/{school_id}"
    desk.save(desk.operation(0, "K"))
    payload = json.dumps({"school_id": school_id, "month": "2026-10"})
    with clock.at(NOVEMBER):
        clerk = desk.world.client(Role.OFFICE_CLERK)
        with desk.world.app.app_context(), db.transaction() as session:
            at_it = Job(kind=CLOSE_JOB, payload=payload, state="running", created_at=clock.now())
            session.add(at_it)
        assert f'hx-get="{url}/2026-10/progress"' in clerk.get(url).text
        clerk.post(f"{url}/2026-10/close")
        assert jobs(desk) == ["running"], "asked twice, it is done once"
        assert "HX-Refresh" not in clerk.get(f"{url}/2026-10/progress").headers
        with desk.world.app.app_context(), db.transaction() as session:
            session.execute(update(Job).values(state="failed", error="Hết chỗ trên đĩa."))
        assert "Hết chỗ trên đĩa." in clerk.get(url).text
        assert clerk.get(f"{url}/2026-10/progress").headers["HX-Refresh"] == "true"
        clerk.post(f"{url}/2026-10/close")
        assert jobs(desk) == ["failed", "done"]
        assert "Hết chỗ trên đĩa." not in clerk.get(url).text
        assert len(closings(desk)) == 1


def test_the_days_of_a_closing_are_told(desk: Desk) -> None:
    desk.save(desk.operation(0, "K"))
    told: list[tuple[int, int]] = []
    with desk.world.app.app_context(), clock.at(NOVEMBER):
        actor = Actor(desk.world.user_ids[Role.PRINCIPAL], "")
        done = close_month(
            actor, desk.world.school_ids["a"], OCTOBER, lambda at, of, _message: told.append((at, of))
        )
        again = close_month(actor, desk.world.school_ids["a"], OCTOBER)
    assert told == [(0, 0), (0, 1)]
    assert done == again, "closed twice is closed once, under one fingerprint"


def jobs(desk: Desk) -> list[str]:
    with desk.world.app.app_context():
        return list(db.session().scalars(select(Job.state).where(Job.kind == CLOSE_JOB).order_by(Job.id)))


def closings(desk: Desk) -> list[MonthClose]:
    with desk.world.app.app_context():
        return list(db.session().scalars(select(MonthClose).order_by(MonthClose.id)))


def verify(desk: Desk) -> int:
    return desk.world.app.test_cli_runner().invoke(args=["months", "verify"]).exit_code


def test_a_month_is_over_on_the_first_day_of_the_next() -> None:
    december = Month.read("2026-12")
    assert (december.after_last, december.next.words, december.before.text) == (
        date(2027, 1, 1),
        "01/2027",
        "2026-11",
    )
    december.require_over(date(2027, 1, 1))
    with pytest.raises(InvalidError):
        december.require_over(date(2026, 12, 31))
    with pytest.raises(InvalidError):
        Month.read("2026-13")


REGISTERS = st.lists(
    st.builds(
        Snapped,
        class_id=st.integers(1, 3),
        day=st.sampled_from(["2026-10-05", "2026-10-06"]),
        slot_kind=st.sampled_from("SP"),
        slot=st.integers(1, 3),
        standing=st.just("taken"),
        counters=st.tuples(st.integers(0, 3), st.integers(0, 3)),
        marks=st.lists(st.tuples(st.integers(1, 3), st.integers(0, 3)), max_size=2).map(tuple),
    ),
    max_size=5,
    unique_by=lambda one: (one.class_id, one.day, one.slot_kind, one.slot),
)


@given(REGISTERS, st.randoms())
def test_a_fingerprint_knows_every_mark_and_no_order(registers: list[Snapped], chance: object) -> None:
    shuffled = list(registers)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert fingerprint(shuffled) == fingerprint(registers)
    if registers:
        first = registers[0]
        changed = replace(first, marks=(*first.marks, (9, 9)))
        assert fingerprint([changed, *registers[1:]]) != fingerprint(registers)
