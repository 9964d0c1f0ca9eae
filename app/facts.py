"""Facts: a transactional outbox. What a command did is recorded in its own transaction and handed on after it.

Packages meet here without importing each other: a publisher records a fact of its own, a subscriber names the
fact and states the shape it needs. A subscriber's effect and the note that it was delivered are one transaction,
so a crash between the two is impossible and a replay has no second effect.
"""

from __future__ import annotations

import dataclasses
import json
import logging
import threading
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Final

from sqlalchemy import ForeignKey, Index, String, exists, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from app import clock, db
from app.bulk import insert_rows, instant_text, is_sqlite
from app.db import Base, BigId, BigPk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

log = logging.getLogger(__name__)
BATCH: Final = 200
LOOK_EVERY: Final = 0.3
"""Seconds between looks for what other processes recorded."""
LONGEST_WAIT: Final = timedelta(minutes=10)


@dataclass(frozen=True)
class Fact:
    """Base of the facts; fields are int, str, bool, None, date or datetime, nothing nested."""

    fact_name: ClassVar[str] = ""


@dataclass(frozen=True, slots=True)
class Subscriber:
    """`handle(session, shape)` runs in a transaction of its own; `name` is stable, it is stored."""

    name: str
    fact: str
    shape: type[Any]
    handle: Callable[[Session, Any], None]


class FactRow(Base):
    """A fact as recorded. `dispatched_at` is set when every subscriber has had it."""

    __tablename__ = "fact"
    __table_args__ = (
        Index(
            "ix_fact_waiting",
            "next_try_at",
            "id",
            sqlite_where=text("dispatched_at IS NULL"),
            postgresql_where=text("dispatched_at IS NULL"),
        ),
    )
    id: Mapped[BigPk]
    name: Mapped[str] = mapped_column(String(80))
    payload: Mapped[str]
    recorded_at: Mapped[datetime]
    next_try_at: Mapped[datetime]
    dispatched_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None]


class FactDelivery(Base):
    """That one subscriber has had one fact: the primary key is what makes a replay harmless."""

    __tablename__ = "fact_delivery"
    fact_id: Mapped[int] = mapped_column(BigId, ForeignKey("fact.id", ondelete="CASCADE"), primary_key=True)
    subscriber: Mapped[str] = mapped_column(String(120), primary_key=True)
    delivered_at: Mapped[datetime]


class Dispatcher:
    """Hands recorded facts to their subscribers, each effectively once.

    Facts go out in order of recording as a rule, but a retried one arrives after its successors, and on PostgreSQL a
    smaller id may be committed later. So a subscriber reads the present state and never trusts the order.
    """

    def __init__(self, subscribers: Iterable[Subscriber]) -> None:
        self._by_fact: dict[str, list[Subscriber]] = {}
        for subscriber in subscribers:
            self._by_fact.setdefault(subscriber.fact, []).append(subscriber)
        self._bell = threading.Event()
        self._running = False
        self._elsewhere = False

    def wake(self) -> None:
        """Say that something was recorded: to this process's loop; the command line and tests hand it on now.

        A process that serves leaves it to the worker, which looks every third of a second: handing on many facts
        would keep the event loop from everything else.
        """
        if self._running:
            self._bell.set()
        elif not self._elsewhere:
            self.drain()

    def leave_to_worker(self) -> None:
        """Have facts handed on by another process only."""
        self._elsewhere = True

    def run(self, stop: threading.Event, in_context: Callable[[Callable[[], int]], int]) -> None:
        """Loop until `stop`: drain, then sleep until woken or until it is time to look for another process's facts."""
        self._running = True
        while not stop.is_set():
            try:
                handed_on = in_context(self.drain)
            except Exception:  # the loop is what replays after a failure; it must outlive all of them
                log.exception("facts could not be handed on; trying again")
                handed_on = 0
            if not handed_on:
                self._bell.wait(timeout=LOOK_EVERY)
                self._bell.clear()

    def drain(self) -> int:
        """Hand on everything that waits; return how many facts were looked at."""
        seen = 0
        while batch := self._waiting():
            for fact_id, name, payload in batch:
                self._try_to_hand_on(fact_id, name, payload)
            seen += len(batch)
        return seen

    def _try_to_hand_on(self, fact_id: int, name: str, payload: str) -> None:
        """Hand one fact on; whatever is wrong with it, the facts behind it must not wait for it."""
        try:
            self._hand_on(fact_id, name, json.loads(payload))
        except Exception as error:
            log.exception("fact %s could not be handed on", fact_id)
            db.session().rollback()
            self._put_off(fact_id, [repr(error)])

    def _waiting(self) -> Sequence[tuple[int, str, str]]:
        current = db.session()
        rows = current.execute(
            select(FactRow.id, FactRow.name, FactRow.payload)
            .where(FactRow.dispatched_at.is_(None), FactRow.next_try_at <= clock.now())
            .order_by(FactRow.id)
            .limit(BATCH)
        ).all()
        current.commit()
        return [(row.id, row.name, row.payload) for row in rows]

    def _hand_on(self, fact_id: int, name: str, payload: Mapping[str, Any]) -> None:
        failures = [
            error
            for subscriber in self._by_fact.get(name, ())
            if (error := _deliver(subscriber, fact_id, payload)) is not None
        ]
        self._put_off(fact_id, failures)

    def _put_off(self, fact_id: int, failures: Sequence[str]) -> None:
        """Note the outcome: handed on, or to be tried again after twice the time (at most ten minutes)."""
        with db.transaction() as current:
            row = current.get_one(FactRow, fact_id)
            row.attempts += 1
            if failures:
                row.last_error = failures[0][:2000]
                row.next_try_at = clock.now() + min(
                    timedelta(seconds=2 ** min(row.attempts, 10)), LONGEST_WAIT
                )
            else:
                row.dispatched_at = clock.now()


def _deliver(subscriber: Subscriber, fact_id: int, payload: Mapping[str, Any]) -> str | None:
    delivered = exists().where(FactDelivery.fact_id == fact_id, FactDelivery.subscriber == subscriber.name)
    try:
        with db.transaction() as current:
            if current.scalar(select(delivered)):
                return None
            current.add(FactDelivery(fact_id=fact_id, subscriber=subscriber.name, delivered_at=clock.now()))
            current.flush()
            subscriber.handle(current, _shaped(subscriber.shape, payload))
    except IntegrityError as error:
        return _unless_delivered_meanwhile(fact_id, subscriber, error)
    except Exception as error:  # one subscriber's fault must not keep the fact from the others
        log.exception("subscriber %s failed on fact %s", subscriber.name, fact_id)
        return repr(error)
    return None


def _unless_delivered_meanwhile(fact_id: int, subscriber: Subscriber, error: IntegrityError) -> str | None:
    """Another process may have delivered it between our look and our insert; anything else is a failure."""
    current = db.session()
    found = current.get(FactDelivery, (fact_id, subscriber.name))
    current.commit()
    if found:
        return None
    log.error("subscriber %s failed on fact %s", subscriber.name, fact_id, exc_info=error)
    return repr(error)


def record(current: Session, fact: Fact) -> None:
    """Record a fact in the running transaction; it goes out after the commit, and only then."""
    record_all(current, [fact])


def record_all(current: Session, recorded: Sequence[Fact]) -> None:
    """Record facts in one statement, beside the mapper."""
    if recorded:
        moment = instant_text(clock.now(), for_sqlite=is_sqlite(current))
        rows = [[fact.fact_name, _payload(fact), moment, moment, 0] for fact in recorded]
        insert_rows(current, FactRow, rows, ("name", "payload", "recorded_at", "next_try_at", "attempts"))
        _wake_after_commit(current)


def _payload(fact: Fact) -> str:
    """Return a fact's fields as JSON; they are plain, so that `asdict`, which copies deeply, is not needed."""
    told = {one.name: getattr(fact, one.name) for one in dataclasses.fields(fact)}
    return json.dumps(told, default=_plain, ensure_ascii=False)


def _wake_after_commit(current: Session) -> None:
    for wake in _wakers:
        db.after_commit(current, wake)


_wakers: list[Callable[[], None]] = []


def use_waker(wake: Callable[[], None]) -> None:
    """Set what is called after a commit that recorded facts (wsgi.py gives the dispatcher's `wake`)."""
    _wakers[:] = [wake]


def _plain(value: object) -> str:
    if isinstance(value, date | datetime):
        return value.isoformat()
    message = f"{type(value).__name__} does not belong in a fact"
    raise TypeError(message)


def _shaped(shape: type[Any], payload: Mapping[str, Any]) -> object:
    """Build the subscriber's own dataclass from the fields that it names; dates come back as dates."""
    values = {}
    for item in dataclasses.fields(shape):
        value = payload[item.name]
        kind = str(item.type)
        if isinstance(value, str) and kind.startswith("datetime"):
            value = datetime.fromisoformat(value)
        elif isinstance(value, str) and kind.startswith("date"):
            value = date.fromisoformat(value)
        values[item.name] = value
    return shape(**values)


def check_wiring(published: Iterable[type[Fact]], subscribers: Iterable[Subscriber]) -> None:
    """Raise ValueError when a subscriber names a fact, or a field, that nobody publishes."""
    fields = {fact.fact_name: {f.name for f in dataclasses.fields(fact)} for fact in published}
    for subscriber in subscribers:
        wanted = {f.name for f in dataclasses.fields(subscriber.shape)}
        if subscriber.fact not in fields or wanted - fields[subscriber.fact]:
            missing = sorted(wanted - fields.get(subscriber.fact, set()))
            message = f"{subscriber.name} wants {subscriber.fact} with {missing}, which nobody publishes"
            raise ValueError(message)
