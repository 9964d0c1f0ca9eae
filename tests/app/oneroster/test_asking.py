"""What an address may ask: pages, orders, filters. No text raises anything but the refusal of the standard."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.oneroster.rules.asking import BadQuestionError, answered, clauses_of, page_links, question_of
from app.oneroster.rules.resources import FIELDS

PEOPLE: list[dict[str, Any]] = [
    {
        "sourcedId": f"u{number}",
        "givenName": name,
        "familyName": "Điểu",
        "grades": [f"{grade:02d}"],
        "dateLastModified": f"2026-10-0{number}T00:00:00.000Z",
        "roles": [{"role": "student", "org": {"sourcedId": "o1"}}],
    }
    for number, (name, grade) in enumerate((("Ân", 4), ("Bình", 5), ("Ánh", 4)), 1)
]
KNOWN = FIELDS["user"]


def found(**args: str) -> list[str]:
    return [one["sourcedId"] for one in answered(PEOPLE, question_of(args, KNOWN))[0]]


@pytest.mark.parametrize(
    ("filter_", "expected"),
    [
        ("givenName='Ân'", ["u1"]),
        ("givenName~'an'", ["u1", "u3"]),
        ("givenName!='Ân'", ["u2", "u3"]),
        ("dateLastModified>='2026-10-02'", ["u2", "u3"]),
        ("dateLastModified>'2026-10-02T07:00:00+07:00'", ["u3"]),
        ("grades='04' AND givenName~'anh'", ["u3"]),
        ("grades='05' OR sourcedId='u1'", ["u1", "u2"]),
        ("roles.org.sourcedId='o1'", ["u1", "u2", "u3"]),
        ("roles.org.sourcedId.deeper='o1'", []),
    ],
)
def test_filters(filter_: str, expected: list[str]) -> None:
    assert found(filter=filter_) == expected


def test_pages_orders_and_fields() -> None:
    assert found(sort="dateLastModified", orderBy="desc", limit="2") == ["u3", "u2"]
    assert found(limit="1", offset="1") == ["u2"]
    assert found(sort="nothing") == ["u1", "u2", "u3"]
    page, total = answered(PEOPLE, question_of({"fields": "sourcedId,givenName", "limit": "1"}, KNOWN))
    assert (page, total) == ([{"sourcedId": "u1", "givenName": "Ân"}], 3)


def test_links_lead_from_the_first_page_to_the_last() -> None:
    args = {"limit": "1", "offset": "1", "filter": "a='b&c'"}
    links = page_links("https://x/users", args, question_of({"limit": "1", "offset": "1"}, KNOWN), 3)
    assert [part.split("rel=")[1] for part in links.split(", ")] == ['"first"', '"last"', '"next"', '"prev"']
    assert "offset=2&filter=a%3D%27b%26c%27" in links


@pytest.mark.parametrize(
    "args",
    [
        {"filter": "password='x'"},
        {"filter": "givenName='x' AND grades='04' OR grades='05'"},
        {"filter": "givenName='x' AND"},
        {"filter": "givenName='x"},
        {"filter": "dateLastModified>'yesterday'"},
        {"filter": "givenName='" + "x" * 5000 + "'"},
        {"filter": "((givenName='x'))"},
        {"fields": "givenName,password"},
        {"fields": ","},
        {"limit": "0"},
        {"limit": "-1"},
        {"limit": "\u0661"},
        {"offset": "99999999999999"},
    ],
)
def test_what_cannot_be_understood_is_refused(args: dict[str, str]) -> None:
    with pytest.raises(BadQuestionError):
        question_of(args, KNOWN)


@given(text=st.text(max_size=80) | st.from_regex(r"[a-zA-Z.]{1,20}(=|~|!=|<)'[^']{0,10}'( AND | OR )?"))
def test_no_filter_raises_anything_else(text: str) -> None:
    with contextlib.suppress(BadQuestionError):
        clauses, _joint = clauses_of(text, KNOWN)
        assert all(clause.holds(person) in {True, False} for clause in clauses for person in PEOPLE)
