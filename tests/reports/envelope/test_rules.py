from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.envelope.rules import (
    EnvelopeError,
    Receipt,
    Result,
    Slice,
    SliceAddress,
    envelope,
    open_envelope,
    slice_key,
)

NOW = datetime(2026, 11, 2, 3, 0, tzinfo=UTC)
ADDRESS = SliceAddress("attendance_month", "TH-HOA-SEN", "2026-10")
PIECE = Slice(
    ADDRESS, 1, {"rows": [{"class": "4/2", "expected": 700}, {"class": "4/3", "status": "withheld"}]}
)

plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)
rows = st.lists(st.dictionaries(st.text(min_size=1, max_size=8), plain, max_size=4), max_size=5)


@given(rows=rows, sequence=st.integers(1, 999))
def test_an_envelope_opens_to_the_slice_it_was_made_of(rows: list[dict[str, Any]], sequence: int) -> None:
    piece = Slice(ADDRESS, sequence, {"rows": rows})
    body = envelope(piece, "dong-nai", NOW)
    assert open_envelope(body, "dong-nai") == piece
    assert envelope(piece, "dong-nai", NOW) == body


def test_an_envelope_is_a_cloudevent() -> None:
    event = json.loads(envelope(PIECE, "dong-nai", NOW))
    assert {"specversion", "id", "source", "type"} <= event.keys()
    assert (event["specversion"], event["datacontenttype"]) == ("1.0", "application/json")
    assert all(name.isalnum() and name.islower() for name in event)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("specversion",), "0.3"),
        (("type",), "vn.bangxanh.other"),
        (("source",), "urn:bangxanh:sender:somebody"),
        (("subject",), "attendance_month/TH-KHAC/2026-10"),
        (("id",), "other"),
        (("data",), None),
        (("data", "sha256"), "0" * 64),
        (("data", "row_count"), 3),
        (("data", "sequence"), 0),
        (("data", "sequence"), True),
        (("data", "organisation"), ""),
        (("data", "period"), "2026-11"),
        (("data", "content"), []),
        (("data", "content", "rows"), [1]),
        (("data", "content", "rows"), []),
    ],
)
def test_an_envelope_that_contradicts_itself_is_refused(path: tuple[str, ...], value: object) -> None:
    event = json.loads(envelope(PIECE, "dong-nai", NOW))
    inner = event
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = value
    with pytest.raises(EnvelopeError):
        open_envelope(json.dumps(event).encode(), "dong-nai")


@given(st.binary(max_size=60) | st.text().map(str.encode) | plain.map(lambda v: json.dumps(v).encode()))
def test_any_other_body_is_refused_calmly(body: bytes) -> None:
    with pytest.raises(EnvelopeError):
        open_envelope(body, "dong-nai")


@pytest.mark.parametrize(
    "body", [b'{"specversion": NaN}', b'{"subject": "\\ud800"}', b'{"n": ' + b"9" * 5000 + b"}", b"\xff\xfe"]
)
def test_what_only_looks_like_json_is_refused_calmly(body: bytes) -> None:
    with pytest.raises(EnvelopeError):
        open_envelope(body, "dong-nai")


@pytest.mark.parametrize("organisation", ["", "x" * 65, "THA\x00", "TH\nA"])
def test_an_address_is_a_short_printable_text(organisation: str) -> None:
    piece = Slice(SliceAddress("attendance_month", organisation, "2026-10"), 1, {"rows": []})
    with pytest.raises(EnvelopeError):
        open_envelope(envelope(piece, "dong-nai", NOW), "dong-nai")


def test_a_deeply_nested_body_is_refused_calmly() -> None:
    with pytest.raises(EnvelopeError):
        open_envelope(b"[" * 200_000, "dong-nai")


def test_another_content_has_another_key() -> None:
    other = Slice(ADDRESS, 1, {"rows": []})
    assert slice_key(ADDRESS, 1, PIECE.sha256) != slice_key(ADDRESS, 1, other.sha256)
    assert slice_key(ADDRESS, 1, PIECE.sha256) != slice_key(ADDRESS, 2, PIECE.sha256)


def test_a_receipt_survives_the_journey() -> None:
    receipt = Receipt("key", PIECE.sha256, Result.STORED, NOW)
    assert Receipt.from_json(json.loads(json.dumps(receipt.as_json()))) == receipt


@pytest.mark.parametrize(
    "values", [None, [], {}, {"slice": "a", "sha256": "b", "result": "eaten", "received_at": "x"}]
)
def test_what_is_not_a_receipt_is_noticed(values: object) -> None:
    with pytest.raises(EnvelopeError):
        Receipt.from_json(values)
