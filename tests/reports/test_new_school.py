"""A school that was made a moment ago: no year, no class, no pupil. Every page of figures says why it is empty."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlalchemy import select

from app import clock, db
from app.access import SYSTEM, Role
from app.accounts.commands import NewGrant, create_user, give_grant
from app.school.commands import create_school
from app.school.models import School
from tests.world import World

if TYPE_CHECKING:
    from flask import Flask

PAGES = (
    "attendance",
    "week",
    "change",
    "breakdown",
    "explorer",
    "official",
    "inputs",
    "bulletins",
    "indicators",
)


def test_a_new_school_s_principal_meets_no_dead_end(app: Flask) -> None:
    with app.app_context():
        create_school(SYSTEM, "75000001", "Trường Tiểu học Mới")
        school = db.session().scalars(select(School)).one()
        user = create_user(SYSTEM, "hieutruong", "Nguyễn Văn Mới", "no password")
        give_grant(SYSTEM, user, NewGrant(Role.PRINCIPAL, school.id, clock.today()))
    principal = World(app).client_of(user)
    todo, seen = [f"/reports/{page}" for page in PAGES] + ["/submissions"], set[str]()
    while todo:
        address = todo.pop()
        if address in seen:
            continue
        seen.add(address)
        answer = principal.get(address, follow_redirects=True)
        assert answer.status_code == 200, address
        if answer.mimetype == "text/html":
            found = re.findall(r'href="(/(?:reports|submissions)[^"#?]*)', answer.text.split("<main", 1)[1])
            todo += [one for one in found if "/indicators/" not in one]
    for page in ("breakdown", "explorer", "inputs"):
        assert "Chưa có năm học nào" in principal.get(f"/reports/{page}", follow_redirects=True).text
