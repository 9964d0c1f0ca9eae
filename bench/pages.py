"""Every page that can be reached by links from the home page, as each role: the median time of the real server.

Measured on the installation that INSTANCE and DATABASE_URL name (a demonstration: sign-ins are made in its database).
"""

from __future__ import annotations

import os
import re
import statistics
import time
from collections import Counter, deque
from dataclasses import asdict, dataclass
from html import unescape
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import requests
from sqlalchemy import func, select
from werkzeug.exceptions import HTTPException

from app import clock, db
from app.access import Role
from app.accounts.commands import begin_sign_in
from app.accounts.models import Grant, SignIn
from app.accounts.queries import token_hash
from bench.schools import session_cookie
from tests.servers import served_app
from wsgi import create_app

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask

ROLES: Final = tuple(Role)
EXAMPLES: Final = 2
"""So many addresses of one page are measured, as each role."""
GOAL_MS: Final = 150.0
SHOWN: Final = 40
PATIENCE: Final = 20
"""Seconds."""
HREF: Final = re.compile(r'href="(/[^"#]*)')


@dataclass(frozen=True, slots=True)
class Page:
    """One address as one role: milliseconds at the median of the requests, bytes of the answer."""

    role: str
    endpoint: str
    address: str
    median: float
    slowest: float
    size: int
    is_page: bool


def measure(requests_each: int) -> dict[str, Any]:
    """Measure every page so many times; print the slowest of them and return them all."""
    app = create_app()
    settings = app.extensions["bangxanh.settings"]
    cookies = dict(_cookies(app))
    environment = {
        name: value for name, value in os.environ.items() if name.startswith(("BANGXANH", "DATABASE"))
    }
    found: list[Page] = []
    with served_app(settings.instance, environment) as served:
        for role, cookie in cookies.items():
            found += _walk(app, served.url, role, cookie, requests_each)
    _print(found)
    return {"requests_each": requests_each, "pages": [asdict(page) for page in found]}


def _cookies(app: Flask) -> Iterator[tuple[Role, str]]:
    """Yield a signed-in cookie for the first account of each role, with a second factor just given."""
    with app.app_context():
        for role in ROLES:
            user_id = db.session().scalar(select(func.min(Grant.user_id)).where(Grant.role == role))
            if user_id is None:
                continue
            token = begin_sign_in(user_id, "measurement")
            with db.transaction() as session:
                row = session.scalars(select(SignIn).where(SignIn.token_hash == token_hash(token))).one()
                row.factor_at = clock.now()
            yield role, session_cookie(app, token)
        db.db.session.remove()
        db.db.engine.dispose()


def _walk(app: Flask, url: str, role: Role, cookie: str, requests_each: int) -> list[Page]:
    http = requests.Session()
    http.headers.update({"Cookie": cookie, "Accept": "text/html"})
    routes = app.url_map.bind(urlsplit(url).netloc)
    seen, taken, found = {"/"}, Counter[str](), []
    waiting = deque(["/"])
    while waiting:
        address = waiting.popleft()
        try:
            endpoint = str(routes.match(address.partition("?")[0], method="GET")[0])
        except HTTPException:
            continue
        if endpoint == "static" or taken[endpoint] >= EXAMPLES:
            continue
        taken[endpoint] += 1
        page, text = _timed(http, url, role, (endpoint, address), requests_each)
        found.append(page)
        links = [unescape(link) for link in HREF.findall(text)]
        waiting.extend(link for link in dict.fromkeys(links) if link not in seen)
        seen.update(links)
    return found


def _timed(
    http: requests.Session, url: str, role: Role, what: tuple[str, str], requests_each: int
) -> tuple[Page, str]:
    times, answer = [], None
    for _number in range(requests_each + 1):
        begun = time.perf_counter()
        try:
            answer = http.get(f"{url}{what[1]}", timeout=PATIENCE)
        except requests.Timeout:
            break
        times.append((time.perf_counter() - begun) * 1000)
    if answer is None:
        print(f"{role}: {what[1]} does not answer in {PATIENCE} s")
        return Page(role, *what, PATIENCE * 1000.0, PATIENCE * 1000.0, 0, is_page=True), ""
    if not answer.ok:
        print(f"{role}: {what[1]} answers {answer.status_code}")
    measured = times[1:] or times  # the first found caches cold
    is_page = answer.headers.get("Content-Type", "").startswith("text/html")
    size = len(answer.content)
    page = Page(role, *what, round(statistics.median(measured), 1), round(max(measured), 1), size, is_page)
    return page, answer.text if is_page else ""


def _print(found: list[Page]) -> None:
    pages = [page for page in found if page.is_page]
    medians = sorted(page.median for page in pages)
    over = sum(median > GOAL_MS for median in medians)
    kinds, roles = {page.endpoint for page in pages}, {page.role for page in pages}
    print(f"{len(pages)} pages of {len(kinds)} kinds as {len(roles)} roles")
    print(f"median of medians {statistics.median(medians):.1f} ms, {over} above {GOAL_MS:.0f} ms")
    print("the slowest, files too:")
    for page in sorted(found, key=lambda one: -one.median)[:SHOWN]:
        times = f"{page.median:9.1f} {page.slowest:9.1f} {page.size / 1000:8.1f} kB"
        print(f"{times}  {page.role:22} {page.address} {'' if page.is_page else '(file)'}")
