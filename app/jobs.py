"""Jobs: work that takes longer than a request may. A worker process does it; a page shows how far it is.

The row of a job is written in the transaction that wants the job done; the queue (huey: SQLite in a school, Redis
in a province) only says "look". What a crash left in the table is queued again when a worker starts.
Progress is kept in the queue's own storage, because a job that writes in one transaction holds SQLite's write lock.
"""

from __future__ import annotations

import json
import logging
import os
import socket
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, TypeVar

from flask import current_app
from huey import RedisHuey, SqliteHuey
from sqlalchemy import Index, String, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from app import clock, db
from app.db import Base, Pk, ref
from app.errors import BangXanhError
from app.i18n import Phrase, say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from flask import Flask

    from config import Settings

log = logging.getLogger(__name__)
T = TypeVar("T")
WORKER_SILENT_AFTER: Final = timedelta(seconds=30)
UNPUSHED_AFTER: Final = timedelta(seconds=20)


class JobState(StrEnum):
    """Where a job stands. A failed one may be tried again by asking for it again."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Job(Base):
    """A piece of work for the worker. `payload` and `result` are JSON; `error` is told to the person."""

    __tablename__ = "job"
    __table_args__ = (Index("ix_job_state_created_at", "state", "created_at"),)
    id: Mapped[Pk]
    kind: Mapped[str] = mapped_column(String(80))
    payload: Mapped[str]
    state: Mapped[str] = mapped_column(String(16), default=JobState.QUEUED)
    user_id: Mapped[int | None] = mapped_column(ref("user_account.id"), index=True)
    result: Mapped[str | None]
    error: Mapped[str | None]
    created_at: Mapped[datetime]
    worker: Mapped[str | None] = mapped_column(String(80))
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is: `done` of `total` steps (total 0: not known yet), and what it is doing."""

    done: int = 0
    total: int = 0
    message: str = ""

    @property
    def percent(self) -> int:
        """Whole percent, 0 to 100."""
        return min(100, self.done * 100 // self.total) if self.total else 0


@dataclass(frozen=True, slots=True)
class JobContext:
    """What a job's function gets: who asked, and how to say how far it is."""

    job_id: int
    user_id: int | None
    report: Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class JobKind:
    """A kind of job. `run(context, payload)` returns the result as plain JSON values."""

    name: str
    run: Callable[[JobContext, Mapping[str, Any]], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Periodic:
    """Something that a worker does every `seconds`; it must be harmless when two workers do it at once."""

    name: str
    seconds: float
    run: Callable[[], None]


class Jobs:
    """The queue and the kinds of jobs of one application."""

    def __init__(self, settings: Settings, kinds: Iterable[JobKind], *, immediate: bool) -> None:
        if settings.redis_url:
            self.huey = RedisHuey("bangxanh", url=settings.redis_url, immediate=immediate)
        else:
            settings.instance.mkdir(parents=True, exist_ok=True)
            path = settings.instance / "queue.db"
            self.huey = SqliteHuey("bangxanh", filename=str(path), immediate=immediate)
        self.kinds = {kind.name: kind for kind in kinds}
        self._app: Flask | None = None
        self._task = self.huey.task(name="run_job")(self._run_in_context)

    def bind(self, app: Flask) -> None:
        """Remember the application in whose context jobs run."""
        self._app = app
        app.extensions["bangxanh.jobs"] = self

    def push(self, job_id: int) -> None:
        """Tell a worker to look at a job."""
        self._task(job_id)

    def set_progress(self, job_id: int, done: int, total: int, message: str) -> None:
        """Store how far a job is, where a reader sees it before the job's transaction ends."""
        self.huey.put(f"progress:{job_id}", {"done": done, "total": total, "message": message})

    def progress(self, job_id: int) -> Progress:
        """Return how far a job is; zero when nothing was said yet."""
        stored = self.huey.get(f"progress:{job_id}", peek=True)
        return Progress(**stored) if stored else Progress()

    def beat(self, worker: str) -> None:
        """Show that a worker lives. Kept in the queue's storage: a long import may hold the database's write lock."""
        moment = clock.now().isoformat()
        for name in (worker, ""):
            self.huey.put(f"beat:{name}", moment)

    def is_alive(self, worker: str = "") -> bool:
        """Say whether a worker (any, by default) showed itself within the last half minute."""
        last = self.huey.get(f"beat:{worker}", peek=True)
        return last is not None and clock.now() - datetime.fromisoformat(last) < WORKER_SILENT_AFTER

    def _run_in_context(self, job_id: int) -> None:
        if self._app is None:
            message = "Jobs.bind(app) was not called"
            raise RuntimeError(message)
        with self._app.app_context():
            run_job(self, job_id)


def current_jobs() -> Jobs:
    """Return the jobs of the running application."""
    jobs: Jobs = current_app.extensions["bangxanh.jobs"]
    return jobs


def enqueue(current: Session, kind: str, user_id: int | None, payload: Mapping[str, Any]) -> Job:
    """Write a job in the running transaction and have it pushed after the commit; raise KeyError on an unknown kind."""
    jobs = current_jobs()
    jobs.kinds[kind]
    job = Job(
        kind=kind,
        payload=json.dumps(payload, ensure_ascii=False),
        state=JobState.QUEUED,
        user_id=user_id or None,
        created_at=clock.now(),
    )
    current.add(job)
    current.flush()
    db.after_commit(current, lambda: jobs.push(job.id))
    return job


def run_job(jobs: Jobs, job_id: int) -> None:
    """Do one job, unless somebody already has; its error becomes its state, never a dead worker."""
    claimed = _claim(job_id)
    if claimed is None:
        return
    context = JobContext(
        job_id=job_id,
        user_id=claimed.user_id,
        report=lambda done, total, message: jobs.set_progress(job_id, done, total, message),
    )
    try:
        result = jobs.kinds[claimed.kind].run(context, json.loads(claimed.payload))
    except BangXanhError as error:
        _finish(job_id, JobState.FAILED, error=str(error))
    except Exception:
        log.exception("job %s (%s) failed", job_id, claimed.kind)
        _finish(
            job_id,
            JobState.FAILED,
            error=say("Công việc bị lỗi. Hãy thử lại; nếu vẫn lỗi, báo quản trị viên."),
        )
    else:
        _finish(job_id, JobState.DONE, result=json.dumps(result, ensure_ascii=False))


@dataclass(frozen=True, slots=True)
class _Claimed:
    kind: str
    payload: str
    user_id: int | None


def _claim(job_id: int) -> _Claimed | None:
    with db.transaction() as current:
        job = current.get(Job, job_id, with_for_update=True)
        if job is None or job.state != JobState.QUEUED:
            return None
        job.state = JobState.RUNNING
        job.worker = worker_name()
        job.started_at = clock.now()
        return _Claimed(job.kind, job.payload, job.user_id)


def _finish(
    job_id: int, state: JobState, *, result: str | None = None, error: str | Phrase | None = None
) -> None:
    db.session().rollback()
    with db.transaction() as current:
        job = current.get_one(Job, job_id)
        job.state, job.result, job.error = state, result, error
        job.finished_at = clock.now()


def worker_name() -> str:
    """Return the name under which this process does jobs and shows that it lives."""
    return f"{socket.gethostname()}:{os.getpid()}"[:80]


def requeue_left_behind() -> int:
    """Queue again what a crash left: jobs that nobody was told of, and those whose worker no longer shows itself.

    Harmless at any time and in any number of workers: a job is claimed in a transaction before it is done.
    Returns how many were queued.
    """
    jobs = current_jobs()
    now = clock.now()
    waiting = (Job.state == JobState.QUEUED) & (Job.created_at < now - UNPUSHED_AFTER)
    with db.transaction() as current:
        found = current.scalars(select(Job).where(waiting | (Job.state == JobState.RUNNING))).all()
        left = [
            job.id for job in found if job.state == JobState.QUEUED or not jobs.is_alive(job.worker or "")
        ]
        current.execute(update(Job).where(Job.id.in_(left)).values(state=JobState.QUEUED))
    for job_id in left:
        jobs.push(job_id)
    return len(left)


def offload(work: Callable[[], T]) -> T:
    """Run slow native work (a password hash, a chart) in a native thread, so that the event loop goes on.

    Outside gevent it simply runs. `work` gets an application context of its own, hence a database session of its own.
    """
    app = current_app._get_current_object()  # type: ignore[attr-defined] # noqa: SLF001 - Flask's documented way

    def with_context() -> T:
        with app.app_context():
            return work()

    return native(with_context)


def native(work: Callable[[], T]) -> T:
    """Run `work` in gevent's pool of native threads when this process runs on gevent, else at once."""
    from gevent import get_hub, monkey  # noqa: PLC0415 - only processes that serve need gevent at all

    if not monkey.is_module_patched("socket"):
        return work()
    result: T = get_hub().threadpool.apply(work)
    return result


def run_periodically(
    app: Flask, periodics: Iterable[Periodic], stop: threading.Event
) -> list[threading.Thread]:
    """Start a thread for each periodic task; each survives its own failures and ends with `stop`."""
    threads = []
    for periodic in periodics:
        thread = threading.Thread(target=_repeat, args=(app, periodic, stop), name=periodic.name, daemon=True)
        thread.start()
        threads.append(thread)
    return threads


def _repeat(app: Flask, periodic: Periodic, stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            with app.app_context():
                periodic.run()
        except Exception:  # tomorrow's run must happen even when today's failed
            log.exception("periodic task %s failed", periodic.name)
        stop.wait(periodic.seconds)
