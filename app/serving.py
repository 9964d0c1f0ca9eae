"""The web server: gevent's, with sockets that answer at once, static files that are sent once, and an orderly end.

`serve(app, host, port)` is for a process that was patched by gevent before anything else was imported; it returns after
SIGTERM or SIGINT, when what was asked is answered and what was accepted is on the disk.
"""

from __future__ import annotations

import gc
import gzip
import logging
import mimetypes
import signal
import socket as plain_socket
import sys
import time
from functools import lru_cache
from pathlib import Path
from threading import get_native_id
from typing import TYPE_CHECKING, Any, Final

import gevent
from gevent import config, events, get_hub, monkey
from gevent.pywsgi import WSGIHandler, WSGIServer
from jinja2 import FileSystemBytecodeCache
from sqlalchemy.orm import configure_mappers

from app import sockets
from app.headers import of_files
from app.heads import read_head
from app.websocket import ProtocolError, WebSocket, accept_key
from app.writer import GroupWriter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from flask import Flask

log = logging.getLogger("bangxanh.web")
"""Not below "app": Flask's own logger writes to the server's error log, which would then write to itself."""
STOP_WITHIN: Final = 10
REQUEST_HEAD_WITHIN: Final = 30
"""Seconds in which a request's head must have arrived; a keep-alive connection ends after as long a silence."""
YEAR: Final = 31_536_000
HASHED: Final = "dist/"
COMPRESSED: Final = {".js", ".mjs", ".css", ".svg", ".json", ".html", ".map", ".webmanifest"}
_STATIC: Final = "/static/"
GARBAGE_AFTER: Final = (10_000, 20, 20)


def serve(app: Flask, host: str, port: int) -> None:
    """Serve until told to end; print the address. With Settings.monitor_loop stderr hears of what blocks the loop."""
    if not monkey.is_module_patched("socket"):
        message = "gevent must patch the process first: from gevent import monkey; monkey.patch_all()"
        raise RuntimeError(message)
    if longest := app.extensions["bangxanh.settings"].monitor_loop:
        watch_the_loop(longest / 1000)
    configure_mappers()  # else the first query does it, a second in which the loop stands still
    _compile_templates(app)
    writer = GroupWriter(app)
    desk = sockets.attach(app)
    app.wsgi_app = static_files(app)  # type: ignore[method-assign]
    server = Server((host, port), app, handler_class=Handler, log=None, error_log=log)
    server.stop_timeout = STOP_WITHIN
    for number in (signal.SIGTERM, signal.SIGINT):
        gevent.signal_handler(number, server.stop_accepting_and_wake)
    _look_for_garbage_seldom()
    _start(server, f"{host}:{port}")
    sys.stdout.write(f"Bảng Xanh: http://{host}:{server.server_port}/\n")
    sys.stdout.flush()
    server.told_to_stop.wait()
    desk.close()
    server.stop(timeout=STOP_WITHIN)
    writer.stop()


def _start(server: Server, place: str) -> None:
    """Listen; raise SystemExit, whose message names the variables to mend, where that is not possible."""
    try:
        server.start()
    except OSError as error:  # taken, forbidden, or no address of this machine
        message = f"Bảng Xanh: HOST and PORT: cannot listen on {place}: {error.strerror or error}"
        raise SystemExit(message) from None


def _look_for_garbage_seldom() -> None:
    """Leave what the start made out of the search for garbage, which went through half a million objects every time.

    What a request makes is mostly forgotten by counting; cycles are found a little later than by default.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GARBAGE_AFTER)


def _compile_templates(app: Flask) -> None:
    """Compile every template before the first request: a large one takes longer than a request may block the loop.

    The result is kept in the instance folder: the next start, perhaps in the middle of a lesson, does without these
    seconds. Jinja compares each with its source before it uses it.
    """
    folder: Path = app.extensions["bangxanh.settings"].instance / "templates"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    app.jinja_env.bytecode_cache = FileSystemBytecodeCache(str(folder))
    for name in app.jinja_env.list_templates(extensions=["html"]):
        app.jinja_env.get_template(name)


def watch_the_loop(longest: float) -> None:
    """Have gevent's monitor thread write a report to stderr when a greenlet blocks the loop for `longest` seconds.

    A report of a time in which the machine did not let this process run ends with the line STARVED.
    """
    config.max_blocking_time = longest
    config.monitor_thread = True
    monitor = get_hub().start_periodic_monitoring_thread()
    config.monitor_thread = False  # native threads may get a hub of their own; they are there to block
    watch = _ProcessorWatch()
    monitor.add_monitoring_function(watch.sample, longest)
    events.subscribers.append(watch.explain)


STARVED: Final = "The machine kept the processor from this process: nothing in it blocked."


class _ProcessorWatch:
    """Tells a loop that was blocked from one that waited for a processor; made on the loop, asked by the monitor.

    Starved: in the time watched the loop's thread used less than half of it, though it was ready to run. A thread that
    waits for a disk, a lock or a socket is not ready; one that computes uses the time.
    """

    def __init__(self) -> None:
        self._clock = time.pthread_getcpuclockid(_native_ident())
        self._stat = Path(f"/proc/self/task/{get_native_id()}/stat")
        self.sample(None)

    def sample(self, _hub: object) -> None:
        self._used, self._at = time.clock_gettime(self._clock), time.perf_counter()

    def explain(self, event: object) -> None:
        if not isinstance(event, events.EventLoopBlocked) or not isinstance(event.info, list):
            return
        passed, used = time.perf_counter() - self._at, time.clock_gettime(self._clock) - self._used
        if used < passed / 2 and self._is_ready():
            event.info.append(STARVED)

    def _is_ready(self) -> bool:
        """Whether the loop's thread runs or would, were there a processor (proc(5): its state follows its name)."""
        try:
            return self._stat.read_text().rpartition(")")[2].split()[0] == "R"
        except OSError:  # a system without /proc
            return False


_native_ident = monkey.get_original("_thread", "get_ident")


class Server(WSGIServer):
    """gevent's server, without Nagle's delay on what it accepts (40 ms for every exchange on a socket otherwise)."""

    backlog = 2048
    """A school comes back in one moment: behind gevent's 128 the kernel drops who knocks, who then waits a second."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - gevent's own signature
        super().__init__(*args, **kwargs)
        self.told_to_stop = gevent.event.Event()

    def handle(self, sock: gevent.socket.socket, address: Any) -> None:  # noqa: ANN401 - gevent's
        """Serve one accepted connection."""
        sock.setsockopt(plain_socket.IPPROTO_TCP, plain_socket.TCP_NODELAY, 1)
        super().handle(sock, address)

    def stop_accepting_and_wake(self) -> None:
        """Take no more connections; `serve` then ends what is open."""
        self.stop_accepting()
        self.told_to_stop.set()


class Handler(WSGIHandler):
    """One connection's requests; a WebSocket takes the connection over for good."""

    def read_requestline(self) -> str:
        """Read the first line, but do not wait for ever: an idle connection costs a greenlet."""
        self.socket.settimeout(REQUEST_HEAD_WITHIN)
        line: str = super().read_requestline()
        return line

    def log_request(self) -> None:
        """Write nothing: there is no log of requests, and gevent made each line before it threw it away."""

    def MessageClass(self, *source: Any) -> Any:  # noqa: ANN401, N802 - gevent's own name and types
        """Read the head of a request."""
        return read_head(source[0])

    def run_application(self) -> None:
        """Run the application; when it took the socket over there is no response to write."""
        environ: dict[str, Any] = self.environ or {}
        if environ.get("HTTP_UPGRADE", "").lower() != "websocket":
            super().run_application()
            return
        try:
            answer = _handshake(environ)
        except ProtocolError:
            plain = [("Content-Type", "text/plain"), ("Content-Length", "0")]
            app: Any = self.application
            always = of_files(secure=app.config["SESSION_COOKIE_SECURE"])
            self.start_response("400 Bad Request", [*plain, *always])
            self.result = []
            self.process_result()
            return
        environ["bangxanh.accept_websocket"] = lambda: self._accept(answer)
        application: Any = self.application
        self.result = application(environ, self.start_response)
        if not self.connection_upgraded:
            self.process_result()

    def _accept(self, answer: bytes) -> WebSocket:
        self.connection_upgraded = True
        self.close_connection = True
        self.socket.sendall(answer)
        return WebSocket(self.socket)


def _handshake(environ: dict[str, Any]) -> bytes:
    """Return the answer that upgrades the connection; or raise ProtocolError."""
    wants = [word.strip().lower() for word in environ.get("HTTP_CONNECTION", "").split(",")]
    proper = (
        environ["REQUEST_METHOD"] == "GET" and environ["SERVER_PROTOCOL"] == "HTTP/1.1" and "upgrade" in wants
    )
    if not proper or environ.get("HTTP_SEC_WEBSOCKET_VERSION") != "13":
        raise ProtocolError(1002)
    key = accept_key(environ.get("HTTP_SEC_WEBSOCKET_KEY", "").strip())
    head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    return f"{head}Sec-WebSocket-Accept: {key}\r\n\r\n".encode("ascii")


# --- static files -------------------------------------------------------------------------------------------------


def static_files(app: Flask) -> StaticFiles:
    """Return the application with its static files in front, with the headers that every answer of it has."""
    secure: bool = app.extensions["bangxanh.settings"].is_production
    return StaticFiles(app.wsgi_app, Path(app.static_folder or ""), of_files(secure=secure))


Headers = tuple[tuple[str, str], ...]
_StartResponse = "Callable[[str, list[tuple[str, str]]], object]"


class StaticFiles:
    """Static files from memory, compressed once; the hashed ones of the bundle may be kept for a year.

    Anything it does not know goes on to the application, which answers (and logs, and refuses) as always.
    """

    def __init__(
        self, inner: Callable[[Any, Any], Iterable[bytes]], folder: Path, headers: Headers = ()
    ) -> None:
        self._inner = inner
        self._folder = folder.resolve()
        self._always = headers

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
        """Answer a GET below /static/, or pass the request on."""
        path: str = environ.get("PATH_INFO", "")
        if not path.startswith(_STATIC) or environ["REQUEST_METHOD"] not in {"GET", "HEAD"}:
            return self._inner(environ, start_response)
        found = self._find(path[len(_STATIC) :])
        if found is None:
            return self._inner(environ, start_response)
        compress = "gzip" in environ.get("HTTP_ACCEPT_ENCODING", "") and found.suffix in COMPRESSED
        status = found.stat()
        tag = f'"{status.st_mtime_ns:x}-{status.st_size:x}"'
        headers = [*_headers(found, path, tag), *self._always]
        if environ.get("HTTP_IF_NONE_MATCH") == tag:
            start_response("304 Not Modified", headers)
            return []
        content = _content(found, status.st_mtime_ns, compress=compress)
        if compress:
            headers.append(("Content-Encoding", "gzip"))
        start_response("200 OK", [*headers, ("Content-Length", str(len(content)))])
        return [content] if environ["REQUEST_METHOD"] == "GET" else []

    def _find(self, name: str) -> Path | None:
        try:
            path = (self._folder / name).resolve()
            if path.is_relative_to(self._folder) and path.is_file():
                return path
        except (OSError, ValueError):
            return None
        return None


def _headers(path: Path, url: str, tag: str) -> list[tuple[str, str]]:
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    text = kind.startswith("text/") or kind in {"application/javascript", "application/json", "image/svg+xml"}
    forever = url.startswith(_STATIC + HASHED)
    return [
        ("Content-Type", f"{kind}; charset=utf-8" if text else kind),
        ("Cache-Control", f"public, max-age={YEAR}, immutable" if forever else "public, max-age=3600"),
        ("ETag", tag),
        ("Vary", "Accept-Encoding"),
    ]


@lru_cache(maxsize=256)
def _content(path: Path, changed: int, *, compress: bool) -> bytes:
    del changed  # part of the key: a rebuilt file is read again
    content = path.read_bytes()
    return gzip.compress(content, 9, mtime=0) if compress else content
