"""A seeded pilot, once for the tests that only read it. The clock stands on a Sunday, when no school has lessons."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import pytest
from flask_security.utils import hash_password

from app import clock, db
from demo.accounts import PASSPHRASE
from demo.seeding import seed_pilot
from tests.installation import settings_for
from wsgi import create_app

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask import Flask

SUNDAY: Final = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
"""10:00 on Sunday 22 November 2026."""


@pytest.fixture(scope="package")
def pilot(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path) -> Iterator[Flask]:
    instance = tmp_path_factory.mktemp("pilot")
    shutil.copy(migrated_sqlite, instance / "bangxanh.db")
    app = create_app(settings_for(instance))
    with app.app_context():
        with clock.at(SUNDAY):
            seed_pilot(hash_password(PASSPHRASE), lambda _: None)
        db.session().close()
    yield app
    with app.app_context():
        db.db.engine.dispose()


@pytest.fixture
def on_sunday(pilot: Flask) -> Iterator[Flask]:
    """The pilot, with the clock on the day on which it was seeded and an application context."""
    with pilot.app_context(), clock.at(SUNDAY):
        yield pilot
        db.session().rollback()
        db.db.session.remove()
