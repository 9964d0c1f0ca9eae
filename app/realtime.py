"""Sockets, once for everybody: how an event is checked and answered; `app.peers` says who may connect and emits.

A handler is a view: `@event("lesson_open", OpenActivity, needs=LEAD_LESSON, target="lesson")` registers it with the
type of its payload and what it needs. The payload is built strictly, the peer is authorised, the handler runs its
command, and the answer is always an acknowledgement: {"ok": true, ...} or {"ok": false, "error": code, "message": …}.
`before_request`, CSRF and error handlers do not run for sockets; this module is all there is.

The same events are answered over HTTP through `answer`, for schools whose network blocks sockets.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

from flask import has_app_context
from flask_babel import force_locale

from app import clock, db
from app.access import CAPABILITY, Gate, Permission
from app.accounts.queries import actor_of_sign_in
from app.attempts import Attempt, note_refused
from app.errors import (
    BangXanhError,
    ConflictError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    RateLimitedError,
    SignedOutError,
)
from app.http import translate
from app.i18n import N_, say
from app.payload import build
from app.peers import (
    BURST,
    STAFF,
    Peer,
    Room,
    app_context,
    checked,
    connected,
    disconnect_session,
    disconnected,
    door,
    drop_where,
    emit,
    init_app,
    is_connected,
    is_empty,
    is_serving,
    listen,
    peer_at,
    peer_of_request,
    peers,
    room,
    soon,
    use_server,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from app.access import Actor
    from app.writer import Pending

__all__ = [
    "BURST",
    "EVENTS",
    "GIVE_UP_AFTER",
    "STAFF",
    "Ack",
    "Event",
    "Later",
    "Peer",
    "Room",
    "answer",
    "answer_at_once",
    "answer_soon",
    "checked",
    "connected",
    "disconnect_session",
    "disconnected",
    "door",
    "drop_where",
    "emit",
    "event",
    "init_app",
    "is_connected",
    "is_empty",
    "is_serving",
    "listen",
    "peer_at",
    "peer_of_request",
    "peers",
    "room",
    "soon",
    "use_server",
]
log = logging.getLogger(__name__)
Ack = dict[str, object]
P = TypeVar("P")
R = TypeVar("R", bound="Mapping[str, object] | Later")

RECHECK_AFTER: Final = 1.0
PER_SECOND: Final = 20.0
GIVE_UP_AFTER: Final = 400
_SOME_LEFT: Final = 2.0


@dataclass(frozen=True, slots=True)
class Event:
    """A registered event: what it carries, and what it needs: a permission (staff) or a door's capability.

    `target` is the payload's field that names the object; `bare` handlers run without an application context and
    never wait, also on the event loop itself; they may come between the write and the answer of another one.
    """

    name: str
    payload: type[Any]
    permission: Permission
    door: str
    target: str | None
    bare: bool
    handle: Callable[[Peer, Any], Mapping[str, object] | Later]


@dataclass(frozen=True, slots=True)
class Later:
    """What a handler returns whose answer waits for a write: the write, and what tells its outcome.

    A socket goes on meanwhile without a greenlet that waits (a class answers in one moment); HTTP waits.
    """

    write: Pending[Any]
    told: Callable[[Any], Mapping[str, object]]

    def outcome(self) -> Mapping[str, object]:
        """Return what the settled write's outcome tells; raise what it raised."""
        return self.told(self.write.outcome())

    def wait(self) -> Mapping[str, object]:
        """Wait for the write and return what its outcome tells; raise what it raised."""
        return self.told(self.write.get())


EVENTS: dict[str, Event] = {}
"""Every event of the application by name, for the dispatcher and for the tests that enumerate the application."""


def event(
    name: str, payload: type[P], *, needs: Permission | str, target: str | None = None, bare: bool = False
) -> Callable[[Callable[[Peer, P], R]], Callable[[Peer, P], R]]:
    """Register a handler. `needs` is a permission for staff, or the name of the door whose holders may send it."""

    def register(handle: Callable[[Peer, P], R]) -> Callable[[Peer, P], R]:
        permission = needs if isinstance(needs, Permission) else CAPABILITY
        through = STAFF if isinstance(needs, Permission) else needs
        EVENTS[name] = Event(name, payload, permission, through, target, bare, handle)
        return handle

    return register


def answer(peer: Peer, name: str, raw: object) -> Ack:
    """Check, authorise and run one event; always return an acknowledgement, whatever was sent and whatever fails."""
    try:
        _release_reads()
        found = _handled(peer, name, raw)
        return {"ok": True, **(found.wait() if isinstance(found, Later) else found)}
    except Exception as error:  # noqa: BLE001 - every error is told in one place
        return _refused(peer, name, error)


def answer_soon(peer: Peer, name: str, raw: object, tell: Callable[[Ack], None]) -> Ack | None:
    """Answer like `answer`; None when the answer waits for a write: `tell` then has it, on the event loop.

    A peer's events stay in their order: the next one that is not of this kind waits until all are answered.
    """
    try:
        found = _handled(peer, name, raw)
        if not isinstance(found, Later):
            return {"ok": True, **found}
    except Exception as error:  # noqa: BLE001 - every error is told in one place
        return _refused(peer, name, error)
    _tell_later(peer, name, found, tell)
    return None


def answer_at_once(peer: Peer, name: str, raw: object, tell: Callable[[Ack], None]) -> bool:
    """Answer like `answer_soon`, but on the event loop, where nothing may wait; say whether it is an event for that.

    A refusal is told by a greenlet: its words may have to be loaded. Whoever has sent nearly too much is no case for
    this either: to cut somebody off takes a greenlet.
    """
    known = EVENTS.get(name)
    if known is None or not known.bare or peer.tokens < _SOME_LEFT:
        return False
    try:
        found = _handled(peer, name, raw)
        if not isinstance(found, Later):
            tell({"ok": True, **found})
            return True
    except Exception as error:  # noqa: BLE001 - every error is told in one place
        peer.unanswered += 1
        soon(partial(_tell_refused, peer, name, error, tell))
        return True
    _tell_later(peer, name, found, tell)
    return True


def _tell_later(peer: Peer, name: str, found: Later, tell: Callable[[Ack], None]) -> None:
    """Have the outcome told once the write is settled."""
    peer.unanswered += 1

    def settled(_write: object) -> None:
        try:
            tell({"ok": True, **found.outcome()})
        except Exception as error:  # noqa: BLE001 - every error is told in one place, which may wait for others
            soon(partial(_tell_refused, peer, name, error, tell))
            return
        peer.answered()

    found.write.then(settled)


def _handled(peer: Peer, name: str, raw: object) -> Mapping[str, object] | Later:
    _spend(peer)
    found = EVENTS.get(name)
    if found is None:
        raise NotFoundError
    if not found.bare:
        peer.wait_until_answered()
    _authorise(peer, found)
    payload = build(found.payload, raw)
    if found.bare:
        return found.handle(peer, payload)
    with app_context():
        told = found.handle(peer, payload)
        return told.wait() if isinstance(told, Later) else told


def _tell_refused(peer: Peer, name: str, error: Exception, tell: Callable[[Ack], None]) -> None:
    try:
        tell(_refused(peer, name, error))
    finally:  # words that cannot be told must not keep what this peer asks next
        peer.answered()


def _refused(peer: Peer, name: str, error: Exception) -> Ack:
    if isinstance(error, ForbiddenError):
        user = peer.actor.user_id if peer.actor else None
        note_refused(Attempt.FORBIDDEN, user=user, event=name, needs=str(error))
    if isinstance(error, BangXanhError):
        return _refusal(peer, error)
    log.error("event %s failed", name, exc_info=error)
    return _refusal(peer, None)


def _release_reads() -> None:
    """End what an HTTP request has read so far (its door did): the event reads in a context of its own.

    A caller that kept a connection while it waits for another could, with others like it, empty the pool.
    """
    if has_app_context():
        db.session().rollback()


def _authorise(peer: Peer, found: Event) -> None:
    if peer.door != found.door:
        raise NotFoundError
    if peer.actor is None:
        return
    if time.monotonic() - peer.checked_at > RECHECK_AFTER:
        _recheck(peer, peer.actor)
    if found.permission.gate is Gate.GRANT:
        peer.must_actor().require_somewhere(found.permission)


def _recheck(peer: Peer, actor: Actor) -> None:
    with app_context():
        peer.actor = actor_of_sign_in(db.session(), actor.sign_in_id or 0, clock.today())
    peer.checked_at = time.monotonic()
    if peer.actor is None:
        peer.drop()
        raise SignedOutError


def _spend(peer: Peer) -> None:
    """Let a peer send BURST events at once and PER_SECOND on average; who goes far beyond is cut off."""
    now = time.monotonic()
    peer.tokens = min(float(BURST), peer.tokens + (now - peer.refilled_at) * PER_SECOND)
    peer.refilled_at = now
    if peer.tokens >= 1:
        peer.tokens -= 1
        return
    peer.excess += 1
    if peer.excess > GIVE_UP_AFTER:
        peer.drop()
    raise RateLimitedError(say("Thiết bị này gửi quá nhanh. Hãy đợi vài giây."), 3)


_CODES: Final = (
    (SignedOutError, "signed_out", N_("Phiên đăng nhập đã hết. Hãy đăng nhập lại.")),
    (NotFoundError, "not_found", N_("Không tìm thấy, hoặc bạn không có quyền.")),
    (ConflictError, "conflict", ""),
    (InvalidError, "invalid", ""),
    (RateLimitedError, "rate_limited", ""),
)


def _refusal(peer: Peer, error: BangXanhError | None) -> Ack:
    code, words = "failed", N_("Máy chủ gặp lỗi. Hãy thử lại; nếu vẫn lỗi, báo quản trị viên.")
    for kind, known_code, known_words in _CODES:
        if isinstance(error, kind):
            code, words = known_code, known_words or getattr(error, "message", "")
            break
    with app_context(), force_locale(peer.locale):
        ack: Ack = {"ok": False, "error": code, "message": translate(words)}
    if isinstance(error, ConflictError):
        ack["current"] = dict(error.current)
    if isinstance(error, RateLimitedError):
        ack["retry_after"] = error.retry_after
    return ack
