"""Programs as processes of the test run: started, waited for, killed, and not left behind."""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import pwd
    from collections.abc import Callable, Iterator

ROOT: Final = Path(__file__).parent.parent.parent
START_SECONDS: Final = 120.0
STOP_SECONDS: Final = 10.0
_PR_SET_PDEATHSIG: Final = 1


class MissingProgramError(RuntimeError):
    """A program that the tests need is not installed; the message says what to install."""


class ServerFailedError(RuntimeError):
    """A server did not start or ended by itself; the message ends with what it wrote."""


def free_port() -> int:
    """Return a port of 127.0.0.1 that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def program_path(name: str, package: str | None = None) -> str:
    """Return where an installed program is; raise MissingProgramError with the package to install."""
    path = shutil.which(name)
    if path is None:
        message = f"{name} was not found: install {package or name} (apt-get install {package or name})"
        raise MissingProgramError(message)
    return path


@contextmanager
def folder_of(owner: pwd.struct_passwd | None) -> Iterator[Path]:
    """Give a temporary folder that belongs to this account, or to us; it goes with the block."""
    _sweep()
    path = Path(tempfile.mkdtemp(prefix=f"bangxanh-{os.getpid()}-"))
    if owner:
        os.chown(path, owner.pw_uid, owner.pw_gid)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def _sweep() -> None:
    """Remove what killed test runs left behind."""
    for left in Path(tempfile.gettempdir()).glob("bangxanh-*-*"):
        if not Path("/proc", left.name.split("-")[1]).exists():
            shutil.rmtree(left, ignore_errors=True)


def run(command: list[object], account: pwd.struct_passwd | None, folder: Path) -> None:
    """Run a command to its end; raise ServerFailedError with what it wrote when it fails."""
    words = [str(word) for word in command]
    user, group = (account.pw_uid, account.pw_gid) if account else (None, None)
    done = subprocess.run(
        words, capture_output=True, text=True, check=False, cwd=folder, user=user, group=group
    )
    if done.returncode:
        message = f"{words[0]} failed:\n{done.stdout}{done.stderr}"
        raise ServerFailedError(message)


@dataclass(slots=True)
class Program:
    """A running server program that a test may kill and start again."""

    command: list[str]
    log: Path
    is_ready: Callable[[], bool]
    account: pwd.struct_passwd | None
    process: subprocess.Popen[bytes] = field(init=False)

    def start(self) -> None:
        """Start it and wait until it answers; raise ServerFailedError when it does not."""
        self.process = spawn(self.command, self.log, dict(os.environ), self.log.parent, self.account)
        wait_until(self.is_ready, self.process, self.log)

    def kill9(self) -> None:
        """End it and its children at once, as a power cut would."""
        signal_group(self.process, signal.SIGKILL)
        self.process.wait(STOP_SECONDS)


@contextmanager
def running(
    command: list[object],
    log: Path,
    is_ready: Callable[[], bool],
    account: pwd.struct_passwd | None = None,
    how: signal.Signals = signal.SIGTERM,
) -> Iterator[Program]:
    """Run a program that answers `is_ready` until the block is left; end it with the signal `how`."""
    program = Program([str(word) for word in command], log, is_ready, account)
    try:
        program.start()
        yield program
    finally:
        stop(program.process, how)


def spawn(
    command: list[str],
    log: Path,
    environment: dict[str, str],
    folder: Path,
    account: pwd.struct_passwd | None = None,
) -> subprocess.Popen[bytes]:
    """Start a process in a session of its own that ends with the test run; what it writes goes to the log."""
    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
            cwd=folder,
            user=account.pw_uid if account else None,
            group=account.pw_gid if account else None,
            start_new_session=True,  # Ctrl-C reaches the tests, which then stop it in order
            preexec_fn=_die_with_parent,  # noqa: PLW1509 - it makes one system call and takes no lock
        )


_libc = ctypes.CDLL(None)


def _die_with_parent() -> None:
    """Have the kernel end this process when the test run is killed and cannot do it any more."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def wait_until(is_ready: Callable[[], bool], process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until it answers; raise ServerFailedError when it ends before, or takes START_SECONDS."""
    deadline = time.monotonic() + START_SECONDS
    while not is_ready():
        if process.poll() is not None or time.monotonic() > deadline:
            signal_group(process, signal.SIGKILL)
            state = (
                f"ended with {process.returncode}" if process.returncode is not None else "does not answer"
            )
            message = f"{process.args!r} {state}:\n{log.read_text(errors='replace')[-4000:]}"
            raise ServerFailedError(message)
        time.sleep(0.03)


def stop(process: subprocess.Popen[bytes], how: signal.Signals) -> None:
    """Ask a process to end, and after STOP_SECONDS end it and its children."""
    process.send_signal(how)
    with suppress(subprocess.TimeoutExpired):
        process.wait(STOP_SECONDS)
    signal_group(process, signal.SIGKILL)
    process.wait(STOP_SECONDS)


def signal_group(process: subprocess.Popen[bytes], how: signal.Signals) -> None:
    """Send a signal to a process and its children, if they still are."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, how)
