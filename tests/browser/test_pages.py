"""Every page, in a real browser on a phone: it fits, says where one is, can be touched, and logs nothing.

The addresses are what `tests/app_wide/test_links.py` finds by following links as each role; each page is looked at
once, as the first role that reaches it, and the home page as everybody. A window that logs an error, breaks the content
policy or calls another host fails the test by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from app import clock, db
from app.access import Role
from attendance.registers.commands.opening import materialise_around
from tests.app_wide.test_links import walk
from tests.app_wide.test_query_counts import grow
from tests.browser.watching import PHONE
from tests.world import MONDAY, MORNING

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from config import Settings
    from tests.browser.watching import Windows
    from tests.conftest import Serve
    from tests.world import World

NOW: Final = "2026-10-05T07:05"
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
        clients = {role: world.client(role, gave_factor=True) for role in Role}
        pages = first_seen_by(clients, world)
    assert sum(len(own) for own in pages.values()) >= FEWEST
    with world.app.app_context():
        db.db.session.remove()
        db.db.engine.dispose()
    served = serve({"BANGXANH_NOW": NOW, "BANGXANH_ENV": "test"}, settings.instance)
    faults = {}
    for role, own in pages.items():
        page = windows.open(served.url, PHONE, service_workers="block")
        page.context.add_cookies(
            [{"name": "bx_session", "value": session_of(clients[role]), "url": served.url}]
        )
        for address in own:
            page.goto(address)
            if found := page.evaluate(FAULTS):
                faults[role.value, address] = found
        page.context.close()
    assert faults == {}


def first_seen_by(clients: dict[Role, FlaskClient], world: World) -> dict[Role, list[str]]:
    """Return for each role the pages that no role before it has seen: one address of each view, and the home page."""
    routes = world.app.url_map.bind("localhost")
    taken, found = set[str](), dict[Role, list[str]]()
    for role, client in clients.items():
        found[role] = ["/"]
        for address in walk(client, routes):
            endpoint = str(routes.match(address.partition("?")[0], method="GET")[0])
            if endpoint in taken or not is_page(client, address):
                continue
            taken.add(endpoint)
            found[role] += [address] if address != "/" else []
    return found


def is_page(client: FlaskClient, address: str) -> bool:
    answer = client.get(address)
    return answer.status_code == 200 and answer.mimetype == "text/html" and "<html" in answer.text


def session_of(client: FlaskClient) -> str:
    cookie = client.get_cookie("bx_session")
    assert cookie
    return cookie.value
