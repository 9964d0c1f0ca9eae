"""Who is connected and what they hear: rooms, peers, the doors that admit them, and the only place that emits."""

from __future__ import annotations

import logging
import time
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NewType, Protocol

import gevent
from flask import request
from gevent.hub import Waiter

from app.errors import SignedOutError
from app.http import language
from app.i18n import SOURCE_LANGUAGE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flask import Flask
    from werkzeug.wrappers import Request

    from app.access import Actor

log = logging.getLogger(__name__)
BURST: Final = 60
"""So many events may a peer send at once."""
STAFF: Final = "staff"


# --- rooms and emitting -------------------------------------------------------------------------------------------

Room = NewType("Room", str)


def room(kind: str, *keys: int | str) -> Room:
    """Name a room ("lesson", 12, "teachers"); raise ValueError when nothing tells it from another."""
    if not kind or not keys:
        message = "a room needs a kind and a key"
        raise ValueError(message)
    return Room(":".join(map(str, (kind, *keys))))


def emit(to: Room, name: str, content: Mapping[str, object]) -> None:
    """Send an event to the sockets in one room. There is no way to send to everybody."""
    if not to:
        message = "an event goes to a room"
        raise ValueError(message)
    if _state.server is not None:
        _state.server.emit(name, content, to=to)
    for listen in _state.listeners:
        listen(to, name, content)


def is_empty(to: Room) -> bool:
    """Say whether nobody would hear what is emitted to a room, so that it need not be made."""
    if _state.listeners or _state.server is None:
        return not _state.listeners
    return to not in _state.server.manager.rooms.get("/", {})


def listen(to_emitted: Callable[[Room, str, Mapping[str, object]], None]) -> Callable[[], None]:
    """Have every emitted event shown to a function as well (tests, recorders); return what ends it."""
    _state.listeners.append(to_emitted)
    return lambda: _state.listeners.remove(to_emitted)


# --- peers and doors ----------------------------------------------------------------------------------------------


@dataclass(eq=False, slots=True)
class Peer:
    """The other end of a connection: a signed-in person, or a holder of a capability that its door admitted.

    `holder` is what the door returned, None for staff. `sid` is empty when the event came over HTTP. `allowed` is what
    handlers found this peer may do; it holds as long as the socket, which ends when a sign-in or a grant does.
    """

    door: str
    actor: Actor | None = None
    holder: object = None
    locale: str = SOURCE_LANGUAGE
    sid: str = ""
    drop: Callable[[], None] = lambda: None
    on_leave: list[Callable[[], None]] = field(default_factory=list)
    allowed: set[object] = field(default_factory=set)
    checked_at: float = 0.0
    tokens: float = float(BURST)
    refilled_at: float = 0.0
    excess: int = 0
    unanswered: int = 0
    waiting: list[Waiter[None]] = field(default_factory=list)

    def answered(self) -> None:
        """Note that one of the events whose answers wait for a write is answered."""
        self.unanswered -= 1
        if self.waiting and not self.unanswered:
            waiting, self.waiting = self.waiting, []
            for waiter in waiting:
                gevent.get_hub().loop.run_callback(waiter.switch, None)

    def wait_until_answered(self) -> None:
        """Return once every event of this peer that waits for a write is answered."""
        while self.unanswered:
            waiter: Waiter[None] = Waiter()
            self.waiting.append(waiter)
            waiter.get()

    def enter(self, to: Room) -> None:
        """Let this peer hear what is emitted to a room; nothing happens for one that came over HTTP."""
        if self.sid and _state.server is not None:
            _state.server.enter_room(self.sid, to)

    def leave(self, to: Room) -> None:
        """Let this peer hear a room no longer."""
        if self.sid and _state.server is not None:
            _state.server.leave_room(self.sid, to)

    def must_actor(self) -> Actor:
        """Return the signed-in person; raise SignedOutError for a peer that is none."""
        if self.actor is None:
            raise SignedOutError
        return self.actor


class Door(Protocol):
    """Admits holders of one kind of capability, such as a pupil's device in a lesson."""

    def __call__(self, request: Request, /) -> object | None:
        """Return the holder that this request's cookies and query prove, or None; runs in an application context."""


_doors: dict[str, Door] = {}


def door(name: str) -> Callable[[Door], Door]:
    """Register the door that admits connections with `?door=<name>`."""

    def register(found: Door) -> Door:
        _doors[name] = found
        return found

    return register


# --- the process --------------------------------------------------------------------------------------------------


class Server(Protocol):
    """What this module needs of a Socket.IO server (app.sockets attaches one)."""

    manager: Any

    def emit(self, event: str, data: object, *, to: str) -> None:
        """Send to a room."""

    def enter_room(self, sid: str, room: str) -> None:
        """Put a socket into a room."""

    def leave_room(self, sid: str, room: str) -> None:
        """Take a socket out of a room."""


class _State:
    """What belongs to the process: the application, its socket server once it serves, who is connected."""

    def __init__(self) -> None:
        self.app: Flask | None = None
        self.find_actor: Callable[[], Actor | None] = lambda: None
        self.server: Server | None = None
        self.peers: dict[str, Peer] = {}
        self.loop: Any = None
        self.waiting: deque[Callable[[], None]] = deque()
        self.listeners: list[Callable[[Room, str, Mapping[str, object]], None]] = []


_state = _State()


def init_app(app: Flask, find_actor: Callable[[], Actor | None]) -> None:
    """Remember the application and how a request's signed-in person is found; `app.sockets.attach` does the rest."""
    _state.app, _state.find_actor = app, find_actor


def app_context() -> Any:  # noqa: ANN401 - Flask's context manager
    """Return a context of the application that `init_app` was told; raise RuntimeError before that."""
    if _state.app is None:
        message = "realtime.init_app was not called"
        raise RuntimeError(message)
    return _state.app.app_context()


def use_server(server: Server) -> None:
    """Emit through this server from now on; called on the thread of the event loop."""
    _state.server = server
    _state.loop = gevent.get_hub().loop.async_()
    _state.loop.start(_run_waiting)


def peer_of_request(door_name: str) -> Peer | None:
    """Return who knocks with the running request: for the handshake of a socket, and for events over HTTP."""
    peer = Peer(door_name, locale=language(), checked_at=time.monotonic(), refilled_at=time.monotonic())
    if door_name == STAFF:
        peer.actor = _state.find_actor()
        return peer if peer.actor is not None else None
    found = _doors.get(door_name)
    peer.holder = found(request) if found else None
    return peer if peer.holder is not None else None


def is_serving() -> bool:
    """Say whether this process serves sockets; without an event loop nothing can be put off."""
    return _state.loop is not None


def soon(call: Callable[[], None]) -> None:
    """Have `call` run on the event loop, from whatever thread this is called; at once when nothing is served here."""
    if _state.loop is None:
        call()
        return
    _state.waiting.append(call)
    _state.loop.send()


def _run_waiting() -> None:
    while _state.waiting:
        gevent.spawn(_state.waiting.popleft())


def connected(sid: str, peer: Peer) -> None:
    """Note that a peer's socket is open."""
    peer.sid = sid
    _state.peers[sid] = peer


def is_connected(peer: Peer) -> bool:
    """Say whether a peer's socket is open, beyond the handshake."""
    return _state.peers.get(peer.sid) is peer


def checked(peer: Peer, at: float) -> None:
    """Note that at `at` (of `time.monotonic`) sign-in, account and grants were looked up and are `peer.actor`'s."""
    peer.checked_at = max(peer.checked_at, at)


def disconnected(sid: str) -> None:
    """Note that a socket is gone, and tell those who asked to know (`Peer.on_leave`)."""
    peer = _state.peers.pop(sid, None)
    for tell in peer.on_leave if peer else ():
        _call_safely(tell)


def peers() -> list[Peer]:
    """Return whose sockets are open."""
    return list(_state.peers.values())


def peer_at(sid: str) -> Peer:
    """Return whose socket this is."""
    return _state.peers[sid]


def disconnect_session(sign_in_id: int) -> None:
    """Close every socket of a sign-in that has ended."""
    drop_where(lambda peer: peer.actor is not None and peer.actor.sign_in_id == sign_in_id)


def drop_where(condition: Callable[[Peer], bool]) -> None:
    """Close the sockets of the peers for which the condition holds (a revoked device, an ended sign-in)."""
    for peer in peers():
        if condition(peer):
            _call_safely(peer.drop)


def _call_safely(call: Callable[[], None]) -> None:
    """Call one of several: a failure is told to the log, and never keeps the others from being called."""
    try:
        call()
    except Exception:
        log.exception("a call about a connection's end failed")
