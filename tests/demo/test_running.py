"""`demo run` from an empty folder: both installations answer, the month arrives, everything ends together."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import requests

from demo.accounts import HUB_OPERATOR, PASSPHRASE, SCHOOL_GUIDES
from tests.servers import free_port

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 300.0


def _two_free_ports() -> int:
    """Return a free port whose neighbour is free as well."""
    while True:
        port = free_port()
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
        return port


@contextmanager
def _running(instance: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    settings = {"INSTANCE": str(instance), "PORT": str(port), "PYTHONUNBUFFERED": "1"}
    with (instance.with_suffix(".out")).open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "flask", "--app", "wsgi", "demo", "run"],
            cwd=ROOT,
            env=kept | settings,
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(60)


def _wait_for(what: Callable[[], object], process: subprocess.Popen[str], output: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while not what():
        assert process.poll() is None, output.read_text()
        assert time.monotonic() < deadline, output.read_text()
        time.sleep(0.2)


def _children(process: subprocess.Popen[str]) -> list[int]:
    return [int(pid) for pid in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]


def _slices(instance: Path) -> list[str]:
    with closing(sqlite3.connect(f"file:{instance / 'bangxanh.db'}?mode=ro", uri=True)) as connection:
        return [state for (state,) in connection.execute("SELECT state FROM outgoing_slice")]


def test_from_an_empty_folder_twice_in_a_row(tmp_path: Path) -> None:
    instance, port = tmp_path / "instance", _two_free_ports()
    output = instance.with_suffix(".out")
    with _running(instance, port) as process:
        _wait_for(lambda: "Ctrl-C" in output.read_text(), process, output)
        told = output.read_text()
        for number in (port, port + 1):
            assert requests.get(f"http://127.0.0.1:{number}/healthz", timeout=10).json() == {"status": "ok"}
            assert requests.get(f"http://127.0.0.1:{number}/readyz", timeout=10).ok
            assert f"http://127.0.0.1:{number}" in told
        assert all(guide.username in told for guide in SCHOOL_GUIDES)
        assert HUB_OPERATOR in told
        assert PASSPHRASE in told
        _wait_for(lambda: set(_slices(instance)) == {"received"}, process, output)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    with _running(instance, port) as process:
        _wait_for(lambda: "Ctrl-C" in output.read_text(), process, output)
        os.kill(_children(process)[0], signal.SIGKILL)
        assert process.wait(60) == 1
        assert "đã dừng với mã" in output.read_text()
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))


def test_a_busy_port_is_said_in_one_sentence(tmp_path: Path) -> None:
    instance, port = tmp_path / "instance", _two_free_ports()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port + 1))
        taken.listen()
        with _running(instance, port) as process:
            assert process.wait(120) == 1
    told = instance.with_suffix(".out").read_text()
    assert f"Cổng {port + 1} đang có chương trình khác dùng" in told
    assert "Traceback" not in told
    assert not (instance / "bangxanh.db").exists()
