"""The demonstration as a test needs it: web, worker, hub and the hub's worker, each to be killed on its own."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from demo.running import SENDER
from reports.signatures.commands import signing_key
from tests.servers import ROOT, ServedApp, served_app, worker_process

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from playwright.sync_api import Page

PASSWORD: Final = "hoc-thu-bang-xanh"


@dataclass
class Pilot:
    """The running parts; `web` and `hub` are real server processes on free ports."""

    web: ServedApp
    hub: ServedApp
    folder: Path
    stack: ExitStack = field(repr=False)

    def sign_in(self, page: Page, username: str) -> None:
        """Sign in on this window as one of the demonstration's people."""
        page.goto("/login")
        page.get_by_label("Tên đăng nhập").fill(username)
        page.get_by_label("Mật khẩu").fill(PASSWORD)
        page.get_by_role("button", name="Đăng nhập", exact=True).click()
        page.wait_for_url("**/")


def seed(folder: Path) -> None:
    """Make the demonstration's data in an empty folder: the school installation, and the hub's below it."""
    flask(folder, {}, "db", "upgrade")
    flask(folder, {}, "demo", "seed")
    public = folder / "keys" / "public.pem"
    key = signing_key(folder)
    public.write_text(key.public_pem)
    flask(folder / "hub", {"BANGXANH_ROLE": "hub"}, "demo", "prepare-hub", SENDER, str(public))


def flask(instance: Path, settings: Mapping[str, str], *arguments: str) -> str:
    """Run a command of ours on an installation and return what it printed; raise when it fails."""
    command = [sys.executable, "-m", "flask", "--app", "wsgi", *arguments]
    environment = {"PATH": os.environ["PATH"], "INSTANCE": str(instance), **settings}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@contextmanager
def running(folder: Path) -> Iterator[Pilot]:
    """Start the four processes on a seeded folder; stop them when the block is left."""
    with ExitStack() as stack:
        hub = stack.enter_context(served_app(folder / "hub", {"BANGXANH_ROLE": "hub"}))
        settings = {
            "BANGXANH_HUB_URL": hub.url,
            "BANGXANH_SENDER_CODE": SENDER,
        }
        web = stack.enter_context(served_app(folder, settings))
        stack.enter_context(worker_process(folder, settings))
        stack.enter_context(worker_process(folder / "hub", {"BANGXANH_ROLE": "hub"}))
        yield Pilot(web, hub, folder, stack)
