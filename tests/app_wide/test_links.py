"""No page sends a person to a page that refuses them or fails: every link from the home page on, as each role."""

from __future__ import annotations

import re
from collections import Counter, deque
from html import unescape
from typing import TYPE_CHECKING, Final

import pytest
from werkzeug.exceptions import HTTPException

from app import clock
from app.access import Role
from tests.app_wide.test_query_counts import grow
from tests.world import MORNING

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from werkzeug.routing import MapAdapter

    from tests.world import World

HREF: Final = re.compile(r'href="(/[^"#]*)')
EXAMPLES: Final = 3
"""So many addresses of one page are followed, as each role."""
FEWEST: Final = {Role.TEACHER: 15, Role.PRINCIPAL: 60, Role.OFFICE_CLERK: 60, Role.DEPARTMENT_OFFICER: 40}
"""A walk that ends early would find nothing: at least so many pages."""


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_every_link_leads_somewhere(world: World) -> None:
    with clock.at(MORNING):
        grow(world, 0)
        routes = world.app.url_map.bind("localhost")
        walks = {role: walk(world.client(role, gave_factor=True), routes) for role in Role}
    broken = {
        (role.value, page): status
        for role, pages in walks.items()
        for page, status in pages.items()
        if status >= 400
    }
    assert not broken
    assert {role: len(walks[role]) for role, few in FEWEST.items() if len(walks[role]) < few} == {}


def walk(client: FlaskClient, routes: MapAdapter) -> dict[str, int]:
    """Return {address: status} of what can be reached by links from the home page."""
    found: dict[str, int] = {}
    taken, seen, waiting = Counter[str](), {"/"}, deque(["/"])
    while waiting:
        address = waiting.popleft()
        try:
            endpoint = str(routes.match(address.partition("?")[0], method="GET")[0])
        except HTTPException:
            found[address] = 404
            continue
        if endpoint == "static" or taken[endpoint] >= EXAMPLES:
            continue
        taken[endpoint] += 1
        answer = client.get(address)
        found[address] = answer.status_code
        is_page = answer.mimetype == "text/html"
        links = [unescape(link) for link in HREF.findall(answer.text)] if is_page else []
        links += [answer.location] if answer.location and answer.location.startswith("/") else []
        waiting.extend(link for link in dict.fromkeys(links) if link not in seen)
        seen.update(links)
    return found
