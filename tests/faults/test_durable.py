"""Nothing is acknowledged before it is on the disk: what the kernel was asked, in its order (strace(1)).

A killed process cannot show this: the kernel keeps what was written but not yet synced. Only a power cut would.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import pytest

from tests.faults.devices import answer, open_question, pupils_of
from tests.faults.test_databases import upload
from tests.servers import MissingProgramError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.faults.conftest import Lessons

ANSWERS: Final = 40
SYNCED: Final = re.compile(r"f(?:data)?sync(?:\(\d+\)| resumed>\)).*= 0")
ACKNOWLEDGED: Final = re.compile(r'(?:send|sendto|write)\(\d+, ".*43\d+\[\{\\"ok\\":true')
ANSWERED: Final = re.compile(r'(?:send|sendto|write)\(\d+, "HTTP/1.1 \d+')
ASKED: Final = re.compile(r'(?:recv|recvfrom|read)\(\d+, "POST ')


@contextmanager
def watched(process_id: int, trace: Path) -> Iterator[None]:
    """Write down every sync and every message of a process and its threads while the block runs."""
    program = shutil.which("strace")
    if program is None:
        message = "strace was not found: install strace (apt-get install strace)"
        raise MissingProgramError(message)
    calls = "trace=fsync,fdatasync,send,sendto,write,recv,recvfrom,read"
    command = [program, "-f", "-p", str(process_id), "-e", calls, "-s", "96", "-o", str(trace)]
    watcher = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert watcher.stderr
    assert "attached" in watcher.stderr.readline()
    try:
        yield
    finally:
        watcher.terminate()
        watcher.communicate(timeout=10)


@pytest.mark.timeout(120)
def test_each_acknowledgement_comes_after_its_sync(lessons: Lessons, tmp_path: Path) -> None:
    port, lesson, trace = lessons.served.port, lessons.first, tmp_path / "trace"
    activity = open_question(port, lesson)
    devices = pupils_of(port, lesson)
    with watched(lessons.served.process.pid, trace):
        for number in range(ANSWERS):
            device = devices[number % len(devices)]
            assert device.ask("answer", answer(activity, f"synced-{number:03}", made=number))["ok"]
        page = f"{lessons.served.url}/schools/{lessons.built.school_id}/imports"
        assert upload(page, lessons.built.clerk_cookie).ok
        time.sleep(0.2)
    acknowledged, synced, asked = 0, 0, False
    for line in trace.read_text(errors="replace").splitlines():
        if SYNCED.search(line):
            synced += 1
        elif ASKED.search(line):
            asked, synced = True, 0
        elif ACKNOWLEDGED.search(line) or (asked and ANSWERED.search(line)):
            assert synced, f"told before it was synced: {line}"
            acknowledged, synced, asked = acknowledged + 1, 0, False
    assert acknowledged == ANSWERS + 1
