"""Rooms of sockets: who is in which, and how a frame reaches all of one."""

from __future__ import annotations

from typing import Any, Final

import orjson
import socketio

from app.websocket import text_frame

EVENT: Final = "42"
"""How Engine.IO's message with Socket.IO's event begins in the namespace without a name."""


class Rooms(socketio.Manager):  # type: ignore[misc] # python-socketio ships no types
    """Who is in which room, also the other way round: a socket that goes does not make us search every room.

    Python-socketio gives each socket a room of its own, so without this a school that goes home costs the square.
    """

    def __init__(self) -> None:
        super().__init__()
        self._rooms_of: dict[str, set[str | None]] = {}

    def basic_enter_room(
        self, sid: str, namespace: str, room: str | None, eio_sid: str | None = None
    ) -> None:
        """Put a socket into a room."""
        super().basic_enter_room(sid, namespace, room, eio_sid)
        self._rooms_of.setdefault(sid, set()).add(room)

    def basic_leave_room(self, sid: str, namespace: str, room: str | None) -> None:
        """Take a socket out of a room."""
        super().basic_leave_room(sid, namespace, room)
        self._rooms_of.get(sid, set()).discard(room)

    def basic_disconnect(self, sid: str, namespace: str, **_: object) -> None:
        """Take a socket out of all its rooms, and forget what was waited for from it."""
        for room in list(self._rooms_of.pop(sid, ())):
            self.basic_leave_room(sid, namespace, room)
        self.callbacks.pop(sid, None)
        for waiting in (self.pending_connect, self.pending_disconnect):
            if sid in waiting.get(namespace, ()):
                waiting[namespace].remove(sid)


class Emitter:
    """How `app.realtime` reaches the sockets of a room: a frame is made once and written to each of them.

    Socket.IO's own way makes a packet of it and looks every socket up three times.
    """

    def __init__(self, server: Any) -> None:  # noqa: ANN401 - python-socketio ships no types
        self.manager = server.manager
        self._sockets = server.eio.sockets
        self._server = server

    def emit(self, event: str, data: object, *, to: str) -> None:
        """Send to a room."""
        members = self.manager.rooms.get("/", {}).get(to)
        if not members:
            return
        frame = text_frame(EVENT.encode() + orjson.dumps([event, data]))
        for transport_id in members.values():
            socket = self._sockets.get(transport_id)
            if socket is not None and not socket.closed:
                socket.wire.write(frame)

    def enter_room(self, sid: str, room: str) -> None:
        """Put a socket into a room."""
        self._server.enter_room(sid, room)

    def leave_room(self, sid: str, room: str) -> None:
        """Take a socket out of a room."""
        self._server.leave_room(sid, room)
