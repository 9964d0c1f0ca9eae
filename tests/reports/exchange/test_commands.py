"""The outbox: order, claims, and what comes of them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from app import clock, db
from reports.envelope.rules import Receipt, Result, SliceAddress
from reports.exchange.commands import Outcome, claim_next, queue_slice, reconcile, settle
from reports.exchange.models import OutgoingSlice
from reports.exchange.queries import delivered_slices
from reports.exchange.rules import Failure, SliceState

if TYPE_CHECKING:
    from reports.exchange.commands import Claim
    from tests.world import World


def queue(world: World, period: str, school: str = "a") -> int:
    with db.transaction() as session:
        address = ("attendance_month", school.upper(), period)
        content = {"rows": [{"key": "", "name": period}]}
        return queue_slice(session, world.school_ids[school], address, content, {}, clock.now()).id


def rows() -> list[OutgoingSlice]:
    return list(db.session().scalars(select(OutgoingSlice).order_by(OutgoingSlice.id)))


def claimed() -> Claim:
    claim = claim_next()
    assert claim is not None
    return claim


def received(claim: Claim) -> Outcome:
    receipt = Receipt("key", claim.row.sha256, Result.STORED, clock.now())
    return Outcome(SliceState.RECEIVED, None, 200, receipt)


def test_slices_go_out_in_the_order_of_acceptance(november: World) -> None:
    with november.app.app_context():
        ids = [queue(november, period) for period in ("2026-09", "2026-10", "2026-11")]
        sent = []
        for _ in ids:
            claim = claimed()
            sent.append(claim.row.id)
            settle(claim, received(claim))
        assert sent == ids
        assert claim_next() is None


def test_one_sender_at_a_time(november: World) -> None:
    with november.app.app_context():
        queue(november, "2026-09")
        queue(november, "2026-10")
        claim = claimed()
        assert claim_next() is None
        settle(claim, received(claim))
        assert claimed().row.period == "2026-10"


def test_of_many_workers_that_ask_at_once_one_sends(november: World) -> None:
    app = november.app
    with app.app_context():
        queue(november, "2026-09")
        queue(november, "2026-10")
    moment = clock.now()

    def ask() -> int | None:
        with app.app_context(), clock.at(moment):
            claim = claim_next()
            db.db.session.remove()
            return claim.row.id if claim else None

    with ThreadPoolExecutor(6) as pool:
        claims = [found for found in pool.map(lambda _: ask(), range(6)) if found is not None]
    assert len(claims) == 1


def test_nothing_overtakes_a_slice_that_waits(november: World) -> None:
    with november.app.app_context():
        first = queue(november, "2026-09")
        queue(november, "2026-10")
        claim = claimed()
        settle(claim, Outcome(SliceState.QUEUED, Failure.NO_ANSWER, None, wait=timedelta(minutes=3)))
        assert claim_next() is None
        with clock.at(clock.now() + timedelta(minutes=4)):
            again = claimed()
            assert (again.row.id, again.row.attempts) == (first, 2)


def test_a_sender_that_died_loses_its_claim_and_its_late_word(november: World) -> None:
    with november.app.app_context():
        queue(november, "2026-09")
        dead = claimed()
        with clock.at(clock.now() + timedelta(minutes=3)):
            alive = claimed()
            assert settle(dead, Outcome(SliceState.FAILED, Failure.REFUSED, 400)) is False
            assert settle(alive, received(alive)) is True
        assert rows()[0].state == SliceState.RECEIVED


def test_a_failed_slice_does_not_hold_up_the_others(november: World) -> None:
    with november.app.app_context():
        queue(november, "2026-09")
        queue(november, "2026-10")
        settle(claimed(), Outcome(SliceState.FAILED, Failure.BAD_ENVELOPE, 422))
        assert claimed().row.period == "2026-10"


def test_reconciling_verifies_the_same_and_sends_again_what_was_lost(november: World) -> None:
    with november.app.app_context():
        for school, period in (("a", "2026-09"), ("a", "2026-10"), ("b", "2026-10")):
            queue(november, period, school)
            claim = claimed()
            settle(claim, received(claim))
        same, lost, newer = delivered_slices(db.session())
        held = {
            SliceAddress(same.dataset, same.organisation, same.period): (1, same.sha256),
            SliceAddress(newer.dataset, newer.organisation, newer.period): (7, "f" * 64),
        }
        assert reconcile(held, [same, lost, newer]) == 2
        after = {row.id: row for row in rows()}
        assert after[same.id].verified_at is not None
        assert (after[lost.id].state, after[lost.id].last_error) == (SliceState.QUEUED, Failure.LOST_AT_HUB)
        assert (after[newer.id].state, after[newer.id].last_error) == (
            SliceState.FAILED,
            Failure.NEWER_AT_HUB,
        )


def test_what_the_hub_calls_superseded_counts_as_replaced(november: World) -> None:
    with november.app.app_context():
        queue(november, "2026-09")
        claim = claimed()
        receipt = Receipt("key", claim.row.sha256, Result.SUPERSEDED, clock.now())
        settle(claim, Outcome(SliceState.RECEIVED, None, 200, receipt))
        assert rows()[0].state == SliceState.REPLACED
