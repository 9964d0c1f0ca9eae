"""Sockets: what one peer may cost the others, and what an event over HTTP holds while it is answered."""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import gevent
import gevent.socket
import pytest

from app import db, realtime
from app.access import CAPABILITY
from app.realtime import BURST, EVENTS, GIVE_UP_AFTER, Event, Peer, answer
from app.websocket import FRAME_BURST, YIELD_EVERY, ProtocolError, WebSocket

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask

TOO_MUCH = 1008
MASK = b"\0\0\0\0"


@pytest.fixture
def ends() -> Iterator[tuple[WebSocket, socket.socket]]:
    """The server's side of a connection, and the plain socket of the other side."""
    ours, theirs = socket.socketpair()
    ours.settimeout(0)
    sock = gevent.socket.socket(fileno=ours.detach())
    yield WebSocket(sock), theirs
    sock.close()
    theirs.close()


def _frame(opcode: int, payload: bytes = b"") -> bytes:
    assert len(payload) < 126
    return bytes((0x80 | opcode, 0x80 | len(payload))) + MASK + payload


def _read_until_refused(wire: WebSocket) -> int:
    """Read messages until the connection is refused; return the code."""
    while True:
        try:
            wire.receive()
        except ProtocolError as error:
            return error.code


@pytest.mark.parametrize(
    ("first", "frame"),
    [
        pytest.param(b"", _frame(0xA), id="pong"),
        pytest.param(b"", _frame(0x1, b"3"), id="engine.io pong"),
        pytest.param(b"\x01\x80" + MASK, b"\x00\x80" + MASK, id="empty fragments"),
    ],
)
def test_a_flood_of_any_frame_is_refused_while_others_go_on(
    ends: tuple[WebSocket, socket.socket], first: bytes, frame: bytes
) -> None:
    wire, theirs = ends
    theirs.sendall(first + frame * (4 * int(FRAME_BURST)))
    turns = 0

    def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            gevent.sleep(0)

    other = gevent.spawn(others)
    with gevent.Timeout(10):
        assert gevent.spawn(_read_until_refused, wire).get() == TOO_MUCH
    other.kill()
    assert turns >= FRAME_BURST / YIELD_EVERY


def test_large_messages_use_the_budget_up_sooner(ends: tuple[WebSocket, socket.socket]) -> None:
    wire, theirs = ends
    message = b"\x81\xfe" + (32_768).to_bytes(2, "big") + MASK + b"x" * 32_768
    sent = 0

    def flood() -> None:
        nonlocal sent
        theirs.settimeout(5)
        while True:
            try:
                theirs.sendall(message)
            except OSError:
                return
            sent += 1

    thread = gevent.get_hub().threadpool.spawn(flood)
    with gevent.Timeout(10):
        assert gevent.spawn(_read_until_refused, wire).get() == TOO_MUCH
    wire.drop()
    thread.get(timeout=10)
    assert sent < FRAME_BURST / 4


def test_what_a_lessons_device_sends_is_far_within_the_budget(ends: tuple[WebSocket, socket.socket]) -> None:
    wire, theirs = ends
    for number in range(int(BURST) * 4):
        theirs.sendall(_frame(0x1, b"%d" % number))
        assert wire.receive() == str(number)


def test_unknown_events_are_counted_and_end_the_connection(app: Flask) -> None:
    drops: list[bool] = []
    peer = Peer("staff", drop=lambda: drops.append(True), refilled_at=time.monotonic())
    errors = [answer(peer, "nobody_knows_this", {})["error"] for _ in range(2 * BURST)]
    assert errors[:BURST] == ["not_found"] * BURST
    assert errors[-1] == "rate_limited"
    assert not drops
    for _ in range(2 * GIVE_UP_AFTER):
        answer(peer, "nobody_knows_this", {})
    assert drops


@dataclass(frozen=True, slots=True)
class _Nothing:
    """Carries nothing."""


def test_an_event_over_http_holds_no_connection_for_what_its_door_read(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def count(peer: Peer, sent: _Nothing) -> dict[str, object]:
        del peer, sent
        return {"held": db.db.engine.pool.checkedout()}  # type: ignore[attr-defined] # a QueuePool

    monkeypatch.setitem(EVENTS, "count", Event("count", _Nothing, CAPABILITY, "pupil", None, False, count))  # noqa: FBT003
    with app.test_request_context():
        db.session().connection()  # as the door does
        ack = realtime.answer(Peer("pupil", holder="seat", refilled_at=time.monotonic()), "count", {})
    assert ack == {"ok": True, "held": 0}
