"""The watch over the browser windows, tested: it must see what it is there to see."""

from __future__ import annotations

import subprocess
import sys
import threading
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest
import requests

from tests.browser.conftest import BLOCKED, BLOCKED_AFTER_MS, blocked
from tests.browser.watching import PHONE, Windows, accessibility_faults
from tests.servers import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

    from tests.conftest import Serve

GOOD = '<!doctype html><html lang="vi"><title>Bảng Xanh</title><main><h1>Chào lớp 4/2</h1></main></html>'


class _Site(BaseHTTPRequestHandler):
    page = GOOD

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/" else 204)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Security-Policy", "default-src 'self'; connect-src *; img-src *")
        self.end_headers()
        self.wfile.write(self.page.encode())

    def log_message(self, *_args: object) -> None: ...


def _serve(page: str) -> Iterator[str]:
    site = ThreadingHTTPServer(("127.0.0.1", 0), type("_Page", (_Site,), {"page": page}))
    thread = threading.Thread(target=partial(site.serve_forever, poll_interval=0.02))
    thread.start()
    yield f"http://127.0.0.1:{site.server_port}"
    site.shutdown()
    thread.join()
    site.server_close()


@pytest.fixture
def site(request: pytest.FixtureRequest) -> Iterator[str]:
    yield from _serve(request.param)


@pytest.mark.parametrize("site", [GOOD], indirect=True, ids=["good"])
def test_a_good_page_is_seen_as_a_person_in_vietnam_sees_it(windows: Windows, site: str) -> None:
    page = windows.open(site, PHONE)
    page.goto("/")
    assert page.get_by_role("heading").inner_text() == "Chào lớp 4/2"
    minutes_behind_utc = page.evaluate("new Date('2026-09-05').getTimezoneOffset()")
    assert (page.evaluate("navigator.language"), minutes_behind_utc) == ("vi-VN", -7 * 60)
    assert page.evaluate("innerWidth") == PHONE[0]
    assert accessibility_faults(page) == []


@pytest.mark.parametrize(
    ("site", "seen"),
    [
        ("<script>1</script>", "Content Security Policy"),
        ('<p style="color:red">', "Content Security Policy"),
        ('<img src="http://example.org/x.png">', "request to another host"),
    ],
    indirect=["site"],
    ids=["script", "style", "host"],
)
def test_a_bad_page_is_noticed(browser: Browser, site: str, seen: str) -> None:
    windows = Windows(browser)
    windows.open(site).goto("/")
    assert any(seen in problem for problem in windows.problems())
    windows.expect_problem(".")
    assert windows.problems() == []
    windows.close()


@pytest.mark.parametrize("site", ['<html><title>x</title><img src="/x.png">'], indirect=True, ids=["image"])
def test_axe_is_heard(browser: Browser, site: str) -> None:
    windows = Windows(browser)
    page = windows.open(site)
    page.goto("/")
    assert {fault.split(":")[0] for fault in accessibility_faults(page)} >= {"image-alt", "html-has-lang"}
    windows.close()


def test_the_watch_over_the_event_loop_is_on(serve: Serve) -> None:
    served = serve()
    assert served.settings["BANGXANH_MONITOR_LOOP"] == BLOCKED_AFTER_MS
    assert requests.get(f"{served.url}/healthz", timeout=5).ok


TRIES = 4
"""What starves whom is decided by the machine, which has other things to do: it is shown once, not every time."""
WAITS = "get_original('time', 'sleep')(0.5)"
COMPUTES = "end = time.perf_counter() + 0.5\nwhile time.perf_counter() < end: pass"
STARVES = """
data = bytes(20_000_000)
one = {min(os.sched_getaffinity(0))}
busy = "import time; print(flush=True); end = time.monotonic() + 1\\nwhile time.monotonic() < end: pass"
hog = subprocess.Popen([sys.executable, "-c", busy], stdout=subprocess.PIPE)
os.sched_setaffinity(hog.pid, one)
hog.stdout.readline()
os.sched_setaffinity(0, one)
os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
hashlib.sha256(data)
"""
"""The loop's thread computes without the interpreter's lock, on a processor that another program has for itself."""


@pytest.mark.parametrize(
    ("block", "reported", "counted"),
    [(WAITS, True, True), (COMPUTES, True, True), (STARVES, True, False)],
    ids=["waits", "computes", "starves"],
)
def test_what_blocks_the_event_loop_is_heard(block: str, *, reported: bool, counted: bool) -> None:
    program = (
        "from gevent import monkey; monkey.patch_all()\n"
        "import gevent, hashlib, os, subprocess, sys, time\n"
        "from gevent.monkey import get_original\n"
        "from app.serving import watch_the_loop\n"
        "watch_the_loop(0.1); gevent.sleep(0.3)\n"
        f"{block}\ngevent.sleep(0.3)\n"
    )
    said = ""
    for _ in range(TRIES):
        done = subprocess.run(
            [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
        )
        said = done.stderr
        if (BLOCKED in said, bool(blocked(said))) == (reported, counted):
            return
    pytest.fail(said)


def test_a_job_that_a_test_has_done_in_place_is_no_fault_of_the_loop() -> None:
    report = (
        f'{BLOCKED}\n  File "app/jobs.py", line 195, in %s\n  File "reports/feature.py", line 299, in _make\n'
    )
    assert blocked(report % "run_job") == []
    assert blocked(report % "enqueue") == [report % "enqueue"]
