"""What the demo commands refuse: production, and a database in which somebody works."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app import db
from app.access import SYSTEM
from app.school.commands import create_school
from config import Settings
from demo.accounts import HUB_OPERATOR, PASSPHRASE
from tests.installation import migrate, settings_for
from wsgi import create_app

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask


@pytest.mark.parametrize("command", ["seed", "accounts", "run"])
def test_production_has_no_demonstration(tmp_path: Path, command: str) -> None:
    env = {
        "BANGXANH_ENV": "production",
        "SECRET_KEY": "kzJ3yq8Wm1Xv5Tn0Rb7Lc4Hd9Gf2Ps6A",
        "INSTANCE": str(tmp_path),
    }
    app = create_app(Settings.from_env(env))
    outcome = app.test_cli_runner().invoke(args=["demo", command])
    assert outcome.exit_code == 1
    assert "BANGXANH_ENV=production" in outcome.output
    assert PASSPHRASE not in outcome.output


@pytest.mark.parametrize("scale", ["pilot", "province"])
def test_somebody_elses_data_is_left_alone(app: Flask, scale: str) -> None:
    with app.app_context():
        create_school(SYSTEM, "THAT", "Trường thật")
        db.session().commit()
    outcome = app.test_cli_runner().invoke(args=["demo", "seed", "--scale", scale])
    assert outcome.exit_code == 1
    assert "INSTANCE" in outcome.output


def test_a_hub_gets_its_operator_once(tmp_path: Path) -> None:
    settings = settings_for(tmp_path, BANGXANH_ROLE="hub")
    migrate(settings)
    app = create_app(settings)
    for _ in range(2):
        outcome = app.test_cli_runner().invoke(args=["demo", "seed"])
        assert outcome.exit_code == 0, outcome.output
    outcome = app.test_cli_runner().invoke(args=["demo", "accounts"])
    assert outcome.output.count(HUB_OPERATOR) == 1
    with app.app_context():
        db.db.engine.dispose()
