"""Every page, in a real browser on a phone: it fits, says where one is, can be touched, and logs nothing.

As each role, along the links from the home page, one address of each view; a page is drawn for the first role that
reaches it and only fetched for the others. A window that logs an error, breaks the content policy or calls another host
fails the test by itself. `tests/app_wide/test_links.py` follows more addresses, without a browser.
"""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass, field
from html import unescape
from typing import TYPE_CHECKING, Final

import pytest
from werkzeug.exceptions import HTTPException

from app import clock, db
from app.access import Role
from attendance.registers.commands.opening import materialise_around
from tests.app_wide.test_query_counts import grow
from tests.browser.watching import PHONE
from tests.world import MONDAY, MORNING

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from playwright.sync_api import Page
    from werkzeug.routing import MapAdapter

    from config import Settings
    from tests.browser.watching import Windows
    from tests.conftest import Serve
    from tests.world import World

NOW: Final = "2026-10-05T07:05"
HREF: Final = re.compile(r'href="(/[^"#]*)')
FEWEST: Final = 80
"""A walk that ends early would find nothing: at least so many pages."""
FAULTS: Final = """() => {
  const seen = (e) => e.getClientRects().length > 0 && !e.closest(".visually-hidden");
  const words = (e) => (e.innerText || e.ariaLabel || e.name || "").trim().slice(0, 40);
  const named = (e) => `${e.tagName.toLowerCase()} "${words(e)}"`;
  const all = (selector) => [...document.querySelectorAll(selector)].filter(seen);
  const box = (e) => e.getBoundingClientRect();
  const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
  const faults = [];
  if (document.documentElement.scrollWidth > innerWidth) {
    const wide = all("body *").filter((e) => box(e).right > innerWidth + 1 && !e.closest(".table-wrap"));
    faults.push(`wider than the phone: ${wide.slice(0, 3).map(named).join(", ")}`);
  }
  if (all("h1").length !== 1) faults.push(`${all("h1").length} headings of the first level`);
  if (!document.title.trim()) faults.push("no title");
  if (document.querySelector("a[href], button")?.className !== "skip-link") faults.push("no way past the menu");
  if (document.querySelector(".nav") && document.querySelectorAll(".nav__bar [aria-current=page]").length !== 1)
    if (document.querySelectorAll("[data-menu] [aria-current]").length !== 1)
      faults.push("neither menu says where one is");
  for (const e of all(".btn, .input, .tabs__link, .nav__link, summary"))
    if (box(e).height < 43.5 || box(e).width < 43.5) faults.push(`too small to touch: ${named(e)}`);
  for (const id of new Set(ids.filter((id, place) => ids.indexOf(id) !== place))) faults.push(`id "${id}" twice`);
  return faults;
}"""


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_every_page_fits_a_phone_and_says_where_one_is(
    world: World, settings: Settings, serve: Serve, windows: Windows
) -> None:
    with clock.at(MORNING):
        grow(world, 0)
        with world.app.app_context():
            materialise_around(MONDAY)
        cookies = {role: session_of(world.client(role, gave_factor=True)) for role in Role}
    with world.app.app_context():
        db.db.session.remove()
        db.db.engine.dispose()
    served = serve({"BANGXANH_NOW": NOW, "BANGXANH_ENV": "test"}, settings.instance)
    walk = Walk(world.app.url_map.bind("localhost"))
    for role, cookie in cookies.items():
        page = windows.open(served.url, PHONE, service_workers="block")
        page.context.add_cookies([{"name": "bx_session", "value": cookie, "url": served.url}])
        walk.go(page, role)
        page.context.close()
    assert walk.faults == {}
    assert len(walk.drawn) >= FEWEST, sorted(walk.drawn)


def session_of(client: FlaskClient) -> str:
    client.get("/healthz")
    cookie = client.get_cookie("bx_session")
    assert cookie
    return cookie.value


@dataclass
class Walk:
    """What was seen on the way: the views whose pages were drawn, and the faults by role and address."""

    routes: MapAdapter
    drawn: set[str] = field(default_factory=set)
    faults: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    def go(self, page: Page, role: Role) -> None:
        """Follow the links from the home page, one address of each view."""
        taken, waiting = set[str](), deque(["/"])
        while waiting:
            address = waiting.popleft()
            view = self._view_at(address)
            if view == "static" or view in taken:
                continue
            taken.add(view)
            found = page.request.get(address)
            if found.status >= 400 or not view:
                self.faults[role.value, address] = [f"answer {found.status}"]
            elif "text/html" in found.headers.get("content-type", ""):
                waiting.extend(unescape(link) for link in HREF.findall(found.text()))
                self._look(page, role, view, address)

    def _view_at(self, address: str) -> str:
        try:
            return str(self.routes.match(address.partition("?")[0], method="GET")[0])
        except HTTPException:
            return ""

    def _look(self, page: Page, role: Role, view: str, address: str) -> None:
        if view in self.drawn and address != "/":
            return
        self.drawn.add(view)
        page.goto(address)
        if faults := page.evaluate(FAULTS):
            self.faults[role.value, address] = faults
