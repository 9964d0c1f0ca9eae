"""OneRoster over REST: a program with a real OAuth client reads one school, and nothing of any other."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
import requests
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from requests.adapters import BaseAdapter
from sqlalchemy import select

from app import clock, db
from app.access import SYSTEM, Role
from app.audit.models import AuditEntry
from app.oneroster.commands.clients import NewClient, add_client, forget_old_tokens, revoke_client
from app.oneroster.models import OneRosterClient, OneRosterToken
from app.oneroster.queries.resources import KINDS
from app.oneroster.rules.clients import CORE, DEMOGRAPHICS
from app.oneroster.views.rostering import BASE
from app.school.models import Pupil
from tests.world import MONDAY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Flask

    from tests.world import World

HOST = "https://truong.example"


class Wire(BaseAdapter):
    """Carries the requests of a real HTTP client to the application without a network."""

    def __init__(self, app: Flask) -> None:
        super().__init__()
        self.client = app.test_client(use_cookies=False)

    def send(self, request: requests.PreparedRequest, *_more: Any, **_options: Any) -> requests.Response:  # noqa: ANN401 - as requests has it
        answer = self.client.open(
            request.path_url,
            method=request.method,
            base_url=HOST,
            headers=list(request.headers.items()),
            data=request.body,
        )
        response = requests.Response()
        response.status_code, response.request, response.url = answer.status_code, request, request.url or ""
        response.headers.update(answer.headers)
        response.raw = BytesIO(answer.data)
        return response

    def close(self) -> None:
        """Nothing is open."""


def let_in(world: World, school: str = "a", *, demographics: bool = False) -> tuple[str, str]:
    with world.app.app_context():
        number = len(db.session().scalars(select(OneRosterClient)).all())
        wanted = NewClient("Moodle", f"bx-{number}", MONDAY + timedelta(days=365), demographics=demographics)
        return wanted.client_id, add_client(SYSTEM, world.school_ids[school], wanted)


def program(world: World, credentials: tuple[str, str], scope: str | None = None) -> OAuth2Session:
    session = OAuth2Session(*credentials, scope=scope)
    session.mount(HOST, Wire(world.app))
    session.fetch_token(f"{HOST}/ims/oneroster/token", grant_type="client_credentials")
    return session


def get(session: OAuth2Session, path: str, **headers: str) -> requests.Response:
    found: requests.Response = session.get(f"{HOST}{BASE}/{path}", headers=headers)
    return found


def everything(session: OAuth2Session, path: str, limit: int = 4) -> list[dict[str, Any]]:
    """Walk a collection from page to page by its Link header."""
    found: list[dict[str, Any]] = []
    address = f"{HOST}{BASE}/{path}?limit={limit}"
    while True:
        answer = session.get(address)
        assert answer.status_code == 200, answer.text
        found += next(iter(answer.json().values()))
        if "next" not in answer.links:
            assert len(found) == int(answer.headers["X-Total-Count"])
            return found
        address = answer.links["next"]["url"]


def minor(answer: requests.Response) -> tuple[int, str]:
    fields: list[Mapping[str, str]] = answer.json()["imsx_CodeMinor"]["imsx_codeMinorField"]
    return answer.status_code, fields[0]["imsx_codeMinorFieldValue"]


def test_a_program_walks_everything_and_every_reference_leads_somewhere(world: World) -> None:
    session = program(world, let_in(world, demographics=True))
    sizes = {name: len(everything(session, name)) for name in KINDS}
    assert sizes == {
        "orgs": 3, "schools": 1, "academicSessions": 3, "terms": 2, "gradingPeriods": 0, "courses": 1,
        "classes": 2, "enrollments": 16, "users": 14, "students": 12, "teachers": 2, "demographics": 12,
    }  # fmt: skip
    seen: set[str] = set()
    for name in ("orgs", "academicSessions", "courses", "classes", "enrollments", "users"):
        for one in everything(session, name, 100):
            assert get(session, f"{name}/{one['sourcedId']}").json() == {KINDS[name]: one}
            seen |= {ref["href"] for ref in references(one)}
    assert {session.get(address).status_code for address in seen} == {200}


def references(found: object) -> list[dict[str, str]]:
    if isinstance(found, dict):
        own = [found] if "href" in found else []
        return own + [ref for value in found.values() for ref in references(value)]
    return [ref for one in found for ref in references(one)] if isinstance(found, list) else []


def test_what_belongs_to_a_class_a_school_a_person(world: World) -> None:
    session = program(world, let_in(world))
    school = everything(session, "schools")[0]["sourcedId"]
    own = next(one for one in everything(session, "classes") if one["title"] == "4/1")
    pupil = everything(session, f"classes/{own['sourcedId']}/students")[0]
    assert len(everything(session, f"classes/{own['sourcedId']}/students")) == 6
    assert len(everything(session, f"classes/{own['sourcedId']}/teachers")) == 2
    assert len(everything(session, f"schools/{school}/classes/{own['sourcedId']}/enrollments")) == 8
    assert everything(session, f"students/{pupil['sourcedId']}/classes") == [own]
    assert len(everything(session, f"courses/{own['course']['sourcedId']}/classes")) == 2
    assert len(everything(session, f"terms/{own['terms'][0]['sourcedId']}/classes")) == 2
    assert everything(session, f"terms/{own['terms'][0]['sourcedId']}/gradingPeriods") == []
    for inner, count in (("classes", 2), ("students", 12), ("teachers", 2), ("terms", 2), ("courses", 1)):
        assert len(everything(session, f"schools/{school}/{inner}")) == count
    assert minor(get(session, f"teachers/{pupil['sourcedId']}")) == (404, "unknownobject")
    assert minor(get(session, f"classes/{own['sourcedId']}/passwords")) == (404, "unknownobject")


def test_no_birth_date_without_the_scope(world: World) -> None:
    credentials = let_in(world, demographics=True)
    narrow = program(world, credentials, CORE)
    assert minor(get(narrow, "demographics")) == (403, "forbidden")
    assert "2016" not in get(narrow, "students").text
    assert (
        everything(program(world, credentials, DEMOGRAPHICS), "demographics")[0]["birthDate"] == "2016-05-17"
    )
    assert minor(get(program(world, credentials, DEMOGRAPHICS), "users")) == (403, "forbidden")
    with pytest.raises(OAuthError, match="invalid_scope"):
        program(world, let_in(world), DEMOGRAPHICS)


def test_another_schools_program_gets_nothing_of_this_one(world: World) -> None:
    ours, theirs = program(world, let_in(world)), program(world, let_in(world, "b"))
    for name in ("classes", "users", "enrollments", "courses", "schools"):
        own = everything(ours, name)[0]["sourcedId"]
        assert own not in {one["sourcedId"] for one in everything(theirs, name)}
        assert (
            minor(get(theirs, f"{name}/{own}"))
            == minor(get(theirs, f"{name}/none"))
            == (404, "unknownobject")
        )
    own = everything(ours, "classes")[0]["sourcedId"]
    assert minor(get(theirs, f"classes/{own}/students")) == (404, "unknownobject")


def test_changes_are_told_and_what_did_not_change_is_not_sent_twice(world: World) -> None:
    session = program(world, let_in(world))
    tag = get(session, "students").headers["ETag"]
    assert get(session, "students", **{"If-None-Match": tag}).status_code == 304
    with clock.at(clock.now() + timedelta(minutes=5)):
        with world.app.app_context(), db.transaction() as current:
            current.get_one(Pupil, world.pupil_ids["own"][0]).full_name = "Nguyễn Văn Ẩn"
        since = (clock.now() - timedelta(minutes=1)).isoformat()
        changed = session.get(
            f"{HOST}{BASE}/users", params={"filter": f"dateLastModified>='{since}'", "fields": "givenName"}
        )
        assert changed.json() == {"users": [{"givenName": "Ẩn"}]}
        assert get(session, "students", **{"If-None-Match": tag}).status_code == 200


def test_hostile_questions_are_refused_in_the_standards_words(world: World) -> None:
    session = program(world, let_in(world))
    for query, word in (
        ("filter=password%3D'x'", "invalid_filter_field"),
        ("filter=givenName%3D'x'%20OR%201%3D1", "invalid_filter_field"),
        ("filter=" + "(" * 300, "invalid_filter_field"),
        ("fields=secret_hash", "invalid_selection_field"),
        ("fields=", "invalid_blank_selection_field"),
        ("limit=-5", "invaliddata"),
    ):
        assert minor(get(session, f"users?{query}")) == (400, word)
    assert get(session, "users/%00").status_code in {400, 404}
    assert get(session, "users?filter=givenName%3D'%00'").json() == {"users": []}
    assert get(session, "users?limit=999999&sort=__class__").status_code == 200


def test_a_secret_is_kept_as_a_hash_and_a_revoked_program_is_out_at_once(world: World) -> None:
    credentials = let_in(world)
    session = program(world, credentials)
    assert get(session, "orgs").status_code == 200
    with world.app.app_context():
        row = db.session().scalars(select(OneRosterClient)).one()
        kept = db.session().scalars(select(OneRosterToken)).one()
        assert credentials[1] not in row.secret_hash
        assert session.token["access_token"] not in kept.token_hash
        revoke_client(SYSTEM, row.id)
    assert minor(get(session, "orgs")) == (401, "unauthorisedrequest")
    with pytest.raises(OAuthError, match="invalid_client"):
        program(world, credentials)
    with world.app.app_context():
        actions = [
            entry.action
            for entry in db.session().scalars(select(AuditEntry))
            if entry.action.startswith("roster.")
        ]
    assert actions == ["roster.client_added", "roster.token_given", "roster.client_revoked"]


def test_tokens_and_programs_end_by_themselves(world: World) -> None:
    credentials = let_in(world)
    session = program(world, credentials)
    headers = {"Authorization": f"Bearer {session.token['access_token']}"}
    with clock.at(clock.now() + timedelta(hours=2)):
        bare = world.app.test_client()
        assert bare.get(f"{BASE}/orgs", headers=headers).status_code == 401
        with world.app.app_context():
            forget_old_tokens()
            assert db.session().scalars(select(OneRosterToken)).all() == []
    with clock.at(clock.now() + timedelta(days=366)), pytest.raises(OAuthError, match="invalid_client"):
        program(world, credentials)


def test_no_token_no_secret_no_answer(world: World) -> None:
    client = world.app.test_client()
    client_id, secret = let_in(world)
    for headers in ({}, {"Authorization": "Bearer "}, {"Authorization": "Basic xyz"}):
        answer = client.get(f"{BASE}/orgs", headers=headers)
        assert (answer.status_code, answer.headers["WWW-Authenticate"][:6]) == (401, "Bearer")
    fields = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
    assert (
        client.post(
            f"/ims/oneroster/token?client_secret={secret}", data=fields | {"client_secret": ""}
        ).status_code
        == 401
    )
    assert client.post("/ims/oneroster/token", data=fields | {"grant_type": "password"}).status_code == 400
    assert client.post("/ims/oneroster/token", data=fields).status_code == 200
    tries = [
        client.post("/ims/oneroster/token", data=fields | {"client_secret": "guess"}).status_code
        for _ in range(30)
    ]
    assert (tries[0], tries[-1]) == (401, 429)


def test_the_school_takes_packages_and_lets_programs_in(world: World) -> None:
    school = world.school_ids["a"]
    principal = world.client(Role.PRINCIPAL, gave_factor=True)
    taken = principal.get(f"/schools/{school}/oneroster.zip?version=1.2&since=")
    assert (taken.status_code, taken.data[:2]) == (200, b"PK")
    page = principal.post(
        f"/schools/{school}/oneroster/clients",
        data={"client_id": "bx-page", "name": "Moodle", "expires_on": "2027-06-01", "reads_roster": "y"},
    )
    with world.app.app_context():
        row = db.session().scalars(select(OneRosterClient)).one()
    secret = page.text.split("<b>")[-1].split("</b>")[0]
    assert everything(program(world, ("bx-page", secret)), "schools")[0]["identifier"] == "THA"
    address = f"/schools/{school}/oneroster"
    assert secret not in principal.get(address).text
    assert "bx-page" in principal.get(f"{address}?q=moodle&state=used&order=-at").text
    assert "bx-page" not in principal.get(f"{address}?state=revoked").text
    assert principal.get(f"{address}?format=xlsx").data[:2] == b"PK"
    again = principal.post(
        f"/schools/{school}/oneroster/clients",
        data={"client_id": "bx-page", "name": "Moodle", "expires_on": "2027-06-01", "reads_roster": "y"},
    )
    assert again.status_code == 409
    assert principal.post(f"/oneroster/clients/{row.id}/revoke").status_code == 302
    clerk = world.client(Role.OFFICE_CLERK, gave_factor=True)
    listed = clerk.get(f"/schools/{school}/oneroster").text
    assert "Trần Thị principal" in listed
    assert "bx-page" not in listed
