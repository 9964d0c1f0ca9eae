"""What travels to the hub: slices in envelopes (CloudEvents 1.0), and receipts back.

A slice is everything one organisation has to say about one dataset in one period. It *replaces* the slice before it,
so what was deleted at the source is deleted at the hub too. Slices of one organisation, dataset and period are
numbered; the hub keeps the highest number it has seen.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, Self

if TYPE_CHECKING:
    from collections.abc import Mapping

CONTENT_TYPE: Final = "application/cloudevents+json"
EVENT_TYPE: Final = "vn.bangxanh.slice.replaced.v1"
SPEC_VERSION: Final = "1.0"
LARGEST_BODY: Final = 4 * 1024 * 1024
LONGEST_WORD: Final = 64
"""The width of the hub's columns for dataset, organisation and period."""


class Result(StrEnum):
    """What the hub did with a slice."""

    STORED = "stored"
    SUPERSEDED = "superseded"


class EnvelopeError(ValueError):
    """The body is not an envelope that this version understands; the message names the field."""


@dataclass(frozen=True, slots=True)
class SliceAddress:
    """Of whom, about what, when: what a slice replaces is the slice with the same address."""

    dataset: str
    organisation: str
    period: str

    @property
    def subject(self) -> str:
        """The CloudEvents subject."""
        return f"{self.dataset}/{self.organisation}/{self.period}"


@dataclass(frozen=True, slots=True)
class Slice:
    """A slice as it travels. `content` is plain JSON values; a withheld cell has a reason in it and no count at all."""

    address: SliceAddress
    sequence: int
    content: Mapping[str, Any]

    @property
    def body(self) -> str:
        """The content as canonical JSON text: equal contents are equal texts."""
        return canonical(self.content)

    @property
    def sha256(self) -> str:
        """The hash of the canonical content, in hex."""
        return hashlib.sha256(self.body.encode()).hexdigest()

    @property
    def row_count(self) -> int:
        """How many rows the content has."""
        return len(self.content["rows"])


@dataclass(frozen=True, slots=True)
class Receipt:
    """The hub's answer: it has the slice with this hash, since when, and what it did with it."""

    slice_key: str
    sha256: str
    result: Result
    received_at: datetime

    def as_json(self) -> dict[str, str]:
        """Return the receipt as it travels."""
        return {
            "slice": self.slice_key,
            "sha256": self.sha256,
            "result": self.result,
            "received_at": self.received_at.isoformat(),
        }

    @classmethod
    def from_json(cls, values: object) -> Self:
        """Read a receipt. Raises EnvelopeError when it is not one."""
        if not isinstance(values, dict):
            message = "the receipt is not an object"
            raise EnvelopeError(message)
        try:
            received_at = datetime.fromisoformat(str(values["received_at"]))
            return cls(str(values["slice"]), str(values["sha256"]), Result(values["result"]), received_at)
        except (KeyError, ValueError) as error:
            message = f"the receipt lacks {error}"
            raise EnvelopeError(message) from error


def canonical(values: object) -> str:
    """Return JSON text in which equal values are equal texts."""
    return json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def slice_key(address: SliceAddress, sequence: int, sha256: str) -> str:
    """Return the Idempotency-Key: the same slice always has the same one, another content another one."""
    return f"{hashlib.sha256(address.subject.encode()).hexdigest()[:16]}-{sequence}-{sha256[:32]}"


def envelope(piece: Slice, sender: str, accepted_at: datetime) -> bytes:
    """Return a slice as a CloudEvent in structured JSON mode. The same slice gives the same bytes every time."""
    return canonical(
        {
            "specversion": SPEC_VERSION,
            "id": slice_key(piece.address, piece.sequence, piece.sha256),
            "source": f"urn:bangxanh:sender:{sender}",
            "type": EVENT_TYPE,
            "subject": piece.address.subject,
            "time": accepted_at.astimezone(UTC).isoformat(),
            "datacontenttype": "application/json",
            "data": {
                "dataset": piece.address.dataset,
                "organisation": piece.address.organisation,
                "period": piece.address.period,
                "sequence": piece.sequence,
                "sha256": piece.sha256,
                "row_count": piece.row_count,
                "content": piece.content,
            },
        }
    ).encode()


def open_envelope(body: bytes, sender: str) -> Slice:
    """Return the slice in an envelope of this sender. Raises EnvelopeError when anything in it does not fit."""
    event = _object(_parsed(body), "envelope")
    if event.get("specversion") != SPEC_VERSION or event.get("type") != EVENT_TYPE:
        message = f"type {event.get('type')!r} of CloudEvents {event.get('specversion')!r} is not known"
        raise EnvelopeError(message)
    if event.get("source") != f"urn:bangxanh:sender:{sender}":
        message = "source is not the sender whose key signed the message"
        raise EnvelopeError(message)
    inner = _object(event.get("data"), "data")
    content = _object(inner.get("content"), "content")
    address = SliceAddress(*(_word(inner, name) for name in ("dataset", "organisation", "period")))
    piece = Slice(address, _whole(inner, "sequence"), content)
    if not isinstance(content.get("rows"), list) or not all(isinstance(row, dict) for row in content["rows"]):
        message = "content.rows is not a list of objects"
        raise EnvelopeError(message)
    claims = (inner.get("sha256"), inner.get("row_count"), event.get("subject"), event.get("id"))
    if claims != (piece.sha256, piece.row_count, address.subject, _own_key(piece)):
        message = "sha256, row_count, subject or id do not belong to the content"
        raise EnvelopeError(message)
    return piece


def _own_key(piece: Slice) -> str:
    return slice_key(piece.address, piece.sequence, piece.sha256)


def _parsed(body: bytes) -> object:
    try:
        values = json.loads(body)
        canonical(
            values
        ).encode()  # NaN and half characters are in JSON's grammar as Python reads it, not in ours
    except (ValueError, RecursionError) as error:
        message = "the body is not JSON"
        raise EnvelopeError(message) from error
    return values


def _object(value: object, name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        message = f"{name} is not an object"
        raise EnvelopeError(message)
    return value


def _word(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_WORD or not value.isprintable():
        message = f"{name} is not a text of 1 to {LONGEST_WORD} characters"
        raise EnvelopeError(message)
    return value


def _whole(values: Mapping[str, Any], name: str) -> int:
    value = values.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 2**31:
        message = f"{name} is not a whole number above 0"
        raise EnvelopeError(message)
    return value
