"""REST of registers: as the document says, one school, names only with their scope, marks merged, all of it logged."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import jsonschema  # type: ignore[import-untyped] # it has no types
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app import clock, db
from app.access import SYSTEM, Role
from app.audit.models import AuditEntry
from app.oneroster.commands.clients import NewClient, add_client
from app.oneroster.models import OneRosterClient
from app.oneroster.queries.links import ids_of
from app.oneroster.rules.ids import Kind
from attendance.programs.commands import ids_of_installation
from attendance.programs.rules.asking import NAMES, READ, SCOPES, WRITE
from attendance.programs.rules.document import PAGE_SCHEMA, REGISTER_SCHEMA, SAVED_SCHEMA, WRITING_SCHEMA
from attendance.registers.models import Mark, MarkEvent
from tests.world import MONDAY, MORNING

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from tests.attendance.registers.conftest import Desk
    from tests.world import World

BASE = "/api/v1/registers"


class Program:
    """A program with a token for some scopes."""

    def __init__(self, world: World, *scopes: str, school: str = "a") -> None:
        self.client = world.app.test_client(use_cookies=False)
        with world.app.app_context(), clock.at(MORNING):
            number = len(db.session().scalars(select(OneRosterClient)).all())
            until = MONDAY.replace(year=2027)
            wanted = NewClient("Phần mềm của trường", f"bx-{number}", until, roster=False, more=scopes)
            secret = add_client(SYSTEM, world.school_ids[school], wanted)
            answer = self.client.post(
                "/api/v1/token",
                data={"grant_type": "client_credentials"},
                auth=(wanted.client_id, secret),
            )
            self.headers = {"Authorization": f"Bearer {answer.get_json()['access_token']}"}

    def get(self, path: str = "", etag: str = "", **question: str) -> TestResponse:
        headers = self.headers | {"If-None-Match": etag}
        with clock.at(MORNING):
            return self.client.get(f"{BASE}{path}", query_string=question, headers=headers)

    def post(self, path: str, content: object) -> TestResponse:
        with clock.at(MORNING):
            return self.client.post(f"{BASE}{path}", json=content, headers=self.headers)


def words(answer: TestResponse) -> str:
    """Return an answer's JSON with its letters as they are read."""
    return json.dumps(answer.get_json(), ensure_ascii=False)


def is_as_told(content: object, schema: dict[str, Any]) -> None:
    jsonschema.validate(content, schema, cls=jsonschema.Draft202012Validator)


def key_of(world: World, kind: Kind, number: int) -> str:
    with world.app.app_context():
        ids = ids_of(db.session()) or ids_of_installation()
        return ids.of(kind, number)


def actions(world: World, name: str) -> list[dict[str, Any]]:
    with world.app.app_context():
        rows = db.session().scalars(select(AuditEntry.details).where(AuditEntry.action == name))
        return [json.loads(one) for one in rows]


def test_the_document_and_the_routes_agree(world: World) -> None:
    document = world.app.test_client().get("/api/v1/openapi.json").get_json()
    told = {(path, method.upper()) for path, item in document["paths"].items() for method in item}
    there = {
        (re.sub(r"<(?:int:)?(\w+)>", r"{\1}", rule.rule), method)
        for rule in world.app.url_map.iter_rules()
        if rule.rule.startswith("/api/") and rule.endpoint != "readers.openapi"
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert told == there
    schemes = document["components"]["securitySchemes"]
    used = {
        name: scopes
        for item in document["paths"].values()
        for one in item.values()
        for needs in one["security"]
        for name, scopes in needs.items()
    }
    assert used.keys() == schemes.keys()
    assert schemes["program"]["flows"]["clientCredentials"]["scopes"].keys() >= SCOPES.keys()


def test_a_school_is_read_page_by_page_and_every_reading_is_logged(desk: Desk) -> None:
    world, program = desk.world, Program(desk.world, READ)
    desk.save(desk.operation(0, "K"), desk.operation(1, "T", minutes_late=5, reason="Xe hư", note="kín"))
    found: list[dict[str, Any]] = []
    question = {"from": "2026-10-05", "to": "2026-10-07", "per_page": "1"}
    address = f"{BASE}?from=2026-10-05&to=2026-10-07&per_page=1"
    while address:
        with clock.at(MORNING):
            answer = program.client.get(address, headers=program.headers)
        is_as_told(answer.get_json(), PAGE_SCHEMA)
        found += answer.get_json()["registers"]
        address = answer.headers.get("Link", "").partition(">")[0].lstrip("<")
    page = program.get(**question).get_json()
    assert [one["id"] for one in found] == sorted({one["id"] for one in found})
    assert len(found) == page["total"]
    assert page["coverage"]["taken"] == 1
    own = key_of(world, Kind.CLASS, world.class_ids["own"])
    narrowed = program.get(**question | {"class": own, "state": "submitted", "school": "THA"}).get_json()
    assert [one["id"] for one in narrowed["registers"]] == [desk.register_id]
    assert narrowed["registers"][0]["counters"]["unexcused"] == 1
    whole = program.get(f"/{desk.register_id}")
    is_as_told(whole.get_json(), REGISTER_SCHEMA)
    assert {mark["letter"] for mark in whole.get_json()["marks"]} == {"K", "T"}
    assert len(whole.get_json()["pupils"]) == 6
    for secret in ("Nguyễn", "Xe hư", "kín", "2016"):
        assert secret not in words(whole)
    read = actions(world, "registers.read")
    again = program.get(f"/{desk.register_id}", whole.headers["ETag"])
    assert (again.status_code, again.data) == (304, b"")
    assert read == actions(world, "registers.read"), "nothing was handed out"
    assert read[-1]["register"] == desk.register_id
    assert len(read) == len(found) + 3


def test_names_and_codes_need_their_scope_and_each_door_its_own(desk: Desk) -> None:
    world = desk.world
    named = Program(world, READ, NAMES).get(f"/{desk.register_id}")
    is_as_told(named.get_json(), REGISTER_SCHEMA)
    assert "Nguyễn Văn An" in words(named)
    writer = Program(world, WRITE)
    assert (writer.get().status_code, writer.get().get_json()["fields"]) == (403, {"scope": READ})
    reader = Program(world, READ)
    assert reader.post(f"/{desk.register_id}/marks", {}).status_code == 403
    with clock.at(MORNING):
        roster = reader.client.get("/ims/oneroster/rostering/v1p2/users", headers=reader.headers)
    assert roster.status_code == 403
    bare = world.app.test_client().get(BASE)
    assert (bare.status_code, bare.headers["WWW-Authenticate"]) == (401, 'Bearer realm="registers"')


def test_the_school_says_on_its_page_what_a_program_may(world: World) -> None:
    address = f"/schools/{world.school_ids['a']}/oneroster"
    form = {"client_id": "bx-page", "name": "Sổ liên lạc", "expires_on": "2027-06-01"}
    with clock.at(MORNING):
        principal = world.client(Role.PRINCIPAL, gave_factor=True)
        assert principal.post(f"{address}/clients", data=form | {"scope": "invented"}).status_code == 422
        page = principal.post(f"{address}/clients", data=form | {"scope": READ})
        assert "/api/v1/openapi.json" in page.text
        assert "đọc sổ điểm danh" in principal.get(address).text
    with world.app.app_context():
        assert db.session().scalars(select(OneRosterClient.scopes)).all() == [READ]


def test_another_schools_program_finds_nothing_of_this_one(desk: Desk) -> None:
    world = desk.world
    theirs = Program(world, READ, WRITE, school="b")
    own = key_of(world, Kind.CLASS, world.class_ids["own"])
    for answer in (
        theirs.get(f"/{desk.register_id}"),
        theirs.get("/999999"),
        theirs.get(**{"class": own}),
        theirs.get(**{"class": "invented"}),
        theirs.get(school="THA"),
        theirs.post(f"/{desk.register_id}/marks", writing(desk, mark(desk, 0, "K"))),
    ):
        assert (answer.status_code, answer.get_json()["error"]) == (404, "not_found")
    assert theirs.get().get_json()["school"]["code"] == "CSB"


def test_a_question_that_cannot_be_understood_names_its_parameter(desk: Desk) -> None:
    program = Program(desk.world, READ)
    for wrong in (
        {"from": "yesterday"},
        {"from": "9999-12-31"},
        {"to": "2026-10-05"},
        {"to": "2028-10-05"},
        {"state": "lost"},
        {"kind": "event"},
        {"per_page": "0"},
        {"per_page": "501"},
        {"page": "0"},
        {"page": "x"},
        {"colour": "red"},
    ):
        answer = program.get(**wrong)
        assert (answer.status_code, set(answer.get_json()["fields"])) == (422, set(wrong))


# --- writing ------------------------------------------------------------------------------------------------------


def mark(desk: Desk, pupil: int, letter: str, base: int = 0, **more: object) -> dict[str, object]:
    key = key_of(desk.world, Kind.PUPIL, desk.pupils[pupil])
    return {"id": desk.new_id(), "pupil": key, "letter": letter, "base": base, **more}


def writing(desk: Desk, *marks: dict[str, object], base: int = 0) -> dict[str, object]:
    content = {"id": desk.new_id(), "base": base, "operations": list(marks)}
    is_as_told(content, WRITING_SCHEMA)
    return content


def test_marks_are_merged_as_on_the_sheet_and_a_person_decides(desk: Desk) -> None:
    world, program = desk.world, Program(desk.world, READ, WRITE)
    address = f"/{desk.register_id}/marks"
    content = writing(desk, mark(desk, 0, "T", minutes_late=7), mark(desk, 1, "K"))
    saved = program.post(address, content)
    is_as_told(saved.get_json(), SAVED_SCHEMA)
    assert (saved.status_code, saved.get_json()["state"]) == (200, "open"), "a program submits nothing"
    assert program.post(address, content).get_json()["version"] == saved.get_json()["version"]
    with world.app.app_context():
        events = db.session().scalars(select(MarkEvent).where(MarkEvent.kind == "mark")).all()
        assert [(one.user_id, one.device) for one in events] == [(None, "api:bx-0")] * 2
    teacher = desk.operation(1, "P", base=1, reason="Bệnh")
    assert desk.save(teacher, submit="", base=1).status_code == 200
    late = writing(desk, mark(desk, 1, "T", base=1), mark(desk, 2, "K", base=1), base=1)
    refused = program.post(address, late)
    assert refused.status_code == 409
    is_as_told(refused.get_json()["current"], SAVED_SCHEMA)
    (conflict,) = refused.get_json()["current"]["conflicts"]
    assert (conflict["refusal"], conflict["yours"]["letter"], conflict["current"]["letter"]) == (
        "changed",
        "T",
        "P",
    )
    assert "Bệnh" not in words(refused)
    seen = refused.get_json()["current"]["version"]
    assert program.post(address, writing(desk, mark(desk, 1, "T", base=seen), base=seen)).status_code == 200
    with world.app.app_context():
        row = db.session().get_one(Mark, (desk.register_id, desk.pupils[1]))
        assert (row.code_id, row.reason) == (3, "Bệnh"), "what the program does not see it does not wipe out"
    assert [one["conflicts"] for one in actions(world, "registers.marks_written")] == [0, 0, 1, 0]
    history = world.client(Role.HOMEROOM_TEACHER).get(f"/registers/{desk.register_id}/history").text
    assert "bx-0" in history


def test_strangers_and_closed_registers_are_told_apart(desk: Desk) -> None:
    program = Program(desk.world, WRITE)
    address = f"/{desk.register_id}/marks"
    stranger = mark(desk, 0, "K") | {
        "pupil": key_of(desk.world, Kind.PUPIL, desk.world.pupil_ids["other_school"][0])
    }
    invented = mark(desk, 0, "K") | {"pupil": "nobody"}
    refused = program.post(address, writing(desk, stranger, invented))
    conflicts = refused.get_json()["current"]["conflicts"]
    assert refused.status_code == 409
    assert {(one["refusal"], one["pupil"]) for one in conflicts} == {("not_in_class", None)}
    assert program.post(address, writing(desk, mark(desk, 0, "ZZ"))).status_code == 422
    desk.world.client(Role.PRINCIPAL).post(
        f"/registers/{desk.register_id}/called-off", data={"why": "Mưa lớn"}
    )
    closed = program.post(address, writing(desk, mark(desk, 0, "K")))
    assert closed.status_code in {200, 409}


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
_MARKS = st.fixed_dictionaries(
    {"id": st.text(max_size=50) | _JSON, "pupil": st.text() | _JSON, "letter": st.sampled_from(["K", ""]) | _JSON,
     "base": st.integers() | _JSON},
    optional={"minutes_late": _JSON, "arrived": st.text(max_size=5), "at": _JSON},
)  # fmt: skip


@settings(max_examples=40)
@given(
    content=_JSON
    | st.fixed_dictionaries(
        {"id": st.text(min_size=8, max_size=40), "base": st.integers(0, 3), "operations": st.lists(_MARKS)}
    ),
    question=st.dictionaries(st.sampled_from(["from", "to", "class", "page", "school", "state"]), st.text()),
)
def test_nothing_that_a_program_sends_is_more_than_refused(
    program: Program, desk: Desk, content: object, question: dict[str, str]
) -> None:
    assert program.post(f"/{desk.register_id}/marks", content).status_code in {200, 409, 422, 429}
    assert program.get(**question).status_code in {200, 404, 422, 429}


@pytest.fixture
def program(desk: Desk) -> Program:
    return Program(desk.world, READ, WRITE)
