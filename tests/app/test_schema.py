"""The command line on an empty database, and on one of another version."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, text

from app import db
from app.schema.cli import newest_revision, refuse_old_tables
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


@pytest.mark.parametrize(("present", "starts"), [("0002_school", False), ("9999", True), (None, True)])
def test_web_and_worker_do_not_start_on_older_tables(
    app: Flask, present: str | None, *, starts: bool
) -> None:
    """A newer version's tables may do for a program that was put back; None stands for those of this program."""
    with app.app_context():
        with db.transaction() as session:
            session.execute(
                text("UPDATE alembic_version SET version_num = :one"), {"one": present or newest_revision()}
            )
        if starts:
            refuse_old_tables()
        else:
            with pytest.raises(SystemExit, match="flask --app wsgi db upgrade"):
                refuse_old_tables()


def test_a_database_that_is_empty_or_away_may_come(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with create_app(settings_for(tmp_path)).app_context():
        refuse_old_tables()
    assert "flask --app wsgi db upgrade" in capsys.readouterr().err
    away = settings_for(tmp_path, DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")
    with create_app(away).app_context():
        refuse_old_tables()
    assert capsys.readouterr().err == ""


def test_a_database_without_tables_is_not_ready(tmp_path: Path) -> None:
    answer = create_app(settings_for(tmp_path)).test_client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json is not None
    assert answer.json["database"] == "no answer"
