"""A chromium for the browser tests. A test fails when any of its windows logged an error or called another host."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect, sync_playwright

from app.serving import STARVED
from tests.browser.taking import own_class  # noqa: F401 - a fixture of two files
from tests.browser.watching import Windows, launch, photograph
from tests.servers import ROOT

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

    from tests.conftest import Serve
    from tests.servers import ServedApp

BLOCKED_AFTER_MS = "1000"
"""The product's own measure is 100 ms; here two browsers and a second test share two cores with the server."""
BLOCKED = "appears to be blocked"
"""What gevent's monitor thread writes when a greenlet does not let the others run."""
IN_A_JOB = ", in run_job\n"
"""What a report says whose greenlet was at a job."""
_failed = pytest.StashKey[bool]()
# As long as every other wait: Playwright's five seconds are little beside two more test processes.
expect.set_options(timeout=15_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(ROOT / "tests" / "browser"):
            item.add_marker(pytest.mark.browser)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    item.stash[_failed] = item.stash.get(_failed, False) or report.failed
    return report


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = launch(playwright)
        yield running
        running.close()


def blocked(log: str) -> list[str]:
    """The reports of a blocked loop in a server's log that are the product's fault.

    Not those of a machine that had no processor to give, nor those of a job: there is no worker in these tests, so the
    server that is asked does the job itself, which a school's server never does.
    """
    reports = [f"{BLOCKED}{rest}" for rest in log.split(BLOCKED)[1:]]
    return [report for report in reports if STARVED not in report and IN_A_JOB not in report]


@pytest.fixture
def serve(serve: Serve) -> Iterator[Serve]:
    """As everywhere, but gevent watches the event loop, and the test fails when something blocked it."""
    started: list[ServedApp] = []

    def start(settings: dict[str, str] | None = None, instance: Path | None = None) -> ServedApp:
        started.append(serve({"BANGXANH_MONITOR_LOOP": BLOCKED_AFTER_MS, **(settings or {})}, instance))
        return started[-1]

    yield start
    assert [report for served in started for report in blocked(served.log)] == []


@pytest.fixture
def windows(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Windows]:
    """Opens windows: `page = windows.open(served.url, PHONE)`; each is another person's device."""
    opened = Windows(browser)
    yield opened
    if request.node.stash.get(_failed, False):
        photograph(opened, ROOT / "tests" / "browser" / "failures", re.sub(r"\W+", "-", request.node.name))
    problems = opened.problems()
    opened.close()
    assert problems == []
