"""Our own web server and worker, as real processes."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import requests

from tests.servers.programs import ROOT, STOP_SECONDS, free_port, signal_group, spawn, stop, wait_until

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator, Mapping


@dataclass(slots=True)
class ServedApp:
    """A real server process of ours on a free port, with all the processes that it starts."""

    instance: Path
    settings: Mapping[str, str]
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] = field(init=False)

    @property
    def url(self) -> str:
        """Where it answers, without a final slash."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        """What it wrote since it first started."""
        return self._log_file.read_text(errors="replace")

    def start(self) -> None:
        """Start it and wait until /healthz answers; raise ServerFailedError when it does not."""
        command = [sys.executable, str(ROOT / "wsgi.py")]
        _share_compiled_templates(self.instance)
        self.process = spawn(command, self._log_file, self._environment(), ROOT)
        wait_until(self._is_healthy, self.process, self._log_file)

    def processor_seconds(self) -> float:
        """Return how long its process has used a processor since it was started."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def kill9(self) -> None:
        """End it and its workers at once, as a power cut would."""
        signal_group(self.process, signal.SIGKILL)
        self.process.wait(STOP_SECONDS)

    def stop(self) -> None:
        """Ask it to end, and see to it that it does."""
        stop(self.process, signal.SIGTERM)

    def restart(self) -> None:
        """Start it again on the same port and instance folder, whether or not it still runs."""
        self.stop()
        self.start()

    @property
    def _log_file(self) -> Path:
        return self.instance.with_name(f"{self.instance.name}.log")

    def _environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
        ours = {"INSTANCE": str(self.instance), "PORT": str(self.port), "PYTHONUNBUFFERED": "1"}
        return kept | ours | dict(self.settings)

    def _is_healthy(self) -> bool:
        try:
            return requests.get(f"{self.url}/healthz", timeout=2).ok
        except requests.RequestException:
            return False


def compiled_templates() -> Path:
    """Return the folder in which all applications of the tests keep their compiled templates: four seconds each."""
    shared = Path(tempfile.gettempdir()) / f"bangxanh_templates_{os.getuid()}"
    shared.mkdir(mode=0o700, exist_ok=True)
    return shared


def _share_compiled_templates(instance: Path) -> None:
    instance.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        (instance / "templates").symlink_to(compiled_templates(), target_is_directory=True)


@contextmanager
def served_app(instance: Path, settings: Mapping[str, str], port: int | None = None) -> Iterator[ServedApp]:
    """Run `python wsgi.py` with these environment variables until the block is left; on this port, or a free one."""
    served = ServedApp(instance, settings, port or free_port())
    served.start()
    try:
        yield served
    finally:
        served.stop()


@contextmanager
def worker_process(instance: Path, settings: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """Run `flask --app wsgi worker` with these environment variables until the block is left."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    environment = kept | {"INSTANCE": str(instance), "PYTHONUNBUFFERED": "1"} | dict(settings)
    log = instance.with_name(f"{instance.name}.worker.log")
    process = spawn([sys.executable, "-m", "flask", "--app", "wsgi", "worker"], log, environment, ROOT)
    try:
        yield process
    finally:
        stop(process, signal.SIGTERM)
