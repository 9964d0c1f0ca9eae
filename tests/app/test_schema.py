"""The command line on an empty database, and on one of another version."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, text

from app import db
from app.schema.cli import newest_revision
from app.school.models import OrgUnit
from tests.installation import settings_for
from wsgi import create_app

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result
    from flask import Flask


def create_school(app: Flask) -> Result:
    return app.test_cli_runner().invoke(args=["school", "create", "T1", "Trường Một"])


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_command_in_an_empty_folder_makes_the_tables_first(
    tmp_path: Path, kind: str, request: pytest.FixtureRequest
) -> None:
    own = {"DATABASE_URL": request.getfixturevalue("postgres_url")} if kind == "postgresql" else {}
    app = create_app(settings_for(tmp_path, **own))
    result = create_school(app)
    assert result.exit_code == 0, result.output
    with app.app_context():
        assert db.session().scalars(select(OrgUnit.code).where(OrgUnit.code == "T1")).all() == ["T1"]
        assert db.session().scalar(text("SELECT version_num FROM alembic_version")) == newest_revision()
        db.session().rollback()
        db.db.engine.dispose()


def test_a_command_does_not_touch_tables_of_another_version(app: Flask) -> None:
    with app.app_context(), db.transaction() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    result = create_school(app)
    assert result.exit_code == 1
    assert "flask --app wsgi db upgrade" in result.output
    with app.app_context():
        assert db.session().scalars(select(OrgUnit.code).where(OrgUnit.code == "T1")).all() == []
