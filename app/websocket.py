"""WebSocket frames (RFC 6455) for gevent: what arrives is measured while it arrives.

Why our own: the driver that Engine.IO usually has reads a whole message before anyone can ask how long it is, leaves
Nagle on, and wakes two greenlets for every frame that goes out. A lesson sends one frame to forty-five pupils at once,
so a frame is built once and written straight to each socket; only a slow receiver costs a greenlet.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import time
from typing import TYPE_CHECKING, Final

import gevent
import gevent.socket
from gevent.hub import Waiter

if TYPE_CHECKING:
    from collections.abc import Callable

MESSAGE_LIMIT: Final = 64 * 1024
"""Bytes of one message, all its fragments together (live-lessons.md)."""
BACKLOG_LIMIT: Final = 1024 * 1024
"""Bytes waiting for a slow receiver; beyond it the socket is dropped, and the device asks for a snapshot."""
FRAME_BURST: Final = 600.0
"""Frames of any kind that one connection may send at once; far more than a lesson's device ever does."""
FRAMES_PER_SECOND: Final = 40.0
FRAME_BYTES: Final = 4096
"""A frame is charged as one, and one more for each so many bytes."""
YIELD_EVERY: Final = 16
"""Frames after which a connection lets the others go on, even when more has arrived."""

_PRICE: Final = MESSAGE_LIMIT / FRAME_BYTES
"""What the largest frame costs."""
_WHOLE_TEXT: Final = 0x81
"""The first byte of a text that comes in one frame."""
_READ: Final = 1
"""What a libev watcher looks for."""
_CONTINUATION, _TEXT, _CLOSE, _PING, _PONG = 0x0, 0x1, 0x8, 0x9, 0xA
_NORMAL, PROTOCOL_ERROR, _NOT_TEXT, _BAD_TEXT, _TOO_MUCH, _TOO_LARGE = 1000, 1002, 1003, 1007, 1008, 1009
_HEADER, _MASK, _CONTROL_LIMIT, _TWO_BYTES, _EIGHT_BYTES = 2, 4, 125, 126, 127
_KEY_LENGTH: Final = 16
_GUID: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class ProtocolError(Exception):
    """The other side broke the protocol or a limit; `code` is what the close frame says."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def text_frame(payload: bytes) -> bytes:
    """Return one unmasked text frame, ready to be written to any number of sockets."""
    return _frame(_TEXT, payload)


def accept_key(client_key: str) -> str:
    """Return Sec-WebSocket-Accept for a client's key; raise ProtocolError when the key is not 16 bytes of base64."""
    try:
        if len(base64.b64decode(client_key, validate=True)) != _KEY_LENGTH:
            raise ProtocolError(PROTOCOL_ERROR)
    except (binascii.Error, ValueError) as error:
        raise ProtocolError(PROTOCOL_ERROR) from error
    digest = hashlib.sha1(client_key.encode("ascii") + _GUID, usedforsecurity=False).digest()
    return base64.b64encode(digest).decode("ascii")


def _frame(opcode: int, payload: bytes) -> bytes:
    size = len(payload)
    if size < _TWO_BYTES:
        head = bytes((0x80 | opcode, size))
    elif size < 1 << 16:
        head = bytes((0x80 | opcode, _TWO_BYTES)) + size.to_bytes(2, "big")
    else:
        head = bytes((0x80 | opcode, _EIGHT_BYTES)) + size.to_bytes(8, "big")
    return head + payload


def _unmask(mask: bytes, payload: bytes) -> bytes:
    size = len(payload)
    if not size or mask == b"\0\0\0\0":
        return payload
    key = (mask * (size // _MASK + 1))[:size]
    return (int.from_bytes(payload, "little") ^ int.from_bytes(key, "little")).to_bytes(size, "little")


class WebSocket:
    """An accepted connection: whole text messages in, ready frames out. One greenlet reads; any may write."""

    def __init__(self, sock: gevent.socket.socket, limit: int = MESSAGE_LIMIT) -> None:
        self._sock = sock
        self._sock.settimeout(None)  # Engine.IO's pings find the dead; a timer for every read would cost more
        self._limit = limit
        self._in = bytearray()
        self._out = bytearray()
        self._closed = False
        self._readable = gevent.get_hub().loop.io(sock.fileno(), _READ)
        self._reader: Waiter[None] | None = None
        self._is_between = True
        self._failed: Exception | None = None
        self.take_at_once: Callable[[str], bool] = lambda _message: False
        """Asked on the event loop about a message that came whole; it must not wait, and says whether it took it."""
        self._budget = FRAME_BURST
        self._charged_at = time.monotonic()
        self._steps = 0

    def receive(self) -> str | None:
        """Return the next text message, None at the end; raise ProtocolError for what must not be read further.

        Every frame is charged here, control frames and empty fragments too, before anything is done about it.
        """
        message = b""
        fragmented = False
        while True:
            self._is_between = not fragmented
            final, opcode, payload = self._read_frame(self._limit - len(message))
            self._charge(len(payload))
            if opcode >= _CLOSE:
                if not self._answer_control(opcode, payload):
                    return None
                continue
            if (opcode == _CONTINUATION) is not fragmented:
                raise ProtocolError(PROTOCOL_ERROR)
            message += payload
            fragmented = True
            if final:
                return _decoded(message)

    def write(self, frame: bytes) -> None:
        """Write a frame at once if the socket takes it, else keep it for a flusher; never block, never raise."""
        if self._closed:
            return
        if self._out:
            self._keep(frame)
            return
        try:
            sent = os.write(self._sock.fileno(), frame)
        except BlockingIOError:
            sent = 0
        except OSError:
            self.drop()
            return
        if sent < len(frame):
            self._keep(frame[sent:])
            gevent.spawn(self._flush)

    def close(self, code: int = _NORMAL) -> None:
        """Say goodbye and drop the connection; harmless when it is gone already."""
        self.write(_frame(_CLOSE, code.to_bytes(2, "big")))
        self.drop()

    def drop(self) -> None:
        """End the connection at once; the reader wakes up and finds its end."""
        self._closed = True
        self._out.clear()
        try:
            self._sock.shutdown(2)
        except OSError:
            return

    def release(self) -> None:
        """Give up what the reading needed; its greenlet has ended."""
        self._readable.close()

    def _charge(self, size: int) -> None:
        """Pay for one frame of the other side; raise ProtocolError when it sends more than anybody may."""
        self._budget = self._earned() - 1 - size / FRAME_BYTES
        if self._budget < 0:
            raise ProtocolError(_TOO_MUCH)
        self._step()

    def _earned(self) -> float:
        """Add what the time since the last look has earned; return what may be spent."""
        now = time.monotonic()
        self._budget = min(FRAME_BURST, self._budget + (now - self._charged_at) * FRAMES_PER_SECOND)
        self._charged_at = now
        return self._budget

    def _step(self) -> None:
        """Let the others go on now and then, though this one has sent many frames at once."""
        self._steps += 1
        if self._steps >= YIELD_EVERY:
            self._steps = 0
            gevent.sleep(0)

    def _keep(self, rest: bytes) -> None:
        self._out += rest
        if len(self._out) > BACKLOG_LIMIT:
            self.drop()

    def _flush(self) -> None:
        while self._out:
            try:
                sent = self._sock.send(bytes(self._out))
            except OSError:
                self.drop()
                return
            del self._out[:sent]

    def _answer_control(self, opcode: int, payload: bytes) -> bool:
        if opcode == _CLOSE:
            self.close(int.from_bytes(payload[:2], "big") if len(payload) > 1 else _NORMAL)
            return False
        if opcode == _PING:
            self.write(_frame(_PONG, payload))
        elif opcode != _PONG:
            raise ProtocolError(PROTOCOL_ERROR)
        return True

    def _read_frame(self, room: int) -> tuple[bool, int, bytes]:
        """Read one frame; its length is compared with `room` before its content is waited for."""
        self._fill(_HEADER)
        first, second = self._in[0], self._in[1]
        opcode, size, offset = first & 0x0F, second & 0x7F, _HEADER
        if first & 0x70 or not second & 0x80:
            raise ProtocolError(PROTOCOL_ERROR)
        if opcode >= _CLOSE and (size > _CONTROL_LIMIT or not first & 0x80):
            raise ProtocolError(PROTOCOL_ERROR)
        if opcode not in {_CONTINUATION, _TEXT, _CLOSE, _PING, _PONG}:
            raise ProtocolError(_NOT_TEXT)
        if size >= _TWO_BYTES:
            offset += 2 if size == _TWO_BYTES else 8
            self._fill(offset)
            size = int.from_bytes(self._in[_HEADER:offset], "big")
        if size > room:
            raise ProtocolError(_TOO_LARGE)
        end = offset + _MASK + size
        self._fill(end)
        mask, payload = bytes(self._in[offset : offset + _MASK]), bytes(self._in[offset + _MASK : end])
        del self._in[:end]
        return bool(first & 0x80), opcode, _unmask(mask, payload)

    def _fill(self, size: int) -> None:
        """Read until so many bytes are there. It waits first: a device sends one message and then nothing for long.

        So every read goes through the loop, and the others have their turn.
        """
        while len(self._in) < size:
            self._reader = Waiter()
            self._readable.start(self._read)
            try:
                self._reader.get()
            finally:
                self._readable.stop()
                self._reader = None
            if self._failed is not None:
                raise self._failed

    def _read(self) -> None:
        """Read what is there, on the event loop. What is not taken at once wakes the greenlet that waits for it."""
        try:
            chunk = os.read(self._sock.fileno(), 16384)
        except BlockingIOError:
            return
        except OSError as error:
            self._failed, chunk = error, b""
        if not chunk:
            self._failed = self._failed or EOFError()
        is_first = self._is_between and not self._in
        self._in += chunk
        try:
            is_taken = is_first and self._is_taken(chunk)
        except Exception as error:  # noqa: BLE001 - its greenlet raises it: raised here, gevent would stop watching
            self._in.clear()
            self._failed, is_taken = error, False
        if self._reader is not None and not is_taken:
            self._reader.switch(None)

    def _is_taken(self, chunk: bytes) -> bool:
        """Have a message taken that came as one frame and alone; whatever else came is read in the usual way."""
        if len(chunk) < _HEADER + _MASK or chunk[0] != _WHOLE_TEXT or chunk[1] & 0x7F == _EIGHT_BYTES:
            return False
        size, offset = chunk[1] & 0x7F, _HEADER
        if size == _TWO_BYTES:
            size, offset = int.from_bytes(chunk[2:4], "big"), _HEADER + 2
        start = offset + _MASK
        if (
            not chunk[1] & 0x80
            or size > self._limit
            or len(chunk) != start + size
            or self._earned() < _PRICE + 1
        ):
            return False
        try:
            message = _unmask(chunk[offset:start], chunk[start:]).decode()
        except UnicodeDecodeError:
            return False
        if not self.take_at_once(message):
            return False
        self._in.clear()
        self._budget -= 1 + size / FRAME_BYTES
        return True


def _decoded(message: bytes) -> str:
    try:
        return message.decode()
    except UnicodeDecodeError as error:
        raise ProtocolError(_BAD_TEXT) from error
