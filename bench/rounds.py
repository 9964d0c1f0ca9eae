"""Rounds of a lesson: from asking to the last durable acknowledgement, ours beside the yardstick's in one run."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import requests

from bench import schools
from config import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

ROOT: Final = Path(__file__).resolve().parent.parent
NODE: Final = Path(__file__).resolve().parent / "node"
YARDSTICK: Final = ROOT / "node_modules" / ".bench"
CLASS_SIZE: Final = 45
WARM_UP: Final = 10
"""Rounds before the first that is timed: at the third the interpreter still takes twice as long as at the tenth."""
PAUSE_MS: Final = 400
VISITED: Final = 6
"""More rounds, not timed, in which a teacher opens pages one after the other."""
START_WITHIN: Final = 60.0
SERVER_CORE, LOAD_CORE = "0", "1"


@dataclass(frozen=True, slots=True)
class Rounds:
    """What was measured of one server with so many pupils. Times in milliseconds, memory in kB for each pupil.

    `processor` is the server's processor time for a round: other work on the machine disturbs it least. `reconnecting`
    is how long `returning` devices (at most 500), cut off and back in one moment, take to be in step again. `http_p95`
    is how long a teacher's page takes meanwhile, in 95 of 100 times; the yardstick has no pages.
    """

    server: str
    pupils: int
    median: float
    fastest: float
    p90: float
    processor: float
    connecting: float
    memory_per_pupil: float
    reconnecting: float
    returning: int
    http_p95: float | None


def measure(sizes: Sequence[int], rounds: int) -> list[Rounds]:
    """Measure the product and the yardstick alternately, for so many classes of forty-five each."""
    _install_yardstick()
    found = []
    for classes in sizes:
        found.append(_yardstick(classes, rounds))
        found.append(_product(classes, rounds))
    return found


def as_plain(found: Sequence[Rounds]) -> list[dict[str, Any]]:
    """Return the results as they go into a file."""
    return [asdict(item) for item in found]


def _install_yardstick() -> None:
    """Install beside the other packages, not here: what npm brings is no source of ours."""
    YARDSTICK.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json", "yardstick.mjs"):
        shutil.copy(NODE / name, YARDSTICK / name)
    if not (YARDSTICK / "node_modules" / "socket.io").exists():
        subprocess.run(["npm", "ci", "--silent", "--no-audit", "--no-fund"], cwd=YARDSTICK, check=True)


def _product(classes: int, rounds: int) -> Rounds:
    folder = Path(tempfile.mkdtemp(prefix="bx-measure-"))
    try:
        env = {"BANGXANH_ENV": "development", "INSTANCE": str(folder), "PORT": str(_free_port())}
        questions = WARM_UP + rounds + VISITED
        built = schools.build(Settings.from_env(env), classes, CLASS_SIZE, questions)
        command = [sys.executable, str(ROOT / "wsgi.py")]
        with _server(command, env, folder) as process:
            _wait_for_health(env["PORT"], process)
            return _rounds(
                "Bảng Xanh", env["PORT"], [row.for_load() for row in built], rounds, process, folder
            )
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _yardstick(classes: int, rounds: int) -> Rounds:
    folder = Path(tempfile.mkdtemp(prefix="bx-measure-"))
    try:
        port = str(_free_port())
        peers = [
            {
                "lesson": number,
                "teacher": {"query": f"lesson={number}"},
                "pupils": [{"query": f"lesson={number}"}] * CLASS_SIZE,
                "activities": list(range(1, WARM_UP + rounds + VISITED + 1)),
            }
            for number in range(classes)
        ]
        with _server(["node", str(YARDSTICK / "yardstick.mjs"), port], {}, folder) as process:
            _wait_for_port(port, process)
            return _rounds("Node socket.io", port, peers, rounds, process, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _rounds(
    server: str,
    port: str,
    classes: Sequence[Mapping[str, Any]],
    rounds: int,
    process: subprocess.Popen[bytes],
    folder: Path,
) -> Rounds:
    before = _memory(process.pid)
    load = {
        "port": int(port),
        "pid": process.pid,
        "rounds": WARM_UP + rounds,
        "visited": VISITED,
        "pause": PAUSE_MS,
        "classes": classes,
    }
    config = folder / "load.json"
    config.write_text(json.dumps(load))
    done = subprocess.run(
        _pinned(LOAD_CORE, ["node", str(NODE / "load.mjs"), str(config)]),
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    if done.returncode:
        message = f"{server}: the load failed\n{done.stderr[-2000:]}\n{(folder / 'log').read_text()[-3000:]}"
        raise RuntimeError(message)
    said = json.loads(done.stdout)
    times, visits = sorted(said["times"][WARM_UP:]), sorted(said["visits"])
    return Rounds(
        server=server,
        pupils=said["pupils"],
        median=round(statistics.median(times), 1),
        fastest=round(times[0], 1),
        p90=round(times[int(len(times) * 0.9)], 1),
        processor=round(said["processor_of_rounds"] / len(said["times"]), 1),
        connecting=round(said["connecting"], 1),
        memory_per_pupil=round((_memory(process.pid) - before) / said["pupils"], 1),
        reconnecting=round(said["reconnecting"], 1),
        returning=said["returning"],
        http_p95=round(visits[int(len(visits) * 0.95)], 1) if visits else None,
    )


@contextmanager
def _server(command: list[str], env: Mapping[str, str], folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            _pinned(SERVER_CORE, command), env=os.environ | dict(env), stdout=log, stderr=log, cwd=ROOT
        )
        try:
            yield process
        finally:
            process.terminate()
            process.wait(20)


def _pinned(core: str, command: list[str]) -> list[str]:
    """Keep a program on one core, so that server and load do not take turns; not on machines without taskset."""
    if shutil.which("taskset") and (os.cpu_count() or 1) > 1:
        return ["taskset", "-c", core, *command]
    return command


def _memory(pid: int) -> float:
    """Return the resident memory of a process in kB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return float(line.split()[1])
    return 0.0


def _free_port() -> int:
    import socket  # noqa: PLC0415 - the name is wanted nowhere else here

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for_health(port: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_WITHIN
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if requests.get(f"http://127.0.0.1:{port}/healthz", timeout=2).ok:
                return
        except requests.RequestException:
            time.sleep(0.1)
    message = "the server did not start"
    raise RuntimeError(message)


def _wait_for_port(port: str, process: subprocess.Popen[bytes]) -> None:
    import socket  # noqa: PLC0415

    deadline = time.monotonic() + START_WITHIN
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", int(port)), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    message = "the yardstick did not start"
    raise RuntimeError(message)
