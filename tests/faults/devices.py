"""What the tests of faults hold in their hands: devices on real sockets, and a watch on how others are answered."""

from __future__ import annotations

import base64
import itertools
import json
import os
import socket
import struct
import threading
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

import requests

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bench.schools import Class

TEXT, CLOSE, PONG = 0x1, 0x8, 0xA
UNMASKED: Final = b"\0\0\0\0"


class RefusedError(Exception):
    """The server did not take the upgrade; the status with which it said so."""


class GoneError(Exception):
    """The server has ended the connection; `code` is what its close frame said, None when it said nothing."""

    def __init__(self, code: int | None) -> None:
        super().__init__(code)
        self.code = code


def frame(opcode: int, payload: bytes = b"") -> bytes:
    """Return a frame as a browser sends it, with a mask that changes nothing."""
    size = len(payload)
    length = bytes((0x80 | size,)) if size < 126 else b"\xfe" + size.to_bytes(2, "big")
    return bytes((0x80 | opcode,)) + length + UNMASKED + payload


_opened: list[socket.socket] = []


def hang_up() -> None:
    """Close every device's connection that a test has left open."""
    while _opened:
        _opened.pop().close()


class Device:
    """A browser's end of a socket, on a plain blocking connection, so that a test can do what browsers do not."""

    def __init__(self, port: int, query: str = "", cookie: str = "", *, within: float = 15) -> None:
        self._sock = socket.create_connection(("127.0.0.1", port), timeout=within)
        _opened.append(self._sock)
        self._in = b""
        self._acks: dict[int, dict[str, Any]] = {}
        self._numbers = itertools.count(1)
        self._is_joined = False
        self.heard: list[str] | None = None
        """What the server has sent, where a test has begun to listen."""
        key = base64.b64encode(os.urandom(16)).decode()
        host = f"127.0.0.1:{port}"
        lines = [
            f"GET /socket.io/?EIO=4&transport=websocket&{query} HTTP/1.1",
            f"Host: {host}",
            f"Origin: http://{host}",
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            f"Sec-WebSocket-Key: {key}",
            *([f"Cookie: {cookie}"] if cookie else []),
        ]
        self.send_bytes(("\r\n".join(lines) + "\r\n\r\n").encode())

    def upgraded(self) -> int:
        """Return the status with which the server answered the upgrade: 101 when it took it."""
        while b"\r\n\r\n" not in self._in:
            self._receive()
        head, _, self._in = self._in.partition(b"\r\n\r\n")
        return int(head.split(maxsplit=2)[1])

    def join(self) -> Device:
        """Go through the handshakes; raise RefusedError when the server refuses."""
        if (status := self.upgraded()) != 101:
            raise RefusedError(status)
        self.send_bytes(frame(TEXT, b"40"))
        while not self._is_joined:
            self._read_frame()
        return self

    def send(self, event: str, content: object) -> int:
        """Send an event; return the number by which its acknowledgement is known."""
        number = next(self._numbers)
        self.send_bytes(frame(TEXT, f"42{number}{json.dumps([event, content])}".encode()))
        return number

    def ack(self, number: int) -> dict[str, Any]:
        """Wait for an acknowledgement; raise GoneError when the connection ends first."""
        while number not in self._acks:
            self._read_frame()
        return self._acks[number]

    def ask(self, event: str, content: object) -> dict[str, Any]:
        """Send an event and return its acknowledgement."""
        return self.ack(self.send(event, content))

    def acked_until_gone(self) -> dict[int, dict[str, Any]]:
        """Read to the end of the connection; return all acknowledgements that have come."""
        with suppress(GoneError):
            while True:
                self._read_frame()
        return self._acks

    def wait_until_gone(self) -> int | None:
        """Wait for the end of the connection; return the code of the server's close frame."""
        try:
            while True:
                self._read_frame()
        except GoneError as error:
            return error.code

    def send_bytes(self, content: bytes) -> None:
        """Send bytes as they are; raise GoneError when nobody takes them any more."""
        try:
            self._sock.sendall(content)
        except OSError as error:
            raise GoneError(None) from error

    def close(self) -> None:
        """Hang up."""
        self._sock.close()

    def reset(self) -> None:
        """Hang up as a device does whose network is gone: with a reset instead of a goodbye."""
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._sock.close()

    def _read_frame(self) -> None:
        while len(self._in) < 2:
            self._receive()
        opcode, size, offset = self._in[0] & 0x0F, self._in[1] & 0x7F, 2
        if size >= 126:
            offset += 2 if size == 126 else 8
            while len(self._in) < offset:
                self._receive()
            size = int.from_bytes(self._in[2:offset], "big")
        while len(self._in) < offset + size:
            self._receive()
        payload, self._in = self._in[offset : offset + size], self._in[offset + size :]
        if opcode == CLOSE:
            raise GoneError(int.from_bytes(payload[:2], "big"))
        self._take(payload.decode())

    def _take(self, packet: str) -> None:
        if self.heard is not None:
            self.heard.append(packet)
        if packet == "2":
            self.send_bytes(frame(TEXT, b"3"))
        elif packet.startswith("40"):
            self._is_joined = True
        elif packet.startswith("43"):
            number, bracket, rest = packet[2:].partition("[")
            self._acks[int(number)] = json.loads(bracket + rest)[0]

    def _receive(self) -> None:
        try:
            chunk = self._sock.recv(65536)
        except TimeoutError:
            raise
        except OSError as error:
            raise GoneError(None) from error
        if not chunk:
            raise GoneError(None)
        self._in += chunk


def teacher_of(port: int, lesson: Class) -> Device:
    """Return the joined device of a lesson's teacher."""
    return Device(port, f"lesson={lesson.lesson_id}", lesson.teacher_cookie).join()


def pupils_of(port: int, lesson: Class, cookies: Sequence[str] | None = None) -> list[Device]:
    """Return the joined devices of a lesson's pupils (of some, when their cookies are given)."""
    query = f"door=pupil&lesson={lesson.lesson_id}"
    chosen = lesson.pupil_cookies if cookies is None else cookies
    devices = [Device(port, query, cookie) for cookie in chosen]
    return [device.join() for device in devices]


def open_question(port: int, lesson: Class, place: int = 0) -> int:
    """Have the teacher ask one of the prepared questions; return its id."""
    activity_id = lesson.activities[place]
    move(port, lesson, activity_id, "open")
    return activity_id


def move(port: int, lesson: Class, activity_id: int, how: str) -> None:
    """Have the teacher move a question."""
    teacher = teacher_of(port, lesson)
    ack = teacher.ask("activity_move", {"lesson": lesson.lesson_id, "activity": activity_id, "move": how})
    assert ack["ok"], ack
    teacher.close()


def answer(activity_id: int, uuid: str, letter: str = "A", made: int = 0) -> dict[str, Any]:
    """Return the content of an answer."""
    return {"activity": activity_id, "round": 1, "uuid": uuid, "answer": [letter], "made": made}


class Watch:
    """How long others waited for /healthz, in seconds."""

    def __init__(self) -> None:
        self.times: list[float] = []

    @property
    def slowest(self) -> float:
        """The longest wait."""
        return max(self.times)


@contextmanager
def watching(url: str) -> Iterator[Watch]:
    """Ask for /healthz again and again while the block runs; whatever is not an answer fails the test."""
    watch, stop = Watch(), threading.Event()

    def ask() -> None:
        with requests.Session() as session:
            is_over = False
            while not is_over:  # once at least, however soon the block is over
                begun = time.monotonic()
                answered = session.get(f"{url}/healthz", timeout=60).ok
                watch.times.append(time.monotonic() - begun if answered else 60.0)
                is_over = stop.wait(0.02)

    asker = threading.Thread(target=ask)
    asker.start()
    try:
        yield watch
    finally:
        stop.set()
        asker.join()
