"""Browser windows that notice what no page may do: log an error, break the content policy, call another host."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from tests.servers import ROOT, MissingProgramError

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, Request

PROGRAMS: Final = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS: Final = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # No other name resolves: what calls out, fails.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost",
]
PHONE: Final = (390, 844)
LAPTOP: Final = (1366, 768)
PROJECTOR: Final = (1920, 1080)
_OUR_HOSTS: Final = {"127.0.0.1", "localhost"}
_AXE: Final = ROOT / "node_modules" / "axe-core" / "axe.min.js"


def launch(playwright: Playwright) -> Browser:
    """Start the installed chromium without a window; raise MissingProgramError when there is none."""
    found = [path for name in PROGRAMS if (path := shutil.which(name))]
    if not found:
        message = "chromium was not found: install chromium (apt-get install chromium)"
        raise MissingProgramError(message)
    return playwright.chromium.launch(executable_path=found[0], args=ARGUMENTS)


@dataclass
class Windows:
    """Opens browser windows, each with cookies of its own, and collects what goes wrong in any of them."""

    browser: Browser
    pages: list[Page] = field(default_factory=list)
    _problems: list[str] = field(default_factory=list)
    _expected: list[re.Pattern[str]] = field(default_factory=list)

    def open(self, base_url: str, size: tuple[int, int] = LAPTOP, **options: Any) -> Page:  # noqa: ANN401 - Playwright's own
        """Return a new person's empty window in Vietnam; `goto("/")` then stays on `base_url`."""
        return self._page_of(self.browser.new_context(**(_person(base_url, size) | options)))

    def reopen(self, folder: Path, base_url: str, size: tuple[int, int] = PHONE) -> Page:
        """Return a window of a browser of its own that keeps its things in a folder: closed and opened, it has them."""
        program = next(path for name in PROGRAMS if (path := shutil.which(name)))
        context = self.browser.browser_type.launch_persistent_context(
            folder, executable_path=program, args=ARGUMENTS, **_person(base_url, size)
        )
        return self._page_of(context)

    def _page_of(self, context: BrowserContext) -> Page:
        context.set_default_timeout(15_000)
        self._watch(context)
        page = context.new_page()
        self.pages.append(page)
        return page

    def expect_problem(self, pattern: str) -> None:
        """Let problems that match pass: a test that provokes a refusal says which one it provokes."""
        self._expected.append(re.compile(pattern))

    def problems(self) -> list[str]:
        """Return what went wrong and was not expected."""
        return [problem for problem in self._problems if not any(p.search(problem) for p in self._expected)]

    def close(self) -> None:
        """Close every window."""
        for page in self.pages:
            page.context.close()

    def _watch(self, context: BrowserContext) -> None:
        context.on("console", self._hear)
        context.on("weberror", lambda error: self._problems.append(f"script error: {error.error}"))
        context.on("request", self._see)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error" or "Content Security Policy" in message.text:
            self._problems.append(f"console: {message.text} ({message.location.get('url', '')})")

    def _see(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in {"http", "https", "ws", "wss"} and parts.hostname not in _OUR_HOSTS:
            self._problems.append(f"request to another host: {request.url}")


def _person(base_url: str, size: tuple[int, int]) -> dict[str, Any]:
    width, height = size
    return {
        "base_url": base_url,
        "viewport": {"width": width, "height": height},
        "locale": "vi-VN",
        "timezone_id": "Asia/Ho_Chi_Minh",
        "has_touch": size == PHONE,
        "reduced_motion": "reduce",
    }


def photograph(windows: Windows, folder: Path, name: str) -> None:
    """Save what every open window shows, for whoever reads a failure."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, page in enumerate(windows.pages, start=1):
        if not page.is_closed():
            page.screenshot(path=folder / f"{name}-{number}.png", full_page=True)


def accessibility_faults(page: Page) -> list[str]:
    """Return what axe-core finds against WCAG 2.2 A and AA on the page as it stands; one line per element."""
    return _axe(page, ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"])


def faults_in_the_dark(page: Page) -> list[str]:
    """Return what axe-core finds against contrast in the dark theme; the page is as it was afterwards."""
    root = page.locator("html")
    theme = root.get_attribute("data-theme")
    root.evaluate("(root) => (root.dataset.theme = 'dark')")
    found = [f"dark {fault}" for fault in _axe(page, ["color-contrast"])]
    root.evaluate("(root, theme) => (root.dataset.theme = theme)", theme)
    return found


def _axe(page: Page, rules: list[str]) -> list[str]:
    if not page.evaluate("'axe' in window"):
        page.evaluate(_AXE.read_text())
    found = page.evaluate(
        """(rules) => axe.run({runOnly: rules, resultTypes: ["violations"]})
            .then(r => r.violations.flatMap(v => v.nodes.map(n => `${v.id}: ${n.target} ${n.failureSummary}`)))""",
        rules,
    )
    return [str(line) for line in found]
