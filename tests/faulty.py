"""A network that fails on demand: it cuts, stalls, and loses answers between a browser and a server."""

from __future__ import annotations

import random
import socket
import struct
import threading
import time
from contextlib import suppress
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from types import TracebackType

CHUNK: Final = 65536
LATE_BY: Final = 0.1
RESETS, STALLS = 0.03, 0.05
STALLED_FOR: Final = 5.0
"""Seconds."""


class Fault(StrEnum):
    """What the network does with what goes through it."""

    NONE = "none"
    CUT = "cut"
    """Every connection ends, no new one comes about: airplane mode."""
    STALL = "stall"
    """Connections stay open, nothing arrives: a Wi-Fi without a line behind it."""
    LOSE_ANSWERS = "lose answers"
    """Requests arrive and are done, answers do not: the acknowledgement is lost."""
    UNRELIABLE = "unreliable"
    """Of a hundred pieces three end their connection with a reset, five hold it up for longer than devices wait."""
    SLOW = "slow"
    """Everything arrives, each piece a tenth of a second late."""


class FaultyNetwork:
    """One device's way to a server on this machine. Use it in a `with` block; `url` is where the device finds it."""

    def __init__(self, server_port: int) -> None:
        self._server_port = server_port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: set[socket.socket] = set()
        self._fault = Fault.NONE
        self._lock = threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def port(self) -> int:
        """The port of 127.0.0.1 at which the device finds the server."""
        port: int = self._listener.getsockname()[1]
        return port

    @property
    def url(self) -> str:
        """The address for the browser, without a final slash."""
        return f"http://127.0.0.1:{self.port}"

    def become(self, fault: Fault) -> None:
        """Fail like this from now on; what was connected before has to connect again."""
        self._fault = fault
        self._hang_up()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._fault = Fault.CUT
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._hang_up()

    def _accept(self) -> None:
        while True:
            try:
                device, _ = self._listener.accept()
            except OSError:
                return
            if self._fault is Fault.CUT:
                device.close()
            else:
                threading.Thread(target=self._carry, args=(device,), daemon=True).start()

    def _carry(self, device: socket.socket) -> None:
        try:
            server = socket.create_connection(("127.0.0.1", self._server_port), timeout=10)
        except OSError:
            device.close()
            return
        server.settimeout(None)
        with self._lock:
            self._open |= {device, server}
        back = threading.Thread(target=self._pump, args=(server, device, Fault.LOSE_ANSWERS), daemon=True)
        back.start()
        self._pump(device, server, None)

    def _pump(self, source: socket.socket, target: socket.socket, swallowed_by: Fault | None) -> None:
        with suppress(OSError):
            while content := source.recv(CHUNK):
                if self._fault in {Fault.STALL, swallowed_by}:
                    continue
                if self._fault is Fault.SLOW:
                    time.sleep(LATE_BY)
                if self._fault is Fault.UNRELIABLE and self._is_reset(source, target):
                    break
                target.sendall(content)
        self._close(source, target)

    def _is_reset(self, *ends: socket.socket) -> bool:
        """Draw what becomes of a piece; wait through a stall, or have both ends of the connection reset."""
        drawn = random.random()
        if drawn < RESETS:
            for end in ends:
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return True
        if drawn < RESETS + STALLS:
            time.sleep(STALLED_FOR)
        return False

    def _hang_up(self) -> None:
        with self._lock:
            ends = list(self._open)
        self._close(*ends)

    def _close(self, *ends: socket.socket) -> None:
        with self._lock:
            self._open -= set(ends)
        for end in ends:
            with suppress(OSError):
                if not _is_to_be_reset(end):
                    end.shutdown(socket.SHUT_RDWR)
            end.close()


def _is_to_be_reset(end: socket.socket) -> bool:
    return end.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8)[:1] == b"\1"
