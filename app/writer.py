"""One writer: writes that many people make at once share a transaction, and each is answered after its commit.

A commit that is really on the disk takes milliseconds, so forty-five answers must not pay for forty-five of them, and
the event loop must not wait for any. A native thread takes what has arrived, runs it in one transaction, commits, and
only then lets the callers go on. While it commits, the next group gathers.

The thread has a connection that nobody else can take, and who waits for it holds none: however many wait, it goes on.

Outside a serving process (command line, worker, most tests) there is no thread: the write simply runs.
"""

from __future__ import annotations

import logging
from collections import deque
from dataclasses import dataclass
from itertools import groupby
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, Generic, Protocol, TypeVar

from flask import has_app_context
from gevent import get_hub, monkey, sleep
from gevent.hub import Waiter
from sqlalchemy import QueuePool, create_engine
from sqlalchemy.exc import IntegrityError

from app import db, sqlite
from app.errors import BangXanhError
from app.lines import Line
from app.postgres import sleep_in
from app.turns import SLICE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from flask import Flask
    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

log = logging.getLogger(__name__)
GROUP_LIMIT: Final = 2_000
GATHER_AT_MOST: Final = 0.01
"""Seconds that a group may go on gathering while every turn of the event loop brings more."""
T = TypeVar("T")
Item_contra = TypeVar("Item_contra", contravariant=True)
Result_co = TypeVar("Result_co", covariant=True)
Item = TypeVar("Item")


class Bulk(Protocol[Item_contra, Result_co]):
    """A write of many items in one go; it returns one result, or one error to raise, for each item in order."""

    def __call__(
        self, session: Session, items: Sequence[Item_contra], /
    ) -> Sequence[Result_co | BangXanhError]:
        """Write the items in the running transaction."""


@dataclass(slots=True, eq=False)
class Pending(Generic[T]):
    """A write that was asked for: wait for what came of it with `get`, or have something called with `then`.

    Both are for the code that asked, before it lets anybody else run.
    """

    bulk: Bulk[Any, T]
    item: Any
    _result: Any = None
    _error: BaseException | None = None
    _is_settled: bool = False
    _wake: Callable[[Pending[T]], None] | None = None

    def get(self) -> T:
        """Return what the write returned, once it is on the disk; raise what it raised. Others run meanwhile."""
        if not self._is_settled:
            waiter: Waiter[Pending[T]] = Waiter()
            self._wake = waiter.switch
            waiter.get()
        return self.outcome()

    def then(self, call: Callable[[Pending[T]], None]) -> None:
        """Have `call(self)` run once it is settled, on the event loop, where it must neither wait nor raise."""
        if self._is_settled:
            call(self)
        else:
            self._wake = call

    def outcome(self) -> T:
        """Return what the settled write returned, or raise what it raised."""
        if self._error is not None:
            raise self._error
        result: T = self._result
        return result

    def note(self, result: object) -> None:
        """Note what came of it, in the thread that wrote."""
        if isinstance(result, BangXanhError):
            self._error = result
        else:
            self._result = result

    def note_failure(self, error: BaseException | None) -> None:
        """Note what made the whole group fail; None: it is tried again."""
        self._error = error

    def settle(self) -> None:
        """Let the caller go on, on the event loop."""
        self._is_settled = True
        if self._wake is not None:
            self._wake(self)


_serving: list[GroupWriter] = []
"""The writer of this process: none or one."""


class GroupWriter:
    """The native thread and its queue; made by the serving process, on the thread of its event loop."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        with app.app_context():
            self._engine = _engine_of_one(app)
            self._line = Line(self._engine)
        self._waiting: deque[Pending[Any]] = deque()
        self._settled: deque[Pending[Any]] = deque()
        self._bell = _native_lock()
        self._ended = _native_lock()
        self._stopping = False
        self._is_ring_due = False
        self._arrived = 0
        self._ring_by = 0.0
        self._loop = get_hub().loop
        self._turn = self._loop.timer(0)
        self._loop_thread = _native_thread()
        self._back_on_loop = self._loop.async_()
        self._back_on_loop.start(self._wake_callers)
        _serving.append(self)
        monkey.get_original("_thread", "start_new_thread")(self._run, ())

    @property
    def is_callable_here(self) -> bool:
        """Whether the calling code runs on the event loop; other native threads write for themselves."""
        return _native_thread() == self._loop_thread

    def ask(self, bulk: Bulk[Item, T], item: Item) -> Pending[T]:
        """Have `item` written with the next group; return at once."""
        _release_reads()
        order = Pending(bulk, item)
        self._waiting.append(order)
        self._arrived += 1
        if not self._is_ring_due:
            self._is_ring_due = True
            self._ring_by = monotonic() + GATHER_AT_MOST
            self._turn.start(self._ring_when_quiet, self._arrived)
        return order

    def stop(self) -> None:
        """Write what waits, then end the thread; called when the process is told to end."""
        self._stopping = True
        self._ring()
        while not self._ended.acquire(blocking=False):
            sleep(0.01)
        _serving.remove(self)

    def _ring_when_quiet(self, seen: int) -> None:
        """Ring once a turn of the event loop brought nothing more, so that a class's answers are one group.

        Rung at the first, a commit begins for the few that came first, and most of the class waits for two of them.
        """
        if self._arrived > seen and monotonic() < self._ring_by:
            self._turn.start(self._ring_when_quiet, self._arrived)
        else:
            self._ring()

    def _ring(self) -> None:
        self._is_ring_due = False
        # A released lock stays released: ringing twice before the thread looks is the same as ringing once. Only the
        # event loop rings, so nobody can come between the question and the release.
        if self._bell.locked():
            self._bell.release()

    def _run(self) -> None:
        while self._waiting or not self._stopping:
            if not self._waiting:
                self._bell.acquire()
                continue
            group = [self._waiting.popleft() for _ in range(min(len(self._waiting), GROUP_LIMIT))]
            self._write_in_context(group)
            self._settled.extend(group)
            self._back_on_loop.send()
        self._line.close()
        self._engine.dispose()
        self._ended.release()

    def _write_in_context(self, group: Sequence[Pending[Any]]) -> None:
        try:
            with self._app.app_context():
                db.db.session.registry.set(self._line.session)
                _write_group(group, self._line)
        except (
            Exception
        ):  # giving back a broken connection; the orders are settled, and the thread must live on
            log.exception("the writer's session could not be closed")

    def _wake_callers(self) -> None:
        """Let a slice of the callers go on, the others in the next turns of the loop."""
        ends = monotonic() + SLICE
        try:
            while self._settled and monotonic() < ends:
                self._settled.popleft().settle()
        finally:  # whatever one of them does, the others are not left waiting
            if self._settled:
                self._back_on_loop.send()


def _engine_of_one(app: Flask) -> Engine:
    """Return an engine with a single connection to the application's database."""
    options = app.config["SQLALCHEMY_ENGINE_OPTIONS"] | {
        "poolclass": QueuePool,
        "pool_size": 1,
        "max_overflow": 0,
        "execution_options": {sqlite.WRITE: True, sqlite.KEPT: True},
    }
    engine = create_engine(db.db.engine.url, **options)
    sleep_in(engine)
    return engine


def _release_reads() -> None:
    """Give back the caller's connection before it waits: enough waiting callers would leave none for anybody.

    What the caller has loaded is read afresh when it is asked for again, as after `db.transaction()`.
    Raises RuntimeError inside a transaction, whose writes would be lost and whose lock the writer could never have.
    """
    if not has_app_context() or not db.db.session.registry.has():
        return  # who has no session has read nothing
    current = db.session()
    if current.info.get(db._IN_COMMAND):  # noqa: SLF001 - the mark of the module that this one belongs to
        message = (
            "a write was asked for inside a transaction; share a function that takes the session instead"
        )
        raise RuntimeError(message)
    current.rollback()


def write_in_bulk(bulk: Bulk[Item, T], item: Item) -> T:
    """Write `item` through the process's writer, together with others of its kind; return after the commit.

    Raises what the bulk write returned as this item's error, or what made the whole write fail.
    """
    return ask_in_bulk(bulk, item).get()


def ask_in_bulk(bulk: Bulk[Item, T], item: Item) -> Pending[T]:
    """Have `item` written like `write_in_bulk`, but return before: who asks for it is on the event loop.

    Without a writer's thread it is written here and now, and what goes wrong is raised by `outcome` all the same.
    """
    for writer in _serving:
        if writer.is_callable_here:
            return writer.ask(bulk, item)
    order = Pending(bulk, item)
    try:
        with db.transaction() as session:
            (result,) = bulk(session, [item])
        order.note(result)
    except Exception as error:  # noqa: BLE001 - told to whoever asks for the outcome
        order.note_failure(error)
    order.settle()
    return order


def write(work: Callable[[Session], T]) -> T:
    """Run `work(session)` through the process's writer, in a savepoint of its own; return after the commit.

    An error that `work` raises undoes what it wrote; one that it returns is raised after the commit.
    """
    return write_in_bulk(_one_by_one, work)


def _one_by_one(session: Session, works: Sequence[Callable[[Session], T]]) -> Sequence[T | BangXanhError]:
    results: list[T | BangXanhError] = []
    for work in works:
        try:
            with session.begin_nested():
                results.append(work(session))
        except BangXanhError as error:
            results.append(error)
    return results


def _write_group(group: Sequence[Pending[Any]], line: Line) -> None:
    """Settle every order of the group. What breaks the shared transaction breaks only its own order in the end.

    They are written one by one only when it is certain that nothing of the group was stored. An error of the commit
    itself leaves that open (the connection may be gone since), so it is told to all: they ask again, with their ids.
    """
    is_written = False
    try:
        with line.transaction() as session:
            _write_in_order(session, group)
            session.flush()
            is_written = True
    except Exception as error:
        if len(group) > 1 and (not is_written or isinstance(error, IntegrityError)):
            log.warning("a group of %s writes failed; writing them one by one", len(group), exc_info=error)
            for order in group:
                order.note_failure(None)
                _write_group([order], line)
            return
        if not isinstance(error, BangXanhError):
            log.exception("a write failed")
        for order in group:
            order.note_failure(error)


def _write_in_order(session: Session, group: Sequence[Pending[Any]]) -> None:
    if len(group) == 1 and group[0].bulk is _one_by_one:
        # Alone it needs no savepoint: all of the transaction is its own.
        group[0].note(group[0].item(session))
        return
    for bulk, orders in groupby(group, key=lambda order: order.bulk):
        together = list(orders)
        results = bulk(session, [order.item for order in together])
        if bulk is not _one_by_one:
            session.expire_all()  # it may have written beside the mapper what the next one reads through it
        for order, result in zip(together, results, strict=True):
            order.note(result)


def _native_lock() -> Any:  # noqa: ANN401 - the lock type of `_thread` as it was before gevent replaced it
    lock = monkey.get_original("_thread", "allocate_lock")()
    lock.acquire()
    return lock


_native_ident = monkey.get_original("_thread", "get_ident")


def _native_thread() -> int:
    ident: int = _native_ident()
    return ident
