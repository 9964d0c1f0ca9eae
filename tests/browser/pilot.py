"""The demonstration as a test needs it: web, worker, hub and the hub's worker, each to be killed on its own."""

from __future__ import annotations

import shutil
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from app import db
from config import Settings
from demo.running import SENDER
from reports.signatures.commands import signing_key
from tests.servers import ServedApp, served_app, worker_process
from wsgi import create_app

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


def seed(folder: Path, migrated: Path) -> None:
    """Make the demonstration's data in an empty folder: the school installation, and the hub's below it.

    `migrated` is an empty database file to begin with.
    """
    install(folder, migrated)
    install(folder / "hub", migrated)
    flask(folder, {}, "demo", "seed")
    public = folder / "keys" / "public.pem"
    key = signing_key(folder)
    public.write_text(key.public_pem)
    flask(folder / "hub", {"BANGXANH_ROLE": "hub"}, "demo", "prepare-hub", SENDER, str(public))


def install(folder: Path, migrated: Path) -> None:
    """Make an installation whose database is a copy of an empty one: `flask db upgrade` without its seconds."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(migrated, folder / "bangxanh.db")


def flask(instance: Path, settings: Mapping[str, str], *arguments: str) -> str:
    """Run a command of ours on an installation and return what it printed; raise when it fails.

    In this process: another one would spend five seconds on starting. `tests/demo` starts real ones.
    """
    app = create_app(Settings.from_env({"INSTANCE": str(instance), **settings}))
    outcome = app.test_cli_runner().invoke(args=arguments)
    with app.app_context():
        db.db.engine.dispose()
    assert outcome.exit_code == 0, outcome.output[-3000:]
    return outcome.output


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
