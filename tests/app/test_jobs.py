"""Jobs: written with the wish, done once, visible while they run, found again after a crash."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from app import clock, db, jobs
from app.errors import InvalidError
from app.i18n import say
from app.jobs import Job, JobContext, JobKind, Jobs, JobState
from tests.world import MORNING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flask import Flask

    from config import Settings

seen: list[int] = []


def count(context: JobContext, payload: Mapping[str, Any]) -> Mapping[str, Any]:
    seen.append(payload["n"])
    context.report(1, 4, "một phần tư")
    assert jobs.current_jobs().progress(context.job_id).percent == 25
    return {"n": payload["n"]}


def refuse(context: JobContext, payload: Mapping[str, Any]) -> Mapping[str, Any]:
    with db.transaction():
        raise InvalidError(say("Không được."))


def break_down(context: JobContext, payload: Mapping[str, Any]) -> Mapping[str, Any]:
    raise ZeroDivisionError


KINDS = (JobKind("count", count), JobKind("refuse", refuse), JobKind("break", break_down))


@pytest.fixture(autouse=True)
def queue(app: Flask, settings: Settings) -> Iterator[Jobs]:
    seen.clear()
    queue = Jobs(settings, KINDS, immediate=True)
    queue.bind(app)
    with app.app_context(), clock.at(MORNING):
        yield queue


def ask(kind: str, n: int = 1) -> int:
    with db.transaction() as session:
        return jobs.enqueue(session, kind, None, {"n": n}).id


def state(job_id: int) -> Job:
    db.session().rollback()
    db.session().expire_all()
    return db.session().get_one(Job, job_id)


def test_a_job_is_done_after_the_commit_and_only_once(queue: Jobs) -> None:
    job_id = ask("count", 7)
    assert (state(job_id).state, state(job_id).result) == (JobState.DONE, '{"n": 7}')
    jobs.run_job(queue, job_id)
    assert seen == [7]


def test_a_wish_that_fails_leaves_no_job(queue: Jobs) -> None:
    with pytest.raises(ZeroDivisionError), db.transaction() as session:
        jobs.enqueue(session, "count", None, {"n": 1})
        raise ZeroDivisionError
    assert not seen


def test_a_refusal_is_told_and_a_fault_is_not_spelled_out(queue: Jobs) -> None:
    assert state(ask("refuse")).error == "Không được."
    failed = state(ask("break"))
    assert failed.state == JobState.FAILED
    assert "ZeroDivision" not in (failed.error or "")


def test_what_a_crash_left_is_done_by_the_next_rescue(queue: Jobs) -> None:
    queue.beat("living")
    long_ago = MORNING - timedelta(hours=1)
    with db.transaction() as session:
        for name, worker, created in (
            ("queued", None, long_ago),
            ("queued", None, MORNING),
            ("running", "dead", long_ago),
            ("running", "living", long_ago),
        ):
            session.add(Job(kind="count", payload='{"n": 3}', state=name, worker=worker, created_at=created))
    assert jobs.requeue_left_behind() == 2
    assert seen == [3, 3]


def test_an_unknown_kind_is_refused_at_once(queue: Jobs) -> None:
    with pytest.raises(KeyError), db.transaction() as session:
        jobs.enqueue(session, "nothing", None, {})


def test_a_worker_that_shows_itself_is_alive_for_half_a_minute(queue: Jobs) -> None:
    assert not queue.is_alive()
    queue.beat("w1")
    assert queue.is_alive()
    assert queue.is_alive("w1")
    assert not queue.is_alive("w2")
    with clock.at(MORNING + timedelta(seconds=40)):
        assert not queue.is_alive()
