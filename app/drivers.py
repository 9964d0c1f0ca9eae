"""Engine.IO on our WebSockets: it writes to the connection at once, and messages may be taken before it sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from engineio import exceptions as engineio_errors
from engineio import packet as engineio_packet
from engineio import socket as engineio_socket

from app.websocket import PROTOCOL_ERROR, ProtocolError, text_frame

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.websocket import WebSocket


class DirectSocket(engineio_socket.Socket):  # type: ignore[misc] # Engine.IO ships no types
    """An Engine.IO socket that writes to its WebSocket at once instead of through a queue and a second greenlet."""

    wire: WebSocket

    def send(self, pkt: Any) -> None:  # noqa: ANN401 - an Engine.IO packet, which has no types
        """Send a packet. The frame is kept on the packet, so a broadcast is encoded once for all receivers."""
        if self.closed:
            raise engineio_errors.SocketIsClosedError
        frame = getattr(pkt, "wire_frame", None)
        if frame is None:
            encoded = pkt.encode()
            frame = text_frame(encoded.encode() if isinstance(encoded, str) else encoded)
            pkt.wire_frame = frame
        self.wire.write(frame)

    def close(self, wait: bool = True, abort: bool = False, reason: str | None = None) -> None:  # noqa: FBT001, FBT002 - Engine.IO's signature
        """Close the Engine.IO socket and the connection below it."""
        del wait  # there is no queue to wait for
        super().close(wait=False, abort=abort, reason=reason)
        self.wire.close()


class Take(Protocol):
    """What is done about a message: of which transport, what it says, and what writes a frame to its sender."""

    def __call__(self, transport_id: str, message: str, write: Callable[[bytes], None], /) -> bool:
        """Say whether the message was taken."""


class Driver:
    """What Engine.IO calls to take over an upgraded request (`_async["websocket"]`).

    `take(transport_id, message, write)` sees every message first, and says whether it was its business; then it writes
    the frame of the answer, at once or later. `take_at_once` is the same, must not wait, and may decline.
    """

    def __init__(
        self, take: Take, take_at_once: Take, handler: Callable[..., object], server: object
    ) -> None:
        del server
        self._take, self._take_at_once = take, take_at_once
        self._socket: engineio_socket.Socket = handler.__self__  # type: ignore[attr-defined]

    def __call__(self, environ: dict[str, Any], start_response: object) -> list[bytes]:
        """Serve the connection until it ends. The web server put a function that accepts it into `environ`."""
        del start_response
        wire: WebSocket = environ["bangxanh.accept_websocket"]()
        try:
            self._take_over(wire)
            self._serve(wire)
        except ProtocolError as error:
            wire.close(error.code)
        except (OSError, EOFError, engineio_errors.SocketIsClosedError):
            wire.drop()
        finally:
            wire.release()
            self._socket.close(abort=True, reason=self._socket.server.reason.TRANSPORT_CLOSE)
        return []

    def _take_over(self, wire: WebSocket) -> None:
        """Have the Engine.IO socket write here; it may have been closed while the connection was accepted."""
        waiting = self._socket.poll()
        self._socket.__class__ = DirectSocket
        self._socket.wire = wire
        self._socket.connected = self._socket.upgraded = True
        for packet in waiting:
            self._socket.send(packet)
        wire.take_at_once = lambda message: self._take_at_once(self._socket.sid, message, wire.write)

    def _serve(self, wire: WebSocket) -> None:
        while not self._socket.closed and (message := wire.receive()) is not None:
            if self._take(self._socket.sid, message, wire.write):
                continue
            try:
                packet = engineio_packet.Packet(encoded_packet=message)
                self._socket.receive(packet)
            except (ValueError, engineio_errors.UnknownPacketError) as error:
                raise ProtocolError(PROTOCOL_ERROR) from error
