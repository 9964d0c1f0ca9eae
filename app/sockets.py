"""The socket server in front of the application: refusal before the upgrade, deadlines, and ends that come in time.

Everything that depends on Socket.IO's and Engine.IO's insides is here, in `app.drivers` and in `app.rooms`;
`app.realtime` is what the rest of the product sees.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import flask_socketio
import gevent
import orjson
import socketio
from sqlalchemy import or_, select
from werkzeug.wrappers import Request

from app import clock, db, realtime
from app.accounts.models import Grant, SignIn, User
from app.drivers import Driver
from app.headers import of_files
from app.rooms import EVENT, Emitter, Rooms
from app.turns import Turns
from app.websocket import MESSAGE_LIMIT, text_frame

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from flask import Flask

    from app.access import Actor
    from app.realtime import Ack, Peer

log = logging.getLogger(__name__)
CONNECT_WITHIN: Final = 10.0
"""Seconds from the upgrade to Socket.IO's CONNECT; whoever is silent longer is cut off."""
SWEEP_EVERY: Final = 0.5
"""Seconds between looks for sign-ins that ended elsewhere: another process, the command line."""
SOCKETS_PER_HOLDER: Final = 8
"""Open sockets of one sign-in, or one device in one lesson: some tabs and some that have not noticed their end."""


ACK: Final = b"43"
"""How Engine.IO's message with Socket.IO's acknowledgement begins, in the namespace without a name."""
LONGEST_NUMBER: Final = 10


class _Json:
    """orjson with the signature that python-socketio expects."""

    @staticmethod
    def dumps(value: object, **_: object) -> str:
        return orjson.dumps(value).decode()

    @staticmethod
    def loads(text: str | bytes, **_: object) -> Any:  # noqa: ANN401 - JSON may be anything
        return orjson.loads(text)


class TextPacket(socketio.packet.Packet):  # type: ignore[misc] # python-socketio ships no types
    """A Socket.IO packet of text alone: nothing here sends bytes, so nothing is searched for them."""

    uses_binary_events = False


def attach(app: Flask) -> SocketDesk:
    """Put the socket server in front of the application; done once, by the process that serves."""
    # The types published for Flask-SocketIO lag behind it: neither these options nor `server` are in them.
    options: dict[str, Any] = {
        "async_mode": "gevent",
        "json": _Json,
        "async_handlers": False,  # a peer's own events stay in their order
        "transports": ["websocket"],  # without sockets, devices use HTTP; no half-open polling transport
        "max_http_buffer_size": MESSAGE_LIMIT,
        "client_manager": Rooms(),
        "serializer": TextPacket,
        "cors_allowed_origins": None,  # the page's own origin only
        "ping_interval": 20,
        "ping_timeout": 15,
        "manage_session": False,
    }
    extension: Any = flask_socketio.SocketIO(app, **options)
    secure: bool = app.config["SESSION_COOKIE_SECURE"]
    app.wsgi_app = _with_headers(app.wsgi_app, of_files(secure=secure))  # type: ignore[method-assign]
    return SocketDesk(app, extension.server)


def _with_headers(
    inner: Callable[..., Iterable[bytes]], headers: Iterable[tuple[str, str]]
) -> Callable[..., Iterable[bytes]]:
    """Return the application with the headers of every answer on Engine.IO's own, which no view makes."""

    def call(environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
        if not environ.get("PATH_INFO", "").startswith("/socket.io/"):
            return inner(environ, start_response)
        return inner(environ, lambda status, given: start_response(status, [*given, *headers]))

    return call


class SocketDesk:
    """Receives transports, lets in those that the doors know, and sees the others off."""

    def __init__(self, app: Flask, server: Any) -> None:  # noqa: ANN401 - python-socketio ships no types
        self._app = app
        self._server = server
        self._admitted: dict[str, Peer] = {}
        self._sockets_of: Counter[object] = Counter()
        self._turns = Turns()
        engine = server.eio
        driver = partial(Driver, self._take, self._take_at_once)
        engine._async = {**engine._async, "websocket": driver}  # noqa: SLF001 - the only way to name a driver
        engine.on("connect", self._admit)
        engine.on("message", self._receive)
        engine.on("disconnect", self._forget)
        server.on("connect", self._welcome)
        server.on("disconnect", lambda sid, _reason: realtime.disconnected(sid))
        server.on("*", self._answer)
        realtime.use_server(Emitter(server))
        self._sweeper = gevent.spawn(self._sweep_for_ever)

    def close(self) -> None:
        """Say goodbye to everybody; their devices come back to the next process, not all in one moment."""
        self._sweeper.kill()
        self._turns.close()
        self._server.eio.disconnect()

    def _admit(self, transport_id: str, environ: dict[str, Any]) -> str | None:
        """Decide before the upgrade; a returned text refuses with 401."""
        with self._app.request_context(environ):
            peer = realtime.peer_of_request(Request(environ).args.get("door", realtime.STAFF))
        if peer is None or self._sockets_of[_holder(peer)] >= SOCKETS_PER_HOLDER:
            return "refused"
        self._sockets_of[_holder(peer)] += 1
        peer.drop = lambda: self._server.eio.disconnect(transport_id)
        self._admitted[transport_id] = peer
        gevent.spawn_later(CONNECT_WITHIN, self._drop_if_silent, transport_id)
        self._server._handle_eio_connect(transport_id, environ)  # noqa: SLF001 - what ours stands in front of
        return None

    def _drop_if_silent(self, transport_id: str) -> None:
        peer = self._admitted.get(transport_id)
        if peer is not None and not peer.sid:
            peer.drop()

    def _take(self, transport_id: str, message: str, write: Callable[[bytes], None]) -> bool:
        """Answer an event that wants an acknowledgement, now or when its write is settled; say whether it was one.

        That is what devices send all the time, and Socket.IO's own way to the same answer costs as much again as the
        answer. Whatever looks unusual goes that way, which refuses it if it must.
        """
        self._turns.wait()
        asked = self._asked(transport_id, message)
        if asked is None:
            return False
        peer, number, name, content = asked

        tell = _teller(number, write)
        ack = realtime.answer_soon(peer, name, content, tell)
        if ack is not None:
            tell(ack)
        return True

    def _take_at_once(self, transport_id: str, message: str, write: Callable[[bytes], None]) -> bool:
        """Take an event like `_take`, on the event loop itself: one that nobody has to wait for in a greenlet."""
        if not self._turns.is_free:
            return False
        asked = self._asked(transport_id, message)
        if asked is None:
            return False
        peer, number, name, content = asked
        return realtime.answer_at_once(peer, name, content, _teller(number, write))

    def _asked(self, transport_id: str, message: str) -> tuple[Peer, bytes, str, object] | None:
        """Return who asks, the number of the acknowledgement, the event's name and content; None for other messages."""
        start = message.find("[", 2, 2 + LONGEST_NUMBER)
        number = message[2:start]
        if start < 0 or not message.startswith(EVENT) or not (number.isascii() and number.isdecimal()):
            return None
        peer = self._admitted.get(transport_id)
        if peer is None or not realtime.is_connected(peer):
            return None
        try:
            name, *args = orjson.loads(message[start:])
        except (orjson.JSONDecodeError, ValueError):
            return None
        if not isinstance(name, str):
            return None
        return peer, number.encode(), name, args[0] if len(args) == 1 else None

    def _receive(self, transport_id: str, message: str | bytes) -> None:
        """Hand a message on; one that is no Socket.IO packet, or an attachment, ends the connection."""
        try:
            if message[:1] in {"5", "6"}:
                raise ValueError  # noqa: TRY301 - binary events: nothing here uses them
            self._server._handle_eio_message(transport_id, message)  # noqa: SLF001 - what ours stands in front of
        except (ValueError, TypeError, KeyError, IndexError, AttributeError):
            log.info("a packet that does not parse ended a connection")
            self._server.eio.disconnect(transport_id)

    def _forget(self, transport_id: str, reason: str) -> None:
        peer = self._admitted.pop(transport_id, None)
        if peer is not None:
            self._sockets_of[_holder(peer)] -= 1
            if not self._sockets_of[_holder(peer)]:
                del self._sockets_of[_holder(peer)]
        self._server._handle_eio_disconnect(transport_id, reason)  # noqa: SLF001 - what ours stands in front of

    def _welcome(self, sid: str, environ: object, auth: object = None) -> bool:
        del environ, auth  # who it is was proved before the upgrade
        transport_id = self._server.manager.eio_sid_from_sid(sid, "/")
        peer = self._admitted.get(transport_id)
        if peer is None or peer.sid:
            return False
        realtime.connected(sid, peer)
        return True

    def _answer(self, name: str, sid: str, *args: object) -> Ack:
        return realtime.answer(realtime.peer_at(sid), name, args[0] if len(args) == 1 else None)

    def _sweep_for_ever(self) -> None:
        while True:
            gevent.sleep(SWEEP_EVERY)
            try:
                self._sweep()
            except Exception:  # a database that is away for a moment must not end the sweeping
                log.exception("open sockets could not be checked")

    def _sweep(self) -> None:
        """Drop the sockets whose sign-in, account or roles are no longer what they were at the handshake."""
        staff = [peer for peer in self._admitted.values() if peer.actor is not None]
        if not staff:
            return
        looked_at = time.monotonic()
        with self._app.app_context():
            living = _grants_by_sign_in({_sign_in(peer) for peer in staff})
        for peer in staff:
            if living.get(_sign_in(peer)) == _held(peer.actor):
                realtime.checked(peer, looked_at)
            else:
                peer.drop()


def _teller(number: bytes, write: Callable[[bytes], None]) -> Callable[[Ack], None]:
    """Return what sends an acknowledgement to the event of this number."""

    def tell(ack: Ack) -> None:
        write(text_frame(b"%b%b%b" % (ACK, number, orjson.dumps([ack]))))

    return tell


def _holder(peer: Peer) -> object:
    return _sign_in(peer) if peer.actor is not None else (peer.door, peer.holder)


def _sign_in(peer: Peer) -> int:
    return (peer.actor.sign_in_id if peer.actor else None) or 0


_Held = frozenset[tuple[str, int, int | None, int | None]]


def _held(actor: Actor | None) -> _Held:
    grants = actor.grants if actor else ()
    return frozenset((grant.role.value, grant.unit_id, grant.class_id, grant.pupil_id) for grant in grants)


def _grants_by_sign_in(sign_in_ids: Iterable[int]) -> dict[int, _Held]:
    """Return {sign-in: grants of today} for the sign-ins that still hold and whose account is active."""
    today = clock.today()
    rows = db.session().execute(
        select(SignIn.id, Grant.role, Grant.unit_id, Grant.class_id, Grant.pupil_id)
        .join(User, User.id == SignIn.user_id)
        .outerjoin(
            Grant,
            (Grant.user_id == User.id)
            & (Grant.starts_on <= today)
            & or_(Grant.ends_on.is_(None), Grant.ends_on > today),
        )
        .where(
            SignIn.id.in_(list(sign_in_ids)),
            SignIn.ended_at.is_(None),
            SignIn.waits_for.is_(None),
            User.active,
        )
    )
    held: dict[int, set[tuple[str, int, int | None, int | None]]] = {}
    for sign_in_id, role, unit_id, class_id, pupil_id in rows:
        grants = held.setdefault(sign_in_id, set())
        if role is not None:
            grants.add((role, unit_id, class_id, pupil_id))
    return {sign_in_id: frozenset(grants) for sign_in_id, grants in held.items()}
