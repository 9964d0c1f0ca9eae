"""Running the demonstration: four processes of ours, watched; when one ends, all end, and it is said which.

Nothing is started again silently: somebody who looks at the demonstration must see when a part of it fails.
"""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
import requests

from demo.showing import welcome
from reports.signatures.commands import signing_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from config import Settings

ROOT: Final = Path(__file__).resolve().parent.parent
SENDER: Final = "phuong-thi-diem"
START_SECONDS: Final = 180.0
"""An old machine under load; on a quiet one it takes ten."""
STOP_SECONDS: Final = 10.0
LAST_LINES: Final = 12
LARGEST_PORT: Final = 65_534
_PR_SET_PDEATHSIG: Final = 1


class DemoFailedError(RuntimeError):
    """The demonstration could not start; the message says why, in one sentence."""


class _StopAsked(BaseException):
    """Somebody asked the demonstration to end."""


@dataclass(slots=True)
class Part:
    """One process of the demonstration and where it writes."""

    name: str
    command: list[str]
    environment: dict[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = field(default=None)

    def start(self) -> None:
        """Start it in a session of its own, so that Ctrl-C reaches only us and we end it in order."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_end_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509 - one system call
            )

    @property
    def status(self) -> int | None:
        """Its exit status, None while it runs."""
        return self.process.poll() if self.process else None

    def tail(self) -> str:
        """Return the last lines that it wrote."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-LAST_LINES:])


def run_demo(settings: Settings, prepare: Callable[[], str]) -> int:
    """Prepare, start and watch everything until somebody stops it; return the exit status.

    `prepare` migrates and seeds the school installation and returns the text about its accounts. Raises
    DemoFailedError when a port is taken or a part does not start.
    """
    host, port = os.environ.get("HOST", "127.0.0.1"), _port()
    for number in (port, port + 1):
        _require_free(host, number)
    signal.signal(signal.SIGTERM, _stop_asked)
    signal.signal(signal.SIGINT, _stop_asked)
    parts: list[Part] = []
    try:
        click.echo(f"Chuẩn bị dữ liệu trong {settings.instance}")
        school_accounts = prepare()
        hub_accounts = _prepare_hub(settings)
        parts = _parts(settings, host, port)
        for part in parts:
            part.start()
        _wait_until_ready(parts, [f"http://{host}:{number}" for number in (port, port + 1)])
        urls = f"http://{host}:{port}", f"http://{host}:{port + 1}"
        click.echo(welcome(*urls, school_accounts, hub_accounts, str(parts[0].log.parent)))
        return _watch(parts)
    except _StopAsked:
        click.echo("Đang dừng.")
        return 0
    finally:
        _stop(parts)


def _port() -> int:
    text = os.environ.get("PORT") or "8000"
    if not text.isdecimal() or not 0 < int(text) <= LARGEST_PORT:
        message = f"PORT={text!r} không phải là số cổng."
        raise DemoFailedError(message)
    return int(text)


def _require_free(host: str, port: int) -> None:
    """Raise DemoFailedError when somebody listens there already."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            message = (
                f"Cổng {port} đang có chương trình khác dùng; hãy chọn cổng khác, ví dụ: make demo PORT=8123"
            )
            raise DemoFailedError(message) from error


def _stop_asked(number: int, frame: FrameType | None) -> None:
    del number, frame
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    raise _StopAsked


# --- the parts ----------------------------------------------------------------------------------------------------


def _hub_environment(settings: Settings) -> dict[str, str]:
    """Return the environment of the second installation: its own folder, database and queue, and no hub above it."""
    other = {"DATABASE_URL", "REDIS_URL", "SECRET_KEY", "BANGXANH_HUB_URL", "BANGXANH_PUBLIC_URL"}
    kept = {name: value for name, value in os.environ.items() if name not in other}
    return kept | {
        "BANGXANH_ROLE": "hub",
        "INSTANCE": str(settings.instance / "hub"),
        "PYTHONUNBUFFERED": "1",
    }


def _prepare_hub(settings: Settings) -> str:
    """Migrate the hub, make its operator, and let it know our public key; return the text about its account."""
    key = signing_key(settings.instance)
    key_file = settings.instance / "keys" / "public.pem"
    key_file.write_text(key.public_pem)
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", "demo", "prepare-hub", SENDER, str(key_file)],
        cwd=ROOT, env=_hub_environment(settings), capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        message = f"Không chuẩn bị được kho dữ liệu:\n{done.stderr.strip()[-2000:]}"
        raise DemoFailedError(message)
    return done.stdout.strip()


def _parts(settings: Settings, host: str, port: int) -> list[Part]:
    school = {
        **os.environ,
        "INSTANCE": str(settings.instance),
        "HOST": host,
        "PORT": str(port),
        "BANGXANH_HUB_URL": f"http://{host}:{port + 1}",
        "BANGXANH_SENDER_CODE": SENDER,
        "PYTHONUNBUFFERED": "1",
    }
    hub = {**_hub_environment(settings), "HOST": host, "PORT": str(port + 1)}
    web, worker = [sys.executable, "wsgi.py"], [sys.executable, "-m", "flask", "--app", "wsgi", "worker"]
    logs = settings.instance / "logs"
    return [
        Part("trang web", web, school, logs / "web.log"),
        Part("worker", worker, school, logs / "worker.log"),
        Part("kho dữ liệu", web, hub, logs / "hub-web.log"),
        Part("worker của kho dữ liệu", worker, hub, logs / "hub-worker.log"),
    ]


def _end_with_parent() -> None:
    """Have the kernel end this process when we are killed and cannot do it any more."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


# --- watching -----------------------------------------------------------------------------------------------------


def _wait_until_ready(parts: list[Part], urls: list[str]) -> None:
    """Return when both installations say that they live and are ready; raise DemoFailedError otherwise."""
    waiting = [f"{url}{path}" for url in urls for path in ("/healthz", "/readyz")]
    deadline = time.monotonic() + START_SECONDS
    while waiting:
        if ended := _ended(parts):
            message = f"{ended.name} đã dừng khi khởi động (mã {ended.status}):\n{ended.tail()}"
            raise DemoFailedError(message)
        if time.monotonic() > deadline:
            message = f"{waiting[0]} không trả lời sau {START_SECONDS:.0f} giây; xem {parts[0].log.parent}"
            raise DemoFailedError(message)
        if _answers(waiting[0]):
            waiting.pop(0)
        else:
            time.sleep(0.1)


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=2).ok
    except requests.RequestException:
        return False


def _watch(parts: list[Part]) -> int:
    """Sleep until a part ends, then say which and why; return the exit status of the whole."""
    while (ended := _ended(parts)) is None:
        time.sleep(0.3)
    click.echo(f"{ended.name} đã dừng với mã {ended.status}. Những dòng cuối:\n{ended.tail()}", err=True)
    return 1


def _ended(parts: list[Part]) -> Part | None:
    return next((part for part in parts if part.status is not None), None)


def _stop(parts: list[Part]) -> None:
    """Ask every part to end, the web servers first; what does not within ten seconds is killed."""
    for process in _running(parts):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    for process in _running(parts):
        with suppress(subprocess.TimeoutExpired):
            process.wait(max(0.1, deadline - time.monotonic()))
    for process in _running(parts):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(STOP_SECONDS)


def _running(parts: list[Part]) -> Iterator[subprocess.Popen[bytes]]:
    return (part.process for part in parts if part.process is not None and part.process.poll() is None)
