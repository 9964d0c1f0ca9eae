"""The interface for reading: keys, filters, pages, ETag, and answers that are what the OpenAPI document says."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import jsonschema  # type: ignore[import-untyped] # it has no types
from sqlalchemy import select

from app import clock, db
from app.access import SYSTEM
from app.audit.models import AuditEntry
from app.oneroster.commands.clients import NewClient, add_client
from reports.readers.commands import add_key, withdraw_key
from reports.readers.models import ReadingKey
from reports.readers.rules import OPENAPI, PAGE_SCHEMA, READ
from tests.reports.extracts.test_commands import october

if TYPE_CHECKING:
    import pytest
    from werkzeug.test import TestResponse

    from tests.world import World

__all__ = ["october"]
ADDRESS = "/api/v1/indicators"


def key(world: World, unit: str) -> str:
    with world.app.app_context():
        return add_key(SYSTEM, f"BI {unit}", unit, 30)


def ask(world: World, token: str, etag: str = "", **question: str) -> TestResponse:
    asked = {"place": "THA", "period": "2026-10"} | question
    return world.app.test_client().get(
        ADDRESS, query_string=asked, headers={"Authorization": f"Bearer {token}", "If-None-Match": etag}
    )


def test_answers_are_what_the_document_says_page_by_page_until_the_last(october: World) -> None:
    token = key(october, "THA")
    document = october.app.test_client().get("/api/v1/openapi.json").get_json()
    assert document["paths"][ADDRESS] == OPENAPI["paths"][ADDRESS]
    found: list[dict[str, Any]] = []
    address = f"{ADDRESS}?place=THA&period=2026-10&per_page=30"
    total = 0
    while address:
        told = october.app.test_client().get(address, headers={"Authorization": f"Bearer {token}"})
        assert told.status_code == 200
        jsonschema.validate(told.get_json(), PAGE_SCHEMA, cls=jsonschema.Draft202012Validator)
        found += told.get_json()["rows"]
        total = told.get_json()["total"]
        address = told.headers.get("Link", "").partition(">")[0].lstrip("<")
    assert len(found) == total > 30
    chosen = ask(october, token, indicator="pupils,classes", status="withheld").get_json()["rows"]
    assert {row["indicator"] for row in chosen} <= {"pupils", "classes"}
    assert {row["status"] for row in chosen} == {"withheld"}
    same = ask(october, token)
    again = ask(october, token, same.headers["ETag"])
    assert (again.status_code, again.data) == (304, b"")
    for wrong in ({"per_page": "0"}, {"page": "x"}, {"status": "odd"}, {"colour": "red"}, {"as_of": "never"}):
        refused = ask(october, token, **wrong)
        assert (refused.status_code, set(refused.get_json()["fields"])) == (422, set(wrong))
    assert ask(october, token, period="2031-01-01").status_code == 404


def test_a_key_opens_its_unit_and_nothing_else_until_it_is_withdrawn(october: World) -> None:
    school, ward = key(october, "THA"), key(october, "25210")
    assert ask(october, school).status_code == 200
    assert ask(october, school, place="25210").status_code == 404
    assert ask(october, school, place="CSB").status_code == 404
    assert ask(october, ward, place="CSB", indicator="pupils").status_code == 200
    assert ask(october, "bxr_guess").status_code == 401
    assert october.app.test_client().get(f"{ADDRESS}?place=THA&period=2026-10").status_code == 401
    with october.app.app_context():
        row = db.session().scalars(select(ReadingKey).order_by(ReadingKey.id)).first()
        assert row is not None
        assert row.used_at is not None
        assert school not in row.token_hash
        names = db.session().scalars(select(AuditEntry.action)).all()
        assert {"reading_key.added", "indicators.exported"} <= set(names)
        withdraw_key(SYSTEM, row.id)
    assert ask(october, school).status_code == 401


def token_of(world: World, client_id: str, secret: str, scope: str = "") -> TestResponse:
    asked = {"grant_type": "client_credentials", "scope": scope}
    return world.app.test_client().post("/api/v1/token", data=asked, auth=(client_id, secret))


def test_a_key_is_an_oauth_client_whose_tokens_end_with_it(october: World) -> None:
    """RFC 6749, 4.4: the department's BI tool asks with the id and the key, and reads with what it gets for an hour."""
    secret = key(october, "THA")
    given = token_of(october, "bxr-1", secret).get_json()
    assert (given["token_type"], given["scope"], given["expires_in"]) == ("Bearer", READ, 3600)
    token = given["access_token"]
    assert secret not in token
    assert ask(october, token).status_code == 200
    assert ask(october, token, place="CSB").status_code == 404
    assert ask(october, f"{token}x").status_code == 401
    for who, word in (("bxr-1", "bxr_guess"), ("bxr-2", secret), ("bxr-x", secret), ("", secret)):
        assert token_of(october, who, word).status_code == 401
    assert token_of(october, "bxr-1", secret, "registers.read").status_code == 400
    with clock.at(clock.now() + timedelta(hours=1, seconds=1)):
        assert ask(october, token).status_code == 401
    with october.app.app_context():
        assert "reading_key.token_given" in db.session().scalars(select(AuditEntry.action)).all()
        withdraw_key(SYSTEM, 1)
    assert ask(october, token).status_code == 401
    assert token_of(october, "bxr-1", secret).status_code == 401


def test_a_schools_own_program_reads_its_school_if_the_principal_granted_it(october: World) -> None:
    with october.app.app_context():
        secrets = {
            name: add_client(
                SYSTEM,
                october.school_ids["a"],
                NewClient(name, f"bx-{name}", clock.today() + timedelta(days=9), roster=not more, more=more),
            )
            for name, more in (("figures", (READ,)), ("rosters", ()))
        }
    own, other = (
        token_of(october, f"bx-{name}", secret).get_json()["access_token"] for name, secret in secrets.items()
    )
    assert ask(october, own).status_code == 200
    assert ask(october, own, place="25210").status_code == 404
    refused = ask(october, other)
    assert (refused.status_code, refused.get_json()["fields"]) == (403, {"scope": READ})


def test_a_program_that_asks_too_often_is_told_to_wait_and_others_are_not(october: World) -> None:
    eager, calm = key(october, "THA"), key(october, "CSB")
    answers = [ask(october, eager, page="x").status_code for _ in range(121)]
    assert (set(answers[:120]), answers[120]) == ({422}, 429)
    assert ask(october, eager).headers["Retry-After"] == "60"
    assert ask(october, calm, place="CSB", page="x").status_code == 422


def test_a_place_of_many_schools_is_made_by_a_job_and_then_answered_at_once(
    october: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = key(october, "25210")
    now = ask(october, token, place="25210").get_json()
    for module in ("reports.readers.views", "reports.kept.commands"):
        monkeypatch.setattr(f"{module}.MOST_AT_ONCE", 0)
    first = ask(october, token, place="25210")
    assert (first.status_code, first.headers["Retry-After"]) == (503, "60")
    second = ask(october, token, place="25210")
    assert second.status_code == 200
    assert second.get_json() == now
    assert second.last_modified is not None
    assert ask(october, token, second.headers["ETag"], place="25210").status_code == 304
    made = []
    monkeypatch.setattr("reports.kept.commands.release_extract", lambda *_arguments: made.append(1))
    assert ask(october, token, place="25210", indicator="pupils").status_code == 200
    assert made == []
    with october.app.app_context():
        looks = select(AuditEntry.details).where(AuditEntry.action == "indicators.exported")
        assert sum('"form":"api"' in one for one in db.session().scalars(looks)) >= 4
