"""What is answered on the event loop itself: which messages, in which order, and what a refusal does."""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import gevent
import gevent.socket
import pytest

from app.access import CAPABILITY
from app.errors import InvalidError
from app.i18n import say
from app.realtime import (
    BURST,
    EVENTS,
    Event,
    Later,
    Peer,
    answer_at_once,
    answer_soon,
    connected,
    disconnected,
    drop_where,
)
from app.sockets import SocketDesk
from app.websocket import FRAME_BURST, MESSAGE_LIMIT, ProtocolError, WebSocket
from app.writer import Pending

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flask import Flask

MASK = b"\0\0\0\0"


@dataclass(slots=True)
class _Line:
    """The server's side of a connection, the plain socket of the other side, and what was taken at once."""

    wire: WebSocket
    theirs: socket.socket
    taken: list[str]

    def received(self) -> list[str | None]:
        """Return the messages that came the usual way within a moment."""
        came: list[str | None] = []

        def read() -> None:
            while True:
                came.append(self.wire.receive())

        reader = gevent.spawn(read)
        gevent.sleep(0.05)
        reader.kill()
        return came


@pytest.fixture
def line() -> Iterator[_Line]:
    """A connection on which messages that begin with "now" are taken at once."""
    ours, theirs = socket.socketpair()
    ours.settimeout(0)
    sock = gevent.socket.socket(fileno=ours.detach())
    found = _Line(WebSocket(sock), theirs, [])

    def take(message: str) -> bool:
        if message.startswith("now"):
            found.taken.append(message)
            return True
        return False

    found.wire.take_at_once = take
    yield found
    found.wire.release()
    sock.close()
    theirs.close()


def _text(message: str, *, opcode: int = 0x81, mask: bytes = MASK) -> bytes:
    payload = bytes(byte ^ mask[place % 4] for place, byte in enumerate(message.encode()))
    if len(payload) < 126:
        return bytes((opcode, 0x80 | len(payload))) + mask + payload
    return bytes((opcode, 0xFE)) + len(payload).to_bytes(2, "big") + mask + payload


def _send(line: _Line, *parts: bytes) -> list[str | None]:
    """Send parts one after the other, each read before the next is sent; return what came the usual way."""
    came: list[str | None] = []
    for part in parts:
        line.theirs.sendall(part)
        came += line.received()
    return came


@pytest.mark.parametrize("mask", [MASK, b"\x01\x80\xfe\x37"])
@pytest.mark.parametrize("message", ["now", "now, Lê Thị Ánh Đào", "now " + "x" * 300])
def test_a_message_that_comes_whole_and_alone_is_taken_at_once(
    line: _Line, message: str, mask: bytes
) -> None:
    assert _send(line, _text(message, mask=mask)) == []
    assert line.taken == [message]
    assert _send(line, _text("later")) == ["later"], "nothing of the message that was taken is left"


def test_what_is_declined_comes_the_usual_way(line: _Line) -> None:
    assert _send(line, _text("later"), _text("now"), _text("later again")) == ["later", "later again"]
    assert line.taken == ["now"]


def test_several_at_once_keep_their_order(line: _Line) -> None:
    assert _send(line, _text("now 1") + _text("later") + _text("now 2")) == ["now 1", "later", "now 2"]


def test_a_message_in_fragments_is_never_taken_in_its_middle(line: _Line) -> None:
    """A whole text between two fragments breaks the protocol, whoever would have taken it."""
    line.theirs.sendall(_text("begin", opcode=0x01))
    reader = gevent.spawn(line.wire.receive)
    gevent.sleep(0.05)
    line.theirs.sendall(_text("now"))
    with pytest.raises(ProtocolError):
        reader.get(timeout=5)
    assert line.taken == []


def test_a_message_in_pieces_of_the_network_comes_whole(line: _Line) -> None:
    whole = _text("now in pieces")
    line.theirs.sendall(whole[:1])
    reader = gevent.spawn(line.wire.receive)
    for place in range(1, len(whole)):
        gevent.sleep(0.001)
        line.theirs.sendall(whole[place : place + 1])
    assert reader.get(timeout=5) == "now in pieces"


def test_bad_text_without_a_mask_or_too_much_is_refused_as_ever(line: _Line) -> None:
    for frame, code in (
        (bytes((0x81, 0x82)) + MASK + b"\xff\xfe", 1007),
        (bytes((0x81, 0x03)) + b"now", 1002),
        (bytes((0x81, 0xFF)) + (MESSAGE_LIMIT + 1).to_bytes(8, "big") + MASK, 1009),
    ):
        ours, theirs = socket.socketpair()
        ours.settimeout(0)
        sock = gevent.socket.socket(fileno=ours.detach())
        wire = WebSocket(sock)
        wire.take_at_once = lambda _: True
        theirs.sendall(frame)
        with pytest.raises(ProtocolError) as refused:
            gevent.spawn(wire.receive).get(timeout=5)
        assert refused.value.code == code
        wire.release()
        sock.close()
        theirs.close()
    del line


def test_a_flood_of_what_is_taken_at_once_is_refused(line: _Line) -> None:
    def read() -> None:
        while True:
            line.wire.receive()

    reader = gevent.spawn(read)
    for _ in range(2 * int(FRAME_BURST)):
        line.theirs.sendall(_text("now"))
        gevent.sleep(0.0002)
        if reader.ready():
            break
    with pytest.raises(ProtocolError):
        reader.get(timeout=1)
    assert FRAME_BURST / 2 < len(line.taken) < 1.5 * FRAME_BURST, "it earns some more meanwhile"


def test_what_fails_on_the_loop_ends_its_connection(line: _Line) -> None:
    """Raised on the loop, gevent would watch the connection no longer, and its greenlet would wait for ever."""

    def fail(message: str) -> bool:
        raise TypeError(message)

    line.wire.take_at_once = fail
    reader = gevent.spawn(line.wire.receive)
    gevent.sleep(0.01)
    line.theirs.sendall(_text("now"))
    with pytest.raises(TypeError):
        reader.get(timeout=1)


def test_a_length_in_eight_bytes_is_read_the_usual_way(line: _Line) -> None:
    message = "now " + "x" * (119 - 4)
    frame = bytes((0x81, 0xFF)) + len(message).to_bytes(8, "big") + MASK + message.encode()
    line.wire.take_at_once = lambda _: True
    assert _send(line, frame) == [message]


# --- events -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Nothing:
    """Carries nothing."""


@pytest.fixture
def writes(monkeypatch: pytest.MonkeyPatch) -> list[Pending[str]]:
    """The writes that the event "slow" asked for; "quick" asks for none, "looks" needs a context."""
    asked: list[Pending[str]] = []

    def slow(_peer: Peer, _sent: _Nothing) -> Later:
        asked.append(Pending(None, None))  # type: ignore[arg-type] # nobody writes here
        return Later(asked[-1], lambda told: {"told": told})

    def quick(_peer: Peer, _sent: _Nothing) -> Mapping[str, object]:
        return {"quick": True}

    def looks(_peer: Peer, _sent: _Nothing) -> Mapping[str, object]:
        return {"looked": True}

    handlers: list[tuple[str, bool, Any]] = [
        ("slow", True, slow),
        ("quick", True, quick),
        ("looks", False, looks),
    ]
    for name, bare, handle in handlers:
        monkeypatch.setitem(EVENTS, name, Event(name, _Nothing, CAPABILITY, "pupil", None, bare, handle))
    return asked


def _peer() -> Peer:
    return Peer("pupil", holder="seat", refilled_at=time.monotonic())


def _settle(write: Pending[str], result: object) -> None:
    write.note(result)
    write.settle()


def test_the_answer_is_told_when_the_write_is_settled(app: Flask, writes: list[Pending[str]]) -> None:
    told: list[object] = []
    assert answer_at_once(_peer(), "slow", {}, told.append)
    assert told == []
    _settle(writes[0], "stored")
    assert told == [{"ok": True, "told": "stored"}]


def test_only_what_needs_no_context_is_answered_at_once(app: Flask, writes: list[Pending[str]]) -> None:
    told: list[object] = []
    assert not answer_at_once(_peer(), "looks", {}, told.append)
    assert not answer_at_once(_peer(), "nobody_knows_this", {}, told.append)
    assert answer_at_once(_peer(), "quick", {}, told.append)
    assert told == [{"ok": True, "quick": True}]


def test_nobody_is_cut_off_on_the_loop(app: Flask, writes: list[Pending[str]]) -> None:
    """Who sends too much is left to the greenlet of the connection, which may wait for what its end asks for."""
    told: list[object] = []
    peer = _peer()
    taken = [answer_at_once(peer, "quick", {}, told.append) for _ in range(2 * BURST)]
    assert taken[: BURST - 2] == [True] * (BURST - 2)
    assert taken[-1] is False
    assert all(ack == {"ok": True, "quick": True} for ack in told)


@pytest.mark.parametrize("is_settled", [False, True])
def test_a_refusal_is_told_with_its_words(app: Flask, writes: list[Pending[str]], is_settled: bool) -> None:  # noqa: FBT001
    told: list[Any] = []
    peer = _peer()
    assert answer_at_once(peer, "slow", {} if is_settled else {"more": 1}, told.append)
    if is_settled:
        _settle(writes[0], InvalidError(say("Câu hỏi này chưa mở.")))
    (ack,) = told
    assert (ack["ok"], ack["error"], peer.unanswered) == (False, "invalid", 0)
    assert ack["message"]


def test_what_comes_after_waits_until_all_before_it_are_answered(
    app: Flask, writes: list[Pending[str]]
) -> None:
    told: list[object] = []
    peer = _peer()
    for _ in range(2):
        assert answer_at_once(peer, "slow", {}, told.append)
    after = gevent.spawn(answer_soon, peer, "looks", {}, told.append)
    gevent.sleep(0.01)
    _settle(writes[0], "first")
    gevent.sleep(0.01)
    assert not after.ready()
    _settle(writes[1], "second")
    assert after.get(timeout=5) == {"ok": True, "looked": True}
    assert told == [{"ok": True, "told": "first"}, {"ok": True, "told": "second"}]


def test_an_answer_that_cannot_be_written_keeps_nothing_waiting(
    app: Flask, writes: list[Pending[str]]
) -> None:
    told: list[Any] = []
    peer = _peer()

    def tell(ack: Mapping[str, object]) -> None:
        told.append(ack)
        if ack["ok"]:
            raise TypeError

    assert answer_at_once(peer, "slow", {}, tell)
    _settle(writes[0], "no JSON")
    assert answer_at_once(peer, "quick", {}, tell)
    assert [ack["ok"] for ack in told] == [True, False, True, False]
    assert peer.unanswered == 0


@pytest.mark.parametrize(
    "message", ["42123", "421", "42", "42[", "420[]", '42["name"]', "421{", '42x["name"]']
)
def test_what_is_no_event_with_a_number_is_left_to_socket_io(message: str) -> None:
    desk, peer = object.__new__(SocketDesk), _peer()
    desk._admitted = {"transport": peer}
    connected("sid", peer)
    assert desk._asked("transport", message) is None
    assert desk._asked("transport", '421["slow",{}]') == (peer, b"1", "slow", {})
    disconnected("sid")


def test_one_that_fails_at_the_end_of_a_connection_keeps_no_other_from_its_end() -> None:
    called: list[str] = []

    def fail() -> None:
        called.append("fails")
        raise OSError

    several = [_peer(), _peer()]
    for place, peer in enumerate(several):
        peer.on_leave += [fail, partial(called.append, f"left {place}")]
        peer.drop = fail
        connected(str(place), peer)
    drop_where(several.__contains__)
    for place in range(len(several)):
        disconnected(str(place))
    assert called == ["fails", "fails", "fails", "left 0", "fails", "left 1"]
