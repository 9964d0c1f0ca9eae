"""Plain sockets for tests: a device that speaks Socket.IO by hand, and remembers every frame it was sent."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import websocket

if TYPE_CHECKING:
    from types import TracebackType

PATIENCE = 10.0


class RefusedError(Exception):
    """The server did not upgrade; `status` is what it answered instead."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


@dataclass
class Wire:
    """One connection. `frames` is everything that arrived, word for word."""

    address: str
    query: str = ""
    cookie: str = ""
    origin: str | None = None
    frames: list[str] = field(default_factory=list)
    events: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def open(self) -> Self:
        """Connect and say CONNECT; raise RefusedError when the upgrade is refused."""
        url = f"{self.address.replace('http', 'ws', 1)}/socket.io/?EIO=4&transport=websocket&{self.query}"
        try:
            self._socket = websocket.create_connection(
                url,
                timeout=PATIENCE,
                cookie=self.cookie,
                origin=self.origin,
                suppress_origin=self.origin is None,
            )
        except websocket.WebSocketBadStatusException as error:
            raise RefusedError(error.status_code) from error
        self._asked = 0
        self._acks: dict[int, dict[str, Any]] = {}
        assert self._read().startswith("0{")
        self._socket.send("40")
        assert self._read().startswith("40{")
        return self

    def __enter__(self) -> Self:
        return self.open()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the connection without a goodbye, as a phone does that loses its network."""
        if hasattr(self, "_socket"):
            self._socket.shutdown()  # type: ignore[no-untyped-call] # websocket-client's own

    def ask(self, event: str, payload: object) -> dict[str, Any]:
        """Send an event and return its acknowledgement."""
        number = self.send(event, payload)
        deadline = time.monotonic() + PATIENCE
        while number not in self._acks:
            assert time.monotonic() < deadline, f"no acknowledgement of {event}"
            self._take(self._read())
        return self._acks.pop(number)

    def send(self, event: str, payload: object) -> int:
        """Send an event without waiting; return its number."""
        self._asked += 1
        self._socket.send(f"42{self._asked}{json.dumps([event, payload])}")
        return self._asked

    def raw(self, text: str) -> None:
        """Send any text."""
        self._socket.send(text)

    def wait_for(self, event: str, seconds: float = PATIENCE) -> dict[str, Any]:
        """Return the next event of this name that was not taken yet."""
        deadline = time.monotonic() + seconds
        while True:
            for place, (name, content) in enumerate(self.events):
                if name == event:
                    del self.events[place]
                    return content
            assert time.monotonic() < deadline, f"no {event} came"
            self._take(self._read(deadline - time.monotonic()))

    def listen(self, seconds: float) -> None:
        """Take in whatever comes for a while."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            try:
                self._take(self._read(left))
            except websocket.WebSocketTimeoutException:
                return

    def ends_within(self, seconds: float) -> bool:
        """Say whether the server ends the connection in time."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            try:
                self._take(self._read(left))
            except websocket.WebSocketTimeoutException:
                return False
            except (websocket.WebSocketConnectionClosedException, OSError):
                return True
        return False

    def _read(self, seconds: float = PATIENCE) -> str:
        self._socket.settimeout(max(seconds, 0.01))
        text = self._socket.recv()
        if not isinstance(text, str) or not text:
            raise websocket.WebSocketConnectionClosedException
        self.frames.append(text)
        return text

    def _take(self, text: str) -> None:
        if text == "2":
            self._socket.send("3")
        elif text.startswith("43"):
            start = text.index("[")
            self._acks[int(text[2:start])] = json.loads(text[start:])[0]
        elif text.startswith("42"):
            name, content = json.loads(text[2:])
            self.events.append((name, content))
        elif text.startswith("41"):
            raise websocket.WebSocketConnectionClosedException
