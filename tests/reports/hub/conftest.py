"""An installation in hub mode that knows one sender, and a sender's hand to sign with."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest

from app import clock, db
from app.access import SYSTEM
from config import InstallationRole
from reports.envelope.rules import CONTENT_TYPE, Slice, SliceAddress, envelope, slice_key
from reports.hub.commands import add_sender_key
from reports.releases.rules import PUBLISHED_COUNTS, SCHEMA
from reports.signatures.commands import signing_key
from reports.signatures.rules import Message, SigningKey, sign
from tests.reports.figures import AFTER_OCTOBER
from wsgi import create_app

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask import Flask
    from werkzeug.test import TestResponse

    from config import Settings

ADDRESS = "http://localhost/hub/v1/slices"


def counts(pupils: int, absent: int = 20) -> dict[str, int]:
    values = dict.fromkeys(PUBLISHED_COUNTS, 0)
    values |= {
        "classes": 1,
        "pupils": pupils,
        "sessions_due": 22,
        "sessions_taken": 22,
        "expected": 22 * pupils,
    }
    return values | {"absent": absent, "excused": absent // 2, "unexcused": absent - absent // 2, "late": 3}


def row(key: str, name: str, values: dict[str, int] | None) -> dict[str, Any]:
    if values is None:
        return {"key": key, "name": name, "status": "withheld", "reason": "confidential"}
    return {"key": key, "name": name, "status": "published", "counts": values}


def school_rows() -> list[dict[str, Any]]:
    return [
        row("", "Tiểu học Hoa Sen", counts(74, 60)),
        row("1", "4/1", counts(35)),
        row("2", "4/2", None),
        row("3", "4/3", None),
    ]


def piece(
    rows: list[dict[str, Any]] | None = None,
    sequence: int = 1,
    organisation: str = "THA",
    period: str = "2026-10",
) -> Slice:
    content = {"schema": SCHEMA, "period": period, "data_as_of": "2026-11-02", "rows": rows or school_rows()}
    return Slice(SliceAddress("attendance_month", organisation, period), sequence, content)


@dataclass
class Sender:
    """Signs and posts as an installation would, or not quite."""

    app: Flask
    key: SigningKey
    code: str = "dong-nai"

    def signed(self, sent: Slice, key: str = "") -> tuple[dict[str, str], bytes]:
        """Return the headers and the body of a signed message."""
        body = envelope(sent, self.code, AFTER_OCTOBER)
        key = key or slice_key(sent.address, sent.sequence, sent.sha256)
        message = Message("POST", ADDRESS, {"Content-Type": CONTENT_TYPE, "Idempotency-Key": key})
        sign(message, body, self.key, clock.now())
        return message.headers, body

    def post(
        self, sent: Slice, *, body: bytes | None = None, key: str = "", changed: dict[str, str] | None = None
    ) -> TestResponse:
        """Post a slice; `body` and `changed` headers take the place of what was signed."""
        headers, signed = self.signed(sent, key)
        return self.app.test_client().post(
            "/hub/v1/slices", data=signed if body is None else body, headers=headers | (changed or {})
        )

    def ask(self) -> TestResponse:
        message = Message("GET", ADDRESS)
        sign(message, b"", self.key, clock.now())
        return self.app.test_client().get("/hub/v1/slices", headers=message.headers)


@pytest.fixture
def hub(settings: Settings) -> Iterator[Flask]:
    app = create_app(replace(settings, role=InstallationRole.HUB))
    with clock.at(AFTER_OCTOBER):
        yield app
    with app.app_context():
        db.db.engine.dispose()


@pytest.fixture
def sender(hub: Flask, tmp_path: Path) -> Sender:
    key = signing_key(tmp_path / "sender")
    with hub.app_context():
        add_sender_key(SYSTEM, "dong-nai", key.public_pem, "Sở GD&ĐT Đồng Nai")
    return Sender(hub, key)
